/**
 * Adapters from and to folders of Python's `peft`: `adapter_config.json` and `adapter_model.safetensors`.
 *
 * @module
 */
import { aModel, aText, checkArguments } from "../../arguments/check_arguments.ts";
import { join } from "node:path";
import type * as tf from "@tensorflow/tfjs-core";
import { writeAtomically } from "../../files/atomic_write.ts";
import type { LanguageModel } from "../language_model.ts";
import { Lora } from "./lora.ts";
import { attachLora } from "./add_lora.ts";
import { ADAPTER_CONFIG, type PeftConfig, readPeftConfig } from "./lora_config.ts";
import { takeOutStart } from "./lora_split.ts";
import { readLoraStart } from "./lora_start.ts";
import { adaptable, isMeant } from "./lora_targets.ts";
import { ADAPTER_WEIGHTS, readLoraPairs } from "./lora_weights.ts";
import { encodeSafetensors } from "../weights/safetensors.ts";

export { ADAPTER_WEIGHTS };

/** What `peft` puts before a projection's name. */
const PREFIX = "base_model.model.";

/**
 * Saves a model's adapters; the model's own parameters are not among them.
 *
 * @param model A model with adapters.
 * @param folder The folder; it is created if absent.
 * @throws {TypeError} If the model has no adapters.
 * @throws {Error} If a file cannot be written.
 *
 * @example The adapters alone
 * ```ts
 * import assert from "node:assert/strict";
 * import { addLora, loadModel, saveLora, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const model = await loadModel("data/student-start");
 * addLora(model, { rank: 4, base: "data/student-start" });
 * const folder = await Deno.makeTempDir();
 * await saveLora(model, folder);
 * const files = [...Deno.readDirSync(folder)].map(({ name }) => name);
 * assert.deepEqual(files.sort(), ["adapter_config.json", "adapter_model.safetensors"]);
 * ```
 */
export async function saveLora(model: LanguageModel, folder: string): Promise<void> {
  checkArguments("save adapters", { model: [model, aModel], folder: [folder, aText] });
  const { lora } = model;
  if (!lora) throw new TypeError("Cannot save adapters: the model has none");
  const { rank, alpha, dropout, targets, base, revision, start } = lora.settings;
  await Deno.mkdir(folder, { recursive: true });
  const tensors = peftTensors(lora);
  const shapes = new Map([...tensors].map(([name, { shape }]) => [name, shape]));
  const numbers = async (name: string) => await tensors.get(name)!.data() as Float32Array<ArrayBuffer>;
  await writeAtomically(join(folder, ADAPTER_WEIGHTS), encodeSafetensors(shapes, numbers, "F32"));
  const projections = adaptable(model);
  const config: PeftConfig = {
    peft_type: "LORA",
    task_type: "CAUSAL_LM",
    base_model_name_or_path: base ?? null,
    revision: revision ?? null,
    r: rank,
    lora_alpha: alpha,
    lora_dropout: dropout,
    target_modules: [...targets],
    // Whether weights lie as [inputs, outputs], which is so for GPT-2's Conv1D.
    fan_in_fan_out: [...lora.pairs.keys()].some((name) => projections.get(name)!.inputFirst),
    bias: "none",
    inference_mode: true,
    // Whoever loads them must take out of the base's weights what was taken out of the model's.
    init_lora_weights: start ?? true,
    use_rslora: lora.settings.scale !== alpha / rank,
  };
  await writeAtomically(join(folder, ADAPTER_CONFIG), JSON.stringify(config, null, 2) + "\n");
}

/** Adapters by the names that their tensors have in {@linkcode ADAPTER_WEIGHTS}. */
export function peftTensors(lora: Lora): Map<string, tf.Variable> {
  return new Map([...lora.parameters].map(([name, tensor]) => [`${PREFIX}${name}`, tensor]));
}

/** Options for {@linkcode loadLora}. */
export interface LoadLoraOptions {
  /**
   * Decides what dropout drops.
   *
   * @default {0}
   */
  seed?: number;
  /**
   * The share that is dropped in training.
   *
   * @default {the folder's own}
   */
  dropout?: number;
  /**
   * What the adapters' files will name as the model they belong to, once they are saved again.
   *
   * @default {what the folder names}
   */
  base?: string;
}

/**
 * Puts the adapters of a folder, made by {@linkcode saveLora} or by Python's `peft`, on a model. Where they started as
 * `pissa` or `olora`, the model's weights lose what peft takes out of them; `mergeLora` gives it back, trained.
 *
 * @param model The model that they belong to; it has no adapters yet.
 * @param folder The folder.
 * @returns The adapters; `model.lora` from now on.
 * @throws {Deno.errors.NotFound} If a file is missing; the message names it.
 * @throws {SyntaxError} If a file is not what its format asks for.
 * @throws {RangeError} If the settings are of a kind that is not supported, or tensors are missing, of other shapes, of
 * no projection of the model or none that the settings mean, or not finite; the message names the file.
 *
 * @example Adapters of one model on another that started as it did
 * ```ts
 * import assert from "node:assert/strict";
 * import { addLora, loadLora, loadModel, saveLora, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const adapted = await loadModel("data/student-start");
 * addLora(adapted, { rank: 4 });
 * const folder = await Deno.makeTempDir();
 * await saveLora(adapted, folder);
 *
 * const { settings } = await loadLora(await loadModel("data/student-start"), folder);
 * assert.equal(settings.rank, 4);
 * ```
 */
export async function loadLora(model: LanguageModel, folder: string, options: LoadLoraOptions = {}): Promise<Lora> {
  checkArguments("load adapters", { model: [model, aModel], folder: [folder, aText] });
  if (model.lora) {
    throw new RangeError("Cannot adapt the model: it must have no adapters yet, merge or free them first");
  }
  const config = await readPeftConfig(join(folder, ADAPTER_CONFIG));
  const { seed = 0, dropout = config.lora_dropout, base = config.base_model_name_or_path ?? undefined } = options;
  const { r: rank, lora_alpha: alpha } = config;
  const pairs = await readLoraPairs(join(folder, ADAPTER_WEIGHTS), { model, config });
  const scale = config.use_rslora ? alpha / Math.sqrt(rank) : alpha / rank;
  const start = readLoraStart(config.init_lora_weights, join(folder, ADAPTER_CONFIG));
  if (start !== undefined) {
    for (const name of pairs.keys()) {
      await takeOutStart(model.parameters.get(`${name}.weight`)!, { start, rank, scale, name });
    }
  }
  const targets = targetsOf(model, [...pairs.keys()], config.target_modules);
  const revision = base === config.base_model_name_or_path ? config.revision ?? undefined : undefined;
  const settings = { rank, alpha, dropout, targets, seed, base, scale };
  return attachLora(model, new Lora(pairs, { ...settings, ...(revision && { revision }), ...(start && { start }) }));
}

/** The ends of names in the configuration; the whole names where these would mean other projections than there are. */
function targetsOf(model: LanguageModel, names: string[], targets: PeftConfig["target_modules"]): string[] {
  if (!Array.isArray(targets)) return names;
  const meant = [...adaptable(model).keys()].filter((name) => targets.some((target) => isMeant(name, target)));
  return meant.length === names.length && meant.every((name) => names.includes(name)) ? targets : names;
}
