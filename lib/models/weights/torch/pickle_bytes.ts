/**
 * Reads the arguments of a pickle's instructions.
 *
 * @module
 */

/** The bytes ended within an argument; the file may have more. */
export class PickleEnd extends Error {}

/** Reads little-endian arguments, and never past the end. */
export class PickleBytes {
  #view: DataView;

  /**
   * @param bytes The bytes; an argument beyond them throws a {@linkcode PickleEnd}.
   * @param at Where reading starts.
   */
  constructor(readonly bytes: Uint8Array<ArrayBuffer>, public at = 0) {
    this.#view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  }

  /** A view of the next bytes. */
  take(count: number): Uint8Array<ArrayBuffer> {
    if (count > this.bytes.length - this.at) throw new PickleEnd("the bytes end early");
    return this.bytes.subarray(this.at, this.at += count);
  }

  /** An unsigned integer of 1, 2, 4 or 8 bytes. */
  natural(size: 1 | 2 | 4 | 8): number {
    const at = this.at;
    this.take(size);
    if (size === 8) return Number(this.#view.getBigUint64(at, true));
    return size === 1 ? this.bytes[at] : size === 2 ? this.#view.getUint16(at, true) : this.#view.getUint32(at, true);
  }

  /** A signed integer of four bytes. */
  integer(): number {
    const at = this.at;
    this.take(4);
    return this.#view.getInt32(at, true);
  }

  /** A big-endian float64. */
  float(): number {
    const at = this.at;
    this.take(8);
    return this.#view.getFloat64(at, false);
  }

  /** UTF-8 of that many bytes. */
  text(count: number): string {
    return new TextDecoder("utf-8", { fatal: true }).decode(this.take(count));
  }

  /** A string ended by a line break, of at most `most` bytes. */
  line(most: number): string {
    const end = this.bytes.subarray(this.at, this.at + most + 1).indexOf(10);
    if (end < 0 && this.bytes.length - this.at > most) throw new SyntaxError(`a name has more than ${most} bytes`);
    if (end < 0) throw new PickleEnd("the bytes end early");
    const text = this.text(end);
    this.at++;
    return text;
  }
}
