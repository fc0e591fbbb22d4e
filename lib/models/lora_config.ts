/**
 * `adapter_config.json` of Python's `peft`.
 *
 * @module
 */
import { readJsonFile } from "../files/parse_json.ts";

/** What is used of the file. */
export interface PeftConfig {
  peft_type: "LORA";
  task_type: string | null;
  /** The model that the adapters belong to: a folder, or a repository of a hub. */
  base_model_name_or_path: string | null;
  r: number;
  lora_alpha: number;
  lora_dropout: number;
  /** Ends of the projections' names, or a regular expression of theirs. */
  target_modules: string[] | string;
  fan_in_fan_out: boolean;
  bias: string;
  inference_mode: boolean;
  init_lora_weights: boolean | string;
  /** Whether the scale is `lora_alpha / √r` in place of `lora_alpha / r`. */
  use_rslora: boolean;
}

/** Settings that change what is computed, and the values at which they change nothing. */
const UNSUPPORTED: Record<string, readonly unknown[]> = {
  bias: ["none"],
  use_dora: [false],
  lora_bias: [false],
  modules_to_save: [null],
  trainable_token_indices: [null],
  target_parameters: [null],
  alora_invocation_tokens: [null],
  layer_replication: [null],
};

/** Whether a value is as good as absent: nothing, or an empty object or list. */
const isVoid = (value: unknown): boolean =>
  value === undefined || value === null || (typeof value === "object" && Object.keys(value).length === 0);

/**
 * Reads and checks the file.
 *
 * @param path The file.
 * @throws {SyntaxError} If it is not JSON, or a field is missing or of the wrong kind.
 * @throws {RangeError} If it asks for what is not supported; the message names the field.
 */
export async function readPeftConfig(path: string): Promise<PeftConfig> {
  const json = await readJsonFile(path);
  const wrong = (key: string, needed: string) =>
    new SyntaxError(`Cannot read ${path}: ${key} must be ${needed}, current value is ${JSON.stringify(json[key])}`);
  if (json.peft_type !== "LORA") throw wrong("peft_type", '"LORA"');
  for (const [key, neutral] of Object.entries(UNSUPPORTED)) {
    if (!isVoid(json[key]) && !neutral.includes(json[key])) {
      throw new RangeError(`Cannot read ${path}: ${key} ${JSON.stringify(json[key])} is not supported`);
    }
  }
  for (const key of ["rank_pattern", "alpha_pattern"]) {
    if (!isVoid(json[key])) throw new RangeError(`Cannot read ${path}: ${key} is not supported`);
  }
  const { r, lora_alpha: alpha, lora_dropout: dropout = 0, target_modules: targets, base_model_name_or_path: base } =
    json;
  if (!(Number.isInteger(r) && (r as number) >= 1)) throw wrong("r", "a whole number from 1");
  if (!(typeof alpha === "number" && alpha > 0)) throw wrong("lora_alpha", "a number above 0");
  if (!(typeof dropout === "number" && dropout >= 0 && dropout < 1)) throw wrong("lora_dropout", "in [0, 1)");
  const isTarget = (target: unknown) => typeof target === "string";
  if (!(isTarget(targets) || (Array.isArray(targets) && targets.every(isTarget)))) {
    throw wrong("target_modules", "a text or a list of texts");
  }
  if (!isVoid(base) && typeof base !== "string") throw wrong("base_model_name_or_path", "a text");
  return {
    ...json,
    ...{ lora_dropout: dropout, base_model_name_or_path: base ?? null, use_rslora: json.use_rslora === true },
  } as unknown as PeftConfig;
}
