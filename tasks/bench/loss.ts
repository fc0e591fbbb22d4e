/**
 * Head and loss alone: in chunks with the gradient in the same pass, against all logits at once by autodiff. With
 * `--top-k` the loss without the heads: of sparse answers, against whole distributions of the teacher.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { CHUNK_SIZE, chunkedLoss } from "../../lib/objectives/chunked_loss.ts";
import { logitsLoss } from "../../lib/objectives/logits_loss.ts";
import { maskedMean, objective } from "../../lib/objectives/mod.ts";
import { bestTokens } from "../../lib/teachers/sparse.ts";
import { absent, isNot } from "../support/effects.ts";
import { parseTask } from "../support/schema.ts";
import { runBenchmark } from "./child.ts";
import type { Measured } from "./measured.ts";
import { benchFields, jsonField, median, place, startEngine } from "./shared.ts";

const schema = z.strictObject({
  tokens: z.int().min(1).default(256).describe("response tokens"),
  vocabulary: z.int().min(2).default(4096).describe("tokens of the vocabulary"),
  width: z.int().min(1).default(96).describe("hidden width of the student"),
  teacherWidth: z.int().min(1).default(256).describe("hidden width of the teacher"),
  chunkSize: z.int().min(1).default(CHUNK_SIZE).describe("response tokens whose logits exist at once"),
  steps: z.int().min(1).default(5).describe("measured passes, after one warm-up"),
  way: z.enum(["both", "chunked", "plain"]).default("both").describe(
    "in chunks, all logits at once, or each in a separate process",
  ),
  plainTokens: z.int().min(1).optional().describe(
    "tokens for the plain variant, if all would not fit; its time and memory are scaled up",
  ),
  topK: z.int().min(1).optional().describe(
    "k of a teacher's sparse targets: the loss on logits alone, alternating with whole distributions",
  ),
  ...benchFields,
  ...jsonField,
});

/** Measures one way, or both in processes of their own, so that neither's memory hides the other's. */
export async function benchLoss(args: readonly string[]): Promise<Measured> {
  // Only warned about: those who measure both ways hand their flags to each.
  const effects = [
    { of: ["plainTokens" as const], needs: [isNot("way", "chunked")], warn: true },
    { of: ["way", "plainTokens", "width", "teacherWidth"] as const, needs: [absent("topK")] },
  ];
  const { config } = await parseTask({
    name: "bench loss",
    description: "Measure head and loss.",
    schema,
    args,
    effects,
  });
  const { json, tokens, plainTokens = tokens, topK } = config;
  if (topK !== undefined) return { line: await measureSparse({ ...config, topK }), json };
  if (config.way !== "both") return { line: await measureLoss(config), json };
  const chunked = await runBenchmark(["loss", ...args, "--json", "--way", "chunked"]);
  const plain = await runBenchmark(["loss", ...args, "--json", "--way", "plain", "--tokens", String(plainTokens)]);
  const scaled = (key: string) => Math.round(Number(plain[key]) * tokens / plainTokens * 1000) / 1000;
  const plainSeconds = scaled("secondsPerPass"), plainMiB = scaled("addedMiB");
  const line = {
    ...chunked,
    plainTokens,
    plainSecondsPerPass: plainSeconds,
    plainAddedMiB: plainMiB,
    timesAsFast: ratio(plainSeconds, chunked.secondsPerPass),
    memoryShare: ratio(chunked.addedMiB, plainMiB),
  };
  return { line, json };
}

/** A quotient to three digits. */
export function ratio(a: unknown, b: unknown): number {
  return Number((Number(a) / Number(b)).toPrecision(3));
}

