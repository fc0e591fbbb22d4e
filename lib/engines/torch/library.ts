/**
 * Opens libtorch and checks its version and interface.
 *
 * @module
 */
import { join } from "node:path";
import { isFile } from "../../files/exists.ts";
import { EngineUnavailableError } from "../engine.ts";
import { CudaRuntime } from "./cuda/runtime.ts";
import { cudaSymbols, driverSymbols } from "./cuda/symbols.ts";
import { type LibraryLocation, locateLibraries, LOCATION_VARIABLE } from "./location.ts";
import { BASE_LIBRARY, openBase, PROCESSOR_LIBRARY } from "./base_library.ts";
import { CUDA_PRODUCTS, type Processor, thisProcessor } from "./processor.ts";
import { deviceSymbols, dtypes, symbols } from "./symbols.ts";

/** The functions of libtorch. */
export type Functions = Deno.StaticForeignLibraryInterface<typeof symbols>;

/** The functions that are specific to a device. */
export type DeviceFunctions = Deno.StaticForeignLibraryInterface<ReturnType<typeof deviceSymbols>>;

/** A device as libtorch numbers it. */
export interface Device {
  readonly kind: "cpu" | "cuda";
  readonly type: number;
  readonly index: number;
}

/** Pinned host memory, for asynchronous copies from and to a CUDA device. */
export const STAGING: Device = { kind: "cpu", type: 0, index: 0 };

/** libtorch, opened for a device. */
export interface Library {
  readonly functions: Functions;
  readonly deviceFunctions: DeviceFunctions;
  readonly device: Device;
  /** `madvise`, in a thread of its own: address, bytes, what is advised; 0 where the system follows. */
  readonly advise: (address: bigint, bytes: bigint, advice: number) => Promise<number>;
  /** What the device multiplies well. */
  readonly processor: Processor;
  /** The device's own interface, where it is one of CUDA's. */
  readonly cuda?: CudaRuntime;
  /** Its version, as in `"2.11"`. */
  readonly version: string;
  /** The version word with which operators are called. */
  readonly callerVersion: bigint;
}

const CUDA_LIBRARY = "libtorch_cuda.so";
/** Of PyTorch for CUDA; it depends on the driver, and opening it opens that. */
const DRIVER_LIBRARY = "libcaffe2_nvrtc.so";
const OLDEST = 0x020an;
/** The version whose operator schemas the engine was written for; newer libraries adapt to it. */
const WRITTEN_FOR = 0x020b_0000_0000_0000n;

/**
 * Opens libtorch.
 *
 * @param device `"cpu"` or `"cuda:N"`.
 * @param location Where its libraries lie.
 * @throws {EngineUnavailableError} If it is absent, too old, built for another architecture, or not permitted.
 * @throws {RangeError} If the device's name is not one of those.
 */
export function openLibrary(device: string, location: LibraryLocation = locateLibraries()): Library {
  const parsed = parseDevice(device);
  if (Deno.build.os !== "linux") throw unavailable(`it runs on Linux, this is ${Deno.build.os}`);
  const base = openBase((symbols) => open(location, BASE_LIBRARY, symbols).symbols);
  const functions = open(location, PROCESSOR_LIBRARY, symbols).symbols;
  const word = functions.aoti_torch_abi_version() as bigint;
  const version = `${word >> 56n}.${(word >> 48n) & 0xffn}`;
  if (word >> 48n < OLDEST) throw unavailable(`PyTorch 2.10 or later is needed, ${location.folder} has ${version}`);
  checkCodes(functions);
  const file = parsed.kind === "cpu" ? PROCESSOR_LIBRARY : CUDA_LIBRARY;
  const deviceFunctions = open(location, file, deviceSymbols(parsed.kind)).symbols;
  functions.aoti_torch_grad_mode_set_enabled(false); // tensorflow.js keeps the tape
  const { kind, index } = parsed;
  const openDriver = () => open(location, DRIVER_LIBRARY, driverSymbols).symbols;
  const cuda = kind === "cuda"
    ? new CudaRuntime(open(location, CUDA_LIBRARY, cudaSymbols).symbols, { index, openDriver })
    : undefined;
  const callerVersion = word < WRITTEN_FOR ? word : WRITTEN_FOR;
  const processor = kind === "cuda" ? CUDA_PRODUCTS : thisProcessor(base);
  const { advise } = base;
  return { functions, deviceFunctions, device: parsed, advise, processor, cuda, version, callerVersion };
}

