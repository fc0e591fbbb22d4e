/**
 * The tokens of a template, and their names in messages.
 *
 * @module
 */

/** Operators by their symbols. */
export const OPERATORS: Readonly<Record<string, string>> = {
  "+": "add",
  "-": "sub",
  "/": "div",
  "//": "floordiv",
  "*": "mul",
  "%": "mod",
  "**": "pow",
  "~": "tilde",
  "[": "lbracket",
  "]": "rbracket",
  "(": "lparen",
  ")": "rparen",
  "{": "lbrace",
  "}": "rbrace",
  "==": "eq",
  "!=": "ne",
  ">": "gt",
  ">=": "gteq",
  "<": "lt",
  "<=": "lteq",
  "=": "assign",
  ".": "dot",
  ":": "colon",
  "|": "pipe",
  ",": "comma",
  ";": "semicolon",
};

/** A token. */
export interface Token {
  /** Its kind: an operator's name, `name`, `string`, `integer`, `float`, `data` or the start or end of a tag. */
  type: string;
  /** Its value. */
  value: string | bigint | number;
  /** Its line, from 1. */
  line: number;
}

const DESCRIPTIONS: Readonly<Record<string, string>> = {
  ...Object.fromEntries(Object.entries(OPERATORS).map(([sign, type]) => [type, sign])),
  block_begin: "begin of statement block",
  block_end: "end of statement block",
  variable_begin: "begin of print statement",
  variable_end: "end of print statement",
  data: "template data / text",
  eof: "end of template",
};

/** The name of a token in messages. */
export const describe = (token: Token): string =>
  token.type === "name" ? String(token.value) : DESCRIPTIONS[token.type] ?? token.type;

/** The name of a kind of token in messages, or with a colon a name. */
export function describeKind(kind: string): string {
  const [type, value] = kind.split(":");
  return value ?? DESCRIPTIONS[type] ?? type;
}
