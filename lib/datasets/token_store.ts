/**
 * Reads a token store, with random access to its rows. `encode_token_store.ts` describes the file.
 *
 * @module
 */
import { aText, checkArguments } from "../arguments/check_arguments.ts";
import { createHash } from "node:crypto";
import type { Row } from "../batches/row.ts";
import { HEADER, KEY_BYTES, MAGIC, toHex, VERSIONS } from "./encode_token_store.ts";

/** A store's index. */
interface StoreParts {
  offsets: BigUint64Array;
  prompts: Uint32Array;
  keys?: Uint8Array;
  width: 2 | 4;
  start: number;
}

/** An open store; dispose of it after use. */
export class TokenStore implements Disposable {
  readonly #file: Deno.FsFile;
  readonly #offsets: BigUint64Array;
  readonly #prompts: Uint32Array;
  readonly #keys?: Uint8Array;
  readonly #width: 2 | 4;
  readonly #start: number;

  /** Use {@linkcode openTokenStore}, which checks the file. */
  constructor(file: Deno.FsFile, { offsets, prompts, keys, width, start }: StoreParts) {
    this.#file = file;
    this.#offsets = offsets;
    this.#prompts = prompts;
    this.#keys = keys;
    this.#width = width;
    this.#start = start;
  }

  /** The number of rows. */
  get length(): number {
    return this.#offsets.length - 1;
  }

  /** The number of tokens of all rows. */
  get tokens(): number {
    return Number(this.#offsets[this.length]);
  }

  /** The number of tokens of a row. */
  lengthOf(index: number): number {
    return Number(this.#offsets[index + 1] - this.#offsets[index]);
  }

  /** Whether rows have keys that match them to their texts. */
  get hasKeys(): boolean {
    return this.#keys !== undefined;
  }

  /**
   * The key of a row, hexadecimal.
   *
   * @throws {RangeError} If the rows have no keys.
   */
  keyOf(index: number): string {
    if (!this.#keys) throw new RangeError("Cannot read a row's key: the store has no keys");
    return toHex(this.#keys.subarray(index * KEY_BYTES, (index + 1) * KEY_BYTES));
  }

  /**
   * Reads a row.
   *
   * @param index Its index, from 0.
   * @throws {RangeError} If there is no such row.
   */
  row(index: number): Row {
    if (!Number.isInteger(index) || index < 0 || index >= this.length) {
      throw new RangeError(`Cannot read a row: its index must be below ${this.length}, current value is ${index}`);
    }
    const bytes = new Uint8Array(this.lengthOf(index) * this.#width);
    this.#file.seekSync(this.#start + Number(this.#offsets[index]) * this.#width, Deno.SeekMode.Start);
    readFully(this.#file, bytes);
    const ids = this.#width === 2 ? new Uint16Array(bytes.buffer) : new Uint32Array(bytes.buffer);
    return { ids: Array.from(ids), promptLength: this.#prompts[index] };
  }

  /**
   * The rows as an array-like list: each row is read when it is accessed, and not cached. The store must stay open.
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
 * @throws {SyntaxError} If the file does not follow the format; the message names it.
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

function readParts(file: Deno.FsFile, refuse: (what: string) => never): StoreParts {
  const { size } = file.statSync();
  const header = new Uint8Array(HEADER);
  if (size < HEADER) refuse(`a store has at least ${HEADER} bytes, the file has ${size}`);
  readFully(file, header);
  if (new TextDecoder().decode(header.subarray(0, 8)) !== MAGIC) refuse("it is not a token store");
  const view = new DataView(header.buffer);
  const [version, width] = [view.getUint32(8, true), view.getUint32(12, true)];
  if (version !== VERSIONS.plain && version !== VERSIONS.keyed) {
    refuse(`its version must be ${VERSIONS.plain} or ${VERSIONS.keyed}, current value is ${version}`);
  }
  if (width !== 2 && width !== 4) refuse(`a token must have 2 or 4 bytes, current value is ${width}`);
  const [rows, tokens] = [Number(view.getBigUint64(16, true)), Number(view.getBigUint64(24, true))];
  const keyBytes = version === VERSIONS.keyed ? KEY_BYTES * rows : 0;
  const start = HEADER + 8 * (rows + 1) + 4 * (rows + rows % 2) + keyBytes;
  const wanted = start + tokens * width;
  if (wanted !== size) refuse(`it must have ${wanted} bytes for ${rows} rows and ${tokens} tokens, it has ${size}`);

  const offsets = new BigUint64Array(rows + 1);
  const prompts = new Uint32Array(rows + rows % 2);
  const keys = new Uint8Array(keyBytes);
  const hash = createHash("sha256");
  for (const part of [new Uint8Array(offsets.buffer), new Uint8Array(prompts.buffer), keys]) {
    readFully(file, part);
    hash.update(part);
  }
  const buffer = new Uint8Array(1 << 20);
  for (let count = file.readSync(buffer); count !== null; count = file.readSync(buffer)) {
    hash.update(buffer.subarray(0, count));
  }
  if (hash.digest("hex") !== toHex(header.subarray(32))) {
    refuse("its content does not match its SHA-256");
  }
  for (let row = 0; row < rows; row += 1) {
    if (offsets[row + 1] < offsets[row]) refuse(`row ${row} ends before it starts`);
    const length = Number(offsets[row + 1] - offsets[row]);
    if (prompts[row] < 1 || prompts[row] >= length) {
      refuse(`row ${row} must have a prompt and a response, its prompt has ${prompts[row]} of ${length} tokens`);
    }
  }
  if (offsets[0] !== 0n || offsets[rows] !== BigInt(tokens)) refuse("its rows do not fill its tokens");
  const hasKeys = version === VERSIONS.keyed;
  return {
    offsets,
    prompts: prompts.subarray(0, rows),
    keys: hasKeys ? keys : undefined,
    width: width as 2 | 4,
    start,
  };
}

function readFully(file: Deno.FsFile, bytes: Uint8Array): void {
  for (let have = 0; have < bytes.length;) {
    const count = file.readSync(bytes.subarray(have));
    if (count === null) throw new SyntaxError("Cannot read a token store: the file ends early");
    have += count;
  }
}
