/**
 * Models compared on sets of instructions, under several seeds, in one table.
 *
 * @module
 */
import { aList, aText, checkArguments, objectWith } from "../arguments/check_arguments.ts";
import { definedOptions } from "../arguments/defined_options.ts";
import { join } from "node:path";
import type { Communicator } from "../distributed/communicator.ts";
import { single } from "../distributed/single.ts";
import { currentEngine } from "../engines/current_engine.ts";
import { engineMark } from "../engines/place.ts";
import { type AnswerLengths, answerLengths } from "./answer_lengths.ts";
import { answerRows, countCutPrompts } from "./answer_rows.ts";
import { checkTokenizer } from "./ask_rows.ts";
import { type ComparedSet, readSets, type SetTemplate } from "./compared_sets.ts";
import type { EvaluationSet } from "./evaluation_set.ts";
import { scoresAsCsv, scoresAsHtml, scoresAsMarkdown } from "./format_score_table.ts";
import { scoreTable, type SeedScore } from "./score_table.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { modelConfigOf } from "../models/model_config_of.ts";
import { loadModel } from "../models/load_model.ts";
import type { LanguageModel } from "../models/language_model.ts";
import type { SamplingOptions } from "../models/generation/sampling_options.ts";
import type { LongPrompt } from "../text/fit_prompt.ts";
import { loadTokenizer } from "../text/tokenizer.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import { answersInFile } from "./answer_file.ts";
import { modelFingerprint, tokenizerFingerprint, valueFingerprint } from "./fingerprint.ts";

/** A model that is compared. */
export interface ComparedModel {
  /** What tables and folders call it. */
  name: string;
  /** Its folder, or that of its adapters. */
  path: string;
  /** The folder of its tokenizer. */
  tokenizer: string;
}

/** Options for {@linkcode compareOnSets}. */
export interface CompareOnSetsOptions extends SamplingOptions {
  /** The models. */
  models: readonly ComparedModel[];
  /** The sets. */
  sets: readonly ComparedSet[];
  /** The seeds of the draws. */
  seeds: readonly number[];
  /** Where answers and tables go. */
  folder: string;
  /**
   * The prompts.
   *
   * @default {"own"}
   */
  template?: SetTemplate;
  /** Rows of each set, its first ones; all if absent. */
  limit?: number;
  /**
   * Tokens of a prompt that are kept; by default those of the shortest context, so that all models have the same ones.
   */
  maxPromptLength?: number;
  /** Tokens of the longest prompt and its answer together; by default those of the shortest context. */
  maxLength?: number;
  /**
   * How longer prompts are handled.
   *
   * @default {"cut"}
   */
  longPrompts?: LongPrompt;
  /**
   * Prompts that are answered together; answers do not depend on it.
   *
   * @default {16}
   */
  batchSize?: number;
  /**
   * The ranks that share the answering.
   *
   * @default {this process alone}
   */
  communicator?: Communicator;
  /**
   * Called on the first rank for each batch of answers, with how many there are by then, and how many there will be.
   */
  onAnswers?: (answered: number, total: number) => void;
  /** Receives a line about prompts that are cut. */
  say?: (line: string) => void;
}

/**
 * Answers all sets by all models under all seeds, and writes `answers/<model>/<set>/seed-<n>.jsonl`, `scores.json` and
 * the table as `table.md`, `table.csv` and `table.html`. What is there already, made with the same model, set and
 * settings, is kept.
 *
 * @returns The tables as Markdown.
 * @throws {Error} If a set or a model cannot be read, or a model's context is too short.
 */
export async function compareOnSets(given: CompareOnSetsOptions): Promise<string> {
  checkArguments("compare on sets", { options: [given, objectWith("models", "sets", "seeds", "folder")] });
  const { models, seeds, folder, communicator = single(), say = () => {} } = given;
  checkArguments("compare on sets", { models: [models, aList], seeds: [seeds, aList], folder: [folder, aText] });
  const contexts = await Promise.all(models.map(async ({ path }) => (await modelConfigOf(path)).contextLength));
  const options = { ...given, ...answerLengths({ ...given, contextLength: Math.min(...contexts) }), communicator };
  const first = communicator.rank === 0;
  const sets = await readSets(given.sets, { template: given.template ?? "own", limit: given.limit });
  const total = sets.reduce((sum, { rows }) => sum + rows.length, 0) * seeds.length * models.length;
  let answered = 0;
  const onAnswers = (count: number) => void (first && given.onAnswers?.(answered += count, total));
  const scores: UnfinishedScore[] = [];
  for (const model of models) {
    scores.push(...await scoresOnSets(model, { ...options, onAnswers, say: first ? say : () => {} }));
  }
  const tables = [scoreTable(scores, "rougeL"), scoreTable(scores, "exactMatch")];
  const markdown = scoresAsMarkdown(tables) + unfinishedLines(scores);
  if (!first) return markdown;
  await writeAtomically(join(folder, "scores.json"), JSON.stringify(scores, null, 2) + "\n");
  await writeAtomically(join(folder, "table.md"), markdown);
  await writeAtomically(join(folder, "table.csv"), scoresAsCsv(tables));
  await writeAtomically(join(folder, "table.html"), scoresAsHtml(tables, { title: "Evaluation" }));
  return markdown;
}

