/**
 * Numbers of any width in bits, one after another, the highest bit first.
 *
 * @module
 */

/** Writes bits. */
export class BitWriter {
  #bytes = new Uint8Array(1024);
  /** Whole bytes. */
  #length = 0;
  /** Bits that do not fill a byte yet, and how many. */
  #open = 0;
  #count = 0;

  /** Appends the lowest bits of a number, at most 24. */
  write(value: number, count: number): void {
    this.#open = (this.#open << count) | (value & (2 ** count - 1));
    this.#count += count;
    for (; this.#count >= 8; this.#count -= 8) this.#append(this.#open >>> (this.#count - 8));
    this.#open &= 2 ** this.#count - 1;
  }

  /** All that was written, with zeros up to a whole byte. */
  bytes(): Uint8Array<ArrayBuffer> {
    const bytes = this.#bytes.slice(0, this.#length + (this.#count > 0 ? 1 : 0));
    if (this.#count > 0) bytes[this.#length] = this.#open << (8 - this.#count);
    return bytes;
  }

  #append(byte: number): void {
    if (this.#length === this.#bytes.length) {
      const larger = new Uint8Array(2 * this.#length);
      larger.set(this.#bytes);
      this.#bytes = larger;
    }
    this.#bytes[this.#length++] = byte;
  }
}

/** Reads bits. */
export class BitReader {
  #at = 0;

  /** @param bytes What a {@linkcode BitWriter} wrote. */
  constructor(readonly bytes: Uint8Array) {}

  /**
   * Reads a number of the given bits, at most 24.
   *
   * @throws {RangeError} If there are fewer.
   */
  read(count: number): number {
    const value = count === 0 ? 0 : this.#next() >>> (32 - count);
    this.#skip(count);
    return value;
  }

  /**
   * Reads ones up to a zero, which is passed over, or up to the given number, at most 24, which no zero follows.
   *
   * @returns How many ones there were.
   * @throws {RangeError} If the bits end before.
   */
  readOnes(most: number): number {
    const ones = Math.min(Math.clz32(~this.#next()), most);
    this.#skip(ones === most ? ones : ones + 1);
    return ones;
  }

  /** Whether no more than the zeros up to a whole byte are left. */
  get isAtEnd(): boolean {
    return 8 * this.bytes.length - this.#at < 8;
  }

  /** The next bits, 25 of them at least, from the highest bit down. */
  #next(): number {
    const { bytes } = this, first = this.#at >> 3;
    const four = (bytes[first] << 24) | (bytes[first + 1] << 16) | (bytes[first + 2] << 8) | bytes[first + 3];
    return four << (this.#at & 7);
  }

  #skip(count: number): void {
    this.#at += count;
    if (this.#at > 8 * this.bytes.length) throw new RangeError("there are too few bytes");
  }
}
