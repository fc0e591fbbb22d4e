/**
 * The text of libtorch's errors: its C interface returns a code and prints the text to the standard error stream.
 *
 * @module
 */

/** What is needed of the C library. */
interface Streams {
  memfd_create(name: Uint8Array<ArrayBuffer>, flags: number): number;
  dup(descriptor: number): number;
  dup2(from: number, to: number): number;
  pread(descriptor: number, into: Uint8Array<ArrayBuffer>, size: bigint, offset: bigint): bigint;
  lseek(descriptor: number, offset: bigint, whence: number): bigint;
  ftruncate(descriptor: number, size: bigint): number;
}

/** libtorch refused a call. */
export class TorchError extends Error {
  override name = "TorchError";

  /**
   * @param call The operator or function that was called.
   * @param text What libtorch said about it.
   */
  constructor(readonly call: string, readonly text: string) {
    super(`Cannot run ${call} in libtorch: ${text}`);
  }
}

/** libtorch could not get the memory for a tensor. */
export class TorchOutOfMemoryError extends TorchError {
  override name = "TorchOutOfMemoryError";
  /** How many bytes were wanted, as far as libtorch says; on CUDA it rounds them. */
  readonly bytes?: number;

  /**
   * @param call The operator or function that was called.
   * @param said What libtorch said about it.
   * @param held What the engine holds.
   */
  constructor(call: string, said: string, held: string) {
    const bytes = wantedBytes(said);
    super(
      call,
      `out of memory, ${
        bytes === undefined ? "more" : `${bytes} bytes (${readable(bytes)})`
      } wanted; held now: ${held}; ` +
        "a smaller chunkSize or microBatchSize, recompute (recomputation by block), or precision bfloat16 needs less; " +
        `libtorch says: ${said}`,
    );
    this.bytes = bytes;
  }
}

const UNITS: Readonly<Record<string, number>> = { bytes: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

/** The allocators' sentences: `you tried to allocate 268435456 bytes`, and on CUDA `Tried to allocate 2.00 GiB`. */
function wantedBytes(text: string): number | undefined {
  const [, count, unit] = /tried to allocate ([\d.]+) (bytes|[KMGT]iB)\b/i.exec(text) ?? [];
  return count === undefined ? undefined : Math.round(Number(count) * UNITS[unit]);
}

/** Bytes in the unit in which they have at most four digits: 1.53 GiB. */
export function readable(bytes: number): string {
  const unit = Object.keys(UNITS).findLast((unit) => bytes >= UNITS[unit]) ?? "bytes";
  return `${Number((bytes / UNITS[unit]).toPrecision(3))} ${unit}`;
}

const STANDARD_ERROR = 2;

/** Catches what is written to the standard error stream between {@linkcode begin} and {@linkcode end}. */
export class ErrorText {
  readonly #streams: Streams;
  readonly #memory: number;
  readonly #terminal: number;

  /** @throws {Error} If the system gives no file in memory. */
  constructor(streams: Streams) {
    this.#streams = streams;
    this.#memory = streams.memfd_create(new TextEncoder().encode("errors\0"), 0);
    this.#terminal = streams.dup(STANDARD_ERROR);
    if (this.#memory < 0 || this.#terminal < 0) throw new Error("Cannot catch libtorch's errors: no file in memory");
  }

  /** From here on the stream goes to memory. */
  begin(): void {
    this.#streams.dup2(this.#memory, STANDARD_ERROR);
  }

  /** From here on the stream goes where it went before. */
  end(): void {
    this.#streams.dup2(this.#terminal, STANDARD_ERROR);
  }

  /**
   * The error of a call that has just failed; what was caught is forgotten.
   *
   * @param call The operator or function that was called.
   * @param held What the engine holds, for the advice where memory ran out.
   */
  take(call: string, held: () => string): TorchError {
    const bytes = new Uint8Array(1 << 14);
    const length = Number(this.#streams.pread(this.#memory, bytes, BigInt(bytes.length), 0n));
    this.#streams.ftruncate(this.#memory, 0n);
    this.#streams.lseek(this.#memory, 0n, 0);
    const text = essence(new TextDecoder().decode(bytes.subarray(0, Math.max(0, length))));
    const isMemory = /out of memory|not enough memory|can't allocate memory|cannot allocate|bad_alloc/i.test(text);
    return isMemory ? new TorchOutOfMemoryError(call, text, held()) : new TorchError(call, text);
  }
}

/** The message without the frames that C++ adds to it. */
function essence(text: string): string {
  const frames = text.search(/\n(Exception raised from|frame #\d|C\+\+ CapturedTraceback)/);
  const message = (frames < 0 ? text : text.slice(0, frames)).replace(/^.*?Exception in aoti_torch: /s, "");
  return message.trim().replaceAll(/\s+/g, " ") || "it said nothing";
}
