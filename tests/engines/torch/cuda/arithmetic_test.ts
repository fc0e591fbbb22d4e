/** The loss kernel's arithmetic, run on the processor, against the library's closed forms and the golden losses. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../../../lib/engines/mod.ts";
import type { LogitElements } from "../../../../lib/engines/torch/cuda/variant.ts";
import { objective, type Order, tempered } from "../../../../lib/objectives/mod.ts";
import { testWithCompiler } from "../../../support/compiler.ts";
import { amidSettings, goldenLosses as golden } from "../../../support/golden_losses.ts";
import { assert, assertEquals } from "../../../support/mod.ts";
import { type HostCase, type HostResult, onHost } from "./host_kernel.ts";

const ORDERS = ["pr", "qr", "rp", "rq", "pq", "qp"] as const;
const ALPHAS = [-Infinity, -5, -1, 0, 0.5, 0.95, 1 - 1e-6, 1, 1 + 1e-6, 1.05, 3, 10, Infinity];
const PAIRS = [[0.2, 0.7], [1, 0], [0, 1], [0.5, 0.5], [2, -1], [-1, 2], [1, -1], [0, 0], [1, 1], [1e-3, 0.5], [
  0,
  -0.5,
]];

const float32: LogitElements = { teacher: "float32", student: "float32" };

interface Settings {
  divergence: "kl" | { name: "alpha-beta"; alpha: number; beta: number };
  order: Order;
  alpha: number;
  lambda: number;
  detachAssistant?: boolean;
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
async function expected({ specification, ...one }: HostCase): Promise<HostResult> {
  const { divergence, order, assistant } = specification;
  await useEngine("cpu");
  const rows = one.labels.length;
  return tf.tidy(() => {
    const [student, teacher] = [one.student, one.teacher].map((values) => tf.tensor2d(values, [rows, one.vocabulary]));
    const { alpha = 0, lambda = 0.5, detach = false } = assistant ?? {};
    const detachAssistant = detach && order.includes("q");
    const plain = objective("amid", { divergence, order: order as Order, alpha, lambda, detachAssistant });
    const amid = tempered(plain, specification.temperature ?? 1);
    const { values, gradient } = amid.valueAndGradient!({ student, teacher });
    const logProbs = tf.logSoftmax(student);
    const hot = tf.oneHot(tf.tensor1d([...one.labels], "int32"), one.vocabulary);
    const places = tf.tensor1d(one.labels.map((label, row) => row * one.vocabulary + label), "int32");
    const next = tf.neg(tf.gather(tf.reshape(logProbs, [-1]), places));
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

/** Declares a test of cases against the library's own numbers. */
function testCases(name: string, cases: HostCase[], tolerance?: number): void {
  const results = onHost(cases);
  testWithCompiler(name, async () => await compare(cases, await results(), tolerance));
}

async function compare(cases: HostCase[], results: HostResult[], tolerance?: number): Promise<void> {
  for (const [i, one] of cases.entries()) {
    const wanted = await expected(one);
    const what = JSON.stringify({ ...one.specification, vocabulary: one.vocabulary, elements: one.elements });
    for (const part of ["values", "nextToken", "gradient"] as const) {
      assertNear(results[i][part], wanted[part], `${part} of ${what}`, tolerance);
    }
  }
}

testCases("The loss kernel has the library's KL in every order at every kind of α", [
  ...ORDERS.flatMap((order) => ALPHAS.map((alpha) => hostCase({ divergence: "kl", order, alpha, lambda: 0.3 }))),
  ...[0, 1].map((lambda) => hostCase({ divergence: "kl", order: "rq", alpha: 0.5, lambda })),
]);

testCases(
  "The loss kernel has the library's αβ-divergence in every order and special case",
  PAIRS.flatMap(([alpha, beta], i) => {
    const divergence = { name: "alpha-beta", alpha, beta } as const;
    return ORDERS.filter((_, place) => place % 2 === i % 2 || i < 2).map((order) =>
      hostCase({ divergence, order, alpha: 0.5, lambda: 0.3 }, { spread: 2 } as Partial<HostCase>)
    );
  }),
);

const both = { divergenceScale: 0.7 / 3, nextTokenScale: 0.3 / 3 };
const arithmetic = { divergence: "kl", alpha: 0, lambda: 0.4 } as const;

testCases("The loss kernel sums both losses' gradients, and stops at a detached assistant", [
  ...(["rq", "qr"] as const).map((order) => hostCase({ ...arithmetic, order, detachAssistant: true }, both)),
  ...ORDERS.map((order) => hostCase({ ...arithmetic, order }, both)),
]);

