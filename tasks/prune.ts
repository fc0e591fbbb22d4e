/**
 * Cuts a student's start out of a teacher: fewer blocks, narrower states, inner layers, heads and experts.
 *
 *     deno task prune FOLDER --layers 12 --ffn 1024 --output runs/start
 */
import { exportModel } from "../lib/models/export_model.ts";
import { pruneModel } from "../lib/models/prune.ts";
import { loadTokenizer } from "../lib/text/tokenizer.ts";
import type { Tokenizer } from "../lib/text/tokenizer_interface.ts";
import { lockOutput } from "./support/free_output.ts";
import { limitTo } from "./support/limit_vocabulary.ts";
import { loadWhole } from "./support/load_whole.ts";
import { withFirst } from "./support/positional.ts";
import { progress } from "./support/progress.ts";
import { chosenLayers } from "./support/prune_layers.ts";
import { pruneTask, sizesOf } from "./support/prune_setup.ts";
import { pruneTable } from "./support/prune_table.ts";
import { keptVocabulary } from "./support/prune_vocabulary.ts";
import { readTexts, readyCorpus } from "./support/ready_corpus.ts";
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
  const { config, origins } = await parseTask({ ...pruneTask, args: withFirst(args, "--model") });
  const { output, model: path, batchSize, format: precision } = config;
  using _lock = await lockOutput(output, config.overwrite);
  await useTaskEngine(config.engine, { device: config.device });
  const folder = await tokenizerFolderOf(config.tokenizer, [path]);
  const tokenizer = await loadTokenizer(folder);
  const model = limitTo(await loadWhole(path), tokenizer);
  const kept = await keptVocabulary(config.vocabulary, { tokenizer, folder });
  const say = (text: string) => console.error(text);
  const texts = await readTexts(config, { counts: { train: config.rows, valid: config.validRows }, origins, say });
  const { contextLength } = model.config;
  const rowsBy = (tokenizer: Tokenizer) => readyCorpus(texts, { settings: config, tokenizer, contextLength, say });
  const { train, valid } = rowsBy(tokenizer);
  const layers = await chosenLayers(model, { ...config, rows: train, say });
  if (layers) say(`kept layers: ${layers.join()}`);

  const bar = progress({ label: "activations", total: train.length });
  const calibration = { rows: train.map(({ ids }) => ids), batchSize, onRows: (step: number) => bar.update({ step }) };
  const cut = () => pruneModel(model, { ...sizesOf(config), layers, vocabulary: kept.ids, ...calibration });
  const smaller = limitTo(await asUsage(cut).finally(() => bar.done()), kept.tokenizer);
  const validAfter = kept.ids ? rowsBy(kept.tokenizer).valid : valid;
  const models = { before: { model, rows: valid }, after: { model: smaller, rows: validAfter } };
  const table = await pruneTable(models, batchSize);
  await exportModel(smaller, output, { to: "safetensors", precision, tokenizer: kept.tokenizer });
  console.log(`${table}\n\n${output}`);
}

if (import.meta.main) await runTask(main);
