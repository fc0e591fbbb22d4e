/**
 * Saves models as GGUF files for llama.cpp and compatible programs.
 *
 * @module
 */
import { aModel, aText, aTokenizer, checkArguments, objectWith, shown } from "../arguments/check_arguments.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { encodeGguf, type GgufEntry, type GgufTensorShape } from "../files/gguf/encode_gguf.ts";
import { TENSOR_TYPES } from "../files/gguf/tensor_types.ts";
import { tokenizerEntries } from "../text/gguf/tokenizer_entries.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import { familyOf } from "./families/families.ts";
import type { LanguageModel } from "./language_model.ts";
import { ARCHITECTURES } from "./weights/gguf/architectures.ts";
import { checkReadBack } from "./weights/gguf/check_read_back.ts";
import { modelEntries } from "./weights/gguf/model_entries.ts";
import { samplingEntries } from "./weights/gguf/sampling.ts";
import { type GgufPrecision, quantize } from "./weights/gguf/quantize.ts";
import { changedShape, redo, type TensorChange } from "./weights/gguf/tensor_change.ts";

export type { GgufPrecision } from "./weights/gguf/quantize.ts";

/** Options for {@linkcode saveGguf}. */
export interface SaveGgufOptions {
  /** The tokenizer, which is included in the file with its chat template. */
  tokenizer: Tokenizer;
  /**
   * How matrices are stored. Vectors stay in float32. With 4 bits, embeddings and head are stored as Q8_0, and so are
   * matrices whose row length is not a multiple of a block; if it is not a multiple of Q8_0's block either, F16 is
   * used.
   *
   * @default {"F16"}
   */
  precision?: GgufPrecision;
  /**
   * The model's name in the file.
   *
   * @default {none}
   */
  name?: string;
}

/** llama.cpp's ids for the type of most tensors in a file. */
const FILE_TYPES: Readonly<Record<GgufPrecision, number>> = { F32: 0, F16: 1, BF16: 32, Q8_0: 7, Q4_0: 2, Q4_K: 14 };

/** A parameter's tensor in the file. */
interface Place {
  parameter: string;
  change?: TensorChange;
}

/**
 * Saves a model with its tokenizer as a GGUF file. It is written under a temporary name and moved into place.
 *
 * @param model The model.
 * @param path The file.
 * @param options The tokenizer and the storage type.
 * @throws {TypeError} If llama.cpp has no architecture that computes the same; the message names what would be lost.
 * Also if a part of the weights is in adapters.
 * @throws {RangeError} If llama.cpp has no equivalent of the tokenizer's pre-tokenizer, or a value is too large for the
 * type.
 * @throws {Error} If the file cannot be written.
 *
 * @example The built-in student's start in 8 bits, loaded again
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadModel, loadTokenizer, useEngine } from "@amid/amid";
 * import { saveGguf } from "@amid/amid/models";
 *
 * await useEngine("wasm");
 * const model = await loadModel("data/student-start");
 * const path = `${await Deno.makeTempDir()}/student.gguf`;
 * await saveGguf(model, path, { tokenizer: await loadTokenizer("data/tokenizer"), precision: "Q8_0" });
 * assert.equal((await loadModel(path)).parameterCount, model.parameterCount);
 * ```
 */
