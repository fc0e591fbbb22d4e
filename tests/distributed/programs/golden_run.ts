/** Takes the steps of reference runs on these ranks and prints their figures: `golden_run.ts 0 "1 sharded"`. */
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { openCommunicator } from "../../../lib/engines/open_communicator.ts";
import { useEngine } from "../../../lib/engines/mod.ts";
import { loadModel } from "../../../lib/models/load_model.ts";
import { objective } from "../../../lib/objectives/mod.ts";
import { Trainer } from "../../../lib/training/step/trainer.ts";

const { runs, batches } = JSON.parse(
  await Deno.readTextFile(new URL("../../golden/run/golden.json", import.meta.url)),
);
const communicator = await openCommunicator("mpi");
await useEngine("wasm");
const taken: Record<string, unknown> = {};
for (const name of Deno.args) taken[name] = await take(name);
console.log(JSON.stringify({ rank: communicator.rank, taken }));
communicator.dispose();

/** Takes a run's steps: `1` as the file says, `1 sharded` with the optimizer shared out. */
async function take(name: string) {
  const [index, sharded] = name.split(" ");
  const run = runs[Number(index)];
  const folder = (name: string) => fileURLToPath(new URL(`../../golden/run/${name}`, import.meta.url));
  const [student, teacher] = await Promise.all(["student", "teacher"].map((name) => loadModel(folder(name))));
  const divergence = run.divergence === "ab" ? { name: "alpha-beta" as const, alpha: 0.2, beta: 0.7 } : "kl" as const;
  const { order, alpha, lambda } = run;
  const trainer = new Trainer({
    student,
    teacher,
    communicator,
    distillWeight: run.kd_ratio,
    totalSteps: run.log.length,
    measureEvery: 3,
    objective: objective("amid", { divergence, order, alpha, lambda }),
    optimizer: { learningRate: run.lr },
    schedule: { minimum: 1e-7 },
    shardOptimizer: sharded === "sharded",
  });
  const moments = [
    ...trainer.optimizer.slots.get("first")!.values(),
    ...trainer.optimizer.slots.get("second")!.values(),
  ];
  const optimizerBytes = moments.reduce((sum, { size }) => sum + 4 * size, 0);
  const before = tf.memory().numTensors;
  const log: unknown[] = [];
  for (const batch of batches) {
    const rows = batch.map((row: { ids: number[]; prompt_length: number }) => ({
      ids: row.ids,
      promptLength: row.prompt_length,
    }));
    log.push(await trainer.step(rows));
  }
  const leaked = tf.memory().numTensors - before;
  const norm = (parameter: tf.Tensor) => tf.tidy(() => tf.norm(parameter).dataSync()[0]);
  const norms = [...student.parameters.values()].map(norm);
  [trainer, student, teacher].forEach((part) => part.dispose());
  return { log, norms, optimizerBytes, leaked, host: communicator.host };
}
