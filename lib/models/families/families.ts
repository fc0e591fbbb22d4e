/**
 * The architecture families.
 *
 * @module
 */
import type { ModelFamily } from "../family.ts";
import { checkConfig } from "../config/check_config.ts";
import { gemma } from "./gemma.ts";
import { gemma2 } from "./gemma2.ts";
import { gemma3, gemma3Text } from "./gemma3.ts";
import { gptNeox } from "./gpt_neox.ts";
import { gpt2 } from "./gpt2.ts";
import { gptOss } from "./gpt_oss.ts";
import { granite } from "./granite.ts";
import { llama } from "./llama.ts";
import { ministral3 } from "./ministral3.ts";
import { ministral, mistral } from "./mistral.ts";
import { mixtral } from "./mixtral.ts";
import { olmoe } from "./olmoe.ts";
import { olmo2 } from "./olmo2.ts";
import { opt } from "./opt.ts";
import { phi3 } from "./phi3.ts";
import { qwen2 } from "./qwen2.ts";
import { qwen3 } from "./qwen3.ts";
import { qwen3Moe } from "./qwen3_moe.ts";
import { smollm3 } from "./smollm3.ts";
import { stablelm } from "./stablelm.ts";

// Each family is only ever passed the configuration that it read.
const families = [
  gpt2,
  opt,
  llama,
  mistral,
  ministral,
  ministral3,
  qwen2,
  qwen3,
  gemma,
  gemma2,
  gemma3Text,
  gemma3,
  phi3,
  smollm3,
  granite,
  olmo2,
  gptNeox,
  stablelm,
  mixtral,
  qwen3Moe,
  olmoe,
  gptOss,
] as readonly unknown[] as readonly ModelFamily[];

/**
 * Finds the family of a config.json, and checks that the family ignores none of its settings.
 *
 * @throws {RangeError} If `model_type` is unknown, or a field is unknown or unsupported; the message names it.
 */
export function familyOf(json: Record<string, unknown>): ModelFamily {
  const family = families.find(({ modelType }) => modelType === json.model_type);
  if (!family) {
    const known = families.map(({ modelType }) => modelType).join(", ");
    throw new RangeError(
      `Cannot read config.json: "model_type" must be one of ${known}, current value is ${
        JSON.stringify(json.model_type)
      }`,
    );
  }
  checkConfig(json, family);
  return family;
}
