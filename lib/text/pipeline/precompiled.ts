/**
 * SentencePiece's rules for normalization, compiled into a table (`precompiled_charsmap`).
 *
 * Source: T. Kudo and J. Richardson, "SentencePiece", 2018, and its released code, as the crate `spm_precompiled` reads it.
 *
 * @module
 */

const encoder = new TextEncoder();

/** Text in which each character is a grapheme. */
const simple = /^[^\P{ASCII}\r]*$/u;

/** The maximum number of bytes of a grapheme for which a rule is looked up as a whole. */
const LONGEST_GRAPHEME = 5;

/**
 * Reads a table of rules.
 *
 * @param base64 The table: the size of a double array in bytes, the double array, and the NUL-terminated replacements.
 * @returns A function that applies the rules to a text.
 * @throws {RangeError} If the table is truncated.
 */
export function precompiledRules(base64: string): (text: string) => string {
  const bytes = Uint8Array.from(atob(base64), (character) => character.charCodeAt(0));
  const view = new DataView(bytes.buffer);
  const size = bytes.length < 4 ? 0 : view.getUint32(0, true);
  if (size === 0 || size + 4 > bytes.length) {
    throw new RangeError(`precompiled_charsmap must hold a whole table, current value has ${bytes.length} bytes`);
  }
  const units = Uint32Array.from({ length: size >> 2 }, (_, place) => view.getUint32(4 + 4 * place, true));
  const replacements = bytes.subarray(4 + 4 * units.length);

  /** The replacement for the shortest prefix of a text that has a rule. */
  const lookUp = (text: string): string | undefined => {
    let node = offsetOf(units[0]);
    for (const byte of encoder.encode(text)) {
      if (byte === 0) return undefined;
      node ^= byte;
      const unit = units[node];
      if ((unit & 0x800000ff) >>> 0 !== byte) return undefined;
      node ^= offsetOf(unit);
      if ((unit & 0x100) !== 0) return textAt(units[node] & 0x7fffffff);
    }
    return undefined;
  };
  const textAt = (start: number): string => {
    const end = replacements.indexOf(0, start);
    return new TextDecoder("utf-8", { ignoreBOM: true }).decode(
      replacements.subarray(start, end < 0 ? undefined : end),
    );
  };
  const segmenter = new Intl.Segmenter("en", { granularity: "grapheme" });
  const graphemes = (text: string): Iterable<string> =>
    simple.test(text) ? text : Array.from(segmenter.segment(text), ({ segment }) => segment);
  return (text) => {
    let result = "";
    for (const segment of graphemes(text)) {
      const whole = encoder.encode(segment).length <= LONGEST_GRAPHEME ? lookUp(segment) : undefined;
      if (whole !== undefined) result += whole;
      else for (const character of segment) result += lookUp(character) ?? character;
    }
    return result;
  };
}

/** The offset of a node's children in the double array. */
const offsetOf = (unit: number): number => (unit >>> 10) << ((unit & 0x200) >>> 6);
