/**
 * Writes a model with its tokenizer, chat template and generation settings for other programs: as a GGUF file, which
 * llama.cpp runs, or as a folder of safetensors, which transformers loads.
 *
 *     deno task export runs/quickstart/student --to gguf --precision Q8_0
 */
import { basename, dirname, join } from "node:path";
import { z } from "zod";
import { writeFolderAtomically } from "../lib/files/atomic_folder.ts";
import { exists } from "../lib/files/exists.ts";
import type { LanguageModel } from "../lib/models/language_model.ts";
import { saveGguf } from "../lib/models/save_gguf.ts";
import { saveModel } from "../lib/models/save_model.ts";
import { isWeightFormat } from "../lib/models/weights/float_formats.ts";
import { GGUF_PRECISIONS, type GgufPrecision } from "../lib/models/weights/gguf/quantize.ts";
import { loadTokenizer } from "../lib/text/tokenizer.ts";
import type { Tokenizer } from "../lib/text/tokenizer_interface.ts";
import { lockFolder } from "./support/claimed_folder.ts";
import { loadWhole } from "./support/load_whole.ts";
import { parseNamedPaths } from "./support/named_paths.ts";
import { withFirst } from "./support/positional.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { useTaskEngine } from "./support/task_engine.ts";
import { tokenizerFolderOf } from "./support/tokenizer_folder.ts";
import { engineFields } from "./support/training_fields.ts";
import { UsageError } from "./support/usage_error.ts";

const { precision: _, ...float32Fields } = engineFields;

/** The settings of the task. */
export const schema = z.strictObject({
  model: z.string().min(1).describe(
    "folder, GGUF file or repository of the model, or a folder of adapters, which are merged; the first argument without " +
      "a flag",
  ),
  to: z.enum(["gguf", "safetensors"]).default("gguf").describe("a GGUF file, or a folder with safetensors"),
  precision: z.enum(GGUF_PRECISIONS).optional().describe(
    "how matrices are stored, if absent F16 in GGUF and F32 in safetensors, which have no more than F32, F16 and BF16; " +
      "beside 4 bits, embeddings and head have 8",
  ),
  tokenizer: z.string().optional().describe("folder of the tokenizer; if absent the one beside the model"),
  output: z.string().min(1).optional().describe("the file or the folder; if absent runs/exports/<name of the model>"),
  overwrite: z.boolean().default(false).describe("replace what is there"),
  ...float32Fields,
});

/**
 * Runs the task.
 *
 * @param args The flags.
 */
export async function main(args: readonly string[]): Promise<void> {
  const description = "Write a model with its tokenizer for llama.cpp (GGUF) or for transformers (safetensors).";
  const { config } = await parseTask({
    name: "export",
    description,
    schema,
    args: withFirst(args, "--model"),
    help: {
      first: ["model", "to", "precision", "output"],
      examples: [
        "deno task export runs/quickstart/student --to gguf --precision Q8_0",
        "deno task export smollm2-135m-instruct --to safetensors",
      ],
    },
  });
  const { model: path, to, precision = to === "gguf" ? "F16" : "F32" } = config;
  const output = config.output ?? defaultOutput(path, to);
  if (to === "safetensors" && !isWeightFormat(precision)) {
    throw new UsageError(`Cannot export: safetensors hold F32, F16 or BF16, --precision is ${precision}`);
  }
  if (to === "gguf" && !/\.gguf$/i.test(output)) {
    throw new UsageError(`Cannot export: the name of a GGUF file must end in .gguf, --output is ${output}`);
  }
  await Deno.mkdir(dirname(output), { recursive: true });
  using _lock = await lockFolder(output);
  if (!config.overwrite && await exists(output)) {
    throw new UsageError(
      `Cannot write ${output}: it is there already; --overwrite replaces it, --output names another`,
    );
  }
  await useTaskEngine(config.engine, { device: config.device });
  const tokenizer = await loadTokenizer(await tokenizerFolderOf(config.tokenizer, [path]));
  const model = await loadWhole(path);
  try {
    await write(model, { to, output, precision, tokenizer });
  } catch (cause) {
    if (!(cause instanceof RangeError || cause instanceof TypeError)) throw cause;
    throw new UsageError(cause.message, { cause });
  }
  console.log(`${model.config.layers} layers, ${model.parameterCount} parameters in ${precision}`);
  console.log(output);
}

interface Writing {
  to: "gguf" | "safetensors";
  output: string;
  precision: GgufPrecision;
  tokenizer: Tokenizer;
}

async function write(model: LanguageModel, { to, output, precision, tokenizer }: Writing): Promise<void> {
  if (to === "gguf") {
    return await saveGguf(model, output, { tokenizer, precision, name: basename(output).replace(/\.gguf$/i, "") });
  }
  await writeFolderAtomically(output, async (folder) => {
    await saveModel(model, folder, { format: isWeightFormat(precision) ? precision : "F32" });
    await tokenizer.save(folder);
  });
}

/** `runs/exports/quickstart.gguf` of `runs/quickstart/student`, for instance. */
function defaultOutput(path: string, to: Writing["to"]): string {
  const [{ name }] = parseNamedPaths(path.replace(/\.gguf$/i, ""), "--model");
  return join("runs", "exports", to === "gguf" ? `${name}.gguf` : name);
}

if (import.meta.main) await runTask(main);
