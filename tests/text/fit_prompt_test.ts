import fc from "fast-check";
import { alpacaPrompt } from "../../lib/text/alpaca_prompt.ts";
import { fitPrompt } from "../../lib/text/fit_prompt.ts";
import { loadTokenizer, tokenizerOf } from "../../lib/text/tokenizer.ts";
import { readTokenizerFiles } from "../../lib/text/tokenizer_files.ts";
import { assert, assertEquals } from "../support/mod.ts";
import { python, testWithPython } from "../support/python.ts";

const files = await readTokenizerFiles("data/tokenizer");
const plain = await loadTokenizer("data/tokenizer");
const chatting = (template: string) =>
  tokenizerOf({ ...files, config: JSON.stringify({ ...JSON.parse(files.config), chat_template: template }) });

/** Templates in the manner of several families, in our own words: with and without a system's place, trimming or not. */
const templates: Record<string, string> = {
  chatml: "{% if messages[0].role != 'system' %}<|im_start|>system\nBe brief.<|im_end|>\n{% endif %}" +
    "{% for m in messages %}<|im_start|>{{ m.role }}\n{{ m.content }}<|im_end|>\n{% endfor %}<|im_start|>assistant\n",
  turns: "<bos>{% for m in messages %}{% if m.role == 'system' %}{{ raise_exception('no system here') }}{% endif %}" +
    "<turn>{{ m.role }}\n{{ m.content | trim }}</turn>\n{% endfor %}<turn>model\n",
  brackets: "{% if messages[0].role == 'system' %}{% set s = '<<SYS>>' ~ messages[0].content ~ '<</SYS>>\n' %}" +
    "{% set messages = messages[1:] %}{% else %}{% set s = '' %}{% endif %}" +
    "[INST] {{ s }}{{ messages[0].content.strip() }} [/INST]",
  bare: "User: {{ messages[-1].content }}\nAssistant: ",
};

const word = fc.constantFrom("heron ", "wades\n", "é", "漢字", "🙂", " ", "Water, ", "\n\n", "12 ", "### ", "ibis");
const longText = fc.array(word, { minLength: 150, maxLength: 260 }).map((words) => `Q${words.join("")}`);

testWithPython(
  ["transformers"],
  "fitPrompt() keeps what transformers' apply_chat_template gives for a beginning of the user's text, about as long as fits",
  async () => {
    const folder = await Deno.makeTempDir();
    await plain.save(folder);
    const texts = fc.sample(longText, { numRuns: 60, seed: 7 });
    const cases = Object.entries(templates).flatMap(([name, source]) => {
      const tokenizer = chatting(source);
      return texts.flatMap((text, index) => {
        const system = name !== "turns" && name !== "bare" && index % 3 === 0 ? ["Answer like a bird."] : [];
        const messages = [...system.map((content) => ({ role: "system" as const, content })), {
          role: "user" as const,
          content: text,
        }];
        const prompt = tokenizer.chatTemplate!.render(messages);
        return [60, 90, 131].map((maxLength) => {
          const fitted = fitPrompt(tokenizer, prompt, { maxLength });
          return { name, messages, maxLength, prompt: fitted.prompt, ids: fitted.ids };
        });
      });
    });
    await Deno.writeTextFile(`${folder}/cases.json`, JSON.stringify({ templates, cases }));
    const program = `
import json, sys
from transformers import PreTrainedTokenizerFast
folder = sys.argv[1]
given = json.load(open(folder + "/cases.json", encoding="utf-8"))
tokenizer = PreTrainedTokenizerFast(tokenizer_file=folder + "/tokenizer.json", clean_up_tokenization_spaces=False)
def render(case, text):
    tokenizer.chat_template = given["templates"][case["name"]]
    messages = case["messages"][:-1] + [{"role": "user", "content": text}]
    return tokenizer.apply_chat_template(messages, tokenize=False, add_generation_prompt=True)
encode = lambda text: tokenizer(text, add_special_tokens=False)["input_ids"]
checked = 0
for case in given["cases"]:
    text, prompt = case["messages"][-1]["content"], case["prompt"]
    around = len(render(case, "X")) - 1
    kept = len(prompt) - around
    assert kept > 0, case
    assert render(case, text[:kept]) == prompt, (case["name"], prompt, render(case, text[:kept]))
    assert encode(prompt) == case["ids"] and len(case["ids"]) <= case["maxLength"], case
    more = text[:kept + 1 + 24]
    assert len(encode(render(case, more + "x"))) > case["maxLength"], ("not as much as fits", case)
    checked += 1
print(checked)`;
    assertEquals(Number(await python(program, [folder])), 4 * 60 * 3);
  },
);

