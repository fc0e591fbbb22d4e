/**
 * Regular expressions in the language of Oniguruma 6.9, with which the Rust library cuts and replaces text, as those of
 * JavaScript.
 *
 * @module
 */
import { generate } from "oniguruma-parser/generator";
import { type Node, type OnigurumaAst, parse } from "oniguruma-parser/parser";
import { traverse } from "oniguruma-parser/traverser";
import { toRegExp } from "oniguruma-to-es";
import { characterRanges } from "./character_sets.ts";

/** What Oniguruma takes for a part of a word within a class. */
const WORD = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}`;

/** Outside of a class it is that and these: a peculiarity of its table for Latin-1. */
const LATIN_NUMBERS = "²³¹¼-¾";

const nodeOf = (source: string): Node => parse(source).body[0].body[0];

/**
 * Translates a regular expression.
 *
 * @param source The expression, in Oniguruma's language.
 * @returns The same in JavaScript's, with the flag `g`.
 * @throws {Error} If it is malformed or JavaScript has nothing of the kind (`\X`, `\p{InBasic_Latin}`).
 */
export function translateOniguruma(source: string): RegExp {
  const tree = parse(source, { skipPropertyNameValidation: true });
  const isCaseless = hasCaselessPart(tree);
  traverse(tree, {
    CharacterSet({ node, parent, replaceWith, skip }) {
      const isInClass = parent.type === "CharacterClass";
      if (node.kind === "word" || (node.kind === "property" && /^word$/i.test(node.value))) {
        replaceWith(nodeOf(`[${node.negate ? "^" : ""}${WORD}${isInClass ? "" : LATIN_NUMBERS}]`));
      } else if (isCaseless && !isInClass && node.kind === "property") {
        // Case does not matter to a property that stands by itself.
        const group = nodeOf("(?-i:.)") as Extract<Node, { type: "Group" }>;
        group.body[0].body = [node];
        replaceWith(group);
        skip();
      }
    },
    Assertion({ node, replaceWith }) {
      if (node.kind !== "word_boundary") return;
      const word = `[${WORD}${LATIN_NUMBERS}]`;
      const [one, other] = node.negate ? ["=", "!"] : ["!", "="];
      replaceWith(nodeOf(`(?:(?<=${word})(?${one}${word})|(?<!${word})(?${other}${word}))`));
    },
  });
  return toRegExp(generate(tree).pattern, { accuracy: "strict", global: true });
}

function hasCaselessPart(tree: OnigurumaAst): boolean {
  let found = false;
  traverse(tree, {
    Group: ({ node }) => {
      found ||= node.flags?.enable?.ignoreCase === true;
    },
    Directive: ({ node }) => {
      found ||= node.kind === "flags" && node.flags?.enable?.ignoreCase === true;
    },
  });
  return found;
}

const ascii = /^\p{ASCII}*$/u;

/** Characters that JavaScript knows and Oniguruma does not. */
const newer = new RegExp(`[[${characterRanges("unassigned16")}]--\\p{Cn}]`, "gv");

/**
 * Writes a text as Oniguruma sees it: characters that are newer than its version of Unicode are unassigned to it.
 *
 * @param text The text.
 * @returns A text of the same length.
 */
export function asOnigurumaSees(text: string): string {
  return ascii.test(text) ? text : text.replace(newer, (character) => character.length === 1 ? "\uffff" : "\u{10ffff}");
}
