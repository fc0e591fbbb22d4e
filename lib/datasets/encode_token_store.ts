/**
 * Rows of token ids in one file, with random access to each row.
 *
 * The file is little-endian and may be mapped into memory: every part starts at a multiple of 8 bytes.
 *
 * | bytes                    | what                                                                 |
 * | ------------------------ | -------------------------------------------------------------------- |
 * | 8                        | `AmidRows`                                                           |
 * | 4, 4                     | version, 2 where rows have keys, else 1; bytes per token, 2 or 4     |
 * | 8, 8                     | rows R; tokens N of all rows                                         |
 * | 32                       | SHA-256 of everything that follows                                   |
 * | 8 × (R + 1)              | the offset of each row among the tokens, and the end of the last  |
 * | 4 × R, to a multiple of 8 | tokens of each row's prompt                                         |
 * | 16 × R, version 2        | the key of each row, which matches it to its text                      |
 * | 2 or 4 × N               | the tokens                                                           |
 *
 * @module
 */
import { hashPieces } from "../files/file_hash.ts";

/** The first bytes of a store. */
export const MAGIC = "AmidRows";
/** The version of rows without keys, and of rows with them. */
export const VERSIONS = { plain: 1, keyed: 2 } as const;
/** Bytes before the parts. */
export const HEADER = 64;
/** Bytes of a key. */
export const KEY_BYTES = 16;

/** Rows, concatenated. */
export interface PackedRows {
  /** The length of each row, in tokens. */
  lengths: ArrayLike<number>;
  /** The number of tokens of each row's prompt. */
  promptLengths: ArrayLike<number>;
  /** The tokens of all rows, in chunks of any size. */
  ids: readonly Uint32Array[];
  /**
   * The key of each row, 32 hexadecimal digits derived from its text, by which rows of tokens and of text are matched.
   *
   * @default {rows have no keys}
   */
  keys?: readonly string[];
}

/**
 * Lays out a store; tokens take two bytes where all are below 65,536.
 *
 * @param rows The rows.
 * @returns The bytes of the file, in chunks.
 * @throws {RangeError} If only some rows have keys, or a key is of another length.
 */
export function encodeTokenStore({ lengths, promptLengths, ids, keys }: PackedRows): Uint8Array[] {
  const rows = lengths.length;
  const keyed = fromHex(keys?.join("") ?? "");
  if (keys && keyed.length !== KEY_BYTES * rows) {
    throw new RangeError(
      `Cannot lay out a token store: each of ${rows} rows must have a key of ${2 * KEY_BYTES} hexadecimal digits, ` +
        `current number of digits is ${keys.join("").length}`,
    );
  }
  const offsets = new BigUint64Array(rows + 1);
  for (let row = 0; row < rows; row += 1) offsets[row + 1] = offsets[row] + BigInt(lengths[row]);
  const prompts = new Uint32Array(rows + rows % 2);
  prompts.set(Array.from(promptLengths));
  const width = ids.every((piece) => piece.every((id) => id < 2 ** 16)) ? 2 : 4;
  const tokens = ids.map((piece) => new Uint8Array((width === 2 ? Uint16Array.from(piece) : piece.slice()).buffer));
  const body = [new Uint8Array(offsets.buffer), new Uint8Array(prompts.buffer), keyed, ...tokens];
  const header = new Uint8Array(HEADER);
  const view = new DataView(header.buffer);
  header.set(new TextEncoder().encode(MAGIC));
  view.setUint32(8, keys ? VERSIONS.keyed : VERSIONS.plain, true);
  view.setUint32(12, width, true);
  view.setBigUint64(16, BigInt(rows), true);
  view.setBigUint64(24, offsets[rows], true);
  header.set(fromHex(hashPieces(body)), 32);
  return [header, ...body];
}

const fromHex = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g) ?? [], (pair) => parseInt(pair, 16));

/** Bytes as hexadecimal digits. */
export const toHex = (bytes: Uint8Array): string =>
  Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
