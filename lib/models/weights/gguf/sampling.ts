/**
 * Sampling settings of a generation_config.json and of the metadata of a GGUF file.
 *
 * @module
 */
import type { GgufEntry } from "../../../files/gguf/encode_gguf.ts";
import type { GgufValue } from "../../../files/gguf/read_gguf.ts";

/** The key of each setting, and the type of integers. */
const SETTINGS: readonly [field: string, key: string, type: "int32" | "float32"][] = [
  ["temperature", "general.sampling.temp", "float32"],
  ["top_k", "general.sampling.top_k", "int32"],
  ["top_p", "general.sampling.top_p", "float32"],
  ["min_p", "general.sampling.min_p", "float32"],
  ["repetition_penalty", "general.sampling.penalty_repeat", "float32"],
];

/** The settings that a generation_config.json takes from config.json. */
const TOKENS = ["bos_token_id", "eos_token_id", "pad_token_id"];

/** The entries of the settings that are present. */
export function samplingEntries(generation: Readonly<Record<string, unknown>>): [key: string, value: GgufEntry][] {
  return SETTINGS.flatMap(([field, key, type]): [string, GgufEntry][] => {
    const value = generation[field];
    if (typeof value !== "number") return [];
    return [[key, type === "int32" ? { int32: value } : { float32: value }]];
  });
}

/**
 * Reads the settings.
 *
 * @param metadata The file's.
 * @param json The model's fields, whose special tokens are included.
 * @returns The fields of a generation_config.json; undefined if the file has none.
 */
export function samplingSettings(
  metadata: ReadonlyMap<string, GgufValue>,
  json: Readonly<Record<string, unknown>>,
): Record<string, unknown> | undefined {
  const found = SETTINGS.flatMap(([field, key]) => {
    const value = metadata.get(key);
    return typeof value === "number" ? [[field, Number(value.toPrecision(7))]] : [];
  });
  if (found.length === 0) return undefined;
  const tokens = TOKENS.filter((field) => json[field] != null).map((field) => [field, json[field]]);
  return Object.fromEntries([...tokens, ["do_sample", true], ...found]);
}
