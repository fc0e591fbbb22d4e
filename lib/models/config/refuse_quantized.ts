/**
 * Folders whose weights are quantised in a way that is not read here.
 *
 * @module
 */
import type { ModelFamily } from "../family.ts";
import { type Json, show } from "./config_fields.ts";

/** How Python makes full weights of a folder, by the method that its config.json names. */
const DEQUANTIZED: Readonly<Record<string, string>> = {
  "bitsandbytes": "AutoModelForCausalLM.from_pretrained(folder).dequantize().save_pretrained(another)",
  "compressed-tensors": "AutoModelForCausalLM.from_pretrained(folder, quantization_config=" +
    "CompressedTensorsConfig(run_compressed=False)).save_pretrained(another)",
  "fp8": "AutoModelForCausalLM.from_pretrained(folder, quantization_config=FineGrainedFP8Config(dequantize=True))" +
    ".save_pretrained(another)",
};

/**
 * Checks that a config.json does not say that weights are quantised.
 *
 * What transformers leaves in the folder of a model that it read from GGUF is no such word: the weights are full there.
 *
 * @param json The file's object.
 * @param family The family that reads it, with the methods whose weights are dequantised as they are read.
 * @throws {RangeError} If it does; the message names the method, and what to do.
 */
export function refuseQuantized(json: Json, { dequantized = [] }: Pick<ModelFamily, "dequantized"> = {}): void {
  const { quantization_config: settings } = json;
  if (settings === undefined || settings === null) return;
  const { quant_method: named, load_in_4bit, load_in_8bit } = settings as Json;
  if (named === "gguf" || dequantized.some((method) => method === named)) return;
  const method = named ?? (load_in_4bit || load_in_8bit ? "bitsandbytes" : undefined); // old folders do not name it
  const known = typeof method === "string" && Object.hasOwn(DEQUANTIZED, method) ? DEQUANTIZED[method] : undefined;
  const advice = known === undefined
    ? "take the folder that it was made from, whose weights are full, or the model as a GGUF file"
    : `take the folder that it was made from, or make full weights in Python by ${known}, and take ` +
      `"quantization_config" out of the config.json`;
  throw new RangeError(
    `Cannot read config.json: weights must not be quantised, "quantization_config" says that they are by ` +
      `${method === undefined ? show(settings) : show(method)}; ${advice}`,
  );
}
