/**
 * Models compared on sets of instructions, under several seeds, in one table.
 *
 * @module
 */
import { join } from "node:path";
import { loadCorpus } from "../../lib/datasets/corpus.ts";
import type { Communicator } from "../../lib/distributed/communicator.ts";
import type { Precision } from "../../lib/engines/mod.ts";
import type { AnswerLengths } from "../../lib/evaluation/answer_lengths.ts";
import { answerRows, countCutPrompts } from "../../lib/evaluation/answer_rows.ts";
import { type EvaluationSet, type PromptTemplate, readEvaluationSet } from "../../lib/evaluation/evaluation_set.ts";
import { scoresAsCsv, scoresAsHtml, scoresAsMarkdown } from "../../lib/evaluation/format_score_table.ts";
import { scoreTable, type SeedScore } from "../../lib/evaluation/score_table.ts";
import { exists } from "../../lib/files/exists.ts";
import { writeAtomically } from "../../lib/files/atomic_write.ts";
import { loadAdaptedModel } from "../../lib/models/lora/load_adapted.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { alpacaPrompt } from "../../lib/text/alpaca_prompt.ts";
import type { LongPrompt } from "../../lib/text/fit_prompt.ts";
import { renderPrompt } from "../../lib/text/render_prompt.ts";
import { loadTokenizer, type Tokenizer } from "../../lib/text/tokenizer.ts";
import { answersInFile } from "./answer_file.ts";
import { modelFingerprint, tokenizerFingerprint, valueFingerprint } from "./fingerprint.ts";
import type { NamedPath } from "./named_paths.ts";
import { lengthsWithin, modelConfigOf } from "./length_fields.ts";
import { limitTo } from "./limit_vocabulary.ts";
import { progress } from "./progress.ts";
import { tokenizerFolderOf } from "./tokenizer_folder.ts";

/** The prompts that a set can be asked with. */
export const TEMPLATES = ["own", "alpaca", "chat", "auto"] as const;

/** Options for {@linkcode evaluateSets}. */
export interface EvaluateSetsOptions {
  models: readonly NamedPath[];
  sets: readonly NamedPath[];
  seeds: readonly number[];
  /** Where answers and tables go. */
  folder: string;
  /** The folder of every model's tokenizer; the one beside each model where it is absent. */
  tokenizer?: string;
  /**
   * The files' own prompts, Alpaca's, those of the chat template of each model's tokenizer, or the chat template's where
   * there is one and else the files' own.
   */
  template: typeof TEMPLATES[number];
  /** Rows of each set, its first ones; all where it is absent. */
  limit?: number;
  temperature: number;
  topP: number;
  topK: number;
  /** The lengths, those of the shortest context where they are absent: all models are compared by the same ones. */
  maxPromptLength?: number;
  maxLength?: number;
  /** What becomes of longer prompts. */
  longPrompts: LongPrompt;
  batchSize: number;
  /** The engine in use: other engines round otherwise, and draws may differ. */
  engine: string;
  /** How it stores the models. */
  precision: Precision;
  /** The ranks that share the answering. */
  communicator: Communicator;
}

/**
 * Answers all sets by all models under all seeds, and writes `answers/<model>/<set>/seed-<n>.jsonl`, `scores.json` and
 * the table as `table.md`, `table.csv` and `table.html`. What is there already, made with the same model, set and
 * settings, is kept.
 *
 * @returns The tables as Markdown.
 * @throws {Error} If a set or a model cannot be read, or a model's context is too short.
 */
export async function evaluateSets(given: EvaluateSetsOptions): Promise<string> {
  const { models, seeds, folder, communicator } = given;
  const contexts = await Promise.all(models.map(async ({ path }) => (await modelConfigOf(path)).contextLength));
  const options = { ...given, ...lengthsWithin(given, Math.min(...contexts)) };
  const first = communicator.rank === 0;
  const sets = await readSets(options);
  const rows = sets.reduce((sum, { rows }) => sum + rows.length, 0);
  const bar = first ? progress({ label: "evaluate", total: rows * seeds.length * models.length }) : undefined;
  let answered = 0;
  const onAnswers = (count: number) => bar?.update({ step: answered += count });
  const scores: UnfinishedScore[] = [];
  try {
    for (const model of models) {
      scores.push(...await evaluateModel(model, { ...options, onAnswers, say: (text) => bar?.log(text) }));
    }
  } finally {
    bar?.done();
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
      : [`${name}: ${unfinished} of ${count} answers reached the longest length unfinished.`];
  });
  return lines.length === 0 ? "" : `\n${lines.join("  \n")}\n`;
}

/** Reads the sets, with the prompts that a tokenizer's model is asked with. */
async function readSets(
  { sets, template, limit }: EvaluateSetsOptions,
  tokenizer?: Tokenizer,
): Promise<EvaluationSet[]> {
  const read: EvaluationSet[] = [];
  for (const { name, path } of sets) {
    if (path === "wordnet" && !await exists(path)) {
      const { test } = await loadCorpus(path, { counts: { test: limit ?? 400 }, seed: 1 });
      read.push({ name, path, rows: test });
      continue;
    }
    read.push(await readEvaluationSet(path, { name, limit, template: templateOf(template, tokenizer) }));
  }
  return read;
}

function templateOf(template: typeof TEMPLATES[number], tokenizer?: Tokenizer): PromptTemplate | undefined {
  if (template === "alpaca") {
    return ({ instruction, input, form, prompt }) => form === "chat" ? prompt : alpacaPrompt({ instruction, input });
  }
  if (!tokenizer) return undefined;
  // Messages have no prompt of their own.
  if (template === "own") return (task) => task.form === "chat" ? renderPrompt(task, { tokenizer }) : task.prompt;
  return (task) => renderPrompt(task, { tokenizer, style: template });
}

interface Watch {
  onAnswers: (count: number) => void;
  say: (text: string) => void;
}

async function evaluateModel(
  { name, path }: NamedPath,
  options: EvaluateSetsOptions & AnswerLengths & Watch,
): Promise<UnfinishedScore[]> {
  const {
    seeds,
    folder,
    temperature,
    topP,
    topK,
    maxPromptLength,
    maxLength,
    longPrompts,
    batchSize,
    engine,
    precision,
    communicator,
    onAnswers,
  } = options;
  const tokenizerFolder = await tokenizerFolderOf(options.tokenizer, [path]);
  const tokenizer = await loadTokenizer(tokenizerFolder);
  const sets = await readSets(options, tokenizer);
  const settings = { temperature, topP, topK, maxPromptLength, maxLength, longPrompts };
  const prints = {
    model: await modelFingerprint(path),
    tokenizer: await tokenizerFingerprint(tokenizerFolder),
    engine,
    ...settings,
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
          answer: (done) => answer(rows, { ...settings, tokenizer, seed, batchSize, done, communicator }),
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
      loaded = await loadAdaptedModel(path, { precision });
      limitTo(loaded, options.tokenizer);
    }
    yield* answerRows(loaded, rows, options);
  }
}

type AnswerSettings = Omit<Parameters<typeof answerRows>[2], "tokenizer">;
