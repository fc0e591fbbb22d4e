import { chatTemplate } from "../../lib/text/chat_template.ts";
import type { ChatMessage } from "../../lib/text/chat_message.ts";
import { renderPrompt } from "../../lib/text/render_prompt.ts";
import { loadTokenizer, tokenizerOf } from "../../lib/text/tokenizer.ts";
import { readTokenizerFiles } from "../../lib/text/tokenizer_files.ts";
import { alpacaPrompt } from "../../lib/text/alpaca_prompt.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../support/mod.ts";
import { python, testWithPython } from "../support/python.ts";

/** Templates in the manner of several families, in our own words. */
const templates: Record<string, string> = {
  chatml: "{%- for message in messages %}\n{%- if loop.first and message.role != 'system' %}\n" +
    "{{- '<|im_start|>system\\nBe brief.<|im_end|>\\n' }}\n{%- endif %}\n" +
    "{{- '<|im_start|>' + message['role'] + '\\n' + message['content'] | trim + '<|im_end|>\\n' }}\n{%- endfor %}\n" +
    "{%- if add_generation_prompt %}\n{{- '<|im_start|>assistant\\n' }}\n{%- endif %}",
  turns: "{{ bos_token }}{% for m in messages %}{% if (m['role'] == 'user') != (loop.index0 % 2 == 0) %}" +
    "{{ raise_exception('turns must alternate') }}{% endif %}{% if m.role == 'assistant' %}{% set role = 'model' %}" +
    "{% else %}{% set role = m.role %}{% endif %}<turn>{{ role }}\n{{ m.content.strip() }}</turn>\n{% endfor %}" +
    "{% if add_generation_prompt %}<turn>model\n{% endif %}",
  brackets: "{{ bos_token }}{% set ns = namespace(n=0) %}{% for m in messages[1:] if m.role == 'user' %}" +
    "{% set ns.n = ns.n + 1 %}[{{ ns.n }}] {{ m.content.split('\\n')[-1] | upper }}{% endfor %}" +
    "{% for i in range(2) %} {{ i }}{% endfor %}{{ messages | length }}{{ {'a': [1, true, none]} | tojson }}",
  dated: "{% if strftime_now is defined %}today{% else %}some day{% endif %}{{ eos_token }}",
};
const tokens = { bos_token: "<s>", eos_token: "</s>" };
const talk: ChatMessage[] = [
  { role: "user", content: " Name a wader.\nA grey one " },
  { role: "assistant", content: "heron" },
  { role: "user", content: "Another?" },
];

testWithPython(["jinja2"], "render() returns what Python's jinja2 gives, set up as transformers does", async () => {
  const program = `
import json, sys
from jinja2.sandbox import ImmutableSandboxedEnvironment
templates, tokens, talk = json.loads(sys.argv[1])
env = ImmutableSandboxedEnvironment(trim_blocks=True, lstrip_blocks=True)
env.filters["tojson"] = lambda x: json.dumps(x, ensure_ascii=False)
print(json.dumps({name: [env.from_string(source).render(messages=talk, add_generation_prompt=add, **tokens)
  for add in [False, True]] for name, source in templates.items()}))`;
  const expected = JSON.parse(await python(program, [JSON.stringify([templates, tokens, talk])]));
  for (const [name, source] of Object.entries(templates)) {
    const template = chatTemplate(source, { name, tokens });
    const rendered = [false, true].map((addGenerationPrompt) => template.render(talk, { addGenerationPrompt }));
    assertEquals(rendered, expected[name], name);
  }
});

Deno.test("render() returns the same on every day, and takes variables", () => {
  assertEquals(chatTemplate(templates.dated, { name: "dated", tokens }).render(talk), "some day</s>");
  const template = chatTemplate("{{ date_string }}", { name: "dated", tokens });
  assertEquals(template.render(talk, { variables: { date_string: "1 May" } }), "1 May");
});

Deno.test("render() tells the time that it is given, to the template or to one prompt", () => {
  const now = new Date(2026, 2, 5);
  const source = "{{ strftime_now('%d %b %Y') }}";
  const { render } = chatTemplate(source, { name: "dated", tokens, now });
  assertEquals(render(talk), "05 Mar 2026");
  assertEquals(render(talk, { now: new Date(2025, 11, 31) }), "31 Dec 2025");
  const { render: timeless } = chatTemplate(source, { name: "dated", tokens });
  assertThrows(
    () => timeless(talk),
    Error,
    "'strftime_now' is undefined: no time is given, see the option `now` (line 1)",
  );
});

Deno.test("render() shows tools by the template that is there for them", () => {
  const { render } = chatTemplate("{{ tools }}", { name: "x", tokens, toolUse: "{{ tools[0].name }}!" });
  assertEquals(render(talk), "None");
  assertEquals(render(talk, { tools: [{ name: "clock" }] }), "clock!");
});

Deno.test("render() reports which template refused, and why", () => {
  const { render } = chatTemplate(templates.turns, { name: "gemma", tokens });
  const talk: ChatMessage[] = [{ role: "system", content: "x" }, { role: "user", content: "y" }];
  const message = "Cannot render the chat template of gemma: turns must alternate (line 1)";
  assertThrows(() => render(talk), Error, message);
  assertThrows(() => chatTemplate("{% if %}", { name: "broken", tokens }), SyntaxError, "chat template of broken");
});

const builtIn = await readTokenizerFiles("data/tokenizer");
const builtInTokenizer = tokenizerOf(builtIn);
const withConfig = (changes: object, more: object = {}) =>
  tokenizerOf({ ...builtIn, ...more, config: JSON.stringify({ ...JSON.parse(builtIn.config), ...changes }) });
