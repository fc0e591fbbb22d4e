/**
 * The errors of libtorch, and the meaning of their texts.
 *
 * @module
 */

/** libtorch refused a call. */
export class TorchError extends Error {
  override name = "TorchError";

  /**
   * @param call The operator or function that was called.
   * @param text The text of libtorch.
   */
  constructor(readonly call: string, readonly text: string) {
    super(`Cannot run ${call} in libtorch: ${text}`);
  }
}

/** libtorch could not get the memory for a tensor. */
export class TorchOutOfMemoryError extends TorchError {
  override name = "TorchOutOfMemoryError";
  /** How many bytes were requested, if libtorch names them; on CUDA it rounds them. */
  readonly bytes?: number;

  /**
   * @param call The operator or function that was called.
   * @param said The text of libtorch.
   * @param held What the engine holds.
   */
  constructor(call: string, said: string, held: string) {
    const bytes = wantedBytes(said);
    super(
      call,
      `out of memory, ${
        bytes === undefined ? "more" : `${bytes} bytes (${readable(bytes)})`
      } requested; currently held: ${held}; ` +
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

/**
 * The error of a call that has just failed.
 *
 * @param call The operator or function that was called.
 * @param printed What libtorch printed; the last error of it is this one's.
 * @param held What the engine holds, for the advice where memory ran out.
 */
export function nativeError(call: string, printed: string, held: () => string): TorchError {
  const text = essence(printed);
  const isMemory = /out of memory|not enough memory|can't allocate memory|cannot allocate|bad_alloc/i.test(text);
  return isMemory ? new TorchOutOfMemoryError(call, text, held()) : new TorchError(call, text);
}

/** The message without the frames that C++ adds to it. */
function essence(text: string): string {
  const last = text.replace(/^.*Exception in aoti_torch: /s, "");
  const frames = last.search(/\n(Exception raised from|frame #\d|C\+\+ CapturedTraceback)/);
  const message = frames < 0 ? last : last.slice(0, frames);
  return message.trim().replaceAll(/\s+/g, " ") || "without a message";
}
