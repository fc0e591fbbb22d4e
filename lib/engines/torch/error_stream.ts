/**
 * The standard error stream of C++, to which libtorch prints the text of its errors, in memory: its C interface returns
 * a code alone.
 *
 * The stream of C++ is given a buffer that is read when a call has failed; file descriptor 2 stays what it is. To
 * redirect that one around every call took two system calls each, which on some virtual machines is more than the call.
 *
 * @module
 */

/** What is needed of the C and the C++ library. */
interface StreamFunctions {
  dlopen(file: Uint8Array<ArrayBuffer>, flags: number): bigint;
  dlsym(library: bigint, name: Uint8Array<ArrayBuffer>): bigint;
  malloc(size: bigint): bigint;
  read_bytes(into: ArrayBufferView<ArrayBuffer>, from: bigint, size: bigint): void;
  write_bytes(into: bigint, from: ArrayBufferView<ArrayBuffer>, size: bigint): void;
  make_string_buffer(at: bigint, mode: number): void;
  set_stream_buffer(stream: bigint, buffer: bigint): bigint;
}

const CPP_LIBRARY = "libstdc++.so.6";
const STREAM = "_ZSt4cerr";
/** `dlopen`: the library that is loaded already. */
const RTLD_NOW = 2, RTLD_NOLOAD = 4;
/** `std::ios_base::out`. */
const OUT = 16;
/** More than a `std::stringbuf` takes: 104 bytes. */
const ROOM = 256n;
/** Bytes before a table of virtual functions: how far from the object its base `std::ios` lies. */
const BASE_OFFSET = 24n;
/** Where a `std::streambuf` keeps the begin of what was written, and behind it the end. */
const WRITTEN = 32n;

/** What C++ code of this process prints to its standard error stream. */
export class ErrorStream {
  readonly #functions: StreamFunctions;
  readonly #buffer: bigint;

  /**
   * From here on the text goes to memory.
   *
   * @throws {Error} If the C++ library is not the GNU one.
   */
  constructor(functions: StreamFunctions) {
    this.#functions = functions;
    const text = (name: string) => new TextEncoder().encode(name + "\0");
    const library = functions.dlopen(text(CPP_LIBRARY), RTLD_NOW | RTLD_NOLOAD);
    const stream = library === 0n ? 0n : functions.dlsym(library, text(STREAM));
    if (stream === 0n) throw new Error(`Cannot catch libtorch's errors: ${CPP_LIBRARY} is not what it was linked with`);
    this.#buffer = functions.malloc(ROOM);
    functions.make_string_buffer(this.#buffer, OUT);
    const base = stream + BigInt.asIntN(64, this.#word(this.#word(stream) - BASE_OFFSET));
    functions.set_stream_buffer(base, this.#buffer);
  }

  /** Gives what was printed since the last time. */
  take(): string {
    const [begin, end] = [this.#word(this.#buffer + WRITTEN), this.#word(this.#buffer + WRITTEN + 8n)];
    if (begin === end) return "";
    const bytes = new Uint8Array(Number(end - begin));
    this.#functions.read_bytes(bytes, begin, end - begin);
    this.#functions.write_bytes(this.#buffer + WRITTEN + 8n, BigUint64Array.of(begin), 8n);
    return new TextDecoder().decode(bytes);
  }

  #word(address: bigint): bigint {
    const word = new BigUint64Array(1);
    this.#functions.read_bytes(word, address, 8n);
    return word[0];
  }
}