/** Measures the α-mixture loss with its gradient at states and head. */
async function measureLoss(config: z.infer<typeof schema>): Promise<Record<string, unknown>> {
  const { peakMiB } = await startEngine(config);
  const { way, tokens, vocabulary, width, teacherWidth, chunkSize, steps } = config;
  let seed = 7;
  const random = (rows: number, columns: number) =>
    tf.randomNormal([rows, columns], 0, 0.3, "float32", seed++) as tf.Tensor2D;
  const states = random(tokens, width);
  const head = random(vocabulary, width);
  const teacher = { states: random(tokens, teacherWidth), head: random(vocabulary, teacherWidth) };
  const labels = Int32Array.from({ length: tokens }, (_, i) => (i * 7919) % vocabulary);
  const amid = objective("amid", { alpha: 0, lambda: 0.1 });

  const logits = (start: number, size: number): tf.Tensor2D =>
    tf.matMul(tf.slice(teacher.states, [start, 0], [size, teacherWidth]), teacher.head, false, true);

  const chunked = () =>
    chunkedLoss({ states, head, labels, teacher: { logits } }, { objective: amid, distillWeight: 1, chunkSize });
  const plain = () =>
    tf.grads((states, head) => {
      const student = tf.matMul(states, head, false, true);
      const logits = { student, teacher: tf.matMul(teacher.states, teacher.head, false, true) };
      return maskedMean(amid.perToken(logits), tf.ones([tokens]));
    })([states, head]);
  const before = peakMiB();
  const secondsPerPass = await timed(() => way === "plain" ? plain()[1] : chunked().headGradient!, steps);
  return {
    benchmark: "loss",
    ...place(),
    tokens,
    vocabulary,
    chunkSize,
    secondsPerPass,
    peakMiB: peakMiB(),
    addedMiB: peakMiB() - before,
  };
}

/** Measures the loss of sparse answers and that of whole distributions in turn, on logits that are there. */
async function measureSparse(
  config: z.infer<typeof schema> & { topK: number },
): Promise<Record<string, unknown>> {
  await startEngine(config);
  const { tokens, vocabulary, chunkSize, steps, topK } = config;
  const size = Math.min(tokens, chunkSize);
  const [given, whole] = [7, 8].map((seed) =>
    tf.randomNormal([size, vocabulary], 0, 2, "float32", seed) as tf.Tensor2D
  );
  const labels = Int32Array.from({ length: size }, (_, i) => (i * 7919) % vocabulary);
  const answer = bestTokens(whole, { labels, topK });
  const options = {
    objective: objective("amid", { alpha: 0, lambda: 0.1 }),
    distillWeight: 1,
    totalTokens: size,
    gradient: true,
  };
  const seconds: Record<"sparse" | "dense", number[]> = { sparse: [], dense: [] };
  for (let step = 0; step <= steps; step++) {
    for (const [name, teacher] of [["sparse", answer], ["dense", whole]] as const) {
      tf.engine().startScope();
      const student = tf.add(given, 0) as tf.Tensor2D; // the loss may work in its memory
      await settled(student);
      const began = performance.now();
      await settled(logitsLoss({ student, teacher, labels }, options).gradient!);
      seconds[name].push((performance.now() - began) / 1000);
      tf.engine().endScope();
    }
  }
  const [sparse, dense] = [seconds.sparse, seconds.dense].map((all) => median(all.slice(1)));
  return {
    benchmark: "loss",
    ...place(),
    tokens: size,
    vocabulary,
    topK,
    sparseSecondsPerPass: sparse,
    denseSecondsPerPass: dense,
    sparseShare: ratio(sparse, dense),
  };
}

/** Waits for engines that work asynchronously. */
const settled = (tensor: tf.Tensor): Promise<unknown> => tf.tidy(() => tf.slice(tensor, [0, 0], [1, 1])).data();

async function timed(pass: () => tf.Tensor, steps: number): Promise<number> {
  const seconds: number[] = [];
  for (let step = 0; step <= steps; step++) {
    const began = performance.now();
    tf.engine().startScope();
    await settled(pass());
    tf.engine().endScope();
    seconds.push((performance.now() - began) / 1000);
  }
  return median(seconds.slice(1));
}
