import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { saveModel } from "../../lib/models/load_model.ts";
import { main as distill } from "../../tasks/distill.ts";
import { main as replayStep } from "../../tasks/replay_step.ts";
import { main as sft } from "../../tasks/sft.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";

await useEngine("wasm");

/** A corpus of which one training row is longer than the teacher can bear. */
async function playground(): Promise<string> {
  const root = await Deno.makeTempDir();
  const sizes = { model_type: "gpt2", vocab_size: 4096, n_positions: 160, n_embd: 16, n_layer: 1, n_head: 2 };
  for (const [seed, name] of ["model", "teacher"].entries()) {
    const model = initializeModel(sizes, { seed });
    if (name === "teacher") {
      const positions = model.parameters.get("transformer.wpe.weight")!;
      const numbers = await positions.array() as number[][];
      numbers[90].fill(1e38); // a finite weight, whose layer norm is not
      positions.assign(tf.tensor2d(numbers));
    }
    await saveModel(model, `${root}/${name}`);
  }
  const lines = ["heron", "stork", "crane", "bird that wades ".repeat(20)].map((word) =>
    JSON.stringify({ instruction: `Name a kind of ${word}.`, output: "bird" })
  );
  await Deno.writeTextFile(`${root}/train.jsonl`, lines.join("\n"));
  for (const split of ["valid", "test"]) await Deno.writeTextFile(`${root}/${split}.jsonl`, lines[0]);
  return root;
}

/** What a call prints, and what it returns. */
async function printed<Value>(call: () => Promise<Value>): Promise<{ lines: string[]; value: Value }> {
  const lines: string[] = [];
  const { log } = console;
  console.log = (text: string) => lines.push(text);
  try {
    return { value: await call(), lines };
  } finally {
    console.log = log;
  }
}

const flagsOf = (root: string) => [
  "--data",
  root,
  "--name",
  "trial",
  "--steps",
  "4",
  "--batch-size",
  "1",
  "--engine",
  "wasm",
  "--alpha",
  "inf",
  "--teacher",
  `${root}/teacher`,
  "--student",
  `${root}/model`,
];

Deno.test("task distill stops at a teacher's logits that are not finite, and task replay-step shows the same", async () => {
  const root = await playground();
  const runs = `${root}/runs`;
  await assertRejects(() => distill(flagsOf(root), runs), Error, "the teacher's logit of token 0 is NaN");
  const [failure] = [...Deno.readDirSync(`${runs}/trial/failures`)].map(({ name }) => `${runs}/trial/failures/${name}`);
  const { lines, value } = await printed(() => replayStep([failure]));
  assertEquals(value, 0);
  assertEquals(lines.at(-1), "the same");
  assert(lines[0].includes("the teacher's logit of token 0 is NaN where response token 0 is predicted in row 0"));
  assertEquals(lines[1], `on wasm: ${lines[0].split("saved with: ")[1]}`);

  const record = JSON.parse(await Deno.readTextFile(`${failure}/failure.json`));
  assertEquals(record.rows.length, 1);
  await Deno.writeTextFile(`${failure}/failure.json`, JSON.stringify({ ...record, step: 1 }));
  await assertRejects(() => replayStep([failure]), SyntaxError, `${failure}/failure.json`);
});

Deno.test("task distill skips up to --max-skipped-steps steps, with a warning each", async () => {
  const root = await playground();
  const flags = [...flagsOf(root), "--max-skipped-steps", "1"];
  assertEquals(await distill(flags, `${root}/runs`), 0);
  const metrics = (await Deno.readTextFile(`${root}/runs/trial/metrics.jsonl`)).trim().split("\n")
    .map((line) => JSON.parse(line));
  const warnings = metrics.filter(({ type }) => type === "warning");
  assertEquals(warnings.length, 1);
  assert(warnings[0].message.includes("1 of at most 1: distillLoss is NaN: the teacher's logit"));
  assertEquals(metrics.filter(({ type }) => type === "step").length, 4);
});

Deno.test("task sft saves a step of its own, and task replay-step takes it again", async () => {
  const root = await playground();
  const flags = ["--model", `${root}/teacher`, "--data", root, "--name", "trial", "--steps", "8", "--batch-size", "1"];
  await assertRejects(() => sft(flags, `${root}/runs`), Error, "the student's logit of token 0 is NaN");
  const failures = `${root}/runs/trial/failures`;
  const [{ name }] = [...Deno.readDirSync(failures)];
  assertEquals((await printed(() => replayStep(["--folder", `${failures}/${name}`]))).value, 0);
});

Deno.test("task replay-step refuses a folder that holds no failed step, naming the file", async () => {
  const root = await Deno.makeTempDir();
  await assertRejects(() => replayStep([root]), SyntaxError, `${root}/manifest.json: it is missing`);
  await assertRejects(() => replayStep([]), Error, "--folder");
});
