/**
 * Refuses folders whose weights are quantised in an unsupported way.
 *
 * @module
 */
import type { ModelFamily } from "../family.ts";
import { type Json, show } from "./config_fields.ts";

/** How to dequantise a folder in Python, by the method that its config.json names. */
const DEQUANTIZED: Readonly<Record<string, string>> = {
  "bitsandbytes": "AutoModelForCausalLM.from_pretrained(folder).dequantize().save_pretrained(another)",
  "compressed-tensors": "AutoModelForCausalLM.from_pretrained(folder, quantization_config=" +
    "CompressedTensorsConfig(run_compressed=False)).save_pretrained(another)",
  "fp8": "AutoModelForCausalLM.from_pretrained(folder, quantization_config=FineGrainedFP8Config(dequantize=True))" +
    ".save_pretrained(another)",
};

/**
 * Checks that a config.json does not declare quantised weights.
 *
 * The field that transformers leaves in the folder of a model read from GGUF does not count: its weights are not
 * quantised.
 *
 * @param json The file's object.
 * @param family The family that reads it, with the methods that it dequantises.
 * @throws {RangeError} If it does; the message names the method and gives advice.
 */
export function refuseQuantized(json: Json, { dequantized = [] }: Pick<ModelFamily, "dequantized"> = {}): void {
  const { quantization_config: settings } = json;
  if (settings === undefined || settings === null) return;
  const { quant_method: named, load_in_4bit, load_in_8bit } = settings as Json;
  if (named === "gguf" || dequantized.some((method) => method === named)) return;
  const method = named ?? (load_in_4bit || load_in_8bit ? "bitsandbytes" : undefined); // old folders do not name it
  const known = typeof method === "string" && Object.hasOwn(DEQUANTIZED, method) ? DEQUANTIZED[method] : undefined;
  const advice = known === undefined
    ? "use the folder it was made from, which has unquantised weights, or the model as a GGUF file"
    : `use the folder it was made from, or dequantise it in Python by ${known}, and remove ` +
      `"quantization_config" from the config.json`;
  throw new RangeError(
    `Cannot read config.json: weights must not be quantised, "quantization_config" names the method ` +
      `${method === undefined ? show(settings) : show(method)}; ${advice}`,
  );
}
