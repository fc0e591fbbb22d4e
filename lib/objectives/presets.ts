/**
 * The objectives by their papers' names, each a few compositions of divergence × order × assistant.
 *
 * A new one is an entry here and its options in `options.ts`.
 *
 * @module
 */
import { ARITHMETIC, GEOMETRIC } from "../assistants/alpha_mixture.ts";
import { alphaBetaDivergence } from "../divergences/alpha_beta.ts";
import { jensenShannonDivergence } from "../divergences/jensen_shannon.ts";
import { klDivergence } from "../divergences/kl.ts";
import { flag, number, oneOf, type OptionSpec, type OptionSpecs } from "../divergences/option.ts";
import { divergence, type DivergenceOption, resolvedDivergence } from "../divergences/registry.ts";
import { totalVariationDivergence } from "../divergences/total_variation.ts";
import type { CombinedOptions } from "./combined.ts";
import { type Composition, type Order, ORDERS } from "./composition.ts";
import type { AlphaBetaObjectiveOptions, AmidOptions, ObjectiveName, ObjectiveOptions } from "./options.ts";
import { byEntropy, byHead, fixed, largest } from "./weighings.ts";
import type { MixtureKnobs } from "./with_mixture.ts";

/** An objective before its options are known. */
export interface Preset<Options extends object> {
  /** Title and year of the paper it is from. */
  source: string;
  specs: OptionSpecs<Options>;
  /**
   * The numbers of its mixture that can be set, and the options that they are.
   *
   * @default {none}
   */
  knobs?: MixtureKnobs<Options>;
  /** What it is made of. */
  parts(options: Required<Options>): CombinedOptions;
}

const fraction = (value: number): OptionSpec<number> => number(value, { min: 0, max: 1 });
const properFraction = (value: number): OptionSpec<number> =>
  number(value, { min: 0, max: 1, aboveMin: true, belowMax: true });
// A skew of 1 would compare a distribution with itself.
const skew: OptionSpec<number> = number(0.1, { min: 0, max: 1, belowMax: true });
const divergenceSpec: OptionSpec<DivergenceOption> = {
  default: { name: "kl" },
  check: (value) => resolvedDivergence(value as DivergenceOption),
};

const forward: Composition = { divergence: klDivergence, order: "pq" };
const reverse: Composition = { divergence: klDivergence, order: "qp" };

const arithmetic = (order: Order, lambda: number): CombinedOptions => ({
  parts: [{ divergence: klDivergence, order, assistant: { alpha: ARITHMETIC, lambda, detach: false } }],
});
const jensenShannon = ({ beta }: { beta: number }): CombinedOptions => ({
  // The divergence makes its mixture itself; it is named here for those who measure the gap.
  parts: [{
    divergence: jensenShannonDivergence({ beta }),
    order: "pq",
    assistant: { alpha: ARITHMETIC, lambda: beta, detach: false },
  }],
});
const alphaBeta = (options: Required<AlphaBetaObjectiveOptions>): Composition => ({
  divergence: alphaBetaDivergence(options),
  order: "pq",
});

function amid(options: Required<AmidOptions>): CombinedOptions {
  const { order, alpha, lambda, detachAssistant } = options;
  if (detachAssistant && !order.includes("q")) {
    throw new RangeError(
      `Cannot make the objective amid: with detachAssistant the order must name the student (q), ` +
        `otherwise there is no gradient; current value is ${order}`,
    );
  }
  const assistant = { alpha, lambda, detach: detachAssistant };
  return { parts: [{ divergence: divergence(options.divergence), order, assistant }] };
}

