import fc from "fast-check";
import { assertEquals } from "../../support/mod.ts";
import { jsonErrorPlace } from "../../../tasks/support/json_error.ts";

function isJson(text: string): boolean {
  try {
    JSON.parse(text);
    return true;
  } catch {
    return false;
  }
}

Deno.test("jsonErrorPlace() finds the line and column of the first error", () => {
  const cases: [string, number, number][] = [
    ['{"a": 1,}', 1, 9],
    ['{"a": x}', 1, 7],
    ['{\n"a":\n tru }', 3, 2],
    ["", 1, 1],
    ['{"a": [1, 2}', 1, 12],
    ["{} {}", 1, 4],
    ['{"a": "b', 1, 7],
    ["[01]", 1, 2],
  ];
  for (const [text, line, column] of cases) assertEquals(jsonErrorPlace(text), { line, column }, text);
});

Deno.test("jsonErrorPlace() agrees with JSON.parse on what is JSON", () => {
  fc.assert(fc.property(fc.json(), (text) => jsonErrorPlace(text) === undefined));
  const pieces = fc.constantFrom(
    "{",
    "}",
    "[",
    "]",
    ",",
    ":",
    '"a"',
    '"\\u00e9\\n"',
    "-1.5e3",
    "true",
    "null",
    " ",
    "0",
    ".",
  );
  fc.assert(
    fc.property(fc.array(pieces, { maxLength: 7 }), (list) => {
      const text = list.join("");
      assertEquals(jsonErrorPlace(text) === undefined, isJson(text), text);
    }),
    { numRuns: 2000 },
  );
});
