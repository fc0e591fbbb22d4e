/**
 * Where and why a text is not reliable JSON; `JSON.parse` does not always report it.
 *
 * @module
 */

/** A position in a JSON text, and what is wrong there. */
export interface JsonFault {
  /** The position, in UTF-16 code units from 0. */
  index: number;
  /** What is wrong, as in "NaN is not a JSON number". */
  what: string;
}

/** Options for {@linkcode scanJson}. */
export interface ScanJsonOptions {
  /**
   * Whether a duplicate key in an object is a fault. Otherwise its last value counts, as for `JSON.parse` and Python.
   *
   * @default {false}
   */
  uniqueKeys?: boolean;
  /** Called with the start of each element of a list that is the whole text. */
  onElement?: (index: number) => void;
}

const token =
  // deno-lint-ignore no-control-regex
  /[ \t\n\r]*(?:([{}[\]:,])|("(?:[^"\\\0-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?(?![\w.+-]))|(?:true|false|null)(?![\w.+-])|$)/y;

/** What may come next: a value, a key, a colon, or what follows a value. */
type Wanted = "value" | "value or ]" | "key" | "key or }" | ":" | "rest";

/** An object or a list that is open. */
interface Open {
  end: "}" | "]";
  keys?: Set<string>;
}

/**
 * Scans a JSON text.
 *
 * @param text The text.
 * @param options What to check besides the grammar.
 * @returns The first fault: what does not fit the grammar, a number out of range, half a surrogate pair, a duplicate
 * key; undefined if there is no fault.
 */
export function scanJson(text: string, { uniqueKeys = false, onElement }: ScanJsonOptions = {}): JsonFault | undefined {
  const open: Open[] = [];
  let wanted: Wanted = "value";
  for (let index = 0;; index = token.lastIndex) {
    token.lastIndex = index;
    const match = token.exec(text);
    const start = match ? match.index + match[0].length - match[0].trimStart().length : startOf(text, index);
    if (!match) return { index: start, what: grammarFault(text, start) };
    const [whole, mark, string, number] = match;
    if (whole.trim() === "") {
      if (wanted === "rest" && open.length === 0) return undefined;
      return { index: text.length, what: text.trim() === "" ? "it is empty" : "it ends too early" };
    }
    if (onElement && open.length === 1 && open[0].end === "]" && wanted.startsWith("value") && mark !== "]") {
      onElement(start);
    }
    const what = string ? stringFault(string) : number && !Number.isFinite(Number(number)) ? hugeFault(number) : "";
    if (what) return { index: start, what };
    const isKey = string !== undefined && wanted.startsWith("key");
    if (isKey && uniqueKeys) {
      const key = JSON.parse(string);
      const keys = open.at(-1)!.keys ??= new Set();
      if (keys.has(key)) return { index: start, what: `the key ${string} is duplicated` };
      keys.add(key);
    }
    const next = step({ mark, isString: string !== undefined }, wanted, open);
    if (!next) {
      const afterComma = text[index - 1] === ",";
      return { index: start, what: placeFault(whole.trim(), { wanted, open, afterComma }) };
    }
    wanted = next;
  }
}

/** Takes one token; what is expected after it, or undefined if it does not fit. */
function step({ mark, isString }: { mark?: string; isString: boolean }, wanted: Wanted, open: Open[]) {
  if (wanted === ":") return mark === ":" ? "value" : undefined;
  if (mark === "}" || mark === "]") {
    const closes = wanted === "rest" || wanted === (mark === "}" ? "key or }" : "value or ]");
    if (!closes || open.at(-1)?.end !== mark) return undefined;
    open.pop();
    return "rest";
  }
  if (wanted === "rest") {
    if (mark !== "," || open.length === 0) return undefined;
    return open.at(-1)!.end === "}" ? "key" : "value";
  }
  if (wanted === "key" || wanted === "key or }") return isString ? ":" : undefined;
  if (mark === "{" || mark === "[") {
    open.push({ end: mark === "{" ? "}" : "]" });
    return mark === "{" ? "key or }" : "value or ]";
  }
  return mark ? undefined : "rest";
}

