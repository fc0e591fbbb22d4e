/**
 * Reads the parameters of a model from the tensors of its files.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import { currentAbilities } from "../../engines/current_engine.ts";
import type { GgufTensorType } from "../../files/gguf/tensor_types.ts";
import type { StoragePrecision } from "../../engines/engine.ts";
import { tensorMemory } from "../../kernels/tensor_memory.ts";
import type { ModelConfig, ModelFamily, ParameterSpec } from "../family.ts";
import { numberMemory } from "./number_memory.ts";
import { readVariable, roomFor } from "./read_variable.ts";
import type { TensorSource } from "./tensor_source.ts";

/** Where parameters come from. */
export interface ParameterSource {
  /** The contents of config.json. */
  config: ModelConfig;
  files: TensorSource;
  /** Their storage on the engine. */
  precision: StoragePrecision;
}

/**
 * Reads all parameters. The largest come first, while little else is in memory, to keep the peak low.
 *
 * @returns The parameters in the order of the family's list, and the configuration: as given, or with an untied head if
 * the files hold one that differs from the embedding, regardless of config.json.
 * @throws {RangeError} If tensors are missing, extra, of wrong shapes, or not finite; the message names one.
 */
export async function readParameters(
  family: ModelFamily,
  source: ParameterSource,
): Promise<{ config: ModelConfig; parameters: Map<string, tf.Variable> }> {
  const { files, precision: wanted } = source;
  // What is held as stored is in blocks, or in float32 as it is stored.
  const precision = wanted === "stored" ? "float32" : wanted;
  const { tensorOf, config } = await settleHead(family, source.config, { files, tensorOf: matchNames(family, files) });
  const specs = family.parameters(config);
  checkTensors(specs, { files, tensorOf });
  const size = (name: string) => specs.get(name)!.shape.reduce((product, extent) => product * extent, 1);
  const names = [...specs.keys()].sort((a, b) => size(b) - size(a));
  const rooms = new Map<string, tf.Tensor | undefined>();
  const read = new Map<string, tf.Variable>();
  const memory = numberMemory();
  const blocks = new Map<string, GgufTensorType | undefined>();
  let taken: Promise<void> | undefined;
  try {
    for (const name of names) {
      const { shape } = specs.get(name)!;
      if (wanted === "stored" && shape.length > 1) blocks.set(name, blocksOf(files, tensorOf.get(name)!));
      rooms.set(name, roomFor(shape, { precision, blocks: blocks.get(name) }));
    }
    taken = tensorMemory()?.takeAhead([...rooms.values()].filter((room) => room !== undefined));
    for (const name of names) {
      const { shape } = specs.get(name)!;
      const options = { shape, precision, room: rooms.get(name), memory, blocks: blocks.get(name) };
      read.set(name, await readVariable(files, tensorOf.get(name)!, options));
    }
  } catch (error) {
    for (const parameter of read.values()) parameter.dispose();
    throw error;
  } finally {
    await taken;
    for (const room of rooms.values()) room?.dispose();
  }
  return { config, parameters: new Map([...specs.keys()].map((name) => [name, read.get(name)!])) };
}

/**
 * The type of the blocks that a matrix is held in as it is stored; undefined where that is float32.
 *
 * @throws {TypeError | RangeError} If the file is no GGUF, or the engine does not hold such blocks.
 */
function blocksOf(files: TensorSource, tensorName: string): GgufTensorType | undefined {
  const { blocks } = currentAbilities();
  const type = files.blockType?.(tensorName);
  if (type === undefined) {
    throw new TypeError(`Cannot hold ${files.path} as stored: a GGUF file is needed; int8 and int4 hold other models`);
  }
  if (type === "F32") return undefined;
  if (blocks.includes(type)) return type;
  throw new RangeError(
    `Cannot hold ${files.path} as stored: "${tensorName}" is in ${type}, the engine holds ${blocks.join(", ")}; int8 ` +
      "and int4 hold any",
  );
}

/** The tensor in the files for each name of a parameter. */
function matchNames(family: ModelFamily, files: TensorSource): Map<string, string> {
  const tensorOf = new Map<string, string>();
  for (const tensorName of files.names()) {
    const name = files.parameterName ? files.parameterName(tensorName) : family.parameterName(tensorName);
    if (name === null) continue;
    if (tensorOf.has(name)) throw new RangeError(`Cannot load ${files.path}: it holds "${name}" twice`);
    tensorOf.set(name, tensorName);
  }
  return tensorOf;
}

interface Match {
  files: TensorSource;
  tensorOf: Map<string, string>;
}

/** If head and embedding are tied, the files may hold either or both; two that differ are not tied. */
async function settleHead(
  family: ModelFamily,
  config: ModelConfig,
  { files, tensorOf }: Match,
): Promise<{ config: ModelConfig; tensorOf: Map<string, string> }> {
  const { headName, embeddingName } = family;
  const [head, embedding] = [tensorOf.get(headName), tensorOf.get(embeddingName)];
  if (!config.tiedHead || head === undefined) return { config, tensorOf };
  if (embedding !== undefined && !(await files.same(head, embedding))) {
    const untied = family.readConfig({ ...config.json, tie_word_embeddings: false });
    return { config: { ...untied, endTokens: config.endTokens, generation: config.generation }, tensorOf };
  }
  const tied = new Map(tensorOf).set(embeddingName, embedding ?? head);
  tied.delete(headName);
  return { config, tensorOf: tied };
}

/** Every tensor must be a parameter of the right shape, and every parameter have a tensor. */
function checkTensors(specs: ReadonlyMap<string, ParameterSpec>, { files, tensorOf }: Match): void {
  for (const [name, tensorName] of tensorOf) {
    const spec = specs.get(name);
    if (!spec) throw new RangeError(`Cannot load ${files.path}: "${tensorName}" is not a parameter of this model`);
    const shape = files.shape(tensorName);
    if (shape.join() !== spec.shape.join()) {
      throw new RangeError(
        `Cannot load ${files.path}: the configuration gives "${tensorName}" the shape [${spec.shape}], ` +
          `the file has [${shape}]`,
      );
    }
  }
  const missing = [...specs.keys()].filter((name) => !tensorOf.has(name));
  if (missing.length > 0) {
    throw new RangeError(
      `Cannot load ${files.path}: ${missing.length} tensors are missing, the first is "${missing[0]}"`,
    );
  }
}
