import fc from "fast-check";
import { rowFromText } from "../../lib/datasets/row_from_text.ts";
import { alpacaPrompt } from "../../lib/text/alpaca_prompt.ts";
import { checkRow } from "../../lib/batches/row.ts";
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

Deno.test("rowFromText() keeps the end of a prompt of no known form, its first tokens where wanted, and cuts the whole", () => {
  const [prompt, response] = ["one two three four five\n", "six seven eight"];
  const [long, answer] = [tokenizer.encode(prompt), tokenizer.encode(response)];
  const cut = rowFromText(tokenizer, { prompt, response, maxPromptLength: 2 });
  assertEquals(cut, { ids: [...long.slice(-2), ...answer, tokenizer.endToken], promptLength: 2 });
  const first = rowFromText(tokenizer, { prompt, response, maxPromptLength: 2, longPrompts: "first" });
  assertEquals(first, { ids: [...long.slice(0, 2), ...answer, tokenizer.endToken], promptLength: 2 });
  const short = rowFromText(tokenizer, { prompt, response, maxPromptLength: 2, maxLength: 3 });
  assertEquals(short, { ids: [...long.slice(-2), answer[0]], promptLength: 2 });
});

Deno.test("rowFromText() cuts the text of an Alpaca prompt, and leaves the response behind the whole template", () => {
  const cut: string[] = [];
  const make = (instruction: string) =>
    rowFromText(tokenizer, {
      prompt: alpacaPrompt({ instruction }),
      response: "heron",
      maxPromptLength: 60,
      onCut: (part: string) => cut.push(part),
    });
  const { ids, promptLength } = make("Name a wader. ".repeat(50));
  const prompt = tokenizer.decode(ids.slice(0, promptLength));
  const text = /### Instruction:\n([^]*)\n\n### Response:\n$/.exec(prompt)![1];
  assertEquals([promptLength <= 60, "Name a wader. ".repeat(50).startsWith(text), text !== ""], [true, true, true]);
  assertEquals(ids.slice(promptLength), [...tokenizer.encode("heron"), tokenizer.endToken]);
  assertEquals(cut, ["prompt"]);
});

Deno.test("rowFromText() returns rows that can be learnt from", () => {
  checkRow(rowFromText(tokenizer, { prompt: "a\n", response: "b" }), 0);
});

Deno.test("rowFromText() refuses empty texts and lengths without place, naming the row", () => {
  const make = (options: object) => () =>
    rowFromText(tokenizer, { prompt: "a\n", response: "b", name: "my.jsonl, row 7", ...options });
  assertThrows(make({ response: "" }), RangeError, "Cannot make my.jsonl, row 7: its response must not be empty");
  assertThrows(make({ response: " \n" }), RangeError, "its response must not be empty");
  assertThrows(
    make({ prompt: "one ", response: "a" }),
    RangeError,
    "its response merges into the last token of its prompt",
  );
  assertThrows(make({ prompt: "" }), RangeError, "its prompt must not be empty");
  const bare = { prompt: alpacaPrompt({ instruction: "A?" }), maxPromptLength: 9 };
  assertThrows(make(bare), RangeError, "the template of its prompt alone has more than 9 tokens");
  assertThrows(make({ maxPromptLength: 0 }), RangeError, "current value is 0");
  assertThrows(make({ maxLength: 256 }), RangeError, "current values are 256 and 256");
});
