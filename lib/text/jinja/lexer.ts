/**
 * Splits a template into tokens. White space around tags is treated as in transformers: a tag alone on its line removes
 * the line's indentation (`lstrip_blocks`) and end (`trim_blocks`), `-` removes all white space, `+` keeps all.
 *
 * @module
 */
import { TemplateError } from "./errors.ts";
import { stringLiteral } from "./string_literal.ts";
import { OPERATORS, type Token } from "./tokens.ts";
import { SPACE, trimEnd } from "./white_space.ts";

const S = `[${SPACE}]`;
const TAG = /\{\{|\{#|\{%/g;
const RAW_BEGIN = new RegExp(`\\{%[-+]?${S}*raw${S}*(?:-%\\}${S}*|%\\})`, "y");
const RAW_END = new RegExp(`\\{%([-+]?)${S}*endraw${S}*(?:\\+%\\}|-%\\}${S}*|%\\}\\n?)`, "g");
const COMMENT_END = new RegExp(`\\+#\\}|-#\\}${S}*|#\\}\\n?`, "g");
const BLOCK_END = new RegExp(`\\+%\\}|-%\\}${S}*|%\\}\\n?`, "y");
const VARIABLE_END = new RegExp(`-\\}\\}${S}*|\\}\\}`, "y");
const BLANK = new RegExp(`${S}+`, "y");
const FLOAT = /(?<!\.)(?:\d+_)*\d+(?:(?:\.(?:\d+_)*\d+)?e[+-]?(?:\d+_)*\d+|\.(?:\d+_)*\d+)/iy;
const INTEGER = /0b(?:_?[01])+|0o(?:_?[0-7])+|0x(?:_?[\da-f])+|[1-9](?:_?\d)*|0(?:_?0)*/iy;
const NAME = /[\p{L}\p{N}\p{M}\p{Pc}·\u0387\u1369-\u1371\u19da\u2118\u212e\u309b\u309c]+/yu;
const STRING = /'[^'\\]*(?:\\[\s\S][^'\\]*)*'|"[^"\\]*(?:\\[\s\S][^"\\]*)*"/y;
const OPERATOR = /\/\/|\*\*|==|!=|>=|<=|[-+/*%~[\](){}><=.:|,;]/y;
const CLOSERS: Readonly<Record<string, string>> = { "(": ")", "[": "]", "{": "}" };

function fail(message: string, line: number): never {
  throw new TemplateError("TemplateSyntaxError", message, line);
}

/**
 * Splits a template into tokens.
 *
 * @throws {TemplateError} If something is not a token or is not closed, with Python's message.
 */
export function tokenize(template: string): Token[] {
  const source = template.replace(/\r\n|\r/g, "\n").replace(/\n$/, "");
  const tokens: Token[] = [];
  let [position, line, isLineStart] = [0, 1, true];

  const match = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = position;
    return pattern.exec(source);
  };
  const advance = (end: number): void => {
    const passed = source.slice(position, end);
    line += passed.split("\n").length - 1;
    isLineStart = passed.endsWith("\n");
    position = end;
  };
  /** Text up to a tag, without the white space that the tag removes. */
  const data = (end: number, sign: string, isVariable: boolean): void => {
    const text = source.slice(position, end);
    const start = text.lastIndexOf("\n") + 1;
    const isAlone = (start > 0 || isLineStart) && start < text.length && trimEnd(text.slice(start)) === "";
    const isTaken = sign === "" && !isVariable && isAlone;
    const kept = sign === "-" ? trimEnd(text) : isTaken ? text.slice(0, start) : text;
    if (kept !== "") tokens.push({ type: "data", value: kept, line });
  };
  const expression = (end: RegExp, type: "block" | "variable"): void => {
    const open: string[] = [];
    while (position < source.length) {
      const ending = open.length === 0 ? match(end) : null;
      if (ending) {
        tokens.push({ type: `${type}_end`, value: ending[0], line });
        return advance(position + ending[0].length);
      }
      const token = next(match, line);
      if (!token) fail(`unexpected char ${shown(source, position)} at ${points(source, position)}`, line);
      const { text, ...rest } = token;
      if (Object.hasOwn(CLOSERS, text) && rest.type !== "string") open.push(CLOSERS[text]);
      else if (/^[)\]}]$/.test(text)) {
        const expected = open.pop();
        if (expected === undefined) fail(`unexpected '${text}'`, line);
        if (expected !== text) fail(`unexpected '${text}', expected '${expected}'`, line);
      }
      if (rest.type !== "blank") tokens.push({ ...rest, line });
      advance(position + text.length);
    }
  };

  while (position < source.length) {
    TAG.lastIndex = position;
    const at = TAG.exec(source)?.index ?? source.length;
    if (at === source.length) {
      tokens.push({ type: "data", value: source.slice(position), line });
      break;
    }
    const sign = source.slice(at + 2).match(/^[-+]?/)![0];
    const kind = source.slice(at, at + 2);
    RAW_BEGIN.lastIndex = at;
    const raw = RAW_BEGIN.exec(source);
    data(at, sign, kind === "{{");
    if (raw || kind === "{#") {
      advance(at + (raw ? raw[0].length : 2 + sign.length));
      const ending = match(raw ? RAW_END : COMMENT_END);
      // Python's lexer accepts a tag that starts at the very end.
      if (!ending && position === source.length) break;
      if (!ending) fail(raw ? "Missing end of raw directive" : "Missing end of comment tag", line);
      if (raw) data(ending.index, ending[1], false);
      advance(ending.index + ending[0].length);
      continue;
    }
    const type = kind === "{{" ? "variable" : "block";
    advance(at);
    tokens.push({ type: `${type}_begin`, value: kind, line });
    advance(at + 2 + sign.length);
    expression(type === "variable" ? VARIABLE_END : BLOCK_END, type);
  }
  tokens.push({ type: "eof", value: "", line });
  return tokens;
}

/** The next token within a tag, with its text. */
function next(match: (pattern: RegExp) => RegExpExecArray | null, line: number) {
  const blank = match(BLANK);
  if (blank) return { type: "blank", value: "", text: blank[0] };
  const float = match(FLOAT);
  if (float) return { type: "float", value: Number(float[0].replaceAll("_", "")), text: float[0] };
  const integer = match(INTEGER);
  if (integer) {
    return { type: "integer", value: BigInt(integer[0].replaceAll("_", "").toLowerCase()), text: integer[0] };
  }
  const name = match(NAME);
  if (name) {
    if (!/^[\p{XIDS}_]\p{XIDC}*$/u.test(name[0])) fail("Invalid character in identifier", line);
    return { type: "name", value: name[0], text: name[0] };
  }
  const string = match(STRING);
  if (string) return { type: "string", value: stringLiteral(string[0].slice(1, -1), line), text: string[0] };
  const operator = match(OPERATOR);
  return operator && { type: OPERATORS[operator[0]], value: operator[0], text: operator[0] };
}

const shown = (source: string, position: number): string => {
  const character = String.fromCodePoint(source.codePointAt(position)!);
  return character === "'" ? `"'"` : `'${character}'`;
};

const points = (source: string, position: number): number => Array.from(source.slice(0, position)).length;
