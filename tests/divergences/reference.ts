/** Plain float64 versions of the formulas, written from their definitions, and random distributions to try them on. */
import fc from "fast-check";
import type { DivergenceOption } from "../../lib/divergences/mod.ts";

/** Log-softmax in float64. */
export function logSoftmax(logits: number[]): number[] {
  const largest = Math.max(...logits);
  const normaliser = largest + Math.log(logits.reduce((sum, z) => sum + Math.exp(z - largest), 0));
  return logits.map((z) => z - normaliser);
}

/** `log r` of the α-mixture in float64: the power mean by a log-sum-exp that takes the larger power out. */
export function referenceMixture(
  [logP, logQ]: number[][],
  { alpha, lambda }: { alpha: number; lambda: number },
): number[] {
  const e = (1 - alpha) / 2;
  return logSoftmax(logP.map((a, i) => {
    const b = logQ[i];
    if (alpha === -Infinity) return Math.max(a, b);
    if (alpha === Infinity) return Math.min(a, b);
    const c = lambda * a + (1 - lambda) * b;
    const [u, v] = [e * (a - c), e * (b - c)];
    if (Math.max(Math.abs(u), Math.abs(v)) < 1) {
      return e === 0 ? c : c + Math.log1p(lambda * Math.expm1(u) + (1 - lambda) * Math.expm1(v)) / e;
    }
    const top = Math.max(u, v);
    return c + (top + Math.log(lambda * Math.exp(u - top) + (1 - lambda) * Math.exp(v - top))) / e;
  }));
}

/** Log-probabilities of random logits within ±scale. */
export function logDistribution({ size = 7, scale = 10 } = {}): fc.Arbitrary<number[]> {
  const logit = fc.double({ min: -scale, max: scale, noNaN: true });
  return fc.array(logit, { minLength: size, maxLength: size }).map(logSoftmax);
}

/** A divergence of probabilities. */
export type Reference = (x: number[], y: number[]) => number;
const sum = (x: number[], term: (i: number) => number): number => x.reduce((total, _, i) => total + term(i), 0);
/** Kullback–Leibler. */
export const referenceKl: Reference = (x, y) => sum(x, (i) => x[i] * Math.log(x[i] / y[i]));
/** The αβ-divergence where α, β and α + β are not 0. */
export const referenceAlphaBeta = (a: number, b: number): Reference => (x, y) => {
  const s = a + b;
  const powers = (i: number) => x[i] ** a * y[i] ** b - a / s * x[i] ** s - b / s * y[i] ** s;
  return -sum(x, powers) / (a * b);
};

/** Every divergence, at several parameters, with its definition in terms of probabilities, in float64. */
export const referenceDivergences: [DivergenceOption, Reference][] = [
  ["kl", referenceKl],
  [{ name: "amari", alpha: 0 }, (x, y) => 4 * (1 - sum(x, (i) => Math.sqrt(x[i] * y[i])))],
  [{ name: "amari", alpha: -1 }, referenceKl],
  [{ name: "amari", alpha: 1 }, (x, y) => referenceKl(y, x)],
  [{ name: "amari", alpha: 3 }, (x, y) => (sum(x, (i) => y[i] ** 2 / x[i]) - 1) / 2],
  [{ name: "alpha-beta", alpha: 0.2, beta: 0.7 }, referenceAlphaBeta(0.2, 0.7)],
  [{ name: "alpha-beta", alpha: 2, beta: -1 }, referenceAlphaBeta(2, -1)],
  [{ name: "alpha-beta", alpha: -0.5, beta: 1.2 }, referenceAlphaBeta(-0.5, 1.2)],
  [{ name: "alpha-beta", alpha: -0.4, beta: -0.3 }, referenceAlphaBeta(-0.4, -0.3)],
  [
    { name: "alpha-beta", alpha: 0.5, beta: 0 },
    (x, y) => 4 * sum(x, (i) => Math.sqrt(x[i]) * Math.log(Math.sqrt(x[i] / y[i])) - Math.sqrt(x[i]) + Math.sqrt(y[i])),
  ],
  [
    { name: "alpha-beta", alpha: -1, beta: 0 },
    (x, y) => sum(x, (i) => Math.log(y[i] / x[i]) / x[i] - 1 / x[i] + 1 / y[i]),
  ],
  [{ name: "alpha-beta", alpha: 0, beta: 1 }, (x, y) => referenceKl(y, x)],
  [
    { name: "alpha-beta", alpha: 0.6, beta: -0.6 },
    (x, y) => sum(x, (i) => 0.6 * Math.log(y[i] / x[i]) + (x[i] / y[i]) ** 0.6 - 1) / 0.36,
  ],
  [{ name: "alpha-beta", alpha: 0, beta: 0 }, (x, y) => sum(x, (i) => Math.log(x[i] / y[i]) ** 2) / 2],
  [{ name: "renyi", order: 0.5 }, (x, y) => -2 * Math.log(sum(x, (i) => Math.sqrt(x[i] * y[i])))],
  [{ name: "renyi", order: 3 }, (x, y) => Math.log(sum(x, (i) => x[i] ** 3 / y[i] ** 2)) / 2],
  [{ name: "renyi", order: 1 }, referenceKl],
  [{ name: "jensen-shannon", beta: 0.3 }, (x, y) => {
    const m = x.map((value, i) => 0.3 * value + 0.7 * y[i]);
    return 0.3 * referenceKl(x, m) + 0.7 * referenceKl(y, m);
  }],
  ["jeffreys", (x, y) => referenceKl(x, y) + referenceKl(y, x)],
  ["total-variation", (x, y) => sum(x, (i) => Math.abs(x[i] - y[i])) / 2],
  ["squared-hellinger", (x, y) => 1 - sum(x, (i) => Math.sqrt(x[i] * y[i]))],
  ["chi-squared", (x, y) => sum(x, (i) => x[i] ** 2 / y[i]) - 1],
];
