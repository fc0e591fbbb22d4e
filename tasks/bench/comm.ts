/**
 * Communication between ranks: latency and bandwidth of its operations.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { type Collective, collectiveCosts, type CollectiveTiming, fitLink } from "../../lib/planning/mod.ts";
import { type Communicator, gatherValues } from "../../lib/distributed/mod.ts";
import { openCommunicator } from "../../lib/engines/open_communicator.ts";
import { is } from "../support/effects.ts";
import { parseTask } from "../support/schema.ts";
import { UsageError } from "../support/usage_error.ts";
import { benchFields, median, startEngine } from "./shared.ts";

const schema = z.strictObject({
  communicator: z.enum(["single", "mpi", "nccl"]).default("mpi").describe(
    "what is measured; nccl needs --engine torch",
  ),
  from: z.int().min(1).default(1).describe("smallest message in kB"),
  to: z.number().positive().default(64).describe("largest message in MiB"),
  seconds: z.number().positive().default(0.3).describe("approximate duration of each measurement"),
  ...benchFields,
});

/** Each size is this multiple of the previous one. */
const STEP = 4;
const FLOAT = 4;
/** How often the repetitions are repeated. */
const SERIES = 5;
const collectives: Collective[] = ["all-reduce", "reduce-scatter", "all-gather", "broadcast"];

/** One call of an operation on a tensor of the current size. */
type Call = () => Promise<void>;

/**
 * Measures the operations at growing sizes, a line each, and fits a link to all of them; rank 0 alone gives lines.
 *
 * Bytes are those of the whole tensor. A line has the time of the slowest rank and, in Gbit/s, what passes a link in that
 * time; the last line has the link.
 */
export async function* benchComm(args: readonly string[]): AsyncGenerator<Record<string, unknown>> {
  const description = "Measure communication: mpirun -n 2 deno task bench comm.";
  const effects = [{ of: ["engine", "device", "precision"] as const, needs: [is("communicator", "nccl")] }];
  const { config } = await parseTask({ name: "bench comm", description, schema, args, effects });
  if (config.from * 1e3 > config.to * 2 ** 20) {
    throw new UsageError(`Cannot measure: --from ${config.from} kB must be at most --to ${config.to} MiB`);
  }
  if (config.communicator === "nccl") await startEngine(config);
  const communicator = await openCommunicator(config.communicator);
  try {
    for await (const line of measured(communicator, config)) if (communicator.rank === 0) yield line;
  } finally {
    communicator.dispose();
  }
}

async function* measured(
  communicator: Communicator,
  { from, to, seconds: budget }: z.output<typeof schema>,
): AsyncGenerator<Record<string, unknown>> {
  const { name, size: ranks } = communicator;
  const hosts = await gatherValues(communicator, communicator.host);
  const place = { benchmark: "comm", communicator: name, ranks, nodes: new Set(hosts).size };
  const timings: CollectiveTiming[] = [];
  for (const collective of collectives) {
    for (let bytes = from * 1000; bytes <= to * 2 ** 20; bytes = nextSize(bytes, to * 2 ** 20)) {
      // A whole number of floats for each rank.
      const count = Math.max(1, Math.round(bytes / FLOAT / ranks)) * ranks;
      const seconds = await timed(callOf(communicator, { collective, count }), { communicator, budget });
      const timing = { collective, bytes: count * FLOAT, seconds };
      timings.push(timing);
      const [{ share }] = collectiveCosts(collective, ranks);
      yield { ...place, ...timing, gigabitsPerSecond: 8 * share * timing.bytes / seconds / 1e9 };
    }
  }
  // A step is made of the others; a broadcast happens once per run.
  const inSteps = timings.filter(({ collective }) => collective !== "broadcast");
  if (ranks < 2) return;
  const link = fitLink(inSteps, ranks);
  if (link.bandwidth === Infinity) {
    throw new UsageError(
      `Cannot measure the link: messages must take longer the larger they are, those of up to ${to} MiB do not; use larger ` +
        "ones by --to, or a machine that is less busy",
    );
  }
  yield { ...place, link };
}

/** The next size; the last one is the largest. */
function nextSize(bytes: number, largest: number): number {
  if (bytes === largest) return Infinity;
  // 1 kB is followed by 4 KiB, so that all but the smallest are powers of two.
  const next = STEP * 2 ** Math.floor(Math.log2(bytes * 1.05));
  return next > largest ? largest : next;
}

function callOf(communicator: Communicator, { collective, count }: { collective: Collective; count: number }): Call {
  const part = count / communicator.size;
  if (communicator.name === "nccl") return tensorCall(communicator, { collective, count });
  const whole = new Float32Array(count).fill(1e-30), own = new Float32Array(part);
  switch (collective) {
    case "all-reduce":
      return () => communicator.allReduce(whole);
    case "reduce-scatter":
      return () => communicator.reduceScatter(whole, own);
    case "all-gather":
      return () => communicator.allGather(own, whole);
    default:
      return () => communicator.broadcast(whole);
  }
}

/** The same on the device's memory: a call takes a tensor over, and is done when the result can be read. */
function tensorCall(
  { size, tensors }: Communicator,
  { collective, count }: { collective: Collective; count: number },
): Call {
  return async () => {
    let result: tf.Tensor;
    if (collective === "all-reduce") [result] = await tensors.allReduce([tf.zeros([count])]);
    else if (collective === "reduce-scatter") result = await tensors.reduceScatter(tf.zeros([count]));
    else if (collective === "all-gather") result = await tensors.allGather(tf.zeros([count / size]));
    else [result] = await tensors.broadcast([tf.zeros([count])]);
    const one = tf.tidy(() => tf.slice(tf.reshape(result, [-1]), 0, 1));
    result.dispose();
    await one.data();
    one.dispose();
  };
}

/** Seconds of a call on the slowest rank: the median of some series, as many calls in each as fit into the budget. */
async function timed(
  call: Call,
  { communicator, budget }: { communicator: Communicator; budget: number },
): Promise<number> {
  const slowest = async (repetitions: number) => {
    await communicator.barrier();
    const began = performance.now();
    for (let left = repetitions; left > 0; left--) await call();
    const seconds = Float64Array.of((performance.now() - began) / 1000 / repetitions);
    await communicator.allReduce(seconds, { operation: "max" });
    return seconds[0];
  };
  await slowest(1); // first calls set connections up
  // All ranks have the same time of the slowest, and so repeat equally often.
  const repetitions = Math.min(1000, Math.max(1, Math.ceil(budget / SERIES / Math.max(1e-6, await slowest(1)))));
  const series: number[] = [];
  while (series.length < SERIES) series.push(await slowest(repetitions));
  return median(series);
}
