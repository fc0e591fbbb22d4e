/**
 * Rows of token ids in one file, of which any row is read without the others.
 *
 * The file is little-endian and may be mapped into memory: every part begins at a multiple of 8 bytes.
 *
 * | bytes                    | what                                                                 |
 * | ------------------------ | -------------------------------------------------------------------- |
 * | 8                        | `AmidRows`                                                           |
 * | 4, 4                     | version 1; bytes per token, 2 or 4                                   |
 * | 8, 8                     | rows R; tokens N of all rows                                         |
 * | 32                       | SHA-256 of everything that follows                                   |
 * | 8 × (R + 1)              | where each row begins among the tokens, and where the last one ends  |
 * | 4 × R, to a multiple of 8 | tokens of each row's prompt                                         |
 * | 2 or 4 × N               | the tokens                                                           |
 *
 * @module
 */
import { aText, checkArguments } from "../arguments/check_arguments.ts";
import { createHash } from "node:crypto";
import { hashPieces } from "../files/file_hash.ts";
import type { Row } from "../batches/row.ts";

const MAGIC = "AmidRows";
const VERSION = 1;
const HEADER = 64;

/** Rows behind one another. */
export interface PackedRows {
  /** The length of each row, in tokens. */
  lengths: ArrayLike<number>;
  /** How many of a row's tokens are its prompt. */
  promptLengths: ArrayLike<number>;
  /** The tokens of all rows, in pieces of any size. */
  ids: readonly Uint32Array[];
}

/**
 * Lays out a store; tokens take two bytes where all are below 65,536.
 *
 * @param rows The rows.
 * @returns The bytes of the file, in pieces.
 */
export function encodeTokenStore({ lengths, promptLengths, ids }: PackedRows): Uint8Array[] {
  const rows = lengths.length;
  const offsets = new BigUint64Array(rows + 1);
  for (let row = 0; row < rows; row += 1) offsets[row + 1] = offsets[row] + BigInt(lengths[row]);
  const prompts = new Uint32Array(rows + rows % 2);
  prompts.set(Array.from(promptLengths));
  const width = ids.every((piece) => piece.every((id) => id < 2 ** 16)) ? 2 : 4;
  const tokens = ids.map((piece) => new Uint8Array((width === 2 ? Uint16Array.from(piece) : piece.slice()).buffer));
  const body = [new Uint8Array(offsets.buffer), new Uint8Array(prompts.buffer), ...tokens];
  const header = new Uint8Array(HEADER);
  const view = new DataView(header.buffer);
  header.set(new TextEncoder().encode(MAGIC));
  view.setUint32(8, VERSION, true);
  view.setUint32(12, width, true);
  view.setBigUint64(16, BigInt(rows), true);
  view.setBigUint64(24, offsets[rows], true);
  header.set(fromHex(hashPieces(body)), 32);
  return [header, ...body];
}

const fromHex = (hex: string): Uint8Array => Uint8Array.from(hex.match(/../g)!, (pair) => parseInt(pair, 16));

