/** The loss kernel's arithmetic, run on the processor, against the library's closed forms and the golden losses. */
import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { useEngine } from "../../../../lib/engines/mod.ts";
import type { LogitElements } from "../../../../lib/engines/torch/cuda/variant.ts";
import { objective, type Order } from "../../../../lib/objectives/mod.ts";
import { assert, assertEquals } from "../../../support/mod.ts";
import { hasCompiler, type HostCase, type HostResult, runOnHost } from "./host_kernel.ts";

const ORDERS = ["pr", "qr", "rp", "rq", "pq", "qp"] as const;
const ALPHAS = [-Infinity, -5, -1, 0, 0.5, 0.95, 1 - 1e-6, 1, 1 + 1e-6, 1.05, 3, 10, Infinity];
const PAIRS = [[0.2, 0.7], [1, 0], [0, 1], [0.5, 0.5], [2, -1], [-1, 2], [1, -1], [0, 0], [1, 1], [1e-3, 0.5], [0, -0.5]];

function testOnHost(name: string, body: () => Promise<void>): void {
  const present = hasCompiler();
  Deno.test({ name: present ? name : `${name} (skipped: there is no g++)`, ignore: !present, fn: body });
}

const float32: LogitElements = { teacher: "float32", student: "float32" };

interface Settings {
  divergence: "kl" | { name: "alpha-beta"; alpha: number; beta: number };
  order: Order;
  alpha: number;
  lambda: number;
}

function hostCase(settings: Settings, changes: Partial<HostCase> = {}): HostCase {
  const { specification } = objective("amid", settings);
  const { vocabulary = 101, rows = 3, spread = 4 } = changes as { vocabulary?: number; rows?: number; spread?: number };
  return {
    specification: specification!,
    elements: float32,
    vocabulary,
    teacher: logits(rows * vocabulary, { seed: 1, spread }),
    student: logits(rows * vocabulary, { seed: 2, spread }),
    labels: Array.from({ length: rows }, (_, row) => (row * 7) % vocabulary),
    divergenceScale: 1,
    nextTokenScale: 0,
    ...changes,
  };
}

/** Numbers between −spread and spread, by a multiplicative generator. */
function logits(count: number, { seed, spread }: { seed: number; spread: number }): Float32Array {
  let state = seed * 2654435761 % 2147483647;
  return Float32Array.from({ length: count }, () => {
    state = state * 48271 % 2147483647;
    return spread * (2 * state / 2147483647 - 1);
  });
}

/** The library's own numbers for the same rows. */
async function expected({ specification: { divergence, order, assistant }, ...one }: HostCase): Promise<HostResult> {
  await useEngine("cpu");
  const rows = one.labels.length;
  return tf.tidy(() => {
    const [student, teacher] = [one.student, one.teacher].map((values) =>
      tf.tensor2d(values, [rows, one.vocabulary])
    );
    const { alpha = 0, lambda = 0.5 } = assistant ?? {};
    const amid = objective("amid", { divergence, order: order as Order, alpha, lambda });
    const { values, gradient } = amid.valueAndGradient!({ student, teacher });
    const logProbs = tf.logSoftmax(student);
    const hot = tf.oneHot(tf.tensor1d([...one.labels], "int32"), one.vocabulary);
    const next = tf.neg(tf.sum(tf.mul(logProbs, hot), -1));
    const sum = tf.add(
      tf.mul(gradient, one.divergenceScale),
      tf.mul(tf.sub(tf.exp(logProbs), hot), one.nextTokenScale),
    );
    const [v, n, g] = [values, next, sum].map((x) => x.dataSync() as Float32Array);
    return { values: v, nextToken: n, gradient: g } as unknown as tf.TensorContainer;
  }) as unknown as HostResult;
}

function assertNear(actual: ArrayLike<number>, wanted: ArrayLike<number>, what: string, tolerance = 3e-5): void {
  assertEquals(actual.length, wanted.length);
  const scale = Math.max(1, ...Array.from(wanted, Math.abs).filter(Number.isFinite));
  for (let i = 0; i < wanted.length; i++) {
    const near = Object.is(actual[i], wanted[i]) || actual[i] === wanted[i] ||
      Math.abs(actual[i] - wanted[i]) <= tolerance * scale;
    assert(near, `${what}, element ${i}: ${actual[i]} against ${wanted[i]}`);
  }
}

async function compare(cases: HostCase[], tolerance?: number): Promise<void> {
  const results = await runOnHost(cases);
  for (const [i, one] of cases.entries()) {
    const wanted = await expected(one);
    const what = JSON.stringify({ ...one.specification, vocabulary: one.vocabulary, elements: one.elements });
    for (const part of ["values", "nextToken", "gradient"] as const) {
      assertNear(results[i][part], wanted[part], `${part} of ${what}`, tolerance);
    }
  }
}

testOnHost("The loss kernel has the library's KL in every order at every kind of α", async () => {
  const cases = ORDERS.flatMap((order) =>
    ALPHAS.map((alpha) => hostCase({ divergence: "kl", order, alpha, lambda: 0.3 }))
  );
  const ends = [0, 1].map((lambda) => hostCase({ divergence: "kl", order: "rq", alpha: 0.5, lambda }));
  await compare([...cases, ...ends]);
});

testOnHost("The loss kernel has the library's αβ-divergence in every order and special case", async () => {
  const cases = PAIRS.flatMap(([alpha, beta], i) => {
    const divergence = { name: "alpha-beta", alpha, beta } as const;
    return ORDERS.filter((_, place) => place % 2 === i % 2 || i < 2).map((order) =>
      hostCase({ divergence, order, alpha: 0.5, lambda: 0.3 }, { spread: 2 } as Partial<HostCase>)
    );
  });
  await compare(cases);
});
