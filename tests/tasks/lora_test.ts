import { useEngine } from "../../lib/engines/mod.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { baseOfAdapter } from "../../lib/models/lora/adapter_base.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import { saveModel } from "../../lib/models/save_model.ts";
import { main as distill } from "../../tasks/distill.ts";
import { main as select } from "../../tasks/select.ts";
import { main as sft } from "../../tasks/sft.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";

await useEngine("wasm");

/** Two small models and a corpus of a few rows. */
async function playground(): Promise<string> {
  const root = await Deno.makeTempDir();
  const sizes = { model_type: "gpt2", vocab_size: 4096, n_positions: 96, n_embd: 16, n_layer: 1, n_head: 2 };
  for (const [seed, name] of ["teacher", "student"].entries()) {
    await saveModel(initializeModel(sizes, { seed }), `${root}/${name}`);
  }
  const line = (bird: string) => JSON.stringify({ instruction: `Name a wader like ${bird}.`, output: [bird, "bird"] });
  const lines = ["heron", "stork", "crane", "ibis"].map(line).join("\n");
  for (const split of ["train", "valid", "test"]) await Deno.writeTextFile(`${root}/${split}.jsonl`, lines);
  return root;
}

const flagsOf = (root: string, name: string) => [
  "--data",
  root,
  "--name",
  name,
  "--batch-size",
  "2",
  "--engine",
  "wasm",
  "--valid-rows",
  "2",
  "--test-rows",
  "1",
  "--learning-rate",
  "1e-2",
];
const lora = ["--lora-rank", "2", "--lora-alpha", "4", "--lora-dropout", "0.2", "--lora-targets", "c_attn,mlp.c_proj"];

const adapterOf = (folder: string) => Deno.readFile(`${folder}/adapter_model.safetensors`);

Deno.test("task sft trains adapters alone, and resumes with them to the same bits", async () => {
  const root = await playground();
  const runs = `${root}/runs`;
  const flags = (name: string) => [...flagsOf(root, name), ...lora, "--model", `${root}/student`, "--epochs", "3"];
  assertEquals(await sft(flags("whole"), runs), 0);
  const folder = `${runs}/whole/model`;
  assertEquals(await baseOfAdapter(folder), `${root}/student`);
  assert((await Deno.stat(`${folder}/adapter_model.safetensors`)).size < 5000);
  assertEquals(JSON.parse(await Deno.readTextFile(`${runs}/whole/config.json`)).training.steps, 6);

  assertEquals(await sft([...flags("parts"), "--stop-after", "3"], runs), 130);
  assertEquals(await sft([...flags("parts"), "--resume"], runs), 0);
  assertEquals(await adapterOf(`${runs}/parts/model`), await adapterOf(folder));

  await select(["--run", `${runs}/whole`, "--max-length", "72", "--max-prompt-length", "64", "--valid-rows", "2"]);
  const best = await loadModel(`${runs}/whole/best`);
  assertEquals(best.lora!.pairs.size, 2);
});

Deno.test("task distill takes adapters of teacher and student, trains the student's, and merges them if asked", async () => {
  const root = await playground();
  const runs = `${root}/runs`;
  for (const name of ["teacher", "student"]) {
    await sft([...flagsOf(root, name), ...lora, "--model", `${root}/${name}`, "--steps", "2"], runs);
  }
  const flags = (name: string) => [
    ...flagsOf(root, name),
    "--teacher",
    `${root}/teacher`,
    "--teacher-adapter",
    `${runs}/teacher/model`,
    "--student",
    `${root}/student`,
    "--student-adapter",
    `${runs}/student/model`,
    "--steps",
    "2",
  ];
  assertEquals(await distill([...flags("amid"), "--lora-dropout", "0.1"], runs), 0);
  assert((await adapterOf(`${runs}/amid/student`)).join() !== (await adapterOf(`${runs}/student/model`)).join());
  const config = JSON.parse(await Deno.readTextFile(`${runs}/amid/student/adapter_config.json`));
  assertEquals([config.lora_dropout, config.r, config.base_model_name_or_path], [0.1, 2, `${root}/student`]);

  assertEquals(await distill([...flags("merged"), "--lora-merge"], runs), 0);
  const merged = await loadModel(`${runs}/merged/student`);
  assertEquals(merged.lora, undefined);
  await assertRejects(() => distill([...flags("other"), "--lora-rank", "3"], runs), Error, "--lora-rank 3");
});

Deno.test("task sft refuses settings of adapters that make no sense, naming the flag", async () => {
  const root = await playground();
  const cases: [string[], string][] = [
    [["--model", `${root}/student`, "--lora-alpha", "8"], "--lora-alpha 8: --lora-rank is needed, or a model with"],
    [["--model", `${root}/student`, "--lora-merge"], "Cannot use --lora-merge: --lora-rank is needed, or a model with"],
    [["--model", `${root}/student`, "--lora-rank", "2000"], "--lora-rank 2000: a rank above "],
    [["--lora-rank", "2"], "--lora-rank 2: it has an effect only with --model"],
    [["--model", `${root}/student`, "--lora-rank", "0"], "--lora-rank"],
    [["--model", `${root}/student`, "--lora-rank", "2", "--lora-targets", "c_attn,q_proj"], '"q_proj"'],
    [["--epochs", "2", "--steps", "2"], "--epochs 2: it excludes --steps"],
  ];
  for (const [flags, part] of cases) {
    await assertRejects(() => sft([...flagsOf(root, "trial"), ...flags], `${root}/runs`), Error, part);
  }
});
