/**
 * Reads the texts of a file one at a time.
 *
 * @module
 */
import { readJsonLines } from "../../files/json_lines.ts";
import { kindOf } from "../../files/parse_json.ts";
import { readLines } from "../../files/read_lines.ts";

/** Parquet rows read at once. */
const PARQUET_ROWS = 1000;

/**
 * Reads texts; the file may be larger than memory.
 *
 * @param path Parquet with a column `text` (`.parquet`), JSON lines, each a string or an object with a `text`, or one
 * list of them (`.jsonl`, `.json`), otherwise one text per line.
 * @returns The texts, empty ones included.
 * @throws {SyntaxError} If a line or row has no text (the message has its number), or the file is not in its format.
 */
export async function* readTexts(path: string): AsyncGenerator<string, void> {
  if (path.endsWith(".parquet")) return yield* parquetTexts(path);
  if (!/\.jsonl?$/.test(path)) {
    for await (const { text } of readLines(path)) yield text;
    return;
  }
  for await (const { value, line } of readJsonLines(path)) yield textOf(value, { name: path, line });
}

function refuse(path: string, what: string): never {
  throw new SyntaxError(`Cannot read texts: ${path}, ${what}`);
}

/**
 * The text of a line of a file of texts.
 *
 * @param value The line's value.
 * @param options The file and the number of the line, for the message.
 * @throws {SyntaxError} If it is neither a string nor an object with a `text`.
 */
export function textOf(value: unknown, { name, line }: { name: string; line: number }): string {
  const text = typeof value === "object" && value !== null ? (value as { text?: unknown }).text : value;
  if (typeof text === "string") return text;
  const found = text !== undefined || typeof value !== "object" || value === null
    ? kindOf(text ?? value)
    : `an object with ${Object.keys(value).join(", ") || "nothing in it"}`;
  return refuse(name, `line ${line}: it must be a string, or an object with a "text", it is ${found}`);
}

async function* parquetTexts(path: string): AsyncGenerator<string, void> {
  const { parquetMetadataAsync, parquetReadObjects } = await import("hyparquet");
  const { compressors } = await import("hyparquet-compressors");
  const { size: byteLength } = await Deno.stat(path);
  const slice = async (start: number, end = byteLength): Promise<ArrayBuffer> => {
    const bytes = new Uint8Array(end - start);
    // A separate file handle, since reads may overlap.
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
    throw new SyntaxError(`Cannot read texts: ${path} is not a Parquet file of texts: ${(cause as Error).message}`, {
      cause,
    });
  }
}
