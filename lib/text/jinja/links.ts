/**
 * Turns addresses in a text into HTML links.
 *
 * @module
 */
import { characters, lengthOf } from "./code_points.ts";
import { LimitError } from "./errors.ts";
import { MAX_WORD } from "./limits.ts";
import { SPACE } from "./white_space.ts";

/** Options for {@linkcode linked}. */
export interface LinkOptions {
  /** The length at which the shown address is truncated. */
  limit?: number;
  /** Further attributes of the links, with a leading space. */
  attributes: string;
  /** URI schemes besides those of the web. */
  schemes: readonly string[];
}

const W = "\\p{L}\\p{N}_";
const WEB = new RegExp(
  `^(?:(?:https?:\\/\\/|www\\.)(?:(?:[${W}%-]+\\.)+)?(?:[a-z]{2,63}|xn--[${W}%]{2,59})` +
    `|(?:[${W}%-]{2,63}\\.)+(?:com|net|int|edu|gov|org|info|mil)` +
    `|https?:\\/\\/(?:[\\p{Nd}]{1,3}(?:\\.[\\p{Nd}]{1,3}){3}|\\[(?:[\\p{Nd}a-f]{0,4}:){2}(?:[\\p{Nd}a-f]{0,4}:?){1,6}\\]))` +
    `(?::[\\p{Nd}]{1,5})?(?:[\\/?#]\\S*)?$`,
  "iu",
);
const MAIL = new RegExp(`^\\S+@[${W}][${W}.-]*\\.[${W}]+$`, "u");
const BRACKETS = [["(", ")"], ["<", ">"], ["&lt;", "&gt;"]];

/** Turns the addresses in an already escaped text into links. */
export function linked(text: string, options: LinkOptions): string {
  return text.split(new RegExp(`([${SPACE}]+)`)).map((word) => linkedWord(word, options)).join("");
}

const count = (text: string, part: string): number => text.split(part).length - 1;

function linkedWord(word: string, options: LinkOptions): string {
  // The patterns backtrack within a word, which takes quadratic time.
  if (word.length > MAX_WORD) throw new LimitError(`urlize takes words of ${MAX_WORD} characters, this one has more`);
  const head = word.match(/^(?:[(<]|&lt;)+/)?.[0] ?? "";
  let middle = word.slice(head.length);
  let tail = middle.match(/(?:[)>.,\n]|&gt;)+$/)?.[0] ?? "";
  middle = middle.slice(0, middle.length - tail.length);
  // A bracket opened within the address is closed within it.
  for (const [open, close] of BRACKETS) {
    const opened = count(middle, open);
    if (opened <= count(middle, close)) continue;
    for (let left = Math.min(opened, count(tail, close)); left > 0; left--) {
      const end = tail.indexOf(close) + close.length;
      middle += tail.slice(0, end);
      tail = tail.slice(end);
    }
  }
  return head + link(middle, options) + tail;
}

function link(address: string, { limit, attributes, schemes }: LinkOptions): string {
  const to = (target: string, shown: string, more: string = "") => `<a href="${target}"${more}>${shown}</a>`;
  if (WEB.test(address)) {
    const isLong = limit !== undefined && lengthOf(address) > limit;
    const shown = isLong ? `${characters(address).slice(0, limit).join("")}...` : address;
    return to(/^https?:\/\//.test(address) ? address : `https://${address}`, shown, attributes);
  }
  if (address.startsWith("mailto:") && MAIL.test(address.slice(7))) return to(address, address.slice(7));
  const isMail = address.includes("@") && !/^(?:www\.|@)/.test(address) && !address.includes(":");
  if (isMail && MAIL.test(address)) return to(`mailto:${address}`, address);
  let done = address;
  for (const scheme of schemes) {
    if (done !== scheme && done.startsWith(scheme)) done = to(done, done, attributes);
  }
  return done;
}
