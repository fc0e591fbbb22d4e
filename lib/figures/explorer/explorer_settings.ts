/**
 * The settings of the explorer, and their form in an address.
 *
 * @module
 */
import { type DivergenceName, divergences } from "../../divergences/registry.ts";
import { type Order, ORDERS } from "../../objectives/composition.ts";

/** What the user of the explorer sets. */
export interface ExplorerSettings {
  /** The name of the pair of teacher and student. */
  pair: string;
  /** The order of the mixture, any real number or ±∞. */
  alpha: number;
  /** The weight of the teacher in it, 0 to 1. */
  lambda: number;
  /** The divergence, with its default parameters. */
  divergence: DivergenceName;
  /** Its arguments. */
  order: Order;
  /** Whether no gradient goes through r; it counts only where the order names q beside r. */
  detach: boolean;
  /** The point or token whose numbers are shown, counted from 0. */
  point: number;
}

/** The contents of an address. */
export interface ReadSettings {
  /** The settings; those that could not be read are unchanged. */
  settings: ExplorerSettings;
  /** The parts that could not be read, `name=value`. */
  ignored: string[];
}

/** Reads a number as JavaScript writes it; undefined if the text is not one. */
function numberOf(text: string): number | undefined {
  return /^-?(Infinity|\d+(\.\d+)?(e[+-]?\d+)?)$/.test(text) ? Number(text) : undefined;
}

const readers: {
  [Key in keyof ExplorerSettings]: (text: string, pairs: readonly string[]) => ExplorerSettings[Key] | undefined;
} = {
  pair: (text, pairs) => pairs.includes(text) ? text : undefined,
  alpha: numberOf,
  lambda: (text) => {
    const value = numberOf(text);
    return value !== undefined && value >= 0 && value <= 1 ? value : undefined;
  },
  divergence: (text) => divergences().find((name) => name === text),
  order: (text) => ORDERS.find((order) => order === text),
  detach: (text) => text === "1" ? true : text === "0" ? false : undefined,
  point: (text) => /^\d{1,6}$/.test(text) ? Number(text) : undefined,
};

/**
 * Reads settings from the part of an address after `#`.
 *
 * @param hash `#alpha=1&lambda=0.5`, with or without the sign.
 * @param options The names of the pairs there are, and the defaults of settings that the address lacks.
 * @returns The settings, and what was ignored.
 *
 * @example What cannot be read is reported
 * ```ts
 * import assert from "node:assert/strict";
 * import { firstSettings, readSettings } from "./explorer_settings.ts";
 *
 * const { settings, ignored } = readSettings("#alpha=1&lambda=7", { pairs: ["gaussians"], start: firstSettings });
 * assert(settings.alpha === 1 && settings.lambda === firstSettings.lambda);
 * assert.deepEqual(ignored, ["lambda=7"]);
 * ```
 */
export function readSettings(
  hash: string,
  { pairs, start }: { pairs: readonly string[]; start: ExplorerSettings },
): ReadSettings {
  const settings: Record<string, unknown> = { ...start };
  const ignored: string[] = [];
  for (const [key, text] of new URLSearchParams(hash.replace(/^#/, ""))) {
    const value = Object.hasOwn(readers, key) ? readers[key as "alpha"](text, pairs) : undefined;
    if (value === undefined) ignored.push(`${key}=${text}`);
    else settings[key] = value;
  }
  return { settings: settings as unknown as ExplorerSettings, ignored };
}

/** Writes settings as the part of an address after `#`, the sign included. */
export function writeSettings({ pair, alpha, lambda, divergence, order, detach, point }: ExplorerSettings): string {
  const parts = { pair, alpha, lambda, divergence, order, detach: Number(detach), point };
  return `#${new URLSearchParams(Object.entries(parts).map(([key, value]) => [key, String(value)]))}`;
}

/** Where the explorer starts. */
export const firstSettings: ExplorerSettings = {
  pair: "mixtures",
  alpha: -1,
  lambda: 0.5,
  divergence: "kl",
  order: "pr",
  detach: false,
  point: 320,
};

/** A published method as a place among the settings. */
export interface ExplorerMethod {
  /** What it is called. */
  title: string;
  /** Why it is the same, a short sentence. */
  detail: string;
  /** Its settings. */
  settings: Pick<ExplorerSettings, "order" | "detach"> & Partial<ExplorerSettings>;
}

/** Methods by their papers' names, as places among the settings. */
export const explorerMethods: readonly ExplorerMethod[] = [
  { title: "forward KL", detail: "KL(p‖q): no assistant", settings: { order: "pq", detach: false } },
  { title: "reverse KL", detail: "KL(q‖p): no assistant", settings: { order: "qp", detach: false } },
  {
    title: "GKD",
    detail: "KL(p‖r), one half of GKD’s divergence; the other is KL(q‖r)",
    settings: { order: "pr", detach: false, alpha: -1, lambda: 0.5 },
  },
  {
    title: "DistiLLM",
    detail: "KL(p‖r), the skewed KL with skew 0.1",
    settings: { order: "pr", detach: false, alpha: -1, lambda: 0.1 },
  },
  {
    title: "TAID",
    detail: "KL(r‖q), r the geometric mixture, held constant",
    settings: { order: "rq", detach: true, alpha: 1, lambda: 0.4 },
  },
];
