/**
 * A data-parallel step on the ranks it is started on, as the trainer takes it.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { type Communicator, gatherValues } from "../../lib/distributed/mod.ts";
import { openCommunicator } from "../../lib/engines/open_communicator.ts";
import { currentEngine } from "../../lib/engines/mod.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { bucketsOf } from "../../lib/training/optimizer/parameter_buckets.ts";
import { Trainer } from "../../lib/training/step/trainer.ts";
import { isNot } from "../support/effects.ts";
import { parseTask } from "../support/schema.ts";
import { meanExtent } from "./extent.ts";
import { benchRows, ROWS_HELP } from "./rows.ts";
import { benchFields, median, modelOfShape, place, shapeField, startEngine } from "./shared.ts";

const schema = z.strictObject({
  communicator: z.enum(["single", "mpi", "nccl"]).default("mpi").describe("the communicator of the ranks"),
  student: shapeField("student", "student"),
  teacher: shapeField("teacher", "teacher"),
  batch: z.int().min(1).default(16).describe("rows per step, distributed over the ranks"),
  steps: z.int().min(1).default(5).describe("measured steps, after one warm-up"),
  rows: z.string().optional().describe(ROWS_HELP),
  shardOptimizer: z.boolean().default(false).describe("shard the optimizer's state (ZeRO-1)"),
  ...benchFields,
});

/**
 * Measures steps on all ranks; rank 0 alone gives a line. It says the slowest rank's time of a step, how long after its
 * backward pass the summed gradients were there (waiting for slower ranks included), what summing takes by itself, and what
 * a step of all ranks works on.
 */
export async function* benchRanks(args: readonly string[]): AsyncGenerator<Record<string, unknown>> {
  const description = "Measure a data-parallel step: mpirun -n 2 deno task bench ranks.";
  const effects = [{ of: ["shardOptimizer" as const], needs: [isNot("communicator", "single")] }];
  const { config } = await parseTask({ name: "bench ranks", description, schema, args, effects });
  await startEngine(config);
  const { batch, steps, shardOptimizer } = config;
  const communicator = await openCommunicator(config.communicator);
  try {
    const { rank, size } = communicator;
    const student = modelOfShape(config.student, { seed: 1 });
    const teacher = modelOfShape(config.teacher, { seed: 2, precision: config.precision });
    const { batches } = await benchRows(config.rows, { batch, steps: steps + 1 });
    const watch = { backward: 0, arrived: 0 };
    const trainer = new Trainer({
      student,
      teacher,
      objective: objective("amid", { alpha: 0, lambda: 0.1 }),
      totalSteps: steps + 1,
      optimizer: { learningRate: 1e-4 },
      shardOptimizer,
      communicator: watched(communicator, () => watch.arrived = performance.now()),
      onPhase: (phase) => {
        if (phase === "backward") watch.backward = performance.now();
      },
    });
    const measured: { seconds: number; summing: number }[] = [];
    for (const rows of batches) {
      await communicator.barrier();
      const began = performance.now();
      watch.backward = watch.arrived = began;
      await trainer.step(rows);
      const [end, summing] = [performance.now(), watch.arrived - watch.backward];
      const times = Float64Array.of((end - began) / 1000, Math.max(0, summing) / 1000);
      await communicator.allReduce(times, { operation: "max" });
      measured.push({ seconds: times[0], summing: times[1] });
    }
    trainer.dispose();
    const counted = measured.slice(1);
    const allReduceSeconds = size === 1 ? 0 : await summingAlone(communicator, student.trainable);
    const hosts = await gatherValues(communicator, communicator.host);
    if (rank !== 0) return;
    yield {
      benchmark: "ranks",
      ...place(),
      communicator: communicator.name,
      ranks: size,
      nodes: new Set(hosts).size,
      student: config.student,
      teacher: config.teacher,
      batch,
      steps,
      shardOptimizer,
      secondsPerStep: median(counted.map(({ seconds }) => seconds)),
      summingSeconds: median(counted.map(({ summing }) => summing)),
      allReduceSeconds,
      gradientBytes: [...student.trainable.values()].reduce((sum, { size }) => sum + 4 * size, 0),
      extent: meanExtent(batches.slice(1)),
      fused: currentEngine()!.abilities.attention !== "composed",
    };
  } finally {
    communicator.dispose();
  }
}

/** The ranks, with a call whenever a message of theirs that sums tensors has arrived. */
function watched(communicator: Communicator, arrived: () => void): Communicator {
  const { tensors } = communicator;
  const told = async <Result>(result: Promise<Result>): Promise<Result> => {
    const given = await result;
    arrived();
    return given;
  };
  return {
    ...communicator,
    tensors: {
      ...tensors,
      allReduce: (given) => told(tensors.allReduce(given)),
      reduceScatter: (given) => told(tensors.reduceScatter(given)),
    },
  };
}

/** Seconds in which gradients of these parameters are summed while ranks do nothing else. */
async function summingAlone(communicator: Communicator, parameters: ReadonlyMap<string, tf.Tensor>): Promise<number> {
  const times: number[] = [];
  for (let time = 0; time < 3; time++) {
    const buckets = bucketsOf(parameters).map(({ entries }) => entries.map(({ shape }) => tf.zeros(shape)));
    await tf.tidy(() => tf.add(buckets[0][0].flatten().slice(0, 1), 0)).data(); // the device has caught up
    await communicator.barrier();
    const began = performance.now();
    for (const bucket of buckets) {
      const summed = await communicator.tensors.allReduce(bucket);
      await tf.tidy(() => tf.add(summed[0].flatten().slice(0, 1), 0)).data();
      tf.dispose(summed);
    }
    times.push((performance.now() - began) / 1000);
  }
  const slowest = Float64Array.of(median(times));
  await communicator.allReduce(slowest, { operation: "max" });
  return slowest[0];
}
