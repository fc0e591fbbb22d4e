/**
 * Models compared on sets, their answers and tables in a folder.
 *
 * @module
 */
import { join } from "node:path";
import { onFirstRank } from "../../lib/distributed/first_rank.ts";
import { placeOf } from "../../lib/engines/place.ts";
import { compareOnSets } from "../../lib/evaluation/compare_on_sets.ts";
import { writeAtomically } from "../../lib/files/atomic_write.ts";
import { modelConfigOf } from "../../lib/models/model_config_of.ts";
import { lockFolder } from "./claimed_folder.ts";
import { totalProgress } from "./counted_progress.ts";
import type { EvaluateConfig } from "./evaluate_setup.ts";
import { lengthsWithin } from "./length_fields.ts";
import { parseNamedPaths, parseSeeds } from "./named_paths.ts";
import { joinRanks } from "./ranks.ts";
import { repetitionOf } from "./repetition_fields.ts";
import { checkRunName } from "./run_folder.ts";
import { tokenizerFolderOf } from "./tokenizer_folder.ts";

/**
 * Compares the models.
 *
 * @returns The tables, and where they are, on the first rank.
 */
export async function evaluateOnSets(config: EvaluateConfig, root: string): Promise<string | undefined> {
  checkRunName(config.name);
  const named = parseNamedPaths(config.models ?? config.model, config.models ? "--models" : "--model");
  const sets = parseNamedPaths(config.sets!, "--sets");
  const seeds = parseSeeds(config.seeds, "--seeds");
  const { communicator, engine, first } = await joinRanks(config);
  const contexts = await Promise.all(named.map(async ({ path }) => (await modelConfigOf(path)).contextLength));
  const lengths = lengthsWithin(config, Math.min(...contexts));
  const models = await Promise.all(named.map(async (model) => {
    return { ...model, tokenizer: await tokenizerFolderOf(config.tokenizer, [model.path]) };
  }));
  const folder = join(root, config.name);
  using _lock = await lockFolder(folder, communicator);
  await onFirstRank(communicator, async () => {
    await Deno.mkdir(folder, { recursive: true });
    await writeAtomically(join(folder, "engine.json"), JSON.stringify(placeOf(engine), null, 2) + "\n");
  });
  using bar = totalProgress("evaluate");
  const { temperature = 1, template, limit, topP, topK, longPrompts, batchSize } = config;
  const drawing = { temperature, topP, topK, ...repetitionOf(config), longPrompts, batchSize, seeds };
  const watching = { onAnswers: bar.update, say: bar.log };
  const markdown = await compareOnSets({
    models,
    sets,
    folder,
    template,
    limit,
    communicator,
    ...lengths,
    ...drawing,
    ...watching,
  });
  if (!first) return undefined;
  return (`${markdown}\ntable: ${["md", "csv", "html"].map((ending) => join(folder, `table.${ending}`)).join(" ")}`);
}
