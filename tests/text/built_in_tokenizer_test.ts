import { readWordNet, wordNetFolder } from "../../lib/datasets/wordnet.ts";
import { wordNetRows } from "../../lib/datasets/wordnet_rows.ts";
import { readTokenizerFiles } from "../../lib/text/tokenizer_files.ts";
import { tokenizerTexts } from "../../lib/text/tokenizer_json.ts";
import { trainBpe } from "../../lib/text/train_bpe.ts";
import { VOCABULARY_KINDS } from "../../tasks/tokenizer.ts";
import { assert } from "../support/mod.ts";

Deno.test("trainBpe() on the built-in corpus gives the vocabulary that data/tokenizer holds", async () => {
  const dictionary = await readWordNet(wordNetFolder());
  const rows = wordNetRows({ dictionary, split: "train", count: 40_000, seed: 0, kinds: VOCABULARY_KINDS });
  const made = tokenizerTexts(trainBpe(rows.map(({ prompt, output }) => prompt + output), { vocabularySize: 4096 }));
  const kept = await readTokenizerFiles("data/tokenizer");
  assert(made.tokenizer === kept.tokenizer, "data/tokenizer/tokenizer.json differs: run `deno task tokenizer`");
  assert(made.config === kept.config, "data/tokenizer/tokenizer_config.json differs: run `deno task tokenizer`");
});
