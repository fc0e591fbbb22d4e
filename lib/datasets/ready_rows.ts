/**
 * Prepares texts for a run: rows to train and validate on, prompts to be answered, and counts of those that were too
 * long.
 *
 * @module
 */
import { aNumber, aTokenizer, checkArguments, objectWith } from "../arguments/check_arguments.ts";
import type { Row } from "../batches/row.ts";
import { fitPrompt, type LongPrompt } from "../text/fit_prompt.ts";
import type { PromptStyle } from "../text/render_prompt.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import { corpusRows, renderTexts } from "./corpus.ts";
import type { CorpusText } from "./corpus_text.ts";
import type { LengthRules } from "./make_row.ts";
import type { SplitName } from "./prepare/manifest.ts";
import { countRow, noCounts, type RowCounts } from "./prepare/tokenize_rows.ts";

/** Tokens generated per scored answer, if the context has room for them. */
const ANSWER = 32;

/** The data of a run. */
export interface ReadyRows {
  /** Rows to train on. */
  train: Row[];
  /** Rows that the validation loss is computed on. */
  valid: Row[];
  /** Texts to be answered, with the prompts as the models see them before truncation. */
  test: CorpusText[];
  /** How these are truncated. */
  asking: { maxPromptLength: number; longPrompts: LongPrompt };
  /** Counts of each split that has texts. */
  counts: ReadyCounts[];
}

/** Counts of a split. */
export interface ReadyCounts {
  /** The split. */
  split: SplitName;
  /** Rows that remain. */
  rows: number;
  /** Their tokens; 0 for texts to be answered. */
  tokens?: number;
  /** Response tokens, which are trained on. */
  learnt?: number;
  /** Prompts that were truncated. */
  promptsCut: number;
  /** Responses that were truncated; undefined for texts to be answered. */
  responsesCut?: number;
  /** Rows that were dropped. */
  leftOut: number;
}

/** Options for {@linkcode readyRows}. */
export interface ReadyRowsOptions extends Partial<Pick<LengthRules, "longPrompts" | "longRows" | "maxPromptLength">> {
  /** The tokenizer that turns texts into rows. */
  tokenizer: Tokenizer;
  /** The context of the models, the shorter one of two. */
  contextLength: number;
  /**
   * The tokenizer of a text's teacher, where it is another one: its prompt is rendered by its own chat template.
   *
   * @default {that of the rows}
   */
  teacherTokenizer?: (text: CorpusText) => Tokenizer | undefined;
  /**
   * The teacher's context, for prompts of its own.
   *
   * @default {the context of the models}
   */
  teacherContext?: number;
  /**
   * The maximum number of tokens of prompt and response together.
   *
   * @default {the context, at most 512}
   */
  maxLength?: number;
  /**
   * The form of prompts.
   *
   * @default {"auto"}
   */
  prompt?: PromptStyle;
  /**
   * What messages call the data.
   *
   * @default {"the texts"}
   */
  name?: string;
  /**
   * What messages call the lengths, for instance flags.
   *
   * @default {their names here}
   */
  names?: Readonly<Record<"maxPromptLength" | "maxLength", string>>;
}

/**
 * Makes rows and prompts from texts, for the data and the report of a run.
 *
 * @param texts The texts of each split, as `loadCorpus()` returns them.
 * @param options Tokenizer, context, and how long rows are handled.
 * @returns Rows, prompts, and counts.
 * @throws {RangeError} If lengths exceed the context or leave no room for a response, or a split has no rows left.
 *
 * @example The data and the report of a run
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadTokenizer } from "@amid/amid";
 * import { loadCorpus, readyRows } from "@amid/amid/datasets";
 *
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * const texts = await loadCorpus("wordnet", { counts: { train: 64, valid: 8, test: 4 }, seed: 1 });
 * const { train, valid, test, asking } = readyRows(texts, { tokenizer, contextLength: 128 });
 * const run = { data: { rows: train, validRows: valid }, report: { test, asking } };
 * assert.deepEqual([run.data.rows.length, run.data.validRows.length, run.report.test.length], [64, 8, 4]);
 * ```
 */
