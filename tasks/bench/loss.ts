/**
 * Head and loss alone: in chunks with the gradient in the same pass, against all logits at once by autodiff.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { z } from "zod";
import { chunkedLoss } from "../../lib/objectives/chunked_loss.ts";
import { maskedMean, objective } from "../../lib/objectives/mod.ts";
import { parseTask } from "../support/schema.ts";
import { benchFields, median, peakMiB, place, startEngine } from "./shared.ts";

const schema = z.strictObject({
  tokens: z.int().min(1).default(256).describe("response tokens"),
  vocabulary: z.int().min(2).default(4096).describe("tokens of the vocabulary"),
  width: z.int().min(1).default(96).describe("hidden width of the student"),
  teacherWidth: z.int().min(1).default(256).describe("hidden width of the teacher"),
  chunkSize: z.int().min(1).default(128).describe("response tokens whose logits exist at once"),
  steps: z.int().min(1).default(5).describe("passes that are measured, after one that is not"),
  plain: z.boolean().default(true).describe("measure the plain way too"),
  ...benchFields,
});

/** Measures the α-mixture loss with its gradient at states and head. */
export async function benchLoss(args: readonly string[]): Promise<Record<string, unknown>> {
  const { config } = await parseTask({ name: "bench loss", description: "Measure head and loss.", schema, args });
  await startEngine(config);
  const { tokens, vocabulary, width, teacherWidth, chunkSize, steps } = config;
  const random = (rows: number, columns: number) =>
    tf.randomNormal([rows, columns], 0, 0.3, "float32", 7) as tf.Tensor2D;
  const states = random(tokens, width);
  const head = random(vocabulary, width);
  const teacher = { states: random(tokens, teacherWidth), head: random(vocabulary, teacherWidth) };
  const labels = Int32Array.from({ length: tokens }, (_, i) => (i * 7919) % vocabulary);
  const amid = objective("amid", { alpha: 0, lambda: 0.1 });

  const chunked = () =>
    chunkedLoss({ states, head, labels, teacher }, { objective: amid, distillWeight: 1, chunkSize });
  const plain = () =>
    tf.grads((states, head) => {
      const student = tf.matMul(states, head, false, true);
      const logits = { student, teacher: tf.matMul(teacher.states, teacher.head, false, true) };
      return maskedMean(amid.perToken(logits), tf.ones([tokens]));
    })([states, head]);
  const secondsPerPass = await timed(() => chunked().headGradient!, steps);
  const chunkedPeak = peakMiB();
  const plainSeconds = config.plain ? await timed(() => plain()[1], steps) : undefined;
  return {
    ...{ benchmark: "loss", ...place(), tokens, vocabulary, chunkSize, secondsPerPass, peakMiB: chunkedPeak },
    ...(plainSeconds && { plainSecondsPerPass: plainSeconds, plainPeakMiB: peakMiB() }),
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
