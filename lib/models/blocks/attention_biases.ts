/**
 * The field `attention_bias`, which most families of the shared blocks have.
 *
 * @module
 */
import { flag, type Json } from "../config/config_fields.ts";
import type { DecoderConfig } from "./decoder_config.ts";

/**
 * Reads which projections have biases: all four of attention, or none.
 *
 * @param json config.json.
 * @param byDefault What holds where the file does not say.
 * @throws {TypeError} If the field is neither true nor false.
 */
export function readAttentionBiases(json: Json, byDefault = false): DecoderConfig["biases"] {
  const bias = flag(json, "attention_bias", byDefault);
  return { queryKeyValue: bias, output: bias, inner: false };
}