Deno.test("fitPrompt() of an Alpaca prompt cuts the input before the instruction, and leaves the template whole", () => {
  const tail = "\n\n### Response:\n";
  fc.assert(
    fc.property(longText, longText, fc.constantFrom(90, 200, 400), (instruction, input, maxLength) => {
      const whole = alpacaPrompt({ instruction, input });
      const { prompt, ids, isCut } = fitPrompt(plain, whole, { maxLength });
      assertEquals([isCut, ids], [whole !== prompt, plain.encode(prompt)]);
      assert(ids.length <= maxLength && prompt.endsWith(tail));
      const found = /### Instruction:\n([^]*)\n\n### Input:\n([^]*)\n\n### Response:\n$/.exec(prompt)!;
      const [, task, about] = found;
      assert(instruction.startsWith(task) && input.startsWith(about));
      assert(task === instruction || about === "", "the instruction is cut last");
      assertEquals(
        prompt,
        alpacaPrompt({ instruction: "INS", input: "INP" }).replace("INS", () => task).replace("INP", () => about),
      );
    }),
    { numRuns: 60, seed: 3 },
  );
});

Deno.test("fitPrompt() leaves a prompt that fits, and half of no character", () => {
  const prompt = alpacaPrompt({ instruction: "🙂".repeat(300) });
  const length = plain.encode(prompt).length;
  assertEquals(fitPrompt(plain, prompt, { maxLength: length }), {
    prompt,
    ids: plain.encode(prompt),
    isCut: false,
    isBare: false,
  });
  for (let maxLength = 70; maxLength < 90; maxLength += 1) {
    const fitted = fitPrompt(plain, prompt, { maxLength });
    assert(fitted.prompt.isWellFormed() && fitted.ids.length <= maxLength && fitted.ids.length > maxLength - 4);
  }
});

Deno.test("fitPrompt() keeps the end of a prompt of no known form, and a special token that it begins with", () => {
  const prompt = "Some talk of herons. ".repeat(40) + "\nQ: Which bird?\nA:";
  const ids = plain.encode(prompt);
  assertEquals(fitPrompt(plain, prompt, { maxLength: 20 }), {
    prompt,
    ids: ids.slice(-20),
    isCut: true,
    isBare: false,
  });
  const begun = fitPrompt(plain, `<|endoftext|>${prompt}`, { maxLength: 20 });
  assertEquals(begun.ids, [plain.endToken, ...ids.slice(-19)]);
});

Deno.test("fitPrompt() keeps the first tokens where that is wanted, as the official code does", () => {
  const prompt = alpacaPrompt({ instruction: "Name a wader. ".repeat(50) });
  const { ids, isCut } = fitPrompt(plain, prompt, { maxLength: 64, longPrompts: "first" });
  assertEquals([ids, isCut], [plain.encode(prompt).slice(0, 64), true]);
});

Deno.test("fitPrompt() reports it where the template alone is too long, and keeps its end", () => {
  const prompt = alpacaPrompt({ instruction: "Name a wader.".repeat(50) });
  const { ids, isBare } = fitPrompt(plain, prompt, { maxLength: 12 });
  assertEquals([ids, isBare], [plain.encode(prompt).slice(-12), true]);
});

Deno.test("fitPrompt() cuts a text of a million characters in a moment", () => {
  const text = "The heron wades. ".repeat(60_000);
  const fitted = fitPrompt(plain, alpacaPrompt({ instruction: text }), { maxLength: 256 });
  assert(fitted.ids.length > 250 && fitted.ids.length <= 256);
});
