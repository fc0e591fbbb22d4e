/**
 * Texts as Python counts them: by code points, where JavaScript counts UTF-16 units.
 *
 * @module
 */

/** Whether each unit of a text is a code point of its own. */
const isBasic = (text: string): boolean => !/[\ud800-\udfff]/.test(text);

/** The code points of a text, each as a text. */
export const characters = (text: string): string[] => isBasic(text) ? text.split("") : Array.from(text);

/** How many code points a text has. */
export function lengthOf(text: string): number {
  const pairs = text.match(/[\ud800-\udbff][\udc00-\udfff]/g);
  return text.length - (pairs?.length ?? 0);
}

/** The place of a code point, counted in UTF-16 units. */
export function unitsBefore(text: string, points: number): number {
  if (isBasic(text)) return Math.min(points, text.length);
  return Array.from(text).slice(0, points).join("").length;
}

/** Orders two texts by their code points: below, at or above zero. */
export function compareText(left: string, right: string): number {
  if (isBasic(left) && isBasic(right)) return left < right ? -1 : left > right ? 1 : 0;
  const [ours, theirs] = [Array.from(left), Array.from(right)];
  for (let index = 0; index < Math.min(ours.length, theirs.length); index++) {
    const difference = ours[index].codePointAt(0)! - theirs[index].codePointAt(0)!;
    if (difference !== 0) return difference;
  }
  return ours.length - theirs.length;
}
