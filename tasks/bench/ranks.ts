/**
 * A data-parallel step on the ranks it is started on: each works on its share of the rows, gradients are summed over all.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import type { Row } from "../../lib/datasets/row.ts";
import { type Communicator, gatherValues, openCommunicator } from "../../lib/distributed/mod.ts";
import { BUCKET_BYTES } from "../../lib/distributed/plan/step_time.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { hasKernel } from "../../lib/operations/fused.ts";
import { globalNorm } from "../../lib/operations/mod.ts";
import { AdamWOptimizer } from "../../lib/training/adam_w_optimizer.ts";
import { stepGradients } from "../../lib/training/step_gradients.ts";
import { freshTeacherStates } from "../../lib/training/teacher_states.ts";
import { keptTokens, trainingBatch } from "../../lib/training/training_batch.ts";
import { parseTask } from "../support/schema.ts";
import { benchRows } from "./rows.ts";
import { benchFields, median, modelOfShape, place, shapeField, startEngine } from "./shared.ts";

const schema = z.strictObject({
  communicator: z.enum(["single", "mpi", "nccl"]).default("mpi").describe("what the ranks are joined by"),
  student: shapeField("student", "student"),
  teacher: shapeField("teacher", "teacher"),
  batch: z.int().min(1).default(16).describe("rows a step, dealt to the ranks"),
  steps: z.int().min(1).default(5).describe("steps that are measured, after one that is not"),
  ...benchFields,
});

/**
 * Measures steps on all ranks; rank 0 alone gives a line. It says the slowest rank's time of a step, of the summing of
 * gradients in it, and what a step of all ranks works on.
 */
export async function* benchRanks(args: readonly string[]): AsyncGenerator<Record<string, unknown>> {
  const description = "Measure a data-parallel step: mpirun -n 2 deno task bench ranks.";
  const { config } = await parseTask({ name: "bench ranks", description, schema, args });
  await startEngine(config);
  const { batch, steps } = config;
  const communicator = await openCommunicator(config.communicator);
  try {
    const { rank, size } = communicator;
    const [student, teacher] = [
      modelOfShape(config.student, { seed: 1 }),
      modelOfShape(config.teacher, { seed: 2, precision: config.precision }),
    ];
    const teacherStates = freshTeacherStates(teacher);
    const optimizer = new AdamWOptimizer(student.trainable, { learningRate: 1e-4 });
    const loss = objective("amid", { alpha: 0, lambda: 0.1 });
    const { batches } = await benchRows(undefined, { batch, steps: steps + 1 });
    const measured: { seconds: number; summing: number }[] = [];
    for (let step = 0; step <= steps; step++) {
      const all = batches[step];
      const own = shareOf(all, { rank, size });
      const take = () => stepGradients(student, own, { ...options, totalTokens: keptTokens(all) });
      const options = { objective: loss, teacherStates, distillWeight: 1 };
      measured.push(await timedStep({ communicator, optimizer, own, student, take }));
    }
    optimizer.dispose();
    const counted = measured.slice(1);
    const hosts = await gatherValues(communicator, communicator.host);
    const positions = median(batches.slice(1).map((rows) => trainingBatch(rows).tokens.ids.length));
    if (rank !== 0) return;
    yield {
      ...{ benchmark: "ranks", ...place(), communicator: communicator.name, ranks: size, nodes: new Set(hosts).size },
      ...{ student: config.student, teacher: config.teacher, batch, steps },
      secondsPerStep: median(counted.map(({ seconds }) => seconds)),
      summingSeconds: median(counted.map(({ summing }) => summing)),
      gradientBytes: [...student.trainable.values()].reduce((sum, { size }) => sum + 4 * size, 0),
      extent: { rows: batch, positions, keptTokens: keptTokens(batches.slice(1).flat()) / steps },
      fused: hasKernel("CausalAttention"),
    };
  } finally {
    communicator.dispose();
  }
}

/** A rank's rows: the longest first, to and fro, so that ranks come out about even. */
function shareOf(rows: readonly Row[], { rank, size }: { rank: number; size: number }): Row[] {
  const longest = [...rows].sort((a, b) => b.ids.length - a.ids.length);
  return longest.filter((_, index) => {
    const at = index % (2 * size);
    return (at < size ? at : 2 * size - 1 - at) === rank;
  });
}

/** One step, and the slowest rank's times of it. */
async function timedStep(
  { communicator, optimizer, own, student, take }: {
    communicator: Communicator;
    optimizer: AdamWOptimizer;
    own: readonly Row[];
    student: LanguageModel;
    take: () => ReturnType<typeof stepGradients>;
  },
): Promise<{ seconds: number; summing: number }> {
  await communicator.barrier();
  const began = performance.now();
  // A rank without rows has gradients of zero.
  const parts = own.length > 0 ? take() : undefined;
  const gradients = new Map<string, tf.Tensor>(
    [...student.trainable].map(([name, { shape }]) => [name, parts?.gradients.get(name) ?? tf.zeros(shape)]),
  );
  if (parts) tf.dispose([parts.lmLoss, parts.distillLoss]);
  await tf.tidy(() => tf.add([...gradients.values()][0].flatten().slice(0, 1), 0)).data(); // the device has caught up
  const summingBegan = performance.now();
  const summed = await summedInBuckets(gradients, communicator);
  const summing = (performance.now() - summingBegan) / 1000;
  const norm = tf.tidy(() => globalNorm([...summed.values()]));
  const [gradientNorm] = await norm.data();
  norm.dispose();
  await optimizer.apply(summed, { learningRate: 1e-4, gradientNorm });
  tf.dispose([...summed.values()]);
  const times = Float64Array.of((performance.now() - began) / 1000, summing);
  await communicator.allReduce(times, { operation: "max" });
  return { seconds: times[0], summing: times[1] };
}

async function summedInBuckets(
  gradients: ReadonlyMap<string, tf.Tensor>,
  communicator: Communicator,
): Promise<Map<string, tf.Tensor>> {
  const buckets: [string, tf.Tensor][][] = [];
  let bytes = Infinity;
  for (const entry of [...gradients].reverse()) {
    if (bytes + 4 * entry[1].size > BUCKET_BYTES) [bytes] = [0, buckets.push([])];
    buckets.at(-1)!.push(entry);
    bytes += 4 * entry[1].size;
  }
  const summed = new Map<string, tf.Tensor>();
  for (const bucket of buckets) {
    const results = await communicator.tensors.allReduce(bucket.map(([, gradient]) => gradient));
    bucket.forEach(([name], index) => summed.set(name, results[index]));
  }
  return summed;
}
