/**
 * The lines of a text file, one after another.
 *
 * @module
 */
import { joinBytes } from "./join_bytes.ts";
import { findTextFault, openToRead, otherThanText } from "./read_text.ts";

/** A line and its number. */
export interface NumberedLine {
  /** The line, without its end. */
  text: string;
  /** Its number, from 1. */
  number: number;
}

/**
 * Reads a UTF-8 file line by line; it may be larger than memory. A byte-order mark at the start of a line is dropped.
 *
 * @param path The file.
 * @returns The lines, without an empty last line.
 * @throws {SyntaxError} If bytes are not UTF-8; the message names the line and the column, or what the file is instead.
 * @throws {Error} If the file cannot be read; the message names it.
 */
export async function* readLines(path: string): AsyncGenerator<NumberedLine, void> {
  using file = await openToRead(path);
  const buffer = new Uint8Array(1 << 20);
  const decoder = new TextDecoder("utf-8", { fatal: true });
  let pending: Uint8Array[] = [];
  let number = 1;
  const decode = (parts: Uint8Array[]): string => {
    const bytes = parts.length === 1 ? parts[0] : joinBytes(parts);
    try {
      const text = decoder.decode(bytes);
      if (!text.includes("\0")) return text;
    } catch {
      // named below
    }
    const { column, reason } = findTextFault(bytes)!;
    throw new SyntaxError(`Cannot read ${path}, line ${number}, column ${column}: ${reason}`);
  };
  for (let count = await file.read(buffer); count !== null; count = await file.read(buffer)) {
    const other = number === 1 && pending.length === 0 ? otherThanText(buffer.subarray(0, count)) : undefined;
    if (other) throw new SyntaxError(`Cannot read ${path}: UTF-8 text is needed, it is ${other}`);
    let start = 0;
    for (let end = buffer.indexOf(10); end >= 0 && end < count; end = buffer.indexOf(10, start)) {
      const text = decode([...pending, buffer.subarray(start, end)]);
      yield { text: text.endsWith("\r") ? text.slice(0, -1) : text, number };
      pending = [];
      number += 1;
      start = end + 1;
    }
    pending.push(buffer.slice(start, count));
  }
  const text = decode(pending);
  if (text !== "") yield { text, number };
}
