/**
 * Settings of low-rank adapters.
 *
 * @module
 */
import { z } from "zod";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { addLora, mergeLora } from "../../lib/models/lora.ts";
import { loadLora } from "../../lib/models/lora_folder.ts";
import { saveAdaptedModel } from "../../lib/models/save_adapted.ts";
import type { SaveModelOptions } from "../../lib/models/save_model.ts";
import { inGroup } from "./field.ts";
import { UsageError } from "./usage_error.ts";

/** The adapters that are trained in place of the weights. */
export const loraFields = inGroup("Low-rank adapters", {
  loraRank: z.int().min(1).optional().describe(
    "train low-rank adapters of this rank in place of the weights; none if absent",
  ),
  loraAlpha: z.number().positive().optional().describe(
    "what adapters add is scaled by this over the rank; 64 if absent",
  ),
  loraDropout: z.number().min(0).lt(1).optional().describe(
    "share of the adapters' inputs that are dropped; 0 if absent",
  ),
  loraTargets: z.string().optional().describe(
    "projections with an adapter, joined by commas, or all-linear; q_proj and v_proj, or c_attn, if absent",
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
  /** A folder of adapters to begin with. */
  adapter?: string;
}

/**
 * Gives a model the adapters that are to be trained, where the settings ask for some.
 *
 * @param model The model; it may have adapters, from the folder that it was loaded from.
 * @param options The settings, and a folder of adapters to begin with.
 * @throws {UsageError} If settings of adapters are given without any, or a rank other than that of the adapters there are.
 */
export async function adapt(model: LanguageModel, { settings, base, adapter }: AdaptOptions): Promise<void> {
  const { loraRank: rank, loraAlpha: alpha, loraDropout: dropout, loraTargets, seed } = settings;
  if (adapter !== undefined) await loadLora(model, adapter, { seed, dropout, base });
  const found = model.lora?.settings;
  if (found) {
    const asked = { rank, alpha };
    for (const name of ["rank", "alpha"] as const) {
      if (asked[name] === undefined || asked[name] === found[name]) continue;
      throw new UsageError(
        `Cannot use --lora-${name} ${asked[name]}: it must be that of the adapters in ${adapter ?? base}, which is ` +
          found[name],
      );
    }
    return;
  }
  if (rank === undefined) {
    const key = Object.entries({ alpha, dropout, targets: loraTargets }).find(([, value]) => value !== undefined)?.[0];
    if (key !== undefined) throw new UsageError(`Cannot use --lora-${key}: --lora-rank is needed, it is absent`);
    return;
  }
  const targets = loraTargets?.split(",").map((target) => target.trim());
  addLora(model, { rank, alpha, dropout, targets, seed, base });
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
