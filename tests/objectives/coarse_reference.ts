/** Coarsened distributions in plain float64, from their definition, and every objective on them. */
import type { Order } from "../../lib/objectives/mod.ts";
import {
  logSoftmax,
  type Reference,
  referenceAlphaBeta,
  referenceKl,
  referenceMixture,
} from "../divergences/reference.ts";

/** A distribution over the named tokens and the rest: `Σ` of the others' probabilities. */
export function coarseProbs(logits: readonly number[], named: readonly number[]): number[] {
  const probs = logSoftmax([...logits]).map(Math.exp);
  const others = probs.filter((_, token) => !named.includes(token));
  const rest = others.reduce((sum, p) => sum + p, 0);
  return [...named.map((token) => probs[token]), ...others.length > 0 ? [rest] : []];
}

/** The k most probable tokens of a row of logits, and its own token where it is not among them. */
export function namedBy(logits: readonly number[], { k, label }: { k: number; label: number }): number[] {
  const best = logits.map((_, token) => token).sort((a, b) => logits[b] - logits[a]).slice(0, k);
  return best.includes(label) ? best : [...best, label];
}

/** The α-mixture of probabilities. */
export function mixed(p: number[], q: number[], mixture: { alpha: number; lambda: number }): number[] {
  return referenceMixture([p.map(Math.log), q.map(Math.log)], mixture).map(Math.exp);
}

/** A divergence of the order's arguments. */
export function ordered(
  divergence: Reference,
  { order, p, q, r }: { order: Order; p: number[]; q: number[]; r: number[] },
): number {
  const [x, y] = [...order].map((letter) => ({ p, q, r })[letter as "p"]);
  return divergence(x, y);
}

const entropy = (p: number[]): number => -p.reduce((sum, value) => sum + value * Math.log(value), 0);

/** What the head, up to a cumulative probability of one half, has of `Σ|p − q|`. */
function headShare(p: number[], q: number[]): number {
  const ranked = p.map((value, i) => ({ value, gap: Math.abs(value - q[i]) })).sort((a, b) => b.value - a.value);
  let [mass, head, all] = [0, 0, 0];
  ranked.forEach(({ value, gap }, rank) => {
    mass += value;
    if (rank === 0 || mass <= 0.5) head += gap;
    all += gap;
  });
  return head / all;
}

const jensenShannon: Reference = (p, q) => {
  const m = mixed(p, q, { alpha: -1, lambda: 0.5 });
  return (referenceKl(p, m) + referenceKl(q, m)) / 2;
};
const skewedForward: Reference = (p, q) => referenceKl(p, mixed(p, q, { alpha: -1, lambda: 0.1 }));

/** Every objective by its name, with default options, of probabilities of teacher and student. */
export const referenceObjectives: Readonly<Record<string, Reference>> = {
  "amid": (p, q) => referenceKl(p, mixed(p, q, { alpha: 0, lambda: 0.1 })),
  "forward-kl": referenceKl,
  "reverse-kl": (p, q) => referenceKl(q, p),
  "jensen-shannon": jensenShannon,
  "gkd": jensenShannon,
  "skewed-forward-kl": skewedForward,
  "distillm": skewedForward,
  "skewed-reverse-kl": (p, q) => referenceKl(q, mixed(p, q, { alpha: -1, lambda: 0.9 })),
  "total-variation": (p, q) => p.reduce((sum, value, i) => sum + Math.abs(value - q[i]), 0) / 2,
  "adaptive-kl": (p, q) => {
    const share = headShare(p, q);
    return share * referenceKl(p, q) + (1 - share) * referenceKl(q, p);
  },
  "balanced": (p, q) => {
    const first = entropy(p) > entropy(q);
    return (first ? 2 : 1) * referenceKl(p, q) + (first ? 1 : 2) * referenceKl(q, p);
  },
  "wsd": (p, q) => (referenceKl(p, q) + referenceKl(q, p)) / 2,
  "alpha-beta": referenceAlphaBeta(0.2, 0.7),
  "abkd": referenceAlphaBeta(0.2, 0.7),
  "alphanet": (p, q) => Math.max(referenceAlphaBeta(-1, 2)(p, q), referenceKl(p, q)),
  "taid": (p, q) => referenceKl(mixed(p, q, { alpha: 1, lambda: 0.4 }), q),
};
