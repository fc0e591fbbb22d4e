import type { GgufValue } from "../../../lib/files/gguf/read_gguf.ts";
import { ggufTokenizer } from "../../../lib/text/gguf/gguf_tokenizer.ts";
import { tokenizerOf } from "../../../lib/text/tokenizer.ts";
import { assertEquals, assertThrows } from "../../support/mod.ts";

/** A vocabulary of SentencePiece's kind: named tokens, bytes, pieces with scores. */
function pieces(changes: Record<string, GgufValue | undefined> = {}) {
  const bytes = Array.from({ length: 256 }, (_, byte) => `<0x${byte.toString(16).toUpperCase().padStart(2, "0")}>`);
  const words = ["▁", "h", "e", "r", "o", "n", "▁h", "er", "on", "▁her", "▁heron"];
  const tokens = ["<unk>", "<s>", "</s>", ...bytes, "  ", "<mark>", ...words, "[PAD0]", "[PAD1]"];
  const types = [2, 3, 3, ...bytes.map(() => 6), 4, 4, ...words.map(() => 1), 5, 5];
  const scores = tokens.map((_, id) => id >= 267 ? -(id - 267) : 0);
  const metadata = new Map<string, GgufValue>(Object.entries({
    "general.architecture": "llama",
    "tokenizer.ggml.model": "llama",
    "tokenizer.ggml.tokens": tokens,
    "tokenizer.ggml.token_type": Int32Array.from(types),
    "tokenizer.ggml.scores": Float32Array.from(scores),
    "tokenizer.ggml.bos_token_id": 1,
    "tokenizer.ggml.eos_token_id": 2,
    "tokenizer.ggml.unknown_token_id": 0,
  }));
  for (const [key, value] of Object.entries(changes)) {
    if (value === undefined) metadata.delete(key);
    else metadata.set(key, value);
  }
  return { path: "x.gguf", metadata };
}

function made(changes: Record<string, GgufValue | undefined> = {}) {
  const { specification, config } = ggufTokenizer(pieces(changes));
  return tokenizerOf({ tokenizer: JSON.stringify(specification), config: JSON.stringify(config) });
}

const spelled = (tokenizer: ReturnType<typeof made>, text: string) =>
  tokenizer.encode(text).map((id) => Object.entries(vocab(tokenizer)).find(([, other]) => other === id)![0]);
const vocab = ({ specification }: ReturnType<typeof made>) =>
  (specification.model as { vocab: Record<string, number> }).vocab;

Deno.test("ggufTokenizer() joins pieces by score, falls back to bytes, and finds special tokens whole", () => {
  const tokenizer = made();
  assertEquals(spelled(tokenizer, "heron"), ["▁heron"]);
  assertEquals(spelled(tokenizer, "her é</s>heron<mark>"), [
    "▁her",
    "▁",
    "<0xC3>",
    "<0xA9>",
    "</s>",
    "▁heron",
    "<mark>",
  ]);
  assertEquals(tokenizer.decode(tokenizer.encode("heron é heron")), "heron é heron");
  assertEquals([tokenizer.vocabularySize, tokenizer.endToken], [272, 2], "the rows that pad the head are no tokens");
});

Deno.test("ggufTokenizer() puts no blank before a text if the file requires that, and joins runs of blanks first", () => {
  const tokenizer = made({ "tokenizer.ggml.add_space_prefix": false });
  assertEquals(spelled(tokenizer, "heron"), ["h", "er", "on"]);
  assertEquals(spelled(tokenizer, "er  heron"), ["er", "▁▁", "h", "er", "on"]);
  assertEquals(tokenizer.decode(tokenizer.encode(" heron")), " heron");
});

Deno.test("ggufTokenizer() reads chat templates with their names, and what comes before a text", () => {
  const templates = {
    "tokenizer.chat_template": "{{ bos_token }}{{ messages[0].content }}",
    "tokenizer.chat_templates": ["default", "tool_use"],
    "tokenizer.chat_template.tool_use": "tools {{ messages[0].content }}",
  };
  const { render } = made(templates).chatTemplate!;
  assertEquals(render([{ role: "user", content: "hi" }]), "<s>hi");
  assertEquals(render([{ role: "user", content: "hi" }], { tools: [{}] }), "tools hi");
  const first = (changes: Record<string, GgufValue> = {}) => ggufTokenizer(pieces(changes));
  assertEquals(first().config.add_bos_token, true);
  const { config, specification } = first({ "tokenizer.ggml.add_bos_token": false });
  assertEquals([config.add_bos_token, specification.post_processor], [false, null]);
});

Deno.test("ggufTokenizer() names the key of what is absent, unknown or of another size", () => {
  const long = "tokenizer.ggml.";
  const cases: [Record<string, GgufValue | undefined>, string][] = [
    [{ [`${long}model`]: undefined }, '"tokenizer.ggml.model" must be one of gpt2, llama, current value is absent'],
    [{ [`${long}model`]: "rwkv" }, 'current value is "rwkv"'],
    [{ [`${long}tokens`]: undefined }, '"tokenizer.ggml.tokens" must be the list of tokens, current value is absent'],
    [
      { [`${long}tokens`]: Int32Array.of(1) },
      '"tokenizer.ggml.tokens" must be a list of strings, current value is a list of 1',
    ],
    [{ [`${long}tokens`]: ["a", "b", "a"], [`${long}token_type`]: undefined }, "a list of different tokens"],
    [{ [`${long}scores`]: undefined }, '"tokenizer.ggml.scores" must be the list of the tokens\' scores'],
    [{ [`${long}scores`]: Float32Array.of(1, 2) }, "a list of 274 numbers, current value is a list of 2"],
    [{ [`${long}token_type`]: ["a"] }, '"tokenizer.ggml.token_type" must be a list of 274 numbers'],
    [{ [`${long}eos_token_id`]: 272 }, '"tokenizer.ggml.eos_token_id" must be an id below 272, current value is 272'],
    [{ [`${long}eos_token_id`]: 2n ** 63n }, '"tokenizer.ggml.eos_token_id" must be an id below 272'],
    [{ [`${long}add_bos_token`]: 1 }, '"tokenizer.ggml.add_bos_token" must be true or false, current value is 1'],
    [{ [`${long}model`]: "gpt2" }, '"tokenizer.ggml.merges" must be the list of merges'],
    [{ [`${long}model`]: "gpt2", [`${long}merges`]: [] }, '"tokenizer.ggml.pre" must be a known pre-tokenizer'],
    [{ [`${long}model`]: "gpt2", [`${long}merges`]: [], [`${long}pre`]: "brand-new" }, 'current value is "brand-new"'],
    [{ "tokenizer.chat_template": 3 }, '"tokenizer.chat_template" must be a string, current value is 3'],
  ];
  for (const [changes, part] of cases) {
    assertThrows(() => ggufTokenizer(pieces(changes)), SyntaxError, part);
    assertThrows(() => ggufTokenizer(pieces(changes)), SyntaxError, "Cannot load the tokenizer: x.gguf: ");
  }
  assertThrows(
    () => made({ [`${long}eos_token_id`]: undefined }),
    Error,
    "eos_token must be a token of the vocabulary",
  );
});
