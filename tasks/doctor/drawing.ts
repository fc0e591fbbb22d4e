/**
 * Numbers drawn with characters, for files that are read as text.
 *
 * @module
 */

const BLOCKS = " ▁▂▃▄▅▆▇█";
const HEIGHT = 4;

/**
 * Draws a series as columns from its lowest number to its highest, the range from 0 where all are the same.
 *
 * @param name What the numbers are.
 * @param numbers From left to right.
 * @returns Lines, the name and the range in front.
 */
export function drawing(name: string, numbers: readonly number[]): string[] {
  const [low, high] = [Math.min(...numbers), Math.max(...numbers)];
  const from = low === high ? 0 : low;
  const range = high - from || 1;
  const levels = numbers.map((value) => Math.round((value - from) / range * (8 * HEIGHT - 1)) + 1);
  const rows = Array.from({ length: HEIGHT }, (_, row) => {
    const floor = 8 * (HEIGHT - 1 - row);
    return `  │${levels.map((level) => BLOCKS[Math.min(8, Math.max(0, level - floor))]).join("")}`.trimEnd();
  });
  const short = (value: number) => String(Number(value.toFixed(1)));
  return [`${name}: ${low === high ? `always ${short(low)}` : `from ${short(low)} to ${short(high)}`}`, ...rows];
}
