/** Texts in which tokenizers differ: words, numbers, blanks, marks, code, many scripts, special tokens written out. */
import { randomStream } from "../../../lib/random/random.ts";

const WORDS =
  "the heron stands in SHALLOW water don't we'll I'M naïve cafés Straße İstanbul ﬁn été 東京 日本語 привет שלום مرحبا हिन्दी 안녕"
    .split(" ");
const PARTS = [
  " ",
  "  ",
  "   ",
  "\n",
  "\n\n",
  "\n\n\n",
  "\t",
  "\t\t",
  "\r\n",
  " \n ",
  "    ",
  "▁",
  "▁▁",
  "Ġ",
  "1",
  "23",
  "456",
  "7890123",
]
  .concat([
    "3.14",
    "१२३",
    "²",
    "½",
    "a1b2",
    "_x_",
    "--",
    "...",
    "…",
    "!?",
    "()",
    "{}",
    "</p>",
    "<table>",
    "#!",
    "/*",
    "$",
    "€",
    "£5",
    "'s",
  ])
  .concat([
    "e\u0301",
    "\u200d",
    "\u00a0",
    "\u3000",
    "\ufeff",
    "👍🏽",
    "👨‍👩‍👧",
    "🇩🇪",
    "\u0000",
    "\u007f",
    "𝔹",
    "\u{10fffd}",
    "if (x) { return; }",
  ]);

/** As many texts as asked for, always the same ones. */
export function randomTexts(count: number, specials: readonly string[]): string[] {
  const random = randomStream(20_261_129);
  const pick = <T>(list: readonly T[]): T => list[random.below(list.length)];
  const part = (): string => {
    const kind = random.uniform();
    if (kind < 0.45) return `${random.uniform() < 0.7 ? " " : ""}${pick(WORDS)}`;
    if (kind < 0.9) return pick(PARTS);
    if (kind < 0.95) return pick(specials);
    const point = random.below(0x3000);
    return String.fromCodePoint(point);
  };
  return Array.from({ length: count }, () => Array.from({ length: 1 + random.below(12) }, part).join(""));
}
