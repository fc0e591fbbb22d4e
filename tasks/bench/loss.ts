/**
 * Head and loss alone: in chunks with the gradient in the same pass, against all logits at once by autodiff.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { CHUNK_SIZE, chunkedLoss } from "../../lib/objectives/chunked_loss.ts";
import { maskedMean, objective } from "../../lib/objectives/mod.ts";
import { isNot } from "../support/effects.ts";
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
  steps: z.int().min(1).default(5).describe("passes that are measured, after one that is not"),
  way: z.enum(["both", "chunked", "plain"]).default("both").describe(
    "in chunks, all logits at once, or each in a process of its own",
  ),
  plainTokens: z.int().min(1).optional().describe(
    "tokens of the plain way, where all of them would not fit; its seconds and memory are scaled up",
  ),
  ...benchFields,
  ...jsonField,
});

/** Measures one way, or both in processes of their own, so that neither's memory hides the other's. */
export async function benchLoss(args: readonly string[]): Promise<Measured> {
  // Only warned about: those who measure both ways hand their flags to each.
  const effects = [{ of: ["plainTokens" as const], needs: [isNot("way", "chunked")], warn: true }];
  const { config } = await parseTask({
    name: "bench loss",
    description: "Measure head and loss.",
    schema,
    args,
    effects,
  });
  const { json, tokens, plainTokens = tokens } = config;
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

async function timed(pass: () => tf.Tensor, steps: number): Promise<number> {
  const seconds: number[] = [];
  for (let step = 0; step <= steps; step++) {
    const began = performance.now();
    tf.engine().startScope();
    await tf.slice(pass(), [0, 0], [1, 1]).data(); // waits for engines that work asynchronously
    tf.engine().endScope();
    seconds.push((performance.now() - began) / 1000);
  }
  return median(seconds.slice(1));
}
