import { useEngine } from "../../lib/engines/mod.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { loadModel, saveModel } from "../../lib/models/load_model.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { main } from "../../tasks/select.ts";
import { bestOf } from "../../lib/runs/selection/candidates.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";

await useEngine("wasm");

const sizes = { model_type: "gpt2", vocab_size: 4096, n_positions: 96, n_embd: 16, n_layer: 1, n_head: 2 };

/** The folder of a run with two checkpoints and an end, all of other weights, and its valid split. */
async function playground(): Promise<string> {
  const root = await Deno.makeTempDir();
  const run = `${root}/runs/trial`;
  const folders = ["checkpoints/step-00000009/student", "checkpoints/step-00000010/student", "student"];
  for (const [seed, folder] of folders.entries()) await saveModel(initializeModel(sizes, { seed }), `${run}/${folder}`);
  await Deno.writeTextFile(`${run}/config.json`, JSON.stringify({ data: root, tokenizer: "data/tokenizer" }));
  const line = (bird: string) => JSON.stringify({ instruction: `Name a wader like ${bird}.`, output: [bird, "bird"] });
  await Deno.writeTextFile(`${root}/valid.jsonl`, ["heron", "stork", "ibis"].map(line).join("\n"));
  return run;
}

const lengths = ["--max-length", "72", "--max-prompt-length", "64", "--engine", "wasm"];

const selection = async (run: string) => JSON.parse(await Deno.readTextFile(`${run}/selection/selection.json`));

Deno.test("task select scores every checkpoint, copies the best with its tokenizer, and skips what is done", async () => {
  const run = await playground();
  await main(["--run", run, ...lengths]);
  const { best, candidates } = await selection(run);
  assertEquals(candidates.map(({ name }: { name: string }) => name), ["step-00000009", "step-00000010", "final"]);
  assertEquals(best, bestOf(candidates as { name: string; score: number }[], "rouge-l").name);
  const path = best === "final" ? `${run}/student` : `${run}/checkpoints/${best}/student`;
  assertEquals(
    await Deno.readFile(`${run}/best/model.safetensors`),
    await Deno.readFile(`${path}/model.safetensors`),
  );
  assertEquals((await loadTokenizer(`${run}/best`)).vocabularySize, 4096);
  (await loadModel(`${run}/best`)).dispose();

  const answers = `${run}/selection/final.jsonl`;
  const before = (await Deno.stat(answers)).mtime!.getTime();
  await new Promise((resolve) => setTimeout(resolve, 20));
  await main(["--run", run, ...lengths, "--batch-size", "1"]);
  assertEquals((await Deno.stat(answers)).mtime!.getTime(), before);
  assertEquals((await selection(run)).best, best);
});

Deno.test("task select takes the lowest loss where it is asked to", async () => {
  const run = await playground();
  await main(["--run", run, "--by", "loss", "--engine", "wasm"]);
  const { best, candidates } = await selection(run);
  const lowest = Math.min(...candidates.map(({ score }: { score: number }) => score));
  assert(lowest > 0);
  assertEquals(candidates.find(({ name }: { name: string }) => name === best).score, lowest);
});

Deno.test("task select reports that a run in progress deleted a checkpoint, whichever part of it was being read", async () => {
  for (const by of ["rouge-l", "loss"]) {
    const run = await playground();
    const path = `${run}/checkpoints/step-00000010/student`;
    // The first candidate's scores appear before the second one is read.
    const watch = setInterval(() => {
      if ([...Deno.readDirSync(run)].some(({ name }) => name === "selection")) {
        Deno.removeSync(`${run}/checkpoints/step-00000010`, { recursive: true });
        clearInterval(watch);
      }
    }, 1);
    try {
      await assertRejects(
        () => main(["--run", run, "--by", by, ...(by === "loss" ? ["--engine", "wasm"] : lengths)]),
        Error,
        `Cannot select: ${path} was deleted while it was read, because a run that goes on deletes its older checkpoints`,
      );
    } finally {
      clearInterval(watch);
    }
  }
});

Deno.test("bestOf() takes the first of equals, and the lowest loss", () => {
  const candidates = [{ score: 2, name: "a" }, { score: 3, name: "b" }, { score: 3, name: "c" }];
  assertEquals(bestOf(candidates, "rouge-l").name, "b");
  assertEquals(bestOf(candidates, "loss").name, "a");
});

Deno.test("task select refuses a folder that is not a run, or has nothing to select from", async () => {
  const run = await playground();
  await assertRejects(() => main(["--run", `${run}/student`]), Error, "must name data and tokenizer");
  await assertRejects(() => main(["--run", `${run}/nowhere`]), Error, "its config.json is missing");
  await Deno.remove(`${run}/checkpoints`, { recursive: true });
  await Deno.remove(`${run}/student`, { recursive: true });
  await assertRejects(() => main(["--run", run]), Error, "it has neither");
});
