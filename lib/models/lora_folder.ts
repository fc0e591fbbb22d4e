/**
 * Adapters from and to folders of Python's `peft`: `adapter_config.json` and `adapter_model.safetensors`.
 *
 * @module
 */
import { join } from "node:path";
import type * as tf from "@tensorflow/tfjs-core";
import { writeAtomically } from "../files/atomic_write.ts";
import type { LanguageModel } from "./language_model.ts";
import { toVariable } from "./to_variable.ts";
import { attachLora, Lora, type LoraPair } from "./lora.ts";
import { type PeftConfig, readPeftConfig } from "./lora_config.ts";
import { adaptable, isMeant } from "./lora_targets.ts";
import { encodeSafetensors, SafetensorsFile } from "./safetensors.ts";

const CONFIG = "adapter_config.json";
/** The file of the adapters' tensors. */
export const ADAPTER_WEIGHTS = "adapter_model.safetensors";

/** What `peft` puts before a projection's name. */
const PREFIX = "base_model.model.";

/**
 * Saves a model's adapters; the model's own parameters are not among them.
 *
 * @param model A model with adapters.
 * @param folder The folder; it is made if it is not there.
 * @throws {TypeError} If the model has no adapters.
 * @throws {Error} If a file cannot be written.
 */
export async function saveLora(model: LanguageModel, folder: string): Promise<void> {
  const { lora } = model;
  if (!lora) throw new TypeError("Cannot save adapters: the model has none");
  const { rank, alpha, dropout, targets, base } = lora.settings;
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
    r: rank,
    lora_alpha: alpha,
    lora_dropout: dropout,
    target_modules: [...targets],
    // Whether weights lie as [inputs, outputs], which is so for GPT-2's Conv1D.
    fan_in_fan_out: [...lora.pairs.keys()].some((name) => projections.get(name)!.inputFirst),
    bias: "none",
    inference_mode: true,
    init_lora_weights: true,
    use_rslora: lora.settings.scale !== alpha / rank,
  };
  await writeAtomically(join(folder, CONFIG), JSON.stringify(config, null, 2) + "\n");
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
 * Puts the adapters of a folder, made by {@linkcode saveLora} or by Python's `peft`, on a model.
 *
 * @param model The model that they belong to; it has no adapters yet.
 * @param folder The folder.
 * @returns The adapters; `model.lora` from now on.
 * @throws {SyntaxError} If a file is not what its format asks for.
 * @throws {RangeError} If the settings are of a kind that is not supported, or tensors are missing, of other shapes, of
 * no projection of the model, or not finite; the message names the file.
 */
export async function loadLora(model: LanguageModel, folder: string, options: LoadLoraOptions = {}): Promise<Lora> {
  const config = await readPeftConfig(join(folder, CONFIG));
  const { seed = 0, dropout = config.lora_dropout, base = config.base_model_name_or_path ?? undefined } = options;
  const { r: rank, lora_alpha: alpha } = config;
  const file = await SafetensorsFile.open(join(folder, ADAPTER_WEIGHTS));
  const pairs = new Map<string, LoraPair>();
  try {
    for (const [name, parts] of pairsIn(file)) pairs.set(name, await readPair(name, parts, { model, file, rank }));
  } catch (error) {
    for (const { a, b } of pairs.values()) [a, b].forEach((variable) => variable.dispose());
    throw error;
  } finally {
    file.close();
  }
  const scale = config.use_rslora ? alpha / Math.sqrt(rank) : alpha / rank;
  const targets = targetsOf(model, [...pairs.keys()], config.target_modules);
  return attachLora(model, new Lora(pairs, { rank, alpha, dropout, targets, seed, base, scale }));
}

/** The ends of names in the configuration; the whole names where these would mean other projections than there are. */
function targetsOf(model: LanguageModel, names: string[], targets: PeftConfig["target_modules"]): string[] {
  if (!Array.isArray(targets)) return names;
  const meant = [...adaptable(model).keys()].filter((name) => targets.some((target) => isMeant(name, target)));
  return meant.length === names.length && meant.every((name) => names.includes(name)) ? targets : names;
}

/** The names of the two tensors of each projection. */
function pairsIn({ path, tensors }: SafetensorsFile): Map<string, { a: string; b: string }> {
  const found = new Map<string, { a?: string; b?: string }>();
  for (const tensorName of tensors.keys()) {
    const match = /^base_model\.model\.(.+)\.lora_([AB])\.weight$/.exec(tensorName);
    if (!match) throw new RangeError(`Cannot load ${path}: "${tensorName}" is no tensor of an adapter`);
    const [, name, part] = match;
    found.set(name, { ...found.get(name), [part === "A" ? "a" : "b"]: tensorName });
  }
  for (const [name, { a, b }] of found) {
    if (!a || !b) throw new RangeError(`Cannot load ${path}: lora_${a ? "B" : "A"} of "${name}" is missing`);
  }
  if (found.size === 0) throw new RangeError(`Cannot load ${path}: it holds no tensor`);
  return found as Map<string, { a: string; b: string }>;
}

async function readPair(
  name: string,
  parts: { a: string; b: string },
  { model, file, rank }: { model: LanguageModel; file: SafetensorsFile; rank: number },
): Promise<LoraPair> {
  const projection = adaptable(model).get(name);
  if (!projection) throw new RangeError(`Cannot load ${file.path}: "${name}" is no projection of this model`);
  const { inputs, outputs } = projection;
  const read = async (tensorName: string, shape: number[]) => {
    const actual = file.tensors.get(tensorName)!.shape;
    if (actual.join() !== shape.join()) {
      throw new RangeError(
        `Cannot load ${file.path}: "${tensorName}" must have the shape [${shape}], the file has [${actual}]`,
      );
    }
    const numbers = await file.read(tensorName);
    const culprit = numbers.findIndex((number) => !Number.isFinite(number));
    if (culprit >= 0) {
      throw new RangeError(`Cannot load ${file.path}: "${tensorName}" holds ${numbers[culprit]} at index ${culprit}`);
    }
    return toVariable(numbers, shape);
  };
  const a = await read(parts.a, [rank, inputs]);
  try {
    return { a, b: await read(parts.b, [outputs, rank]) };
  } catch (error) {
    a.dispose();
    throw error;
  }
}
