/**
 * The divergences by name.
 *
 * To add one, write a file in this folder and a line in {@linkcode kinds} (and in {@linkcode DivergenceParameters}).
 *
 * @module
 */
import { alphaBetaDivergence, type AlphaBetaOptions } from "./alpha_beta.ts";
import { amariDivergence, type AmariOptions } from "./amari.ts";
import { chiSquaredDivergence } from "./chi_squared.ts";
import type { Divergence } from "./divergence.ts";
import { jeffreysDivergence } from "./jeffreys.ts";
import { jensenShannonDivergence, type JensenShannonOptions } from "./jensen_shannon.ts";
import { klDivergence } from "./kl.ts";
import { number, type OptionSpecs, readOptions, show } from "./option.ts";
import { renyiDivergence, type RenyiOptions } from "./renyi.ts";
import { squaredHellingerDivergence } from "./squared_hellinger.ts";
import { totalVariationDivergence } from "./total_variation.ts";

/** No options. */
export type None = Record<never, never>;

/** The parameters that each divergence takes. */
export interface DivergenceParameters {
  /** Kullback–Leibler. */
  "kl": None;
  /** Amari's α-divergence. */
  "amari": AmariOptions;
  /** The αβ-divergence. */
  "alpha-beta": AlphaBetaOptions;
  /** Rényi's divergence. */
  "renyi": RenyiOptions;
  /** Jensen–Shannon, weighted. */
  "jensen-shannon": JensenShannonOptions;
  /** Kullback–Leibler in both directions, summed. */
  "jeffreys": None;
  /** Half the sum of absolute differences. */
  "total-variation": None;
  /** The squared Hellinger distance. */
  "squared-hellinger": None;
  /** Pearson's χ². */
  "chi-squared": None;
}

/** The name of a divergence. */
export type DivergenceName = keyof DivergenceParameters;

/** A divergence by name, with default parameters, or with parameters beside the name. */
export type DivergenceOption =
  | DivergenceName
  | { [Name in DivergenceName]: { name: Name } & Partial<DivergenceParameters[Name]> }[DivergenceName];

interface Kind<Parameters extends object> {
  specs: OptionSpecs<Parameters>;
  create(parameters: Required<Parameters>): Divergence;
}

/** A divergence without parameters. */
const only = (divergence: Divergence): Kind<None> => ({ specs: {}, create: () => divergence });

const kinds: { [Name in DivergenceName]: Kind<DivergenceParameters[Name]> } = {
  "kl": only(klDivergence),
  "amari": { specs: { alpha: number(0) }, create: amariDivergence },
  "alpha-beta": { specs: { alpha: number(0.2), beta: number(0.7) }, create: alphaBetaDivergence },
  "renyi": { specs: { order: number(0.5, { min: 0, aboveMin: true }) }, create: renyiDivergence },
  "jensen-shannon": {
    specs: { beta: number(0.5, { min: 0, max: 1, aboveMin: true, belowMax: true }) },
    create: jensenShannonDivergence,
  },
  "jeffreys": only(jeffreysDivergence),
  "total-variation": only(totalVariationDivergence),
  "squared-hellinger": only(squaredHellingerDivergence),
  "chi-squared": only(chiSquaredDivergence),
};

/**
 * The names of the divergences.
 *
 * @example All of them
 * ```ts
 * import { divergences } from "@amid/amid";
 *
 * console.log(divergences()); // "kl", "amari", …
 * ```
 */
export function divergences(): DivergenceName[] {
  return Object.keys(kinds) as DivergenceName[];
}

/**
 * Finds a divergence.
 *
 * Default parameters: `amari` α = 0, `alpha-beta` α = 0.2 and β = 0.7, `renyi` order ½, `jensen-shannon` β = ½.
 *
 * @throws {TypeError} If it is neither a name nor an object with one, or a parameter is unknown or of the wrong kind.
 * @throws {RangeError} If there is no divergence of that name, or a parameter is out of range.
 *
 * @example By name, and with parameters
 * ```ts
 * import { divergence } from "@amid/amid";
 *
 * divergence("kl");
 * divergence({ name: "alpha-beta", alpha: 0.2, beta: 0.7 });
 * ```
 */
export function divergence(option: DivergenceOption): Divergence {
  const { name, ...parameters } = resolvedDivergence(option);
  const made = (kinds[name] as Kind<object>).create(parameters);
  builtIn.add(made);
  return made;
}

const builtIn = new WeakSet<Divergence>();

/** Whether {@linkcode divergence} created it, so that its name and parameters describe it fully. */
export function isBuiltIn(divergence: Divergence): boolean {
  return builtIn.has(divergence);
}

/** The parameters that a divergence takes, each with its default and its check. */
export function divergenceSpecs(name: DivergenceName): OptionSpecs<Record<string, unknown>> {
  return kinds[name].specs;
}

/** A divergence as plain data, with all of its parameters; it throws what {@linkcode divergence} does. */
export function resolvedDivergence(option: DivergenceOption): Exclude<DivergenceOption, string> {
  const { name, ...parameters } = typeof option === "string" ? { name: option } : { ...option };
  if (typeof name !== "string") {
    throw new TypeError(
      `Cannot make a divergence: it must be a name or an object with one, current value is ${show(option)}`,
    );
  }
  if (!Object.hasOwn(kinds, name)) {
    throw new RangeError(
      `Cannot make a divergence: its name must be one of ${divergences().join(", ")}, current value is ${name}`,
    );
  }
  const { specs } = kinds[name] as Kind<object>;
  return { name, ...readOptions<object>(parameters, { owner: `the divergence ${name}`, specs }) };
}
