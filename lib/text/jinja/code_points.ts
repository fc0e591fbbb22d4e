/**
 * Strings in code points, as in Python, instead of JavaScript's UTF-16 code units.
 *
 * @module
 */

/** Whether each code unit of a string is a code point. */
const isBasic = (text: string): boolean => !/[\ud800-\udfff]/.test(text);

/** The code points of a string, each as a string. */
export const characters = (text: string): string[] => isBasic(text) ? text.split("") : Array.from(text);

/** The number of code points of a string. */
export function lengthOf(text: string): number {
  const pairs = text.match(/[\ud800-\udbff][\udc00-\udfff]/g);
  return text.length - (pairs?.length ?? 0);
}

/** Compares two strings by code points: negative, zero or positive. */
export function compareText(left: string, right: string): number {
  if (isBasic(left) && isBasic(right)) return left < right ? -1 : left > right ? 1 : 0;
  const [ours, theirs] = [Array.from(left), Array.from(right)];
  for (let index = 0; index < Math.min(ours.length, theirs.length); index++) {
    const difference = ours[index].codePointAt(0)! - theirs[index].codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return ours.length - theirs.length;
}
