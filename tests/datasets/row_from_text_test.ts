import fc from "fast-check";
import { rowFromText } from "../../lib/datasets/row_from_text.ts";
import { checkRow } from "../../lib/datasets/row.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { assertEquals, assertThrows } from "../support/mod.ts";

const tokenizer = await loadTokenizer("data/tokenizer");

Deno.test("rowFromText() keeps prompt, response and end token", () => {
  const text = fc.string({ unit: "binary", minLength: 1, maxLength: 30 }).filter((text) => text.trim() !== "");
  fc.assert(fc.property(text.map((text) => text + "\n"), text.map((text) => text.trimStart()), (prompt, response) => {
    const row = rowFromText(tokenizer, { prompt, response });
    const whole = [...tokenizer.encode(prompt + response), tokenizer.endToken];
    assertEquals(row.promptLength, tokenizer.encode(prompt).length);
    assertEquals(row.ids.slice(row.promptLength), whole.slice(row.promptLength));
    assertEquals(row.ids.slice(0, row.promptLength), tokenizer.encode(prompt));
  }));
});

Deno.test("rowFromText() cuts the prompt to its first tokens and the whole to its length", () => {
  const [prompt, response] = ["one two three four five\n", "six seven eight"];
  const [long, answer] = [tokenizer.encode(prompt), tokenizer.encode(response)];
  const cut = rowFromText(tokenizer, { prompt, response, maxPromptLength: 2 });
  assertEquals(cut, { ids: [...long.slice(0, 2), ...answer, tokenizer.endToken], promptLength: 2 });
  const short = rowFromText(tokenizer, { prompt, response, maxPromptLength: 2, maxLength: 3 });
  assertEquals(short, { ids: [...long.slice(0, 2), answer[0]], promptLength: 2 });
});

Deno.test("rowFromText() gives rows that can be learnt from", () => {
  checkRow(rowFromText(tokenizer, { prompt: "a\n", response: "b" }), 0);
});

Deno.test("rowFromText() refuses empty texts and lengths without place, naming the row", () => {
  const make = (options: object) => () =>
    rowFromText(tokenizer, { prompt: "a\n", response: "b", name: "my.jsonl, row 7", ...options });
  assertThrows(make({ response: "" }), RangeError, "Cannot make my.jsonl, row 7: its response must not be empty");
  assertThrows(make({ response: " \n" }), RangeError, "its response must not be empty");
  assertThrows(make({ prompt: "one ", response: "a" }), RangeError, "its response runs into its prompt");
  assertThrows(make({ prompt: "" }), RangeError, "its prompt must not be empty");
  assertThrows(make({ maxPromptLength: 0 }), RangeError, "current value is 0");
  assertThrows(make({ maxLength: 256 }), RangeError, "current values are 256 and 256");
});