/** A score, with how many of how many answers have no end. */
type UnfinishedScore = SeedScore & { unfinished: number; count: number };

/** A line for each model and set with answers that reached the longest length, over all seeds. */
function unfinishedLines(scores: readonly UnfinishedScore[]): string {
  const groups = Map.groupBy(scores, ({ model, set }) => `${model}, ${set}`);
  const lines = [...groups].flatMap(([name, group]) => {
    const unfinished = group.reduce((sum, { unfinished }) => sum + unfinished, 0);
    const count = group.reduce((sum, { count }) => sum + count, 0);
    return unfinished === 0
      ? []
      : [`${name}: ${unfinished} of ${count} answers reached the maximum length without an end token.`];
  });
  return lines.length === 0 ? "" : `\n${lines.join("  \n")}\n`;
}

interface Watch {
  onAnswers: (count: number) => void;
  say: (text: string) => void;
}

async function scoresOnSets(
  { name, path, tokenizer: tokenizerFolder }: ComparedModel,
  options: Omit<CompareOnSetsOptions, "onAnswers"> & AnswerLengths & Watch,
): Promise<UnfinishedScore[]> {
  const {
    seeds,
    folder,
    temperature = 1,
    topP = 1,
    topK = 0,
    minP,
    repetitionPenalty,
    noRepeatNgramSize,
    logitBias,
    maxPromptLength,
    maxLength,
    longPrompts = "cut",
    batchSize = 16,
    communicator,
    onAnswers,
  } = options;
  const engine = currentEngine()!;
  const tokenizer = await loadTokenizer(tokenizerFolder);
  const sets = await readSets(options.sets, { template: options.template ?? "own", limit: options.limit, tokenizer });
  const drawing = { temperature, topP, topK, ...definedOptions({ minP, repetitionPenalty, noRepeatNgramSize }) };
  const settings = { ...drawing, maxPromptLength, maxLength, longPrompts };
  const prints = {
    model: await modelFingerprint(path),
    tokenizer: await tokenizerFingerprint(tokenizerFolder),
    engine: engineMark(engine),
    ...settings,
    ...logitBias && { logitBias: [...logitBias] },
  };
  let loaded: LanguageModel | undefined;
  const scores: UnfinishedScore[] = [];
  try {
    for (const { name: set, rows } of sets) {
      const cut = countCutPrompts(rows, { tokenizer, maxPromptLength });
      if (cut > 0) {
        const part = longPrompts === "first" ? "their first ones are kept" : "their text is cut";
        options.say(
          `${name}, ${set}: ${cut} of ${rows.length} prompts are longer than ${maxPromptLength} tokens, ${part}`,
        );
      }
      for (const seed of seeds) {
        const answers = await answersInFile(join(folder, "answers", name, set, `seed-${seed}.jsonl`), {
          key: valueFingerprint({ ...prints, rows, seed }),
          count: rows.length,
          answer: (done) => answer(rows, { ...settings, logitBias, tokenizer, seed, batchSize, done, communicator }),
          communicator,
          onAnswers,
        });
        const { rougeL, exactMatch, unfinished, count } = answers;
        scores.push({ model: name, set, seed, rougeL, exactMatch, unfinished, count });
      }
    }
    return scores;
  } finally {
    loaded?.dispose();
  }

  async function* answer(...[rows, options]: [EvaluationSet["rows"], { tokenizer: Tokenizer } & AnswerSettings]) {
    if (!loaded) {
      loaded = await loadModel(path, { precision: engine.precision });
      checkTokenizer(options.tokenizer, loaded);
      loaded.limitVocabulary(options.tokenizer.vocabularySize);
    }
    yield* answerRows(loaded, rows, options);
  }
}

type AnswerSettings = Omit<Parameters<typeof answerRows>[2], "tokenizer">;
