/**
 * The tensors of a folder of adapters: `adapter_model.safetensors`, or `adapter_model.bin` as older versions of peft write.
 *
 * @module
 */
import { basename } from "node:path";
import { exists } from "../../files/exists.ts";
import type { LanguageModel } from "../language_model.ts";
import type { LoraPair } from "./lora.ts";
import { ADAPTER_CONFIG, type PeftConfig } from "./lora_config.ts";
import { adaptable, meantByPeft } from "./lora_targets.ts";
import { SafetensorsFile } from "../weights/safetensors.ts";
import { toVariable } from "../weights/to_variable.ts";
import { TorchFile } from "../weights/torch/torch_file.ts";
import type { WeightFile } from "../weights/weight_file.ts";

/** The name of the file that is written, and read where it is there. */
export const ADAPTER_WEIGHTS = "adapter_model.safetensors";

/**
 * Reads the adapters.
 *
 * @param path The file.
 * @throws {Deno.errors.NotFound} If there is no such file.
 * @throws {SyntaxError} If it is not what its format asks for.
 * @throws {RangeError} If tensors are missing, of wrong shapes, of no projection of the model, not covered by the
 * configuration, or not finite; the message names the file.
 */
export async function readLoraPairs(
  path: string,
  { model, config }: { model: LanguageModel; config: PeftConfig },
): Promise<Map<string, LoraPair>> {
  const file = await openWeights(path);
  const pairs = new Map<string, LoraPair>();
  try {
    const found = pairsIn(file);
    for (const [name, parts] of found) {
      pairs.set(name, await readPair(name, parts, { model, file, rank: config.r }));
    }
    checkMeant(path, [...found.keys()], { model, config });
    return pairs;
  } catch (error) {
    for (const { a, b } of pairs.values()) [a, b].forEach((variable) => variable.dispose());
    throw error;
  } finally {
    file.close();
  }
}

async function openWeights(path: string): Promise<WeightFile> {
  try {
    return await SafetensorsFile.open(path);
  } catch (cause) {
    if (!(cause instanceof Deno.errors.NotFound) || !cause.message.includes("no such file")) throw cause;
    const older = path.replace(/\.safetensors$/, ".bin");
    if (await exists(older)) return await TorchFile.open(older);
    throw new Deno.errors.NotFound(`Cannot load adapters: there is no ${path}, nor ${basename(older)}`, { cause });
  }
}

/** The tensors must belong to projections that the configuration covers; peft would silently ignore others. */
function checkMeant(
  path: string,
  names: string[],
  { model, config }: { model: LanguageModel; config: PeftConfig },
): void {
  const meant = meantByPeft([...adaptable(model).keys()], config);
  if (!meant) return;
  const stranger = names.find((name) => !meant.includes(name));
  if (stranger !== undefined) {
    throw new RangeError(
      `Cannot load ${path}: "${stranger}" must be a projection that target_modules, exclude_modules and ` +
        `layers_to_transform of ${ADAPTER_CONFIG} select`,
    );
  }
  const missing = meant.find((name) => !names.includes(name));
  // An adapter that is not in the file adds nothing, unless it was initialized at random.
  if (missing !== undefined && config.init_lora_weights === false) {
    throw new RangeError(
      `Cannot load ${path}: it must hold adapters of all projections that ${ADAPTER_CONFIG} selects if init_lora_weights is ` +
        `false, those of "${missing}" are missing`,
    );
  }
}

/** The names of the two tensors of each projection. */
function pairsIn({ path, tensors }: WeightFile): Map<string, { a: string; b: string }> {
  const found = new Map<string, { a?: string; b?: string }>();
  for (const tensorName of tensors.keys()) {
    const match = /^base_model\.model\.(.+)\.lora_([AB])\.weight$/.exec(tensorName);
    if (!match) throw new RangeError(`Cannot load ${path}: "${tensorName}" is not a tensor of an adapter`);
    const [, name, part] = match;
    found.set(name, { ...found.get(name), [part === "A" ? "a" : "b"]: tensorName });
  }
  for (const [name, { a, b }] of found) {
    if (!a || !b) throw new RangeError(`Cannot load ${path}: lora_${a ? "B" : "A"} of "${name}" is missing`);
  }
  if (found.size === 0) throw new RangeError(`Cannot load ${path}: it holds no tensors`);
  return found as Map<string, { a: string; b: string }>;
}

async function readPair(
  name: string,
  parts: { a: string; b: string },
  { model, file, rank }: { model: LanguageModel; file: WeightFile; rank: number },
): Promise<LoraPair> {
  const projection = adaptable(model).get(name);
  if (!projection) throw new RangeError(`Cannot load ${file.path}: "${name}" is not a projection of this model`);
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
