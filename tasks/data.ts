/**
 * Prepares a data set: tokenized once, on all cores, for `--data` of other tasks.
 *
 *     deno task data dolly --tokenizer openai-community/gpt2
 *     deno task data mine --input mine.jsonl
 */
import { join } from "node:path";
import { prepareData } from "../lib/datasets/prepare/prepare_data.ts";
import { totalProgress } from "./support/counted_progress.ts";
import { dataTask, preparationOf, splitsTable } from "./support/data_setup.ts";
import { downloading } from "./support/download_bars.ts";
import { withFirst } from "./support/positional.ts";
import { joinProcesses } from "./support/ranks.ts";
import { checkRunName } from "./support/run_folder.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";

/**
 * Runs the task.
 *
 * @param args The flags.
 * @returns The exit status.
 */
export async function main(args: readonly string[]): Promise<number> {
  const { config } = await parseTask({ ...dataTask, args: withFirst(args, "--name") });
  const { name, output = join("prepared", name) } = config;
  checkRunName(name);
  const communicator = await joinProcesses(config);
  const first = communicator.rank === 0;
  return await downloading("stopping; nothing is left half-finished", async ({ bars, hub }) => {
    const preparing = await preparationOf(config, { communicator, hub });
    bars.done();
    const began = performance.now();
    const onWait = (holder?: { pid: number }) =>
      bars.log(`waiting for ${holder ? `process ${holder.pid}` : "another process"}, which prepares ${output}`);
    const prepare = async () => {
      using bar = totalProgress(`${name} ${preparing.plan.kind === "text" ? "tokens" : "rows"}`);
      const onProgress = first ? bar.update : undefined;
      return await prepareData({ ...preparing, output, communicator, onProgress, onWait, signal: hub.signal });
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
