/**
 * The texts of a file, one after another.
 *
 * @module
 */
import { readLines } from "../../files/read_lines.ts";

/** Rows of a Parquet file that are read together. */
const PARQUET_ROWS = 1000;

/**
 * Reads texts; the file may be larger than memory.
 *
 * @param path Parquet with a column `text` (`.parquet`), JSON lines with a `text` each or a text for a line (`.jsonl`), or
 * else a text a line.
 * @returns The texts, empty ones included.
 * @throws {SyntaxError} If a line or row has no text (its number is named), or the file is not of its kind.
 */
export async function* readTexts(path: string): AsyncGenerator<string, void> {
  if (path.endsWith(".parquet")) return yield* parquetTexts(path);
  for await (const { text, number } of readLines(path)) {
    yield path.endsWith(".jsonl") ? textOf(text, (what) => refuse(path, `line ${number}: ${what}`)) : text;
  }
}

function refuse(path: string, what: string): never {
  throw new SyntaxError(`Cannot read texts: ${path}, ${what}`);
}

function textOf(line: string, refuse: (what: string) => never): string {
  if (line.trim() === "") return "";
  let value: { text?: unknown } | string | null;
  try {
    value = JSON.parse(line);
  } catch (error) {
    return refuse(`it is not JSON: ${(error as Error).message}`);
  }
  const text = typeof value === "string" ? value : value?.text;
  return typeof text === "string" ? text : refuse("it must be a text, or an object with a text");
}

async function* parquetTexts(path: string): AsyncGenerator<string, void> {
  const { parquetMetadataAsync, parquetReadObjects } = await import("hyparquet");
  const { compressors } = await import("hyparquet-compressors");
  const { size: byteLength } = await Deno.stat(path);
  const slice = async (start: number, end = byteLength): Promise<ArrayBuffer> => {
    const bytes = new Uint8Array(end - start);
    // Another file handle, since reads may overlap.
    using file = await Deno.open(path);
    await file.seek(start, Deno.SeekMode.Start);
    for (let have = 0; have < bytes.length;) {
      const count = await file.read(bytes.subarray(have));
      if (count === null) throw new SyntaxError("it ends early");
      have += count;
    }
    return bytes.buffer;
  };
  const file = { byteLength, slice };
  try {
    const metadata = await parquetMetadataAsync(file);
    const total = Number(metadata.num_rows);
    for (let rowStart = 0; rowStart < total; rowStart += PARQUET_ROWS) {
      const rowEnd = Math.min(rowStart + PARQUET_ROWS, total);
      const rows = await parquetReadObjects({ file, metadata, compressors, columns: ["text"], rowStart, rowEnd });
      for (const [index, { text }] of rows.entries()) {
        if (typeof text !== "string") refuse(path, `row ${rowStart + index} must have a text`);
        yield text;
      }
    }
  } catch (cause) {
    if (cause instanceof SyntaxError && cause.message.startsWith("Cannot read texts")) throw cause;
    throw new SyntaxError(`Cannot read texts: ${path} is no Parquet of texts: ${(cause as Error).message}`, { cause });
  }
}
