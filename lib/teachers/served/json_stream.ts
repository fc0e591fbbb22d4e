/**
 * JSON that is read while it arrives: only what is wanted is kept.
 *
 * @module
 */

/** A value without members. */
export type JsonScalar = string | number | boolean | null;

/** Receives one value and, where it asks for them, its members. */
export interface JsonVisitor {
  /** A member of the object; what it returns receives the member's value, which is passed over without one. */
  key?(name: string): JsonVisitor | undefined;
  /** An element of the list. */
  item?(index: number): JsonVisitor | undefined;
  /** The value, where it has no members. NaN and the infinities, which some servers write, are numbers. */
  value?(value: JsonScalar): void;
  /** The object or the list has ended. */
  end?(): void;
}

/** What an open object or list is, and who receives it. */
interface Container {
  isObject: boolean;
  visitor: JsonVisitor | undefined;
  /** Elements so far. */
  count: number;
}

/** What may come next. */
type Expected = "value" | "value or end" | "key" | "key or end" | "colon" | "comma or end" | "nothing";

const [QUOTE, BACKSLASH, COMMA, COLON] = [0x22, 0x5c, 0x2c, 0x3a];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];
const words = new Map<string, JsonScalar>([["null", null], ["true", true], ["false", false]]);
const numbers = new Map([["NaN", NaN], ["Infinity", Infinity], ["-Infinity", -Infinity]]);
const NUMBER = /^-?(0|[1-9][0-9]*)(\.[0-9]+)?([eE][+-]?[0-9]+)?$/;

/** Whether a byte is part of a number or a word: digits, letters, `+`, `-` and `.`. */
const inWord = Uint8Array.from({ length: 256 }, (_, byte) => /[0-9A-Za-z+.-]/.test(String.fromCharCode(byte)) ? 1 : 0);

/**
 * Reads one JSON text, piece by piece.
 *
 * @example A number out of a text in two pieces
 * ```ts
 * import assert from "node:assert/strict";
 * import { JsonStream } from "./json_stream.ts";
 *
 * const found: unknown[] = [];
 * const number = { value: (value: unknown) => found.push(value) };
 * const stream = new JsonStream({ key: (name) => name === "wanted" ? number : undefined });
 * for (const piece of ['{"other": [1, 2], "wan', 'ted": 3}']) stream.push(new TextEncoder().encode(piece));
 * stream.end();
 * assert.deepEqual(found, [3]);
 * ```
 */
export class JsonStream {
  readonly #open: Container[] = [];
  #expected: Expected = "value";
  /** Who receives the value that comes next. */
  #next: JsonVisitor | undefined;
  /** Inside a text, or behind a backslash in one. */
  #text: "no" | "inside" | "escape" = "no";
  #inWord = false;
  #isKey = false;
  /** Whether the current text or word is kept. */
  #keeps = false;
  #escaped = false;
  #ascii = true;
  #kept = new Uint8Array(64);
  #length = 0;
  #offset = 0;

  /** @param root Receives the whole value. */
  constructor(root: JsonVisitor) {
    this.#next = root;
  }

