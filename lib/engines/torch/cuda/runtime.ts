/**
 * A CUDA device as the engine uses it beside libtorch's operators: its stream, its memory, kernels of our own.
 *
 * libtorch launches its operators on the current stream and returns; whoever reads results waits for the stream.
 * Kernels of our own go to the same stream, so that they come in order, and memory goes back to libtorch's caching
 * allocator as soon as its handle is freed.
 *
 * @module
 */
import { EngineUnavailableError } from "../../engine.ts";
import {
  type cudaSymbols,
  deviceAttributes,
  type driverSymbols,
  EVENT_DISABLE_TIMING,
  MAX_DYNAMIC_SHARED_BYTES,
  STREAM_NON_BLOCKING,
} from "./symbols.ts";

/** libtorch's functions for CUDA. */
export type CudaFunctions = Deno.StaticForeignLibraryInterface<typeof cudaSymbols>;

/** Functions of CUDA's driver. */
export type DriverFunctions = Deno.StaticForeignLibraryInterface<typeof driverSymbols>;

/** A device's memory in bytes, of all programs together. */
export interface DeviceMemory {
  free: number;
  total: number;
}

/** A kernel that has been loaded onto the device. */
export interface LoadedKernel {
  readonly address: bigint;
  readonly sharedBytes: number;
}

/** How a kernel is launched. */
export interface Launch {
  blocks: number;
  threads: number;
  /** The kernel's only parameter, a struct passed by value. */
  parameter: Uint8Array<ArrayBuffer>;
}

/** A stream of the device. */
export type Stream = bigint;

/** An event of a stream that another one can wait for. */
export type Moment = bigint;

/** As long as the address of a device on its bus is: `0000:65:00.0`. */
const BUS_TEXT = 32;

const text = (value: string) => new TextEncoder().encode(value + "\0");

/** Options for {@linkcode CudaRuntime}. */
export interface CudaRuntimeOptions {
  /** The device's number. */
  index: number;
  /** Opens the driver; called when a kernel of our own is loaded for the first time. */
  openDriver: () => DriverFunctions;
}

/** A CUDA device. */
export class CudaRuntime {
  readonly index: number;
  /** How many devices there are. */
  readonly deviceCount: number;
  readonly #functions: CudaFunctions;
  readonly #openDriver: () => DriverFunctions;
  #driver?: DriverFunctions;

  /**
   * Makes the device the calling thread's own, to the end of the program.
   *
   * @param functions libtorch's functions for CUDA.
   * @param options The device's number, and what opens the driver.
   * @throws {EngineUnavailableError} If there is no such device.
   */
  constructor(functions: CudaFunctions, { index, openDriver }: CudaRuntimeOptions) {
    this.#functions = functions;
    this.#openDriver = openDriver;
    this.index = index;
    const count = new Int32Array(1);
    const result = functions.cudaGetDeviceCount(count);
    if (result !== 0) {
      throw new EngineUnavailableError("torch", `CUDA finds no device (${this.#errorText(result)}); device cpu works`);
    }
    this.deviceCount = count[0];
    if (index >= count[0]) {
      const devices = Array.from({ length: count[0] }, (_, i) => `cuda:${i}`).join(", ") || "none";
      throw new EngineUnavailableError("torch", `there is no device cuda:${index}, the CUDA devices here: ${devices}`);
    }
    this.#check(functions.aoti_torch_create_cuda_guard(index, new BigUint64Array(1)), "create_cuda_guard");
  }

  /** The architecture that kernels are compiled for, as in `"sm_90"`. */
  get architecture(): string {
    const { computeCapabilityMajor, computeCapabilityMinor } = deviceAttributes;
    return `sm_${this.#attribute(computeCapabilityMajor)}${this.#attribute(computeCapabilityMinor)}`;
  }

  /** The most shared memory that a block may ask for, in bytes. */
  get largestSharedBytes(): number {
    return this.#attribute(deviceAttributes.maxSharedMemoryPerBlockOptin);
  }

  /** How many multiprocessors the device has. */
  get multiprocessors(): number {
    return this.#attribute(deviceAttributes.multiProcessorCount);
  }

  /** CUDA's versions, as in `"13.0"`: the runtime's, and the newest that the driver knows. */
  get versions(): { runtime: string; driver: string } {
    const read = (name: "cudaRuntimeGetVersion" | "cudaDriverGetVersion") => {
      const cell = new Int32Array(1);
      this.#check(this.#functions[name](cell), name);
      return `${Math.floor(cell[0] / 1000)}.${cell[0] % 1000 / 10}`;
    };
    return { runtime: read("cudaRuntimeGetVersion"), driver: read("cudaDriverGetVersion") };
  }

