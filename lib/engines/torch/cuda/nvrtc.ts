/**
 * NVIDIA's run-time compiler: CUDA C++ in, a device program out. It needs no GPU and no driver.
 *
 * @module
 */
import { join } from "node:path";
import { isFile } from "../../../files/exists.ts";
import { EngineUnavailableError } from "../../engine.ts";
import { locateLibraries } from "../location.ts";
import { symbolsOfNvrtc } from "./symbols.ts";

/** Options for {@linkcode Nvrtc.compile}. */
export interface CompileOptions {
  /** What the program is called in messages. */
  name: string;
  /** The architecture, as in `"sm_90"`. */
  architecture: string;
  /**
   * Macros that are defined before the source.
   *
   * @default {none}
   */
  macros?: Record<string, string | number>;
}

/** The compiler refused a program. */
export class KernelSourceError extends Error {
  override name = "KernelSourceError";

  /**
   * @param program What it is called.
   * @param log The compiler's output.
   */
  constructor(readonly program: string, readonly log: string) {
    super(`Cannot compile the kernel ${program}: ${log}`);
  }
}

/** Names of the library, by CUDA's versions. */
const FILES = ["libnvrtc.so.13", "libnvrtc.so.12"];
const NVRTC_ERROR_COMPILATION = 6;

/** The compiler, opened. */
export class Nvrtc {
  /** Where it was found. */
  readonly file: string;
  readonly #functions: Deno.StaticForeignLibraryInterface<typeof symbolsOfNvrtc>;

  /**
   * @param folders Where to look, first to last.
   * @throws {EngineUnavailableError} If it is in none of them.
   */
  constructor(folders: readonly string[] = nvrtcFolders()) {
    for (const folder of folders) {
      const file = FILES.map((file) => join(folder, file)).find(isFile);
      if (!file) continue;
      // The compiler opens its built-in functions by their bare name, which works when they are open already.
      for (const { name } of Deno.readDirSync(folder)) {
        if (/^libnvrtc-builtins\.so/.test(name)) Deno.dlopen(join(folder, name), {});
      }
      this.file = file;
      this.#functions = Deno.dlopen(file, symbolsOfNvrtc).symbols;
      return;
    }
    throw new EngineUnavailableError(
      "torch",
      `${FILES[0]} is in none of ${folders.join(", ")}; \`deno task engine torch --compiler\` installs it`,
    );
  }

  /** The compiler's version, as in `"13.0"`. */
  get version(): string {
    const numbers = new Int32Array(2);
    this.#functions.nvrtcVersion(numbers, numbers.subarray(1));
    return numbers.join(".");
  }

  /**
   * Compiles a program for one architecture.
   *
   * @returns The device program ("cubin").
   * @throws {KernelSourceError} If the compiler refuses it; the error has the compiler's output.
   */
  compile(source: string, { name, architecture, macros = {} }: CompileOptions): Uint8Array<ArrayBuffer> {
    const functions = this.#functions;
    const handle = new BigUint64Array(1);
    this.#check(functions.nvrtcCreateProgram(handle, text(source), text(name), 0, null, null), name);
    const program = handle[0];
    const copies: bigint[] = [];
    try {
      const defined = Object.entries(macros).map(([macro, value]) => `--define-macro=${macro}=${value}`);
      const options = [`--gpu-architecture=${architecture}`, "--std=c++17", ...defined].map(text);
      for (const option of options) copies.push(this.#copy(option));
      const result = functions.nvrtcCompileProgram(program, options.length, BigUint64Array.from(copies));
      if (result === NVRTC_ERROR_COMPILATION) throw new KernelSourceError(name, this.#log(program));
      this.#check(result, name);
      const size = new BigUint64Array(1);
      this.#check(functions.nvrtcGetCUBINSize(program, size), name);
      const binary = new Uint8Array(Number(size[0]));
      this.#check(functions.nvrtcGetCUBIN(program, binary), name);
      return binary;
    } finally {
      copies.forEach((address) => functions.free(address));
      functions.nvrtcDestroyProgram(handle);
    }
  }

  /** Bytes in memory of the C library, which the caller frees. */
  #copy(bytes: Uint8Array<ArrayBuffer>): bigint {
    const size = BigInt(bytes.length);
    const address = this.#functions.malloc(size);
    this.#functions.write_bytes(address, bytes, size);
    return address;
  }

  #log(program: bigint): string {
    const size = new BigUint64Array(1);
    this.#functions.nvrtcGetProgramLogSize(program, size);
    const bytes = new Uint8Array(Number(size[0]));
    this.#functions.nvrtcGetProgramLog(program, bytes);
    return new TextDecoder().decode(bytes.subarray(0, -1)).trim();
  }

  #check(result: number, name: string): void {
    if (result === 0) return;
    const address = this.#functions.nvrtcGetErrorString(result);
    const said = new Uint8Array(Number(this.#functions.strlen(address)));
    this.#functions.read_bytes(said, address, BigInt(said.length));
    throw new KernelSourceError(name, new TextDecoder().decode(said));
  }
}

/** Where the compiler may lie: among PyTorch's companions, beside PyTorch, in the CUDA toolkit. */
export function nvrtcFolders(): string[] {
  const { folder } = locateLibraries();
  const packages = join(folder, "..", "..", "nvidia");
  return [join(packages, "cu13", "lib"), join(packages, "cuda_nvrtc", "lib"), folder, "/usr/local/cuda/lib64"];
}

function text(value: string): Uint8Array<ArrayBuffer> {
  return new TextEncoder().encode(value + "\0");
}