/** An open store; dispose of it at the end. */
export class TokenStore implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #offsets: BigUint64Array;
  readonly #prompts: Uint32Array;
  readonly #width: 2 | 4;
  readonly #start: number;

  /** Use {@linkcode openTokenStore}, which checks the file. */
  constructor(
    file: Deno.FsFile,
    parts: { offsets: BigUint64Array; prompts: Uint32Array; width: 2 | 4; start: number },
  ) {
    this.#file = file;
    ({ offsets: this.#offsets, prompts: this.#prompts, width: this.#width, start: this.#start } = parts);
  }

  /** How many rows there are. */
  get length(): number {
    return this.#offsets.length - 1;
  }

  /** How many tokens all rows have. */
  get tokens(): number {
    return Number(this.#offsets[this.length]);
  }

  /** How many tokens a row has. */
  lengthOf(index: number): number {
    return Number(this.#offsets[index + 1] - this.#offsets[index]);
  }

  /**
   * Reads a row.
   *
   * @param index Its place, from 0.
   * @throws {RangeError} If there is no such row.
   */
  row(index: number): Row {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      throw new RangeError(`Cannot read a row: its place must be below ${this.length}, current value is ${index}`);
    }
    const bytes = new Uint8Array(this.lengthOf(index) * this.#width);
    this.#file.seekSync(this.#start + Number(this.#offsets[index]) * this.#width, Deno.SeekMode.Start);
    readFully(this.#file, bytes);
    const ids = this.#width === 2 ? new Uint16Array(bytes.buffer) : new Uint32Array(bytes.buffer);
    return { ids: Array.from(ids), promptLength: this.#prompts[index] };
  }

  /**
   * The rows as what looks like an array: each is read when it is asked for, and not kept. The store must stay open.
   */
  rows(): readonly Row[] {
    return new Proxy<Row[]>([], {
      get: (target, key, receiver) => {
        if (key === "length") return this.length;
        const index = typeof key === "string" && /^\d+$/.test(key) ? Number(key) : -1;
        if (index < 0) return Reflect.get(target, key, receiver);
        return index < this.length ? this.row(index) : undefined;
      },
      has: (target, key) => typeof key === "string" && /^\d+$/.test(key) ? Number(key) < this.length : key in target,
      set: () => false,
    });
  }

  /** Closes the file. */
  [Symbol.dispose](): void {
    this.#file.close();
  }
}

/**
 * Opens a store and checks it: its sizes, the order of its rows, its hash.
 *
 * @param path The file.
 * @returns The store.
 * @throws {SyntaxError} If the file is not what the format asks for; the message names it.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { encodeTokenStore, openTokenStore } from "@amid/amid/datasets";
 *
 * const path = await Deno.makeTempFile();
 * const pieces = encodeTokenStore({ lengths: [3, 2], promptLengths: [1, 1], ids: [Uint32Array.of(5, 6, 7, 8, 9)] });
 * await Deno.writeFile(path, new Uint8Array(await new Blob(pieces as Uint8Array<ArrayBuffer>[]).arrayBuffer()));
 * using store = openTokenStore(path);
 * assert.deepEqual(store.row(1), { ids: [8, 9], promptLength: 1 });
 * ```
 */
export function openTokenStore(path: string): TokenStore {
  checkArguments("open a token store", { path: [path, aText] });
  const file = Deno.openSync(path);
  try {
    return new TokenStore(
      file,
      readParts(file, (what) => {
        throw new SyntaxError(`Cannot read ${path}: ${what}`);
      }),
    );
  } catch (error) {
    file.close();
    throw error;
  }
}

function readParts(file: Deno.FsFile, refuse: (what: string) => never) {
  const { size } = file.statSync();
  const header = new Uint8Array(HEADER);
  if (size < HEADER) refuse(`a store has at least ${HEADER} bytes, the file has ${size}`);
  readFully(file, header);
  if (new TextDecoder().decode(header.subarray(0, 8)) !== MAGIC) refuse("it is no store of rows");
  const view = new DataView(header.buffer);
  const [version, width] = [view.getUint32(8, true), view.getUint32(12, true)];
  if (version !== VERSION) refuse(`its version must be ${VERSION}, current value is ${version}`);
  if (width !== 2 && width !== 4) refuse(`a token must have 2 or 4 bytes, current value is ${width}`);
  const [rows, tokens] = [Number(view.getBigUint64(16, true)), Number(view.getBigUint64(24, true))];
  const start = HEADER + 8 * (rows + 1) + 4 * (rows + rows % 2);
  const wanted = start + tokens * width;
  if (wanted !== size) refuse(`it must have ${wanted} bytes for ${rows} rows and ${tokens} tokens, it has ${size}`);

  const offsets = new BigUint64Array(rows + 1);
  const prompts = new Uint32Array(rows + rows % 2);
  const parts = [new Uint8Array(offsets.buffer), new Uint8Array(prompts.buffer)];
  for (const part of parts) readFully(file, part);
  const hash = createHash("sha256").update(parts[0]).update(parts[1]);
  const buffer = new Uint8Array(1 << 20);
  for (let count = file.readSync(buffer); count !== null; count = file.readSync(buffer)) {
    hash.update(buffer.subarray(0, count));
  }
  const stored = Array.from(header.subarray(32), (byte) => byte.toString(16).padStart(2, "0")).join("");
  if (hash.digest("hex") !== stored) refuse("its bytes are not those that were written, by their SHA-256");
  for (let row = 0; row < rows; row += 1) {
    if (offsets[row + 1] < offsets[row]) refuse(`row ${row} ends before it begins`);
    const length = Number(offsets[row + 1] - offsets[row]);
    if (prompts[row] < 1 || prompts[row] >= length) {
      refuse(`row ${row} must have a prompt and a response, its prompt has ${prompts[row]} of ${length} tokens`);
    }
  }
  if (offsets[0] !== 0n || offsets[rows] !== BigInt(tokens)) refuse("its rows do not fill its tokens");
  return { offsets, prompts: prompts.subarray(0, rows), width: width as 2 | 4, start };
}

function readFully(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let have = 0; have < bytes.length;) {
    const count = file.readSync(bytes.subarray(have));
    if (count === null) throw new SyntaxError("Cannot read a store of rows: the file ends early");
    have += count;
  }
}