const asked = { instruction: "Name it.", input: "grey" };

Deno.test("renderPrompt() uses the tokenizer's chat template where there is one, and the Alpaca prompt otherwise", () => {
  const plain = withConfig({});
  const chat = withConfig({ chat_template: "<{{ messages[0].content }}>{{ eos_token }}" });
  assertEquals(renderPrompt(asked, { tokenizer: plain }), alpacaPrompt(asked));
  assertEquals(renderPrompt({ ...asked, prompt: "own" }, { tokenizer: plain }), "own");
  assertEquals(renderPrompt({ ...asked, prompt: "own" }, { tokenizer: chat }), "<Name it.\n\ngrey><|endoftext|>");
  assertEquals(renderPrompt({ instruction: "Name it." }, { tokenizer: chat }), "<Name it.><|endoftext|>");
  assertEquals(renderPrompt(asked, { tokenizer: chat, style: "alpaca" }), alpacaPrompt(asked));
  assertThrows(() => renderPrompt(asked, { tokenizer: plain, style: "chat" }), TypeError, "must have a chat template");
});

Deno.test("tokenizerOf() finds a template in a file of its own, as a text or by its name in a list", () => {
  const of = (changes: object, more: object = {}) => renderPrompt(asked, { tokenizer: withConfig(changes, more) });
  const named = [{ name: "tool_use", template: "tool" }, { name: "default", template: "default" }];
  assertEquals(of({ chat_template: "text" }), "text");
  assertEquals(of({ chat_template: named }), "default");
  const both = withConfig({ chat_template: named }).chatTemplate!;
  assertEquals(both.render([], { tools: [{}] }), "tool");
  const dated = tokenizerOf({ ...builtIn, chatTemplate: "{{ strftime_now('%Y') }}" }, { now: new Date(1999, 5) });
  assertEquals(dated.chatTemplate!.render([]), "1999");
  assertEquals(of({ chat_template: named.slice(0, 1) }), "tool");
  assertEquals(of({ chat_template: "text" }, { chatTemplate: "file" }), "file");
  assertEquals(of({ chat_template: null }), alpacaPrompt(asked));
  for (const wrong of [7, [{ name: "a" }], [{ name: "a", template: "a" }, { name: "b", template: "b" }]]) {
    assertThrows(() => of({ chat_template: wrong }), TypeError, '"chat_template" must be a string');
  }
});

testWithPython(
  ["transformers"],
  "loadTokenizer() gives a template the special tokens that transformers gives it, and finds it where transformers does",
  async () => {
    const template = "{{ bos_token }}|{{ pad_token }}|{{ image_token }}|{{ boi_token }}|{{ extra_special_tokens }}";
    const named = { default: `default ${template}`, tool_use: "tools" };
    const settings: Record<string, unknown>[] = [
      { extra_special_tokens: { image_token: "<image>", boi_token: "<boi>" } },
      { extra_special_tokens: ["<a>"], image_token: "<image>", bos_token: null },
      { chat_template: named, pad_token: { __type: "AddedToken", content: "<pad>", special: true } },
      { chat_template: Object.entries(named).map(([name, template]) => ({ name, template })) },
    ];
    const root = await Deno.makeTempDir();
    for (const [index, changes] of settings.entries()) {
      await builtInTokenizer.save(`${root}/${index}`);
      const config = { ...JSON.parse(builtIn.config), chat_template: template, ...changes };
      await Deno.writeTextFile(`${root}/${index}/tokenizer_config.json`, JSON.stringify(config));
    }
    const program = `
import json, sys
from transformers import AutoTokenizer
texts = []
for index in range(int(sys.argv[2])):
    tokenizer = AutoTokenizer.from_pretrained(f"{sys.argv[1]}/{index}")
    for tools in (None, [{"type": "function"}]):
        texts.append(tokenizer.apply_chat_template([{"role": "user", "content": "a"}], tools=tools, tokenize=False))
print(json.dumps(texts))`;
    const expected: string[] = JSON.parse(await python(program, [root, String(settings.length)]));
    const texts: string[] = [];
    for (const index of settings.keys()) {
      const { chatTemplate } = await loadTokenizer(`${root}/${index}`);
      for (const more of [{}, { tools: [{ type: "function" }] }]) {
        texts.push(chatTemplate!.render([{ role: "user", content: "a" }], more));
      }
    }
    assertEquals(texts, expected);
    assert(expected[0].includes("<image>|<boi>") && expected.includes("tools"), `${expected}`);
  },
);

Deno.test("loadTokenizer() and save() keep chat template and special tokens of files of their own", async () => {
  const folder = await Deno.makeTempDir();
  const specialTokens = JSON.stringify({ eos_token: { content: "<|endoftext|>" } });
  const tokenizer = tokenizerOf({ ...builtIn, config: "{}", specialTokens, chatTemplate: "{{ eos_token }}" });
  await tokenizer.save(folder);
  const loaded = tokenizerOf(await readTokenizerFiles(folder));
  assertEquals(loaded.endToken, tokenizer.endToken);
  assertEquals(loaded.chatTemplate?.render([]), "<|endoftext|>");
  await Deno.remove(`${folder}/special_tokens_map.json`);
  await assertRejects(async () => tokenizerOf(await readTokenizerFiles(folder)), Error, "eos_token must be a token");
  assert(Array.from(Deno.readDirSync(folder)).length === 3);
});
