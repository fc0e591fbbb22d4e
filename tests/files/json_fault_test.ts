import fc from "fast-check";
import { lineAndColumn, scanJson } from "../../lib/files/json_fault.ts";
import { assert, assertEquals } from "../support/mod.ts";

/** Whether a text is JSON whose numbers are in a double's range. */
function isJson(text: string): boolean {
  try {
    JSON.parse(text, (_key, value) => {
      if (value === Infinity || value === -Infinity) throw new RangeError("a number out of range");
      return value;
    });
    return true;
  } catch {
    return false;
  }
}

const faults: [text: string, line: number, column: number, what: string][] = [
  ['{"a": 1,}', 1, 9, "there must be no comma before }"],
  ["[1, 2,\n]", 2, 1, "there must be no comma before ]"],
  ['{"a": x}', 1, 7, "x has no quotes around it"],
  ['{\n"a":\n tru }', 3, 2, "tru has no quotes around it"],
  ["", 1, 1, "it is empty"],
  ["{", 1, 2, "it ends too early"],
  ['{"a": [1, 2}', 1, 12, "a comma or ] is needed, } is there"],
  ["{} {}", 1, 4, "something follows after the end"],
  ['{"a": "b', 1, 7, "does not end"],
  ['{"a": "b\nc"}', 1, 7, "holds a line break; it must be escaped"],
  ['{"a": "b\tc"}', 1, 7, "holds a tab; it must be escaped"],
  ['{"a": "C:\\data"}', 1, 7, "holds \\d, which is not an escape"],
  ["[01]", 1, 2, "01 is not a JSON number"],
  ['{"a": NaN}', 1, 7, "NaN is not a JSON number"],
  ['{"a": -Infinity}', 1, 7, "-Infinity is not a JSON number"],
  ['{"a": True}', 1, 7, "True is Python's"],
  ["{'a': 1}", 1, 2, "straight double quotes, not in '"],
  ["{“a”: 1}", 1, 2, "straight double quotes, not in “"],
  ['{"a": 1, // one\n"b": 2}', 1, 10, "JSON has no comments"],
  ['{"a" 1}', 1, 6, "a colon is needed, 1 is there"],
  ["<!DOCTYPE html>", 1, 1, "it looks like an HTML or XML page"],
  ["version https://git-lfs.github.com/spec/v1\n", 1, 1, "git lfs pull fetches the file"],
  ['{"a": 1e400}', 1, 7, "the number 1e400 is too large"],
  ['["\\ud83d"]', 1, 2, "half of a surrogate pair (\\ud83d"],
  ['["🙂", x]', 1, 7, "x has no quotes"],
];

Deno.test("scanJson() reports where and why a text is not JSON", () => {
  for (const [text, line, column, what] of faults) {
    const fault = scanJson(text);
    assert(fault !== undefined, text);
    assertEquals(
      { ...lineAndColumn(text, fault.index), has: fault.what.includes(what) },
      { line, column, has: true },
      text,
    );
  }
});

Deno.test("scanJson() finds a duplicate key where keys must be unique, however it is written", () => {
  for (const text of ['{"a": 1,\n "a": 2}', '{"a": 1,\n "\\u0061": 2}', '{"a": {"b": 1},\n "a": {}}']) {
    assertEquals(scanJson(text), undefined);
    assertEquals(lineAndColumn(text, scanJson(text, { uniqueKeys: true })!.index), { line: 2, column: 2 });
  }
  assertEquals(scanJson('[{"a": {"a": 1}}, {"a": 2}]', { uniqueKeys: true }), undefined);
});

Deno.test("scanJson() agrees with JSON.parse on what is JSON, apart from numbers out of range", () => {
  fc.assert(fc.property(fc.json(), (text) => scanJson(text) === undefined));
  const whole = ["{", "}", "[", "]", ",", ":", '"a"', '"\\u00e9\\n"', "-1.5e3", "true", "null", " ", "0", "."];
  const pieces = fc.constantFrom(...whole, "\n", "\\", "'", "\u00a0", "\t", "NaN");
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 7 }), (list) => {
      const text = list.join("");
      assertEquals(scanJson(text) === undefined, isJson(text), text);
    }),
    { numRuns: 3000 },
  );
});

Deno.test("scanJson() tells the start of each element of a list", () => {
  const starts: number[] = [];
  const text = '[\n {"a": [1]},\n\n [2, 3], "x"]';
  assertEquals(scanJson(text, { onElement: (index) => starts.push(index) }), undefined);
  assertEquals(starts.map((index) => lineAndColumn(text, index).line), [2, 4, 4]);
});
