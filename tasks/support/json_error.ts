/**
 * Where a text stops being JSON; `JSON.parse` does not always say.
 *
 * @module
 */

const token =
  // deno-lint-ignore no-control-regex
  /[ \t\n\r]*(?:([{}[\]:,])|("(?:[^"\\\0-\x1f]|\\(?:["\\/bfnrt]|u[0-9a-fA-F]{4}))*")|(?:-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d+)?|true|false|null)(?![\w.+-])|$)/y;

/** What may come next: a value, a key, a colon, or what follows a value. */
type Wanted = "value" | "value or ]" | "key" | "key or }" | ":" | "rest";

/**
 * Finds the first place where a text is not JSON.
 *
 * @param text The text.
 * @returns Line and column, from 1, of the first token that does not fit, or nothing if the text is JSON.
 */
export function jsonErrorPlace(text: string): { line: number; column: number } | undefined {
  const open: string[] = [];
  let wanted: Wanted = "value";
  for (let index = 0;; index = token.lastIndex) {
    token.lastIndex = index;
    const match = token.exec(text);
    const next: Wanted | "end" | undefined = match ? step(match, wanted, open) : undefined;
    if (next === "end") return undefined;
    if (!next) return placeOf(text, index + /^[ \t\n\r]*/.exec(text.slice(index))![0].length);
    wanted = next;
  }
}

/** Takes one token; what is wanted after it, or nothing if it does not fit. */
function step([whole, mark, string]: RegExpExecArray, wanted: Wanted, open: string[]): Wanted | "end" | undefined {
  if (whole.trim() === "") return wanted === "rest" && open.length === 0 ? "end" : undefined;
  if (wanted === ":") return mark === ":" ? "value" : undefined;
  if (mark === "}" || mark === "]") {
    const closes = wanted === "rest" || wanted === (mark === "}" ? "key or }" : "value or ]");
    return closes && open.pop() === mark ? "rest" : undefined;
  }
  if (wanted === "rest") {
    if (mark !== "," || open.length === 0) return undefined;
    return open.at(-1) === "}" ? "key" : "value";
  }
  if (wanted === "key" || wanted === "key or }") return string ? ":" : undefined;
  if (mark === "{" || mark === "[") {
    open.push(mark === "{" ? "}" : "]");
    return mark === "{" ? "key or }" : "value or ]";
  }
  return mark ? undefined : "rest";
}

function placeOf(text: string, index: number): { line: number; column: number } {
  const lines = text.slice(0, index).split("\n");
  return { line: lines.length, column: lines.at(-1)!.length + 1 };
}