/** All objectives. */
export const presets: { readonly [Name in ObjectiveName]: Preset<ObjectiveOptions[Name]> } = {
  "amid": {
    source: "AMiD: Knowledge Distillation for LLMs with α-mixture Assistant Distribution, 2025",
    specs: {
      divergence: divergenceSpec,
      order: oneOf(ORDERS, "pr"),
      // The built-in run's, which the quickstart prints the scores of.
      alpha: number(0, { infinite: true }),
      lambda: fraction(0.1),
      detachAssistant: flag(false),
    },
    knobs: { alpha: (alpha) => ({ alpha }), lambda: (lambda) => ({ lambda }) },
    parts: amid,
  },
  "forward-kl": {
    source: "Distilling the Knowledge in a Neural Network, 2015",
    specs: {},
    parts: () => ({ parts: [forward] }),
  },
  "reverse-kl": {
    source: "MiniLLM: Knowledge Distillation of Large Language Models, 2024",
    specs: {},
    parts: () => ({ parts: [reverse] }),
  },
  "jensen-shannon": {
    source: "Divergence measures based on the Shannon entropy, 1991",
    specs: { beta: properFraction(0.5) },
    knobs: { lambda: (beta) => ({ beta }) },
    parts: jensenShannon,
  },
  "skewed-forward-kl": {
    source: "DistiLLM: Towards Streamlined Distillation for Large Language Models, 2024",
    specs: { skew },
    knobs: { lambda: (skew) => ({ skew }) },
    parts: ({ skew }) => arithmetic("pr", skew),
  },
  "skewed-reverse-kl": {
    source: "DistiLLM: Towards Streamlined Distillation for Large Language Models, 2024",
    specs: { skew },
    knobs: { lambda: (lambda) => ({ skew: 1 - lambda }) },
    parts: ({ skew }) => arithmetic("qr", 1 - skew),
  },
  "total-variation": {
    source: "f-Divergence Minimization for Sequence-Level Knowledge Distillation, 2023",
    specs: {},
    parts: () => ({ parts: [{ divergence: totalVariationDivergence, order: "pq" }] }),
  },
  "adaptive-kl": {
    source: "Rethinking Kullback-Leibler Divergence in Knowledge Distillation for Large Language Models, 2024",
    specs: { mu: fraction(0.5) },
    parts: ({ mu }) => ({ parts: [forward, reverse], weigh: byHead(mu) }),
  },
  "balanced": {
    source: "BDKD (bidirectional distillation with weights by entropy), as in the losses compared by AMiD, 2025",
    specs: {},
    parts: () => ({ parts: [forward, reverse], weigh: byEntropy }),
  },
  "wsd": {
    source: "Weighted sum of forward and reverse divergence, as in the losses compared by ABKD, 2025",
    specs: { weight: fraction(0.5) },
    parts: ({ weight }) => ({ parts: [forward, reverse], weigh: fixed(1 - weight, weight) }),
  },
  "alpha-beta": {
    source: "Generalized Alpha-Beta Divergences and Their Application to Robust Nonnegative Matrix Factorization, 2011",
    specs: { alpha: number(0.2), beta: number(0.7) },
    parts: (options) => ({ parts: [alphaBeta(options)] }),
  },
  "alphanet": {
    source: "AlphaNet: Improved Training of Supernets with Alpha-Divergence, 2021",
    specs: { alpha: number(-1), beta: number(1) },
    parts: ({ alpha, beta }) => ({
      parts: [alpha, beta].map((order) => alphaBeta({ alpha: order, beta: 1 - order })),
      weigh: largest,
    }),
  },
  "gkd": {
    source: "On-Policy Distillation of Language Models: Learning from Self-Generated Mistakes, 2024",
    specs: { beta: properFraction(0.5) },
    knobs: { lambda: (beta) => ({ beta }) },
    parts: jensenShannon,
  },
  "distillm": {
    source: "DistiLLM: Towards Streamlined Distillation for Large Language Models, 2024",
    specs: { skew },
    knobs: { lambda: (skew) => ({ skew }) },
    parts: ({ skew }) => arithmetic("pr", skew),
  },
  "taid": {
    source:
      "TAID: Temporally Adaptive Interpolated Distillation for Efficient Knowledge Transfer in Language Models, 2025",
    specs: { lambda: fraction(0.4) },
    knobs: { lambda: (lambda) => ({ lambda }) },
    parts: ({ lambda }) => ({
      parts: [{ divergence: klDivergence, order: "rq", assistant: { alpha: GEOMETRIC, lambda, detach: true } }],
    }),
  },
  "abkd": {
    source:
      "ABKD: Pursuing a Proper Allocation of the Probability Mass in Knowledge Distillation via α-β-Divergence, 2025",
    specs: { alpha: number(0.2), beta: number(0.7) },
    parts: (options) => ({ parts: [alphaBeta(options)] }),
  },
};
