/**
 * Settings of low-rank adapters.
 *
 * @module
 */
import { z } from "zod";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { addLora, mergeLora } from "../../lib/models/lora/add_lora.ts";
import { loadLora } from "../../lib/models/lora/lora_folder.ts";
import { saveAdaptedModel } from "../../lib/models/lora/save_adapted.ts";
import type { SaveModelOptions } from "../../lib/models/save_model.ts";
import { flagOf, inGroup } from "./field.ts";
import { UsageError } from "./usage_error.ts";
import { warnOnce } from "./warn_once.ts";

/** The adapters that are trained instead of the weights. */
export const loraFields = inGroup("Low-rank adapters", {
  loraRank: z.int().min(1).optional().describe(
    "train low-rank adapters of this rank instead of the weights; none if absent",
  ),
  loraAlpha: z.number().positive().optional().describe(
    "scale of the adapters' output, divided by the rank; 64 if absent",
  ),
  loraDropout: z.number().min(0).lt(1).optional().describe(
    "dropout of the adapters' inputs; 0 if absent",
  ),
  loraTargets: z.string().optional().describe(
    "adapted projections, joined by commas, or all-linear; q_proj and v_proj, or c_attn, if absent",
  ),
  loraMerge: z.boolean().default(false).describe("save the trained model with its adapters merged into the weights"),
});

/** The settings of {@linkcode loraFields}, as they are parsed. */
export type LoraSettings = z.output<z.ZodObject<typeof loraFields>>;

/** Options for {@linkcode adapt}. */
export interface AdaptOptions {
  settings: LoraSettings & { seed: number };
  /** What the model was loaded from, which its adapters' files will name. */
  base: string;
  /** A folder of initial adapters. */
  adapter?: string;
  /** Where settings came from, by key: those in files may be for other runs, and are warned about at most. */
  origins?: Readonly<Record<string, string>>;
}

/**
 * Gives a model the adapters that are to be trained, where the settings ask for some.
 *
 * @param model The model; it may have adapters, from the folder that it was loaded from.
 * @param options The settings, and a folder of initial adapters.
 * @throws {UsageError} If a setting of adapters is given that cannot be, or has no effect.
 */
export async function adapt(model: LanguageModel, options: AdaptOptions): Promise<void> {
  const { settings, base, adapter } = options;
  const { loraRank: rank, loraAlpha: alpha, loraDropout: dropout, loraTargets, seed } = settings;
  const had = model.lora !== undefined;
  if (adapter !== undefined) await loadLora(model, adapter, { seed, dropout, base });
  if (model.lora) {
    const { settings: found } = model.lora;
    const theirs = { loraRank: found.rank, loraAlpha: found.alpha, ...(had ? { loraDropout: found.dropout } : {}) };
    for (const [key, value] of Object.entries(theirs)) {
      const asked = settings[key as keyof typeof theirs];
      if (asked === undefined || asked === value) continue;
      const reason = `it must be that of the adapters in ${adapter ?? base}, which is ${value}`;
      throw new UsageError(`Cannot use ${flagOf(key)} ${asked}: ${reason}`);
    }
    doubt("loraTargets", `the adapters in ${adapter ?? base} have theirs, ${found.targets.join(",")}`, options);
    return;
  }
  if (rank === undefined) {
    for (const key of ["loraAlpha", "loraDropout", "loraTargets", "loraMerge"] as const) {
      doubt(key, `${flagOf("loraRank")} is needed, or a model with adapters`, options);
    }
    return;
  }
  const targets = loraTargets?.split(",").map((target) => target.trim());
  const { pairs } = addLora(model, { rank, alpha, dropout, targets, seed, base });
  const widths = [...pairs.values()].map(({ a, b }) => Math.min(a.shape[1]!, b.shape[0]!));
  const widest = Math.max(...widths);
  if (rank > widest) {
    doubt("loraRank", `a rank above ${widest}, the width of the adapted projections, has no benefit`, options);
  }
}

/** Refuses a flag that is invalid, and warns of a value in a file that has no effect. */
function doubt(key: keyof LoraSettings, reason: string, { settings, origins = {} }: AdaptOptions): void {
  const { [key]: value } = settings;
  const { [key]: origin } = origins;
  if (value === undefined || value === false || origin === undefined) return;
  if (!origin.startsWith("--")) return warnOnce(`"${key}" in ${origin}: ${reason}`);
  throw new UsageError(`Cannot use ${flagOf(key)}${value === true ? "" : ` ${value}`}: ${reason}`);
}

/** Saves a trained model: merged where the settings ask for it, else its adapters alone if it has some. */
export async function saveTrained(
  model: LanguageModel,
  folder: string,
  { settings, ...options }: SaveModelOptions & { settings: LoraSettings },
): Promise<void> {
  if (settings.loraMerge) mergeLora(model);
  await saveAdaptedModel(model, folder, options);
}
