/**
 * A run of the task sft, from its settings to its result.
 *
 * @module
 */
import { join } from "node:path";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { foreignFolder } from "./claimed_folder.ts";
import { plainTextOf } from "./text_fields.ts";
import { inSteps } from "./epochs.ts";
import { warnOfEpochs } from "./length_effects.ts";
import { fieldsOf } from "./field.ts";
import { limitTo } from "./limit_vocabulary.ts";
import { joinRanks } from "./ranks.ts";
import { readTexts, readyCorpus } from "./ready_corpus.ts";
import { openSharedRunFolder } from "./run_folder.ts";
import { dataOf, plainSettings, type Recipe, type RecipeOutcome, runRecipe } from "./run_recipe.ts";
import { modelOf, type SftConfig, sftSchema, sftTokenizer, sftTrainerOptions } from "./sft_setup.ts";

/** Options for {@linkcode runSft}. */
export interface RunSftOptions {
  /** Where run folders are made. */
  root: string;
  /** Where settings came from, by key: flags and files. */
  origins: Readonly<Record<string, string>>;
}

/**
 * Runs to the end, or until Ctrl-C.
 *
 * @param asked The settings.
 * @param options Where.
 * @throws {Error} If a setting is invalid, a file is missing or broken, or the run diverges.
 */
export async function runSft(asked: SftConfig, { root, origins }: RunSftOptions): Promise<RecipeOutcome> {
  const ranks = await joinRanks(asked);
  const { communicator, first } = ranks;
  const given = { ...asked, tokenizer: await sftTokenizer(asked) };
  const tokenizer = await loadTokenizer(given.tokenizer);
  const path = join(root, given.name);
  await using folder = given.dryRun
    ? foreignFolder(path)
    : await openSharedRunFolder(given.name, { ...given, root, communicator });
  const say = first ? console.error : () => {};
  const student = await modelOf(given, tokenizer, origins);
  limitTo(student, tokenizer);
  const counts = { train: given.trainRows, valid: given.validRows, test: given.testRows };
  const texts = await readTexts(given, { counts, origins, say });
  const { contextLength } = student.config;
  const corpus = readyCorpus(texts, { settings: given, tokenizer, contextLength, say });
  const config = inSteps(given, { rows: corpus.train.length, origins });
  warnOfEpochs(config, { schema: sftSchema, given, origins });
  const plainText = await plainTextOf(config, { student, tokenizer });
  const recipe: Recipe = {
    task: "sft",
    models: { student, tokenizer },
    data: dataOf(corpus, { samples: config.samples, plainText }),
    training: { ...sftTrainerOptions(config, plainText), ...plainSettings(config) },
    report: { test: corpus.test, asking: corpus.asking },
  };
  return await runRecipe(recipe, { config, fields: fieldsOf(sftSchema), folder, ranks, weights: "model" });
}
