/**
 * Checks that a GGUF file describes a model completely: the configuration that would be read back is compared with the
 * model's.
 *
 * @module
 */
import type { GgufEntry, GgufTensorShape } from "../../../files/gguf/encode_gguf.ts";
import type { GgufValue } from "../../../files/gguf/read_gguf.ts";
import type { DecoderConfig } from "../../blocks/decoder_config.ts";
import type { Rotary } from "../../blocks/rotary/rotary.ts";
import type { ModelConfig, ModelFamily } from "../../family.ts";
import { ARCHITECTURES } from "./architectures.ts";
import { ModelMetadata } from "./model_metadata.ts";

/** Fields that do not affect a model's results, or are checked elsewhere. */
const APART = ["json", "modelType", "endTokens", "generation", "initialDeviation", "rotary", "vocabularySize"];

/** A file to be written. */
export interface GgufPlan {
  architecture: string;
  metadata: ReadonlyMap<string, GgufEntry>;
  tensors: ReadonlyMap<string, GgufTensorShape>;
  factors: ReadonlyMap<string, Float32Array>;
}

/**
 * Reads the configuration back.
 *
 * @param config The model's.
 * @param plan The file.
 * @param family Finds the family of the fields read back.
 * @throws {TypeError} If a property of the model would be lost; the message names it.
 */
export function checkReadBack(
  config: ModelConfig,
  plan: GgufPlan,
  family: (json: Record<string, unknown>) => ModelFamily,
): void {
  const header = {
    path: "the file to be written",
    paths: [],
    version: 3,
    metadata: new Map([...plan.metadata].map(([key, entry]) => [key, valueOf(entry)])),
    tensors: new Map(
      [...plan.tensors].map(([name, tensor]) => [name, { ...tensor, path: "", offset: 0, byteLength: 0 }]),
    ),
  };
  const metadata = new ModelMetadata(header, plan.architecture, plan.factors);
  const fields = ARCHITECTURES[plan.architecture].fields(metadata);
  const json = Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined));
  const back = family(json).readConfig(json);
  for (const [key, value] of Object.entries(config)) {
    if (APART.includes(key)) continue;
    if (!isSame(value, back[key as keyof ModelConfig])) throw lost(key, value, back[key as keyof ModelConfig]);
  }
  const [own, other] = [config, back].map((one) => (one as Partial<DecoderConfig>).rotary ?? []);
  const turned = own.findIndex((rotary, layer) => !turnsSame(rotary, other[layer] ?? null, config.contextLength));
  if (turned >= 0) {
    throw lost(`rotary of layer ${turned}`, config.json.rope_parameters ?? config.json.rope_scaling, "another");
  }
}

const lost = (key: string, value: unknown, back: unknown): TypeError =>
  new TypeError(
    `Cannot write GGUF: llama.cpp must compute the same as the model, its ${key} ${
      JSON.stringify(value)
    } would be read as ${JSON.stringify(back)}`,
  );

function valueOf(entry: GgufEntry): GgufValue {
  if (typeof entry !== "object") return entry;
  if ("uint32" in entry) return entry.uint32;
  if ("int32" in entry) return entry.int32;
  return "float32" in entry ? Math.fround(entry.float32) : entry;
}

/** Whether two values are equal, numbers up to float32 precision. */
function isSame(a: unknown, b: unknown): boolean {
  if (typeof a === "number" && typeof b === "number") return Math.abs(a - b) <= 1e-6 * Math.abs(a);
  if (typeof a === "object" && a !== null && typeof b === "object" && b !== null) {
    const keys = new Set([...Object.keys(a), ...Object.keys(b)]);
    return [...keys].every((key) => isSame(a[key as never], b[key as never]));
  }
  return (a ?? null) === (b ?? null);
}

/** Whether two rotary embeddings are equal for rows of any length. */
function turnsSame(a: Rotary | null, b: Rotary | null, contextLength: number): boolean {
  if (a === null || b === null) return a === b;
  if (a.width !== b.width || !isSame(a.magnitude, b.magnitude)) return false;
  const classes = new Set<number>([0]);
  for (let length = 1; length <= contextLength && (a.lengthClass ?? b.lengthClass) !== undefined; length++) {
    const lengthClass = a.lengthClass?.(length);
    if (lengthClass !== b.lengthClass?.(length)) return false;
    classes.add(lengthClass!);
  }
  return [...classes].every((lengthClass) => {
    const [own, other] = [a, b].map((rotary) => rotary.frequencies(lengthClass));
    return own.every((frequency, pair) => Math.abs(frequency - other[pair]) <= 1e-5 * frequency);
  });
}
