/**
 * The family Qwen3: Llama's blocks with a norm on each head of query and key.
 *
 * Source: A. Yang et al., "Qwen3 technical report", 2025.
 *
 * @module
 */
import { read } from "../config/common_fields.ts";
import { flag } from "../config/config_fields.ts";
import { decoderFamily } from "../blocks/decoder.ts";
import { type DecoderConfig, readDecoderConfig } from "../blocks/decoder_config.ts";
import type { ModelFamily } from "../family.ts";
import { QWEN_FIELDS, readQwenWindows } from "./qwen_windows.ts";

/** The family's reader, for the registry. */
export const qwen3: ModelFamily<DecoderConfig> = decoderFamily(
  { modelType: "qwen3", architecture: "Qwen3ForCausalLM", fields: { ...QWEN_FIELDS, ...read("attention_bias") } },
  (json) => {
    const config = readDecoderConfig(json, {
      modelType: "qwen3",
      vocabularySize: 151_936,
      hiddenSize: 4096,
      innerSize: 22_016,
      layers: 32,
      heads: 32,
      keyValueHeads: 32,
      headSize: 128,
      contextLength: 32_768,
    });
    const bias = flag(json, "attention_bias", false);
    return {
      ...config,
      windows: readQwenWindows(json, config.layers),
      biases: { queryKeyValue: bias, output: bias, inner: false },
      headNorms: true,
    };
  },
);