function open<Symbols extends Deno.ForeignLibraryInterface>(
  { folder, origin }: LibraryLocation,
  file: string,
  definitions: Symbols,
): Deno.DynamicLibrary<Symbols> {
  try {
    return Deno.dlopen(join(folder, file), definitions);
  } catch (cause) {
    const message = cause instanceof Error ? cause.message : String(cause);
    const lacking = /undefined symbol: (\w+)/.exec(message) ?? /register symbol (\w+)/.exec(message);
    if (lacking) {
      throw unavailable(`PyTorch 2.10 or later is needed, ${folder} has another: ${file} lacks ${lacking[1]}`);
    }
    const permitted = !(cause instanceof Deno.errors.NotCapable);
    const unfound = /no such file/i.test(message) && message.includes(folder);
    // The system skips libraries for other processors, and then reports that there is no such file.
    const foreign = unfound && isFile(join(folder, file));
    const absent = unfound && !foreign;
    let mend = "`deno task engine torch` reinstalls it";
    if (!permitted) mend = `permit it with --allow-ffi=${origin === "installed" ? ".engines" : folder}`;
    else if (file === CUDA_LIBRARY && origin === "variable") {
      mend = `${LOCATION_VARIABLE} must point to a PyTorch built for CUDA`;
    } else if (file === CUDA_LIBRARY) mend = "`deno task engine torch --gpu` installs it";
    else if (origin === "variable") mend = `${LOCATION_VARIABLE} must point to PyTorch 2.10 or later`;
    else if (absent) mend = "`deno task engine torch` installs it";
    const reason = foreign ? `it is not built for ${Deno.build.arch}` : message;
    const what = absent ? `${file} is not in ${folder}` : `${file} could not be opened (${reason})`;
    throw new EngineUnavailableError("torch", `${what}; ${mend}`, { cause });
  }
}

function parseDevice(name: string): Device {
  const match = /^(?:(cpu)|(cuda)(?::(\d+))?)$/.exec(name);
  if (!match) {
    throw new RangeError(`Cannot use the engine "torch": device must be cpu or cuda:N, current value is ${name}`);
  }
  return match[1] ? { kind: "cpu", type: 0, index: 0 } : { kind: "cuda", type: 1, index: Number(match[3] ?? 0) };
}

function checkCodes(functions: Functions): void {
  const found: Record<keyof typeof dtypes, number> = {
    uint8: functions.aoti_torch_dtype_uint8(),
    int8: functions.aoti_torch_dtype_int8(),
    int32: functions.aoti_torch_dtype_int32(),
    int64: functions.aoti_torch_dtype_int64(),
    float16: functions.aoti_torch_dtype_float16(),
    float32: functions.aoti_torch_dtype_float32(),
    float64: functions.aoti_torch_dtype_float64(),
    bool: functions.aoti_torch_dtype_bool(),
    bfloat16: functions.aoti_torch_dtype_bfloat16(),
    uint64: functions.aoti_torch_dtype_uint64(),
  };
  for (const name of Object.keys(dtypes) as (keyof typeof dtypes)[]) {
    if (found[name] === dtypes[name]) continue;
    throw unavailable(`this PyTorch numbers ${name} as ${found[name]}, the engine knows it as ${dtypes[name]}`);
  }
  const [cpu, cuda] = [functions.aoti_torch_device_type_cpu(), functions.aoti_torch_device_type_cuda()];
  if (cpu !== 0 || cuda !== 1) throw unavailable(`this PyTorch numbers its devices ${cpu} and ${cuda}, not 0 and 1`);
}

function unavailable(reason: string): EngineUnavailableError {
  return new EngineUnavailableError("torch", reason);
}