  /** What the device has and what is free; libtorch's cache of freed blocks counts as taken. */
  memory(): DeviceMemory {
    const bytes = new BigUint64Array(2);
    this.#check(this.#functions.cudaMemGetInfo(bytes, bytes.subarray(1)), "cudaMemGetInfo");
    return { free: Number(bytes[0]), total: Number(bytes[1]) };
  }

  /** The device's bus address, by which processes recognize that they share it. */
  get busAddress(): string {
    const out = new Uint8Array(BUS_TEXT);
    this.#check(this.#functions.cudaDeviceGetPCIBusId(out, out.length, this.index), "cudaDeviceGetPCIBusId");
    return new TextDecoder().decode(out.subarray(0, out.indexOf(0)));
  }

  /** libtorch's current stream. */
  get stream(): Stream {
    const cell = new BigUint64Array(1);
    this.#check(this.#functions.aoti_torch_get_current_cuda_stream(this.index, cell), "get_current_cuda_stream");
    return cell[0];
  }

  /** Makes a stream beside libtorch's; it lasts as long as the program. */
  makeStream(): Stream {
    const cell = new BigUint64Array(1);
    this.#check(this.#functions.cudaStreamCreateWithFlags(cell, STREAM_NON_BLOCKING), "cudaStreamCreateWithFlags");
    return cell[0];
  }

  /** The moment at which a stream has done all work queued so far. Each moment is for one {@linkcode follow}. */
  momentOf(stream: Stream): Moment {
    const cell = new BigUint64Array(1);
    this.#check(this.#functions.cudaEventCreateWithFlags(cell, EVENT_DISABLE_TIMING), "cudaEventCreateWithFlags");
    this.#check(this.#functions.cudaEventRecord(cell[0], stream), "cudaEventRecord");
    return cell[0];
  }

  /** Makes a stream wait for an event of another one before it runs what is queued later; the program does not wait. */
  follow(stream: Stream, moment: Moment): void {
    this.#check(this.#functions.cudaStreamWaitEvent(stream, moment, 0), "cudaStreamWaitEvent");
    this.#check(this.#functions.cudaEventDestroy(moment), "cudaEventDestroy");
  }

  /** Waits until the device has done all queued work, without blocking the program. */
  async wait(): Promise<void> {
    const result = await this.#functions.wait_for_stream(this.stream, this.index);
    if (result !== 0) throw new Error("Cannot continue: an operation on the CUDA device failed, see standard error");
  }

  /**
   * Loads a kernel.
   *
   * @param binary The compiled program.
   * @param options The kernel's name, and the shared memory that each of its blocks gets.
   */
  load(binary: Uint8Array<ArrayBuffer>, { name, sharedBytes }: { name: string; sharedBytes: number }): LoadedKernel {
    const handle = new BigUint64Array(1);
    const driver = this.#driver ??= this.#openDriver();
    this.#checkDriver(driver.cuModuleLoadData(handle, binary), "cuModuleLoadData");
    const module = handle[0];
    this.#checkDriver(driver.cuModuleGetFunction(handle, module, text(name)), "cuModuleGetFunction");
    const set = driver.cuFuncSetAttribute(handle[0], MAX_DYNAMIC_SHARED_BYTES, sharedBytes);
    this.#checkDriver(set, "cuFuncSetAttribute");
    return { address: handle[0], sharedBytes };
  }

  /** Launches a kernel on libtorch's current stream. */
  launch({ address, sharedBytes }: LoadedKernel, { blocks, threads, parameter }: Launch): void {
    const functions = this.#functions, size = BigInt(parameter.byteLength);
    const copy = functions.malloc(size);
    try {
      functions.write_bytes(copy, parameter, size);
      const { cuLaunchKernel } = this.#driver!;
      const parameters = BigUint64Array.of(copy);
      const { stream } = this;
      // The driver has read the parameter when it returns.
      const result = cuLaunchKernel(address, blocks, 1, 1, threads, 1, 1, sharedBytes, stream, parameters, null);
      this.#checkDriver(result, "cuLaunchKernel");
    } finally {
      functions.free(copy);
    }
  }

  #attribute(attribute: number): number {
    const cell = new Int32Array(1);
    this.#check(this.#functions.cudaDeviceGetAttribute(cell, attribute, this.index), "cudaDeviceGetAttribute");
    return cell[0];
  }

  #checkDriver(result: number, name: string): void {
    if (result !== 0) throw new Error(`Cannot call ${name}: CUDA's driver answered with error ${result}`);
  }

  #check(result: number, name: string): void {
    if (result !== 0) throw new Error(`Cannot call ${name}: CUDA's error is ${this.#errorText(result)}`);
  }

  #errorText(result: number): string {
    const address = this.#functions.cudaGetErrorString(result);
    if (address === 0n) return `error ${result}`;
    const said = new Uint8Array(Number(this.#functions.strlen(address)));
    this.#functions.read_bytes(said, address, BigInt(said.length));
    return new TextDecoder().decode(said);
  }
}
