/**
 * Texts as a run needs them: rows to train and validate on, prompts to be answered, and what became of those that were too
 * long.
 *
 * @module
 */
import type { Row } from "../batches/row.ts";
import { fitPrompt, type LongPrompt } from "../text/fit_prompt.ts";
import type { PromptStyle } from "../text/render_prompt.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import { corpusRows, renderTexts } from "./corpus.ts";
import type { CorpusText } from "./corpus_text.ts";
import type { LengthRules } from "./make_row.ts";
import type { SplitName } from "./prepare/manifest.ts";
import { countRow, noCounts, type RowCounts } from "./prepare/tokenize_rows.ts";

/** Tokens of an answer that a score is taken on, where the context has room for them. */
const ANSWER = 32;

/** What a run works on. */
export interface ReadyRows {
  /** Rows to train on. */
  train: Row[];
  /** Rows that the validation loss is taken on. */
  valid: Row[];
  /** Texts that are answered, with the prompts as the models see them except for their length. */
  test: CorpusText[];
  /** How these are cut. */
  asking: { maxPromptLength: number; longPrompts: LongPrompt };
  /** What became of each split that has texts. */
  counts: ReadyCounts[];
}

/** What became of a split. */
export interface ReadyCounts {
  /** The split. */
  split: SplitName;
  /** Rows that are left. */
  rows: number;
  /** Their tokens; texts that are answered are not counted. */
  tokens?: number;
  /** Tokens that are learnt: those of responses. */
  learnt?: number;
  /** Prompts that were cut. */
  promptsCut: number;
  /** Responses that were cut; undefined of texts that are answered. */
  responsesCut?: number;
  /** Rows that were left out. */
  leftOut: number;
}

/** Options for {@linkcode readyRows}. */
export interface ReadyRowsOptions extends Partial<Pick<LengthRules, "longPrompts" | "longRows" | "maxPromptLength">> {
  /** What makes rows of texts. */
  tokenizer: Tokenizer;
  /** The context of the models, the shorter one of two. */
  contextLength: number;
  /**
   * Tokens that prompt and response may have.
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
   * What messages call the lengths: flags, for instance.
   *
   * @default {their names here}
   */
  names?: Readonly<Record<"maxPromptLength" | "maxLength", string>>;
}

/**
 * Makes rows and prompts of texts, for the data and the report of a run.
 *
 * @param texts The texts of each split, as `loadCorpus()` gives them.
 * @param options Tokenizer, context, and what becomes of long rows.
 * @returns Rows, prompts, and what became of them.
 * @throws {RangeError} If lengths exceed the context or leave no room for a response, or no row of a split is left.
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
  const { tokenizer, contextLength, prompt: style = "auto", maxPromptLength, name = "the texts" } = options;
  const { longPrompts = "cut", longRows = "cut", maxLength = Math.min(512, contextLength) } = options;
  checkLengths({ ...options, maxLength });
  const counts: ReadyCounts[] = [];
  const rowsOf = (split: "train" | "valid"): Row[] => {
    const made = noCounts();
    const rules = { maxPromptLength, maxLength, longPrompts, longRows, contextLength };
    const rendered = renderTexts(texts[split], { tokenizer, style });
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