export function readyRows(
  texts: Record<SplitName, readonly CorpusText[]>,
  options: ReadyRowsOptions,
): ReadyRows {
  checkArguments("make rows", {
    texts: [texts, objectWith("train", "valid", "test")],
    options: [options, objectWith("tokenizer", "contextLength")],
  });
  const { tokenizer, contextLength, prompt: style = "auto", maxPromptLength, name = "the texts" } = options;
  checkArguments("make rows", { tokenizer: [tokenizer, aTokenizer], contextLength: [contextLength, aNumber] });
  const { teacherTokenizer, teacherContext = contextLength } = options;
  const { longPrompts = "cut", longRows = "cut", maxLength = Math.min(512, contextLength) } = options;
  checkLengths({ ...options, maxLength });
  const counts: ReadyCounts[] = [];
  const rowsOf = (split: "train" | "valid"): Row[] => {
    const made = noCounts();
    const rules = { maxPromptLength, maxLength, longPrompts, longRows, contextLength, teacherContext };
    const rendered = renderTexts(texts[split], { tokenizer, style, teacherTokenizer });
    const rows = corpusRows(rendered, tokenizer, { ...rules, onRow: (one) => countRow(made, one) });
    if (rows.length === 0 && made.read > 0) throw new RangeError(noRowLeft(name, split, made));
    if (made.read > 0) counts.push(countsOf(split, rows, made));
    return rows;
  };
  const [train, valid] = [rowsOf("train"), rowsOf("valid")];
  const asking = {
    maxPromptLength: Math.min(maxPromptLength ?? 256, contextLength - Math.min(ANSWER, contextLength >> 1)),
    longPrompts: longPrompts === "first" ? "first" as const : "cut" as const,
  };
  const test = renderTexts(texts.test, { tokenizer, style });
  const isCut = ({ prompt }: CorpusText) =>
    fitPrompt(tokenizer, prompt, { ...asking, maxLength: asking.maxPromptLength }).isCut;
  const promptsCut = test.filter(isCut).length;
  if (test.length > 0) counts.push({ split: "test", rows: test.length, promptsCut, leftOut: 0 });
  return { train, valid, test, asking, counts };
}

function countsOf(split: SplitName, rows: readonly Row[], { cut, dropped }: RowCounts): ReadyCounts {
  const tokens = rows.reduce((sum, { ids }) => sum + ids.length, 0);
  const prompts = rows.reduce((sum, { promptLength }) => sum + promptLength, 0);
  const leftOut = dropped.prompts + dropped.rows + dropped.empty;
  const learnt = tokens - prompts;
  return { split, rows: rows.length, tokens, learnt, promptsCut: cut.prompts, responsesCut: cut.responses, leftOut };
}

function noRowLeft(name: string, split: SplitName, { read, dropped }: RowCounts): string {
  return `Cannot use ${name}: a row must be left for ${split}; of ${read}, ${dropped.prompts} have too long a prompt, ` +
    `${dropped.rows} are too long, ${dropped.empty} have no response`;
}

function checkLengths(
  { maxPromptLength, maxLength, contextLength, names }: ReadyRowsOptions & { maxLength: number },
): void {
  const called = names ?? { maxPromptLength: "maxPromptLength", maxLength: "maxLength" };
  if (maxLength > contextLength) {
    throw new RangeError(
      `Cannot use ${called.maxLength}: it must be at most the models' context of ${contextLength} tokens, current value ` +
        `is ${maxLength}`,
    );
  }
  if (maxPromptLength !== undefined && maxPromptLength >= maxLength) {
    throw new RangeError(
      `Cannot use ${called.maxPromptLength}: it must be below the ${maxLength} tokens of a row, current value is ` +
        `${maxPromptLength}`,
    );
  }
}
