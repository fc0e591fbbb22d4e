/**
 * Text files: UTF-8, with or without a byte-order mark, and nothing else.
 *
 * @module
 */
import { fileKind } from "./file_kinds.ts";

/**
 * Recognizes from a file's first bytes what it is instead of UTF-8 text.
 *
 * @param bytes The first bytes; a few hundred suffice.
 * @returns What it is, with advice, as in "UTF-16; save it as UTF-8"; undefined if it may be text.
 */
export function otherThanText(bytes: Uint8Array): string | undefined {
  const known = fileKind(bytes);
  if (known) return known;
  // Without a byte-order mark, every second byte of UTF-16 is zero if the text is mostly ASCII. Few of the others are,
  // such as that of U+3000, or of U+1F600, whose second half is 0xDE00.
  const pairs = Math.min(bytes.length, 256) >> 1;
  for (const first of [0, 1]) {
    let zeros = 0;
    for (let pair = 0; pair < pairs; pair += 1) if (bytes[2 * pair + first] === 0) zeros += 1;
    let others = 0;
    for (let pair = 0; pair < pairs; pair += 1) if (bytes[2 * pair + 1 - first] === 0) others += 1;
    if (pairs > 1 && zeros > pairs / 2 && others <= zeros / 8) return fileKind(Uint8Array.of(0xff, 0xfe));
  }
  return undefined;
}

/** A position in a text, and what is wrong there. */
export interface TextFault {
  /** Its line, from 1. */
  line: number;
  /** Its column in characters, from 1. */
  column: number;
  /** What is wrong. */
  reason: string;
}

/**
 * Finds the first fault in bytes that should be text.
 *
 * @param bytes The bytes.
 * @returns The first position that is not UTF-8 or holds a NUL byte; undefined if there is none.
 */
export function findTextFault(bytes: Uint8Array): TextFault | undefined {
  const decoder = new TextDecoder("utf-8", { fatal: true });
  for (let start = 0, line = 1; start <= bytes.length; line += 1) {
    const newline = bytes.indexOf(10, start);
    const part = bytes.subarray(start, newline < 0 ? bytes.length : newline);
    const columnOf = (text: string, sign: string) => [...text.slice(0, text.indexOf(sign))].length + 1;
    let text: string;
    try {
      text = decoder.decode(part);
    } catch {
      const { place, column } = invalidPlace(part);
      return { line, column, reason: notUtf8(part[place]) };
    }
    if (text.includes("\0")) {
      return { line, column: columnOf(text, "\0"), reason: "there is a NUL byte; the file is damaged or not text" };
    }
    if (newline < 0) break;
    start = newline + 1;
  }
  return undefined;
}

/** Where bytes that are no UTF-8 stop being so; a byte-order mark has no column. */
function invalidPlace(bytes: Uint8Array): { place: number; column: number } {
  const encoder = new TextEncoder();
  let [place, column] = [0, 1];
  for (const sign of new TextDecoder("utf-8", { ignoreBOM: true }).decode(bytes)) {
    // A replacement character may stand in the file itself: bytes are compared.
    const own = encoder.encode(sign);
    if (own.some((byte, index) => bytes[place + index] !== byte)) break;
    if (place > 0 || sign !== "\ufeff") column += 1;
    place += own.length;
  }
  return { place, column };
}

function notUtf8(byte: number): string {
  const sign = new TextDecoder("windows-1252").decode(Uint8Array.of(byte));
  const hex = byte.toString(16).toUpperCase().padStart(2, "0");
  return `its bytes are not UTF-8: 0x${hex} would be "${sign}" in Windows-1252 or Latin-1; save it as UTF-8, ` +
    "for instance by iconv -f WINDOWS-1252 -t UTF-8";
}

/**
 * Decodes the bytes of a text file; a byte-order mark is dropped.
 *
 * @param bytes The bytes.
 * @param options What messages call the file.
 * @returns The text.
 * @throws {SyntaxError} If it is not UTF-8; the message names the file, and what it is instead or the position.
 */
export function decodeText(bytes: Uint8Array, { name }: { name: string }): string {
  const other = otherThanText(bytes);
  if (other) throw new SyntaxError(`Cannot read ${name}: UTF-8 text is needed, it is ${other}`);
  let text: string | undefined;
  try {
    text = new TextDecoder("utf-8", { fatal: true }).decode(bytes);
  } catch {
    text = undefined;
  }
  if (text !== undefined && !text.includes("\0")) return text;
  const { line, column, reason } = findTextFault(bytes)!;
  throw new SyntaxError(`Cannot read ${name}, line ${line}, column ${column}: ${reason}`);
}

/**
 * Reads a text file; a byte-order mark is dropped.
 *
 * @param path The file.
 * @returns The text.
 * @throws {Deno.errors.NotFound} If there is no such file.
 * @throws {SyntaxError} If it is not UTF-8; the message names the file, and what it is instead or the position.
 * @throws {Error} If it is a folder or cannot be read; the message names it.
 */
export async function readText(path: string): Promise<string> {
  let bytes: Uint8Array;
  try {
    bytes = await Deno.readFile(path);
  } catch (cause) {
    throw await namedError(path, cause);
  }
  return decodeText(bytes, { name: path });
}

/**
 * The error of a file that cannot be read, with its name in the message.
 *
 * @param path The file.
 * @param cause What was thrown.
 * @returns An error of the same class if the file is missing, otherwise a plain one.
 */
export async function namedError(path: string, cause: unknown): Promise<Error> {
  if (cause instanceof Deno.errors.NotFound || cause instanceof Deno.errors.NotADirectory) {
    const target = await Deno.readLink(path).catch(() => undefined);
    const reason = target === undefined ? "there is no such file" : `it is a link to ${target}, which does not exist`;
    return new Deno.errors.NotFound(`Cannot read ${path}: ${reason}`, { cause });
  }
  if (cause instanceof Deno.errors.FilesystemLoop) {
    return new Error(`Cannot read ${path}: its symbolic links form a loop`, { cause });
  }
  const isFolder = await Deno.stat(path).then(({ isDirectory }) => isDirectory, () => false);
  const reason = isFolder ? "a file is needed, it is a folder" : cause instanceof Error ? cause.message : String(cause);
  return new Error(`Cannot read ${path}: ${reason}`, { cause });
}

/**
 * Opens a file to read it.
 *
 * @throws {Error} If it cannot be read; the message names it.
 */
export async function openToRead(path: string): Promise<Deno.FsFile> {
  try {
    const file = await Deno.open(path);
    if (!(await file.stat()).isDirectory) return file;
    file.close();
    throw new Error("it is a folder");
  } catch (cause) {
    throw await namedError(path, cause);
  }
}
