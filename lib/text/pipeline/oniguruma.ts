/**
 * Translates regular expressions of Oniguruma 6.9, which the Rust library uses to split and replace text, to
 * JavaScript.
 *
 * @module
 */
import { generate } from "oniguruma-parser/generator";
import { type Node, type OnigurumaAst, parse } from "oniguruma-parser/parser";
import { traverse } from "oniguruma-parser/traverser";
import { toRegExp } from "oniguruma-to-es";
import { characterRanges } from "./character_sets.ts";

/** Oniguruma's word characters within a class. */
const WORD = String.raw`\p{Alphabetic}\p{M}\p{Nd}\p{Pc}`;

/** Additional word characters outside of a class: a peculiarity of its Latin-1 table. */
const LATIN_NUMBERS = "²³¹¼-¾";

const nodeOf = (source: string): Node => parse(source).body[0].body[0];

/**
 * Translates a regular expression.
 *
 * @param source The Oniguruma expression.
 * @returns The JavaScript expression, with the flag `g`.
 * @throws {Error} If it is malformed or has no JavaScript equivalent (`\X`, `\p{InBasic_Latin}`).
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
        // Case does not affect a property outside of a class.
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

/** Characters assigned in JavaScript's Unicode version but not in Oniguruma's. */
const newer = new RegExp(`[[${characterRanges("unassigned16")}]--\\p{Cn}]`, "gv");

/**
 * Writes a text as Oniguruma sees it: characters newer than its Unicode version are unassigned.
 *
 * @param text The text.
 * @returns A text of the same length.
 */
export function asOnigurumaSees(text: string): string {
  return ascii.test(text) ? text : text.replace(newer, (character) => character.length === 1 ? "\uffff" : "\u{10ffff}");
}