const startOf = (text: string, index: number): number => index + /^[ \t\n\r]*/.exec(text.slice(index))![0].length;

function stringFault(string: string): string {
  if (!/\\u[dD][89a-fA-F]|[\ud800-\udfff]/.test(string) || JSON.parse(string).isWellFormed()) return "";
  const half = /\\u[dD][89a-fA-F][0-9a-fA-F]{2}/.exec(string)?.[0] ?? "";
  return `the string holds half of a surrogate pair (${half} or another), which is not a character`;
}

const hugeFault = (number: string): string => `the number ${shortened(number)} is too large`;

const shortened = (text: string): string => text.length > 24 ? `${text.slice(0, 24)}…` : text;

/** What is wrong where no token starts. */
function grammarFault(text: string, index: number): string {
  const rest = text.slice(index, index + 200);
  const word = /^[-+]?[A-Za-z_]\w*/.exec(rest)?.[0];
  if (word && /^[-+]?(?:NaN|nan|Infinity|inf)$/.test(word)) {
    return `${word} is not a JSON number; use null for a missing value`;
  }
  if (word && /^(?:True|False|None)$/.test(word)) return `${word} is Python's; JSON has true, false and null`;
  if (/^(?:\/\/|\/\*|#)/.test(rest)) return "JSON has no comments";
  if (rest.startsWith("'") || /^[“”„]/.test(rest)) {
    return `JSON strings are in straight double quotes, not in ${rest[0]}`;
  }
  if (rest.startsWith("<")) return "it looks like an HTML or XML page";
  if (rest.startsWith("version https://git-lfs")) return "it is a Git LFS pointer; git lfs pull fetches the file";
  if (rest.startsWith('"')) return textFault(text, index);
  const number = /^[-+]?[\d.][\w.+-]*/.exec(rest)?.[0];
  if (number) return `${shortened(number)} is not a JSON number`;
  // For instance "Entry not found", which a server sent instead of the file.
  if (word && text.trim().length < 200 && !/[{}[\]"]/.test(text)) return `it is the text "${text.trim()}"`;
  return word ? `${shortened(word)} has no quotes around it` : `${JSON.stringify(rest.slice(0, 1))} cannot stand here`;
}

/** What is wrong inside a string that starts at a position. */
function textFault(text: string, index: number): string {
  // deno-lint-ignore no-control-regex
  const good = /"(?:[^"\\\0-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*/y;
  good.lastIndex = index;
  good.exec(text);
  const sign = text[good.lastIndex];
  if (sign === undefined) return "the string that starts here does not end";
  if (sign === "\\") {
    return `the string that starts here holds ${
      text.slice(good.lastIndex, good.lastIndex + 2)
    }, which is not an escape`;
  }
  const names: Record<string, string> = { "\n": "a line break", "\r": "a line break", "\t": "a tab" };
  return `the string that starts here holds ${names[sign] ?? "a control character"}; it must be escaped`;
}

/** What is wrong with a token that does not fit. */
function placeFault(
  found: string,
  { wanted, open, afterComma }: { wanted: Wanted; open: readonly Open[]; afterComma: boolean },
): string {
  if (wanted === "rest" && open.length === 0) return "something follows after the end";
  if (afterComma && found === open.at(-1)?.end) {
    return `there must be no comma before ${found}`;
  }
  const needed = wanted === "rest"
    ? `a comma or ${open.at(-1)?.end}`
    : wanted === ":"
    ? "a colon"
    : wanted.startsWith("key")
    ? "a key in quotes"
    : "a value";
  return `${needed} is needed, ${shortened(found)} is there`;
}

/**
 * Line and column of a position in a text.
 *
 * @param text The text.
 * @param index The position, in UTF-16 code units from 0.
 * @returns The line, and the column in characters, both from 1.
 */
export function lineAndColumn(text: string, index: number): { line: number; column: number } {
  const start = text.lastIndexOf("\n", index - 1) + 1;
  let line = 1;
  for (let place = text.indexOf("\n"); place >= 0 && place < start; place = text.indexOf("\n", place + 1)) line += 1;
  return { line, column: [...text.slice(start, index)].length + 1 };
}
