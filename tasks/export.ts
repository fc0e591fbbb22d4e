/**
 * Writes a model with its tokenizer, chat template and generation settings for other programs: as a GGUF file, which
 * llama.cpp runs, or as a folder of safetensors, which transformers loads.
 *
 *     deno task export runs/quickstart/student --to gguf --precision Q8_0
 */
import { exportModel } from "../lib/models/export_model.ts";
import { loadTokenizer } from "../lib/text/tokenizer.ts";
import { exportHelp as help, exportSchema as schema, exportTarget } from "./support/export_setup.ts";
import { lockOutput } from "./support/free_output.ts";
import { loadWhole } from "./support/load_whole.ts";
import { withFirst } from "./support/positional.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { useTaskEngine } from "./support/task_engine.ts";
import { tokenizerFolderOf } from "./support/tokenizer_folder.ts";
import { asUsage } from "./support/usage_error.ts";

/**
 * Runs the task.
 *
 * @param args The flags.
 */
export async function main(args: readonly string[]): Promise<void> {
  const description = "Write a model with its tokenizer for llama.cpp (GGUF) or for transformers (safetensors).";
  const { config } = await parseTask({ name: "export", description, schema, args: withFirst(args, "--model"), help });
  const { output, precision } = exportTarget(config);
  using _lock = await lockOutput(output, config.overwrite);
  await useTaskEngine(config.engine, { device: config.device });
  const tokenizer = await loadTokenizer(await tokenizerFolderOf(config.tokenizer, [config.model]));
  const model = await loadWhole(config.model);
  const writing = { to: config.to, precision, tokenizer };
  await asUsage(() => exportModel(model, output, writing), [RangeError, TypeError]);
  console.log(`${model.config.layers} layers, ${model.parameterCount} parameters in ${precision}`);
  console.log(output);
}

if (import.meta.main) await runTask(main);
