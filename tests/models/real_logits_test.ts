/** Real models from their GGUF files: logits and greedy answers beside those of transformers reading the same files. */
import { basename, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { EngineUnavailableError, useEngine } from "../../lib/engines/mod.ts";
import { generate, type LanguageModel, loadModel } from "../../lib/models/mod.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { assert, assertEquals, sharedFile, testUnless } from "../support/mod.ts";
import { python, testWithPython } from "../support/python.ts";
import { realModel } from "../support/real_models.ts";

/** Prompts, and generated tokens of each. */
const PROMPTS = 20, COUNT = 40;

const questions = sharedFile("data/vicuna/valid.jsonl");

/** Questions of people: every fourth of VicunaEval, which is in order of its categories. */
async function someQuestions(): Promise<string[]> {
  const lines = (await Deno.readTextFile(questions!)).trim().split("\n");
  return Array.from({ length: PROMPTS }, (_, i) => JSON.parse(lines[i * lines.length / PROMPTS]).instruction);
}

/** The largest difference of a logit from theirs, over their largest. */
function worst(model: LanguageModel, prompt: readonly number[], theirs: Float32Array): number {
  const logits = model.logits({ inputIds: [[...prompt]] });
  const ours = logits.dataSync();
  logits.dispose();
  assertEquals(ours.length, theirs.length);
  let [difference, largest] = [0, 0];
  for (let i = 0; i < ours.length; i++) {
    difference = Math.max(difference, Math.abs(ours[i] - theirs[i]));
    largest = Math.max(largest, Math.abs(theirs[i]));
  }
  return difference / largest;
}

for (const name of ["smollm2-135m-instruct", "gemma-3-270m"] as const) {
  const { path, reason } = await realModel(name);
  const title =
    `${name}: logits of ${PROMPTS} prompts and ${COUNT} greedy tokens as transformers reading the same file`;
  const declare = (body: () => Promise<void>) => {
    const lacking = reason ?? (questions ? undefined : "../shared/data is absent");
    return lacking === undefined
      ? testWithPython(["torch", "transformers", "gguf"], title, body)
      : testUnless(lacking, title, body);
  };
  declare(async () => {
    try {
      await useEngine("torch");
    } catch (error) {
      if (!(error instanceof EngineUnavailableError)) throw error;
      await useEngine("wasm");
    }
    const tokenizer = await loadTokenizer(name);
    const prompts = (await someQuestions()).map((content) =>
      tokenizer.encode(tokenizer.chatTemplate?.render([{ role: "user", content }]) ?? content)
    );
    const folder = await Deno.makeTempDir();
    await Deno.writeTextFile(`${folder}/request.json`, JSON.stringify({ prompts, count: COUNT }));
    const script = fileURLToPath(new URL("../python/real_logits.py", import.meta.url));
    const run = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')";
    const args = [script, dirname(path!), basename(path!), `${folder}/request.json`, folder];
    const theirs: number[][] = JSON.parse(await python(run, args));
    const model = await loadModel(name);
    const differences = [];
    for (const [index, prompt] of prompts.entries()) {
      const logits = new Float32Array((await Deno.readFile(`${folder}/${index}.f32`)).buffer);
      differences.push(worst(model, prompt, logits));
    }
    await Deno.remove(folder, { recursive: true });
    const ours = await generate(model, prompts, { maxNewTokens: COUNT, temperature: 0, stopTokens: [] });
    model.dispose();
    const equal = ours.filter((tokens, index) => tokens.join() === theirs[index].join()).length;
    const most = Math.max(...differences);
    console.log(
      `${name}: logits at most ${most.toExponential(1)} of the largest away, ${equal} of ${PROMPTS} texts equal`,
    );
    assert(most < 2e-3, `${name}: logits are ${most} of the largest away`);
    assertEquals(ours, theirs);
  });
}
