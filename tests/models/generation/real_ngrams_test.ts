/** Greedy answers of SmolLM2 that may repeat no six tokens, beside those of transformers: the official evaluation's setting. */
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { readEvaluationSet } from "../../../lib/evaluation/evaluation_set.ts";
import { EngineUnavailableError, useEngine } from "../../../lib/engines/mod.ts";
import { endTokensOf } from "../../../lib/models/generation/end_tokens.ts";
import { generate, loadModel } from "../../../lib/models/mod.ts";
import { loadTokenizer } from "../../../lib/text/tokenizer.ts";
import { assert, assertEquals, sharedFile, testUnless } from "../../support/mod.ts";
import { python, testWithPython } from "../../support/python.ts";
import { realModel } from "../../support/real_models.ts";

/** Prompts; AMID_TEST_PROMPTS asks for more, of the 500 that there are. */
const PROMPTS = Number(Deno.env.get("AMID_TEST_PROMPTS") ?? 12);
const [COUNT, LONGEST, SIZE] = [64, 128, 6];

const name = "smollm2-135m-instruct";
const set = sharedFile("data/dolly/valid.jsonl");
const { path, reason } = await realModel(name);
const lacking = reason ?? (set ? undefined : "../shared/data is absent");
const title = `${name}: ${PROMPTS} greedy answers without an n-gram of ${SIZE} twice as transformers writes them`;

/** Whether an answer completes an n-gram that the row had before; prompts may repeat themselves. */
function repeats(prompt: readonly number[], answer: readonly number[]): boolean {
  const row = [...prompt, ...answer];
  const all = row.map((_, end) => row.slice(Math.max(0, end + 1 - SIZE), end + 1).join());
  return all.some((part, end) => end >= prompt.length && end + 1 >= SIZE && all.indexOf(part, SIZE - 1) < end);
}

async function body(): Promise<void> {
  try {
    await useEngine("torch");
  } catch (error) {
    if (!(error instanceof EngineUnavailableError)) throw error;
    await useEngine("wasm");
  }
  const tokenizer = await loadTokenizer(name);
  const { rows } = await readEvaluationSet(fileURLToPath(set!), { name: "dolly" });
  const prompts = rows.map(({ prompt }) => tokenizer.encode(prompt)).filter(({ length }) => length <= LONGEST)
    .slice(0, PROMPTS);
  const options = [{ no_repeat_ngram_size: SIZE }];
  const asked = { folder: dirname(path!), file: basename(path!), prompts, maxNewTokens: COUNT, options };
  const request = await Deno.makeTempFile({ suffix: ".json" });
  await Deno.writeTextFile(request, JSON.stringify(asked));
  const script = fileURLToPath(new URL("../../python/generate_adjusted.py", import.meta.url));
  const run = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')";
  const [theirs]: number[][][] = JSON.parse(await python(run, [script, request]));
  const model = await loadModel(name);
  const greedy = { maxNewTokens: COUNT, temperature: 0, stopTokens: endTokensOf({ model, tokenizer }) };
  const ours = await generate(model, prompts, { ...greedy, noRepeatNgramSize: SIZE });
  const free = await generate(model, prompts, greedy);
  model.dispose();
  const equal = ours.filter((tokens, index) => tokens.join() === theirs[index].join()).length;
  const changed = free.filter((tokens, index) => tokens.join() !== ours[index].join()).length;
  console.log(`${name}: ${equal} of ${prompts.length} texts equal, ${changed} of them by the n-grams`);
  for (const [index, tokens] of ours.entries()) assert(!repeats(prompts[index], tokens), `prompt ${index}`);
  assertEquals(ours, theirs);
  assert(changed > 0, "the n-grams changed nothing");
}

if (lacking === undefined) testWithPython(["torch", "transformers", "gguf"], title, body);
else testUnless(lacking, title, body);
