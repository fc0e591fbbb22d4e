/**
 * `adapter_config.json` of Python's `peft`.
 *
 * @module
 */
import { show } from "../config/config_fields.ts";
import { checkFields, isVoid } from "../config/field_rules.ts";
import { readJsonObject } from "../json_file.ts";
import { LORA_FIELDS } from "./lora_fields.ts";
import { readLoraStart } from "./lora_start.ts";

/** The file's name. */
export const ADAPTER_CONFIG = "adapter_config.json";

/** The fields of the file that are used. */
export interface PeftConfig {
  peft_type: "LORA";
  task_type: string | null;
  /** The base model: a folder, or a repository of a hub. */
  base_model_name_or_path: string | null;
  /** The revision of that repository. */
  revision?: string | null;
  r: number;
  lora_alpha: number;
  lora_dropout: number;
  /** Suffixes of the projections' names, or a regular expression. */
  target_modules: string[] | string;
  /** Excluded projections, in the same form. */
  exclude_modules?: string[] | string | null;
  /** Layers whose projections are adapted; all if absent. */
  layers_to_transform?: number[] | number | null;
  /** What precedes a layer's number in names; anything if absent. */
  layers_pattern?: string[] | string | null;
  fan_in_fan_out: boolean;
  bias: string;
  inference_mode: boolean;
  /** How the adapters were initialized; some ways changed the base model. */
  init_lora_weights: boolean | string;
  /** Whether the scale is `lora_alpha / √r` instead of `lora_alpha / r`. */
  use_rslora: boolean;
}

/**
 * Reads and checks the file.
 *
 * @param path The file.
 * @throws {Deno.errors.NotFound} If there is no such file.
 * @throws {SyntaxError} If it is not JSON, or a field is missing or of the wrong kind.
 * @throws {RangeError} If a field is unsupported; the message names it.
 */
export async function readPeftConfig(path: string): Promise<PeftConfig> {
  const json = await readJsonObject(path);
  const wrong = (key: string, needed: string) =>
    new SyntaxError(`Cannot read ${path}: ${key} must be ${needed}, current value is ${show(json[key])}`);
  if (json.peft_type !== "LORA") throw wrong("peft_type", '"LORA"');
  checkFields(json, LORA_FIELDS, path);
  readLoraStart(json.init_lora_weights, path);
  if (!isWhole(json.r)) throw wrong("r", "a positive whole number");
  if (!isAbove0(json.lora_alpha)) throw wrong("lora_alpha", "a number above 0");
  const { lora_dropout: dropout = 0 } = json;
  if (!(typeof dropout === "number" && dropout >= 0 && dropout < 1)) throw wrong("lora_dropout", "in [0, 1)");
  if (!isTextOrTexts(json.target_modules)) throw wrong("target_modules", "a string or a list of strings");
  for (const key of ["exclude_modules", "layers_pattern"]) {
    if (!isVoid(json[key]) && !isTextOrTexts(json[key])) throw wrong(key, "a string or a list of strings");
  }
  const layers = [json.layers_to_transform ?? []].flat();
  if (!layers.every((layer) => Number.isInteger(layer))) {
    throw wrong("layers_to_transform", "a layer or a list of them");
  }
  for (const key of ["base_model_name_or_path", "revision"]) {
    if (!isVoid(json[key]) && typeof json[key] !== "string") throw wrong(key, "a string");
  }
  if (![undefined, null, true, false].includes(json.use_rslora as boolean)) throw wrong("use_rslora", "true or false");
  return {
    ...json,
    lora_dropout: dropout,
    base_model_name_or_path: json.base_model_name_or_path ?? null,
    init_lora_weights: json.init_lora_weights ?? true,
    use_rslora: json.use_rslora === true,
  } as unknown as PeftConfig;
}

const isWhole = (value: unknown) => Number.isInteger(value) && (value as number) >= 1;
const isAbove0 = (value: unknown) => typeof value === "number" && value > 0;
const isTextOrTexts = (value: unknown) =>
  typeof value === "string" || (Array.isArray(value) && value.every((part) => typeof part === "string"));
