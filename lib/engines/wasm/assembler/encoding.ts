/**
 * Numbers and lists as WebAssembly's binary format writes them.
 *
 * Source: WebAssembly Core Specification 3.0, chapter 5, "Binary Format".
 *
 * @module
 */

/** Bytes of code, or of a part of a module. */
export type Bytes = readonly number[];

/** An unsigned number in LEB128, which takes as few bytes as hold it. */
export function unsigned(value: number): Bytes {
  const bytes: number[] = [];
  do {
    const low = value & 127;
    value >>>= 7;
    bytes.push(value === 0 ? low : low | 128);
  } while (value !== 0);
  return bytes;
}

/** A signed 32-bit number in LEB128. */
export function signed(value: number): Bytes {
  const bytes: number[] = [];
  value |= 0;
  for (;;) {
    const low = value & 127;
    value >>= 7;
    // The last byte's seventh bit is the sign of all that would follow.
    if (value === (low & 64 ? -1 : 0)) return [...bytes, low];
    bytes.push(low | 128);
  }
}

/** A list: how many, then one after the other. */
export const list = (items: readonly Bytes[]): Bytes => [...unsigned(items.length), ...items.flat()];

/** Bytes after their number. */
export const sized = (bytes: Bytes): Bytes => [...unsigned(bytes.length), ...bytes];

/** A name in ASCII. */
export const name = (text: string): Bytes => sized([...text].map((letter) => letter.charCodeAt(0)));

/** A section of a module. */
export const section = (id: number, content: Bytes): Bytes => [id, ...sized(content)];
