/**
 * Prepares a data set: tokenized once, on all cores, for `--data` of other tasks.
 *
 *     deno task data dolly --tokenizer openai-community/gpt2
 *     deno task data mine --input mine.jsonl
 */
import { join } from "node:path";
import { prepareData } from "../lib/datasets/prepare/prepare_data.ts";
import { onFirstRank } from "../lib/distributed/first_rank.ts";
import { modelFolder } from "../lib/hub/model_folder.ts";
import { readTokenizerTexts } from "../lib/text/tokenizer_texts.ts";
import { totalProgress } from "./support/counted_progress.ts";
import {
  contextFor,
  dataEffects,
  dataHelp,
  dataSchema,
  inputsOf,
  known,
  planOf,
  sourceOf,
  splitsTable,
} from "./support/data_setup.ts";
import { fetchSource } from "./support/data_sources.ts";
import { downloading } from "./support/download_bars.ts";
import { withFirst } from "./support/positional.ts";
import { joinProcesses } from "./support/ranks.ts";
import { checkRunName } from "./support/run_folder.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { tokenizerFolderOf } from "./support/tokenizer_folder.ts";

/**
 * Runs the task.
 *
 * @param args The flags.
 * @returns The exit status.
 */
export async function main(args: readonly string[]): Promise<number> {
  const description = "Prepare a data set: rows of tokens with an index, and their texts.";
  const flags = withFirst(args, "--name");
  const [schema, help, effects] = [dataSchema, dataHelp, dataEffects];
  const { config } = await parseTask({ name: "data", description, schema, args: flags, help, effects });
  const { name, output = join("prepared", name), workers = navigator.hardwareConcurrency } = config;
  checkRunName(name);
  const source = sourceOf(name);
  const kind = config.kind ?? source?.kind ?? "training";
  const communicator = await joinProcesses(config);
  const first = communicator.rank === 0;
  return await downloading("stopping; nothing is left half-finished", async ({ bars, hub }) => {
    const named = await tokenizerFolderOf(config.tokenizer, config.model === undefined ? [] : [config.model]);
    const folder = await onFirstRank(communicator, () => modelFolder(named, { wanted: "tokenizer", hub }));
    const plan = planOf(config, { kind, source, contextLength: await contextFor(config, folder) });
    const tokenizer = { ...await readTokenizerTexts(folder), name: folder };
    const inputs = inputsOf(config, kind) ??
      await onFirstRank(communicator, () => fetchSource(known(source, name), { ...hub, revision: config.revision }));
    bars.done();
    const began = performance.now();
    const onWait = (holder?: { pid: number }) =>
      bars.log(`waiting for ${holder ? `process ${holder.pid}` : "another process"}, which prepares ${output}`);
    const preparing = { name, output, inputs, plan, tokenizer, workers, communicator };
    const prepare = async () => {
      using bar = totalProgress(`${name} ${kind === "text" ? "tokens" : "rows"}`);
      const onProgress = first ? bar.update : undefined;
      return await prepareData({ ...preparing, onProgress, onWait, signal: hub.signal });
    };
    const { manifest, fresh } = await prepare();
    if (!first) return 0;
    const seconds = (performance.now() - began) / 1000;
    console.log(splitsTable(manifest));
    console.log(fresh ? `\n${output} made in ${seconds.toFixed(1)} s` : `\n${output} is up to date; nothing was done`);
    return 0;
  });
}

if (import.meta.main) await runTask(main);
