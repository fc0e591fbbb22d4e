/** Plain float64 versions of the formulas, written from their definitions, and random distributions to try them on. */
import fc from "fast-check";

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