export async function saveGguf(model: LanguageModel, path: string, options: SaveGgufOptions): Promise<void> {
  const checked = { model: [model, aModel], path: [path, aText], options: [options, objectWith("tokenizer")] } as const;
  checkArguments("save a model", checked);
  const { tokenizer, precision = "F16", name } = options;
  checkArguments("save a model", { tokenizer: [tokenizer, aTokenizer] });
  if (!Object.hasOwn(FILE_TYPES, precision)) {
    const known = Object.keys(FILE_TYPES).join(", ");
    throw new RangeError(
      `Cannot save a model: precision must be one of ${known}, current value is ${shown(precision)}`,
    );
  }
  if (model.lora !== undefined) {
    throw new TypeError(
      "Cannot save a model: it must have no adapters; merge them with mergeLora(), or save them with saveLora()",
    );
  }
  const { architecture, entries, factors } = modelEntries(model.config);
  const places = placesOf(model, architecture);
  const tensors = new Map<string, GgufTensorShape>(
    [...factors].map(([name, { length }]) => [name, { type: "F32", shape: [length] }]),
  );
  for (const [name, { parameter, change }] of places) {
    const shape = changedShape(model.parameters.get(parameter)!.shape, change);
    tensors.set(name, { type: storedType(name, shape, precision), shape });
  }
  const rows = model.parameters.get(model.family.embeddingName)!.shape[0];
  const metadata = new Map<string, GgufEntry>([
    ["general.architecture", architecture],
    ["general.type", "model"],
    ...name === undefined ? [] : [["general.name", name] as const],
    ["general.file_type", { uint32: FILE_TYPES[precision] }],
    ["general.quantization_version", { uint32: 2 }],
    ...samplingEntries(model.config.generation ?? {}),
    ...entries.map(([key, value]) => [`${architecture}.${key}`, value] as const),
    ...tokenizerEntries(tokenizer, { rows }),
  ]);
  for (const [key, value] of endEntries(model, tokenizer)) metadata.set(key, value);
  checkReadBack(model.config, { architecture, metadata, tensors, factors }, familyOf);
  const bytes = async (name: string): Promise<Uint8Array> => {
    const type = tensors.get(name)!.type as GgufPrecision;
    const place = places.get(name);
    return quantize(place === undefined ? factors.get(name)! : await numbersOf(model, place), type);
  };
  await writeAtomically(path, encodeGguf({ metadata, tensors, bytes }));
}

/** Keys of further end tokens besides the tokenizer's: the end of a turn, and of a message. */
const OTHER_ENDS = ["tokenizer.ggml.eot_token_id", "tokenizer.ggml.eom_token_id"];

function endEntries({ config }: LanguageModel, { endToken }: Tokenizer): [string, GgufEntry][] {
  const others = config.endTokens.filter((id) => id !== endToken);
  if (others.length > OTHER_ENDS.length) {
    throw new RangeError(
      `Cannot write GGUF: at most ${OTHER_ENDS.length} end tokens besides the tokenizer's ${endToken} are possible, current ` +
        `value is ${others}`,
    );
  }
  return others.map((id, place) => [OTHER_ENDS[place], { uint32: id }]);
}

/** The parameter of each tensor, by the tensor's name. */
function placesOf(model: LanguageModel, architecture: string): Map<string, Place> {
  const { modules, change } = ARCHITECTURES[architecture];
  const tensorOf = new Map(Object.entries(modules).map(([tensor, module]) => [module, tensor]));
  const { heads, keyValueHeads } = model.config as unknown as Record<string, number>;
  const fields = { ...model.config.json, num_attention_heads: heads, num_key_value_heads: keyValueHeads };
  const places = new Map<string, Place>();
  for (const parameter of model.parameters.keys()) {
    const [, module, suffix] = /^(.*)\.(weight|bias)$/.exec(parameter) ?? [];
    const block = /\.(\d+)\./.exec(parameter)?.[1];
    const tensor = tensorOf.get(module?.replace(/\.\d+\./, ".#."));
    if (tensor === undefined) {
      throw new TypeError(`Cannot write GGUF: llama.cpp's ${architecture} has no tensor for ${parameter}`);
    }
    const name = `${tensor.replace("#", block ?? "")}.${suffix}`;
    places.set(name, { parameter, change: change?.(`${tensor}.${suffix}`, fields) });
  }
  return places;
}

/** A tensor's storage type: the requested one, or the closest that its row length allows. */
function storedType(name: string, shape: readonly number[], asked: GgufPrecision): GgufPrecision {
  if (shape.length < 2 || name === "position_embd.weight") return "F32";
  const outer = name === "token_embd.weight" || name === "output.weight";
  const wanted: GgufPrecision[] = asked === "Q4_0" || asked === "Q4_K"
    ? [outer ? "Q8_0" : asked, "Q8_0", "F16"]
    : [asked, "F16"];
  return wanted.find((type) => shape.at(-1)! % TENSOR_TYPES[type].blockSize === 0)!;
}

async function numbersOf(model: LanguageModel, { parameter, change }: Place): Promise<Float32Array<ArrayBuffer>> {
  const variable = model.parameters.get(parameter)!;
  const numbers = await variable.data() as Float32Array<ArrayBuffer>;
  return change === undefined ? numbers : redo({ numbers, shape: variable.shape }, change);
}