  /**
   * Reads a piece.
   *
   * @throws {SyntaxError} If the text is not JSON; the message names the byte.
   */
  push(bytes: Uint8Array): void {
    for (let at = 0; at < bytes.length;) {
      if (this.#text !== "no") at = this.#readText(bytes, at);
      else if (inWord[bytes[at]]) at = this.#readWord(bytes, at);
      else {
        if (this.#inWord) this.#endWord();
        this.#structure(bytes[at], at);
        at += 1;
      }
    }
    this.#offset += bytes.length;
  }

  /**
   * Ends the text.
   *
   * @throws {SyntaxError} If the value has not ended.
   */
  end(): void {
    if (this.#inWord) this.#endWord();
    if (this.#expected === "nothing" && this.#text === "no") return;
    throw new SyntaxError(`the answer ends after ${this.#offset} bytes, in the middle of its JSON`);
  }

  #readText(bytes: Uint8Array, start: number): number {
    let at = start;
    if (this.#text === "escape") {
      this.#text = "inside";
      at += 1;
    }
    for (; at < bytes.length; at += 1) {
      const byte = bytes[at];
      if (byte === QUOTE) break;
      if (byte >= 0x80) this.#ascii = false;
      else if (byte === BACKSLASH) {
        this.#escaped = true;
        if (at + 1 === bytes.length) {
          this.#text = "escape";
          at += 1;
          break;
        }
        at += 1;
      }
    }
    if (this.#keeps) this.#keep(bytes, start, at);
    if (at >= bytes.length || this.#text === "escape") return Math.min(at, bytes.length);
    this.#text = "no";
    if (this.#isKey) {
      const { visitor } = this.#open[this.#open.length - 1];
      this.#next = this.#keeps ? visitor!.key!(this.#string()) : undefined;
      this.#expected = "colon";
    } else {
      const visitor = this.#taken();
      if (this.#keeps) visitor!.value!(this.#string());
    }
    return at + 1;
  }

  #readWord(bytes: Uint8Array, start: number): number {
    if (!this.#inWord) {
      if (!this.#expected.startsWith("value")) throw this.#misplaced(start);
      this.#beginItem();
      this.#inWord = true;
      this.#begin(true);
    }
    let at = start;
    while (at < bytes.length && inWord[bytes[at]]) at += 1;
    this.#keep(bytes, start, at);
    return at;
  }

  #endWord(): void {
    this.#inWord = false;
    const text = this.#string();
    const scalar = words.get(text);
    const value = scalar !== undefined ? scalar : NUMBER.test(text) ? Number(text) : numbers.get(text);
    if (value === undefined) throw new SyntaxError(`the answer is not JSON: it has ${text.slice(0, 20)}`);
    this.#taken()?.value?.(value);
  }

  #structure(byte: number, at: number): void {
    if (byte === 0x20 || byte === 0x0a || byte === 0x0d || byte === 0x09) return;
    const inner = this.#open[this.#open.length - 1];
    const expected = this.#expected;
    if (byte === QUOTE) {
      const wantsKey = expected === "key" || expected === "key or end";
      if (!wantsKey && !expected.startsWith("value")) throw this.#misplaced(at);
      this.#isKey = wantsKey;
      if (!wantsKey) this.#beginItem();
      this.#text = "inside";
      this.#begin(wantsKey ? inner.visitor?.key !== undefined : this.#next?.value !== undefined);
    } else if (byte === COLON && expected === "colon") this.#expected = "value";
    else if (byte === COMMA && expected === "comma or end") this.#expected = inner.isObject ? "key" : "value";
    else if ((byte === OPEN_LIST || byte === OPEN_OBJECT) && expected.startsWith("value")) {
      this.#beginItem();
      const isObject = byte === OPEN_OBJECT;
      this.#open.push({ isObject, visitor: this.#next, count: 0 });
      this.#expected = isObject ? "key or end" : "value or end";
    } else if ((byte === CLOSE_LIST || byte === CLOSE_OBJECT) && this.#mayClose(inner, byte)) {
      this.#open.pop();
      this.#taken();
      inner.visitor?.end?.();
    } else throw this.#misplaced(at);
  }

  #mayClose(inner: Container | undefined, byte: number): boolean {
    if (inner === undefined || inner.isObject !== (byte === CLOSE_OBJECT)) return false;
    return this.#expected.endsWith("or end");
  }

  /** An element of a list begins, if the value is one. */
  #beginItem(): void {
    const inner = this.#open[this.#open.length - 1];
    if (inner === undefined || inner.isObject) return;
    this.#next = inner.visitor?.item?.(inner.count);
    inner.count += 1;
  }

  /** A value has ended: who received it. */
  #taken(): JsonVisitor | undefined {
    const visitor = this.#next;
    this.#next = undefined;
    this.#expected = this.#open.length === 0 ? "nothing" : "comma or end";
    return visitor;
  }

  #begin(keeps: boolean): void {
    this.#keeps = keeps;
    this.#escaped = false;
    this.#ascii = true;
    this.#length = 0;
  }

  #keep(bytes: Uint8Array, start: number, end: number): void {
    const length = this.#length + end - start;
    if (length > this.#kept.length) {
      const larger = new Uint8Array(2 * length);
      larger.set(this.#kept.subarray(0, this.#length));
      this.#kept = larger;
    }
    for (let at = start; at < end; at += 1) this.#kept[this.#length++] = bytes[at];
  }

  #string(): string {
    const bytes = this.#kept.subarray(0, this.#length);
    const text = this.#ascii && this.#length < 256 ? String.fromCharCode(...bytes) : new TextDecoder().decode(bytes);
    return this.#escaped ? JSON.parse(`"${text}"`) : text;
  }

  #misplaced(at: number): SyntaxError {
    return new SyntaxError(`the answer is not JSON: at byte ${this.#offset + at}, ${this.#expected} must follow`);
  }
}
