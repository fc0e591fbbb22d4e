/**
 * JSON lines files that grow during a run, and are truncated when it resumes.
 *
 * @module
 */

/** Options for {@linkcode openJsonLines}. */
export interface OpenJsonLinesOptions {
  /**
   * How many bytes of an existing file to keep, as recorded in a checkpoint.
   *
   * @default {0}
   */
  keep?: number;
}

/** An open JSON lines file, to append to. */
export interface JsonLines extends Disposable {
  /** Bytes written so far, to be recorded in a checkpoint. */
  readonly offset: number;
  /**
   * Adds a line.
   *
   * @throws {RangeError} If a number in it is not finite: JSON has no such numbers.
   * @throws {Error} If it cannot be written; the file is truncated to the previous lines.
   */
  append(value: Readonly<Record<string, unknown>>): void;
  /** Waits until all lines are on the disk. */
  flush(): void;
  close(): void;
}

function finite(key: string, value: unknown): unknown {
  if (typeof value === "number" && !Number.isFinite(value)) {
    throw new RangeError(`Cannot write "${key}": a finite number is needed, current value is ${value}`);
  }
  return value;
}

/**
 * Opens a JSON lines file.
 *
 * @param path The file; it is created if absent.
 * @param options How much of it to keep.
 * @returns The open file; dispose of it, or close it, at the end.
 * @throws {RangeError} If the file has fewer bytes than should be kept.
 */
export function openJsonLines(path: string, options: OpenJsonLinesOptions = {}): JsonLines {
  const { keep = 0 } = options;
  const file = Deno.openSync(path, { read: true, write: true, create: true });
  const size = file.statSync().size;
  if (size < keep) {
    file.close();
    throw new RangeError(`Cannot continue ${path}: at least ${keep} bytes are needed, current size is ${size}`);
  }
  let offset = keep;
  const cutBack = () => {
    file.truncateSync(offset);
    file.seekSync(offset, Deno.SeekMode.Start);
  };
  cutBack();
  const close = () => file.close();
  return {
    get offset() {
      return offset;
    },
    append(value) {
      const bytes = new TextEncoder().encode(JSON.stringify(value, finite) + "\n");
      try {
        for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
      } catch (cause) {
        cutBack();
        throw new Error(`Cannot write ${path}: ${(cause as Error).message}`, { cause });
      }
      offset += bytes.length;
    },
    flush: () => file.syncSync(),
    close,
    [Symbol.dispose]: close,
  };
}
