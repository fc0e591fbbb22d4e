import { withoutSpecialTokens } from "../../lib/text/mod.ts";
import { assertEquals } from "../support/mod.ts";

const tokenizer = {
  specification: {
    added_tokens: [
      ...["<|im_start|>", "<|im_end|>", "<s>", "[INST]", "[INST]]"].map((content) => ({ content, special: true })),
      { content: "<tool>", special: false },
    ],
  },
};

Deno.test("withoutSpecialTokens() takes out special tokens alone, the longer of two first", () => {
  const read = (text: string) => withoutSpecialTokens(text, tokenizer);
  assertEquals(
    read("<|im_start|>user\nName a bird.<|im_end|>\n<|im_start|>assistant\n"),
    "user\nName a bird.\nassistant",
  );
  assertEquals(read("<s>[INST] Call <tool> [INST]]"), "Call <tool>");
  assertEquals(read(" a < b\n"), "a < b");
  assertEquals(withoutSpecialTokens("<s>", { specification: {} }), "<s>");
});
