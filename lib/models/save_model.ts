/**
 * Saves models as Hugging Face folders, which the Python library transformers loads.
 *
 * @module
 */
import { aModel, aText, checkArguments } from "../arguments/check_arguments.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { bytesPerNumber, type WeightFormat } from "./weights/float_formats.ts";
import type { LanguageModel } from "./language_model.ts";
import { encodeSafetensors } from "./weights/safetensors.ts";
import { INDEX_FILE, SINGLE_FILE } from "./weights/weight_files.ts";

/** Options for {@linkcode saveModel}. */
export interface SaveModelOptions {
  /**
   * The number format of the file.
   *
   * @default {"F32"}
   */
  format?: WeightFormat;
  /**
   * The maximum number of bytes of weights per file. A larger model is split into several files, with an index; a
   * tensor is never split.
   *
   * @default {5e9}
   */
  shardBytes?: number;
}

/**
 * Saves a model as a Hugging Face folder: `config.json`, `generation_config.json` and the weights. Each file is written
 * under a temporary name and moved into place; previous weight files with other names are removed at the end.
 *
 * @param model The model.
 * @param folder The folder; it is created if absent.
 * @throws {RangeError} If `shardBytes` is invalid.
 * @throws {TypeError} If it has adapters, which would be lost.
 * @throws {Error} If a file cannot be written, or a value is too large for the format.
 *
 * @example Saved at half the size and loaded again
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadModel, saveModel, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const model = await loadModel("data/student-start");
 * const folder = await Deno.makeTempDir();
 * await saveModel(model, folder, { format: "BF16" });
 * assert.equal((await loadModel(folder)).parameterCount, model.parameterCount);
 * ```
 */
export async function saveModel(model: LanguageModel, folder: string, options: SaveModelOptions = {}): Promise<void> {
  checkArguments("save a model", { model: [model, aModel], folder: [folder, aText] });
  const { format = "F32", shardBytes = 5e9 } = options;
  if (model.lora !== undefined) {
    const { start } = model.lora.settings;
    const reason = start === undefined ? "" : `, and hold a part of its weights, as they were initialized by ${start}`;
    throw new TypeError(
      `Cannot save a model: it must have no adapters, which would be lost${reason}; merge them with mergeLora(), or save ` +
        "them with saveLora()",
    );
  }
  if (!(shardBytes > 0)) {
    throw new RangeError(`Cannot save a model: shardBytes must be above 0, current value is ${shardBytes}`);
  }
  await Deno.mkdir(folder, { recursive: true });
  const shards = divide(model, { format, shardBytes });
  const nameOf = (index: number) => shards.length === 1 ? SINGLE_FILE : shardName(index, shards.length);
  for (const [index, shapes] of shards.entries()) {
    await writeAtomically(`${folder}/${nameOf(index)}`, encodeSafetensors(shapes, numbersOf(model), format));
  }
  const names = shards.map((_, index) => nameOf(index));
  if (shards.length > 1) {
    const weightMap = shards.flatMap((shapes, index) => [...shapes.keys()].map((name) => [name, names[index]]));
    const metadata = { total_size: model.parameterCount * bytesPerNumber[format] };
    await writeJson(`${folder}/${INDEX_FILE}`, { metadata, weight_map: Object.fromEntries(weightMap) });
    names.push(INDEX_FILE);
  }
  const dtype = { F32: "float32", F16: "float16", BF16: "bfloat16" }[format];
  // dtype's name before transformers 5, and the quantisation that the weights came from: they are saved unquantised.
  const { torch_dtype: _, quantization_config: __, ...json } = model.config.json;
  await writeJson(`${folder}/config.json`, { architectures: [model.family.architecture], ...json, dtype });
  await writeJson(`${folder}/generation_config.json`, model.config.generation ?? generationFields(json));
  await removeOthers(folder, names);
}

const numbersOf = (model: LanguageModel) => async (name: string) =>
  await model.parameters.get(name)!.data() as Float32Array<ArrayBuffer>;

/** The special tokens of generation, from where transformers would take them. */
function generationFields(json: Record<string, unknown>): Record<string, unknown> {
  const fields = ["bos_token_id", "eos_token_id", "pad_token_id"].filter((field) => json[field] != null);
  return { _from_model_config: true, ...Object.fromEntries(fields.map((field) => [field, json[field]])) };
}

/** The shapes of each file's tensors by name, in the order of the parameters. */
function divide(
  model: LanguageModel,
  { format, shardBytes }: Required<Pick<SaveModelOptions, "format" | "shardBytes">>,
): Map<string, number[]>[] {
  const shards: Map<string, number[]>[] = [];
  let filled = Infinity;
  for (const [name, { shape, size }] of model.parameters) {
    const bytes = size * bytesPerNumber[format];
    if (filled + bytes > shardBytes) {
      shards.push(new Map());
      filled = 0;
    }
    shards.at(-1)!.set(name, shape);
    filled += bytes;
  }
  return shards;
}

const shardName = (index: number, count: number): string => {
  const digits = (number: number) => String(number).padStart(5, "0");
  return `model-${digits(index + 1)}-of-${digits(count)}.safetensors`;
};

/**
 * Fields that transformers requires to be floats; 30 must be written as 30.0 for it.
 *
 * JavaScript has only one number type, so that 30.0 has been read as 30.
 */
const FRACTIONAL =
  /(softcapping|theta|_eps|epsilon|_range|_std|factor|penalty|_p|dropout|pdrop|temperature|_coef|_noise|clip_qkv|swiglu_(alpha|limit))$/;

async function writeJson(path: string, json: Record<string, unknown>): Promise<void> {
  const exact = (field: string, value: unknown) =>
    Number.isSafeInteger(value) && FRACTIONAL.test(field) ? rawJson(`${value}.0`) : value;
  await writeAtomically(path, JSON.stringify(json, exact, 2) + "\n");
}

/** A number's source text (ECMAScript proposal "JSON.parse source text access", for which TypeScript has no types). */
const rawJson = (text: string): unknown => (JSON as unknown as { rawJSON(text: string): unknown }).rawJSON(text);

/** Otherwise readers would prefer an older single or sharded file. */
async function removeOthers(folder: string, kept: readonly string[]): Promise<void> {
  for await (const { name } of Deno.readDir(folder)) {
    const isWeights = name === SINGLE_FILE || name === INDEX_FILE || /^model-\d{5}-of-\d{5}\.safetensors$/.test(name);
    if (isWeights && !kept.includes(name)) await Deno.remove(`${folder}/${name}`);
  }
}
