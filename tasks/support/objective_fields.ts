/**
 * Settings of the distillation loss.
 *
 * @module
 */
import { z } from "zod";
import { objective, objectives } from "../../lib/objectives/mod.ts";
import type { Objective } from "../../lib/objectives/objective.ts";
import { extendedNumber, inGroup } from "./field.ts";
import { UsageError } from "./usage_error.ts";

/** The objective by name, and the options that some of them have. */
export const objectiveFields = inGroup("Objective", {
  distillWeight: z.number().min(0).max(1).default(1).describe(
    "weight of the distillation loss; next-token loss has the rest",
  ),
  objective: z.enum(objectives() as [string, ...string[]]).default("amid").describe("the distillation loss"),
  divergence: z.string().optional().describe("amid: the divergence, such as kl or alpha-beta; kl if absent"),
  divergenceAlpha: z.number().optional().describe("amid: the divergence's own alpha, where it has one"),
  divergenceBeta: z.number().optional().describe("amid: the divergence's own beta, where it has one"),
  order: z.string().optional().describe("amid: the divergence's arguments, pr, qr, rp, rq, pq or qp; pr if absent"),
  alpha: extendedNumber().optional().describe("amid: order of the mixture; alpha-beta, abkd, alphanet: their alpha"),
  lambda: z.number().optional().describe("amid, taid: weight of the teacher in the mixture, 0 to 1"),
  beta: z.number().optional().describe("jensen-shannon, gkd, alpha-beta, abkd, alphanet: their beta"),
  skew: z.number().optional().describe("skewed-forward-kl, skewed-reverse-kl, distillm: the skew"),
  mu: z.number().optional().describe("adaptive-kl: cumulative probability of the head"),
  weight: z.number().optional().describe("wsd: weight of the reverse divergence"),
  detachAssistant: z.boolean().optional().describe("amid: stop the gradient at the assistant"),
});

const optionNames = ["order", "alpha", "lambda", "beta", "skew", "mu", "weight", "detachAssistant"] as const;

/** The settings of {@linkcode objectiveFields}, as they are parsed. */
export type ObjectiveSettings = z.output<z.ZodObject<typeof objectiveFields>>;

/** Where the built-in run's α-mixture differs from the objective's own defaults. */
export const builtInMixture = { alpha: 0, lambda: 0.1 };

/**
 * Makes the objective that the settings ask for.
 *
 * @throws {UsageError} If it has no such option, or the value makes no sense; the message names it.
 */
export function objectiveOf(settings: ObjectiveSettings): Objective {
  const given = optionNames.flatMap((name) => settings[name] === undefined ? [] : [[name, settings[name]] as const]);
  const options: Record<string, unknown> = Object.fromEntries(given);
  if (settings.objective === "amid") {
    Object.assign(options, { ...builtInMixture, ...options, ...divergenceOf(settings) });
  }
  try {
    return objective(settings.objective as "amid", options);
  } catch (cause) {
    throw new UsageError((cause as Error).message, { cause });
  }
}

function divergenceOf({ divergence, divergenceAlpha: alpha, divergenceBeta: beta }: ObjectiveSettings) {
  const own = Object.entries({ alpha, beta }).filter(([, value]) => value !== undefined);
  if (own.length > 0) return { divergence: { name: divergence ?? "kl", ...Object.fromEntries(own) } };
  return divergence === undefined ? {} : { divergence };
}