testCases(
  "The loss kernel softens the divergence by a temperature, and leaves the next-token loss as it is",
  ORDERS.flatMap((order) =>
    [0.5, 3].map((temperature) => {
      const one = hostCase({ ...arithmetic, order }, both);
      return { ...one, specification: { ...one.specification, temperature } };
    })
  ),
);

testCases(
  "The loss kernel takes vocabularies of any size, smaller than its block or in no step with it",
  [2, 5, 31, 64, 65, 1000].map((vocabulary) =>
    hostCase({ divergence: "kl", order: "pr", alpha: 0.5, lambda: 0.3 }, { vocabulary })
  ),
);

testCases(
  "The loss kernel takes logits of ±100 and excluded tokens, and makes NaN of a row that has none",
  ORDERS.flatMap((order) =>
    [-1, 0.99, 1, 4, Infinity].map((alpha) => {
      const vocabulary = 40;
      const one = hostCase({ divergence: "kl", order, alpha, lambda: 0.3 }, { vocabulary });
      one.student = logits(one.student.length, { seed: 5, spread: 100 });
      one.teacher = logits(one.teacher.length, { seed: 6, spread: 100 });
      one.teacher.fill(-Infinity, 0, 4);
      one.student.fill(-Infinity, 2, 5);
      one.labels = [11, 12, 13];
      // The last row of the one model is no distribution.
      if (alpha === 1) one.student[2 * vocabulary + 3] = NaN;
      if (alpha === 4) one.teacher[2 * vocabulary + 3] = Infinity;
      return one;
    })
  ),
  1e-4,
);

const stored = { teacher: "bfloat16", student: "bfloat16" } as const;
const halves = ([stored, { ...stored, teacher: "float32" }, { ...stored, student: "float32" }] as const).map(
  (elements) => hostCase({ divergence: "kl", order: "pr", alpha: 0, lambda: 0.1 }, { elements, nextTokenScale: 1 }),
);
const ofHalves = onHost(halves);

testWithCompiler("The loss kernel reads and writes bfloat16", async () => {
  const results = await ofHalves();
  for (const [i, one] of halves.entries()) {
    const [{ elements }, result] = [one, results[i]];
    // Eight bits: a number and its rounding differ by up to a part in 256.
    const round = (values: Float32Array) => values.map((value) => roundToBfloat16(value));
    const wanted = await expected({
      ...one,
      teacher: elements.teacher === "bfloat16" ? round(one.teacher) : one.teacher,
      student: elements.student === "bfloat16" ? round(one.student) : one.student,
    });
    assertNear(result.values, wanted.values, "values");
    assertNear(result.nextToken, wanted.nextToken, "next token");
    result.gradient.forEach((g, i) => {
      const tolerance = 1e-6 + (elements.student === "bfloat16" ? Math.abs(wanted.gradient[i]) / 250 : 3e-5);
      assert(Math.abs(g - wanted.gradient[i]) <= tolerance, `gradient ${i}: ${g} against ${wanted.gradient[i]}`);
    });
  }
});

function roundToBfloat16(value: number): number {
  const bits = new Uint32Array(Float32Array.of(value).buffer);
  bits[0] = bits[0] + 0x7fff + ((bits[0] >> 16) & 1) & 0xffff0000;
  return new Float32Array(bits.buffer)[0];
}

const vocabulary = golden.shape[2];
const kept = golden.labels.filter((label) => label !== -100).length;
const wanted = golden.cases.filter(({ kind, note }) => kind === "amid" && !note?.includes("without"));
const ofGolden = onHost(wanted.map((one): HostCase => {
  const { specification } = objective("amid", amidSettings(one));
  return {
    specification: specification!,
    elements: float32,
    vocabulary,
    nextTokenScale: 0,
    teacher: Float32Array.from(golden.teacher),
    student: Float32Array.from(golden.student),
    labels: golden.labels.map((label) => Math.max(label, 0)),
    divergenceScale: 1 / kept,
  };
}));

testWithCompiler(
  "The loss kernel has the official losses and gradients of all golden cases that it is for",
  async () => {
    assert(wanted.length > 150, `there are only ${wanted.length} cases`);
    (await ofGolden()).forEach(({ values, gradient }, i) => {
      const label = JSON.stringify({ ...wanted[i], grad: undefined });
      const loss = golden.labels.reduce((sum, label, row) => label === -100 ? sum : sum + values[row], 0) / kept;
      assertNear([loss], [wanted[i].loss], label, 2e-5);
      const masked = gradient.map((g, at) => golden.labels[Math.floor(at / vocabulary)] === -100 ? 0 : g);
      assertNear(masked, wanted[i].grad, `gradient of ${label}`, 2e-5);
    });
  },
);
