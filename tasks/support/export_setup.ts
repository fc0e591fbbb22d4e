/**
 * The settings of the task export.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import { isWeightFormat } from "../../lib/models/weights/float_formats.ts";
import { GGUF_PRECISIONS, type GgufPrecision } from "../../lib/models/weights/gguf/quantize.ts";
import type { TaskHelp } from "./help.ts";
import { parseNamedPaths } from "./named_paths.ts";
import { engineFields } from "./training_fields.ts";
import { UsageError } from "./usage_error.ts";

const { precision: _, ...float32Fields } = engineFields;

/** The settings of the task. */
export const exportSchema = z.strictObject({
  model: z.string().min(1).describe(
    "folder, GGUF file or repository of the model, or a folder of adapters, which are merged; the first argument without " +
      "a flag",
  ),
  to: z.enum(["gguf", "safetensors"]).default("gguf").describe("a GGUF file, or a folder with safetensors"),
  precision: z.enum(GGUF_PRECISIONS).optional().describe(
    "how matrices are stored; if absent F16 in GGUF and F32 in safetensors, which only support F32, F16 and BF16; " +
      "with 4 bits, embeddings and head have 8",
  ),
  tokenizer: z.string().optional().describe("folder of the tokenizer; if absent the one beside the model"),
  output: z.string().min(1).optional().describe("the file or the folder; if absent runs/exports/<name of the model>"),
  overwrite: z.boolean().default(false).describe("replace an existing output"),
  ...float32Fields,
});

/** The settings, as they are parsed. */
export type ExportConfig = z.output<typeof exportSchema>;

/** How `--help` of the task starts. */
export const exportHelp: TaskHelp<keyof ExportConfig> = {
  first: ["model", "to", "precision", "output"],
  examples: [
    "deno task export runs/quickstart/student --to gguf --precision Q8_0",
    "deno task export smollm2-135m-instruct --to safetensors",
  ],
};

/**
 * Where the model goes, `runs/exports/quickstart.gguf` of `runs/quickstart/student` for instance, and how it is stored.
 *
 * @throws {UsageError} If the format has no such precision, or the file's name another ending.
 */
export function exportTarget(
  { model, to, precision = to === "gguf" ? "F16" : "F32", output }: ExportConfig,
): { output: string; precision: GgufPrecision } {
  const path = output ?? byDefault(model, to);
  if (to === "safetensors" && !isWeightFormat(precision)) {
    throw new UsageError(`Cannot export: safetensors support F32, F16 or BF16, --precision is ${precision}`);
  }
  if (to === "gguf" && !/\.gguf$/i.test(path)) {
    throw new UsageError(`Cannot export: the name of a GGUF file must end in .gguf, --output is ${path}`);
  }
  return { output: path, precision };
}

function byDefault(model: string, to: ExportConfig["to"]): string {
  const [{ name }] = parseNamedPaths(model.replace(/\.gguf$/i, ""), "--model");
  return join("runs", "exports", to === "gguf" ? `${name}.gguf` : name);
}
