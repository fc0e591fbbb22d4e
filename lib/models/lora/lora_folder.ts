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

/** The prefix that `peft` adds to a projection's name. */
const PREFIX = "base_model.model.";

/**
 * Saves a model's adapters, without the model's parameters.
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
    // Whether weights have the layout [inputs, outputs], as in GPT-2's Conv1D.
    fan_in_fan_out: [...lora.pairs.keys()].some((name) => projections.get(name)!.inputFirst),
    bias: "none",
    inference_mode: true,
    // A loader must subtract the same part from the base model's weights.
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
   * The seed of dropout.
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
   * The base model that the adapters' files will name when they are saved again.
   *
   * @default {what the folder names}
   */
  base?: string;
}

/**
 * Loads adapters from a folder written by {@linkcode saveLora} or by Python's `peft` into a model. If they were
 * initialized by `pissa` or `olora`, the same part as in peft is subtracted from the model's weights; `mergeLora` adds
 * it back, trained.
 *
 * @param model Their base model; it must not have adapters yet.
 * @param folder The folder.
 * @returns The adapters, also in `model.lora`.
 * @throws {Deno.errors.NotFound} If a file is missing; the message names it.
 * @throws {SyntaxError} If a file does not follow its format.
 * @throws {RangeError} If a setting is unsupported, or tensors are missing, of wrong shapes, of no projection of the
 * model, not covered by the settings, or not finite; the message names the file.
 *
 * @example Adapters of one model loaded into a copy of it
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

/** The suffixes for the configuration; the full names if the suffixes would match other projections too. */
function targetsOf(model: LanguageModel, names: string[], targets: PeftConfig["target_modules"]): string[] {
  if (!Array.isArray(targets)) return names;
  const meant = [...adaptable(model).keys()].filter((name) => targets.some((target) => isMeant(name, target)));
  return meant.length === names.length && meant.every((name) => names.includes(name)) ? targets : names;
}
