/**
 * Texts as a run needs them: rows to train and validate on, prompts to be answered, and what became of those that were too
 * long.
 *
 * @module
 */
import {
  corpusRows,
  type CorpusText,
  type FileSplit,
  loadCorpus,
  renderTexts,
  type SplitCounts,
  type SplitName,
} from "../../lib/datasets/mod.ts";
import { readManifest } from "../../lib/datasets/prepare/manifest.ts";
import { addCounts, countRow, noCounts, type RowCounts } from "../../lib/datasets/prepare/tokenize_rows.ts";
import type { Row } from "../../lib/batches/row.ts";
import { fitPrompt, type LongPrompt } from "../../lib/text/fit_prompt.ts";
import type { Tokenizer } from "../../lib/text/tokenizer.ts";
import { flagOf } from "./field.ts";
import { checkRowFlags, fieldsOf, type RowSettings } from "./row_fields.ts";
import { type Cell, formatTable } from "./table.ts";
import { kindsOf } from "./training_fields.ts";
import { UsageError } from "./usage_error.ts";

/** Tokens of an answer that a score is taken on, where the context has room for them. */
const ANSWER = 32;

/** How prompts are cut that are to be answered. */
export interface Asking {
  /** Tokens that a prompt may have. */
  maxPromptLength: number;
  /** What becomes of a longer one. */
  longPrompts: LongPrompt;
}

/** What a run works on. */
export interface ReadyCorpus {
  /** Rows to train on. */
  train: Row[];
  /** Rows that the validation loss is taken on. */
  valid: Row[];
  /** Texts that are answered, with the prompts as the models see them except for their length. */
  test: CorpusText[];
  /** How these are cut. */
  asking: Asking;
}

/** Options for {@linkcode readyCorpus}. */
export interface ReadyCorpusOptions {
  /** How texts become rows. */
  settings: Partial<RowSettings> & { data: string };
  tokenizer: Tokenizer;
  /** The context of the models, the shorter one of two. */
  contextLength: number;
  /** Takes lines about what was cut and left out; it is not called for the built-in corpus and prepared rows that fit. */
  say: (text: string) => void;
}

/**
 * Makes rows and prompts of texts.
 *
 * @param texts The texts of each split.
 * @param options Settings, tokenizer, context.
 * @returns Rows and prompts.
 * @throws {UsageError} If lengths exceed the context or leave no room for a response.
 * @throws {RangeError} If no row of a split is left.
 */
export function readyCorpus(
  texts: Record<SplitName, readonly CorpusText[]>,
  { settings, tokenizer, contextLength, say }: ReadyCorpusOptions,
): ReadyCorpus {
  const { data, prompt: style = "auto", longPrompts = "cut", longRows = "cut", maxPromptLength } = settings;
  const { maxLength = Math.min(512, contextLength) } = settings;
  checkLengths({ maxPromptLength, maxLength, contextLength });
  const rules = { maxPromptLength, maxLength, longPrompts, longRows };
  const all = noCounts();
  const table: Cell[][] = [];
  const rowsOf = (split: "train" | "valid"): Row[] => {
    const counts = noCounts();
    const rendered = renderTexts(texts[split], { tokenizer, style });
    const rows = corpusRows(rendered, tokenizer, { ...rules, contextLength, onRow: (made) => countRow(counts, made) });
    if (rows.length === 0 && counts.read > 0) throw new RangeError(noRowLeft(data, split, counts));
    if (counts.read > 0) table.push(lineOf(split, rows, counts));
    addCounts(all, counts);
    return rows;
  };
  const [train, valid] = [rowsOf("train"), rowsOf("valid")];
  const asking = {
    maxPromptLength: Math.min(maxPromptLength ?? 256, contextLength - Math.min(ANSWER, contextLength >> 1)),
    longPrompts: longPrompts === "first" ? "first" as const : "cut" as const,
  };
  const test = renderTexts(texts.test, { tokenizer, style });
  const cut = test.filter(({ prompt }) =>
    fitPrompt(tokenizer, prompt, { ...asking, maxLength: asking.maxPromptLength }).isCut
  );
  if (test.length > 0) table.push(["test", test.length, undefined, undefined, cut.length, undefined, 0]);
  const changed = all.cut.prompts + all.cut.responses + cut.length + left(all) > 0;
  const isOwn = [...texts.train, ...texts.valid, ...texts.test].some(({ task, prepared }) => task && !prepared);
  if (isOwn || changed) {
    say(formatTable([["", "rows", "tokens", "learnt", "prompts cut", "responses cut", "left out"], ...table]));
  }
  return { train, valid, test, asking };
}

/** What decides the texts of a run. */
export interface TextSettings extends Partial<RowSettings> {
  data: string;
  seed: number;
  kinds?: string;
}

/** Options for {@linkcode readTexts}. */
export interface ReadTextsOptions {
  /** The texts wanted of each split. */
  counts: SplitCounts;
  /** Where settings came from; flags that have no effect on the data are refused. */
  origins?: Readonly<Record<string, string>>;
  /** Takes a line about a file that was split. */
  say: (text: string) => void;
}

/**
 * Loads the texts that settings ask for.
 *
 * @param settings Where they are, and how they are drawn.
 * @throws {UsageError} If a flag has no effect on them.
 */
export async function readTexts(
  settings: TextSettings,
  { counts, origins = {}, say }: ReadTextsOptions,
): Promise<Record<SplitName, CorpusText[]>> {
  const { data, seed, kinds } = settings;
  checkRowFlags(origins, { data, isPrepared: data !== "wordnet" && await readManifest(data) !== undefined });
  const onSplit = (split: FileSplit) => say(describeSplit(split));
  return await loadCorpus(data, { counts, seed, kinds: kindsOf(kinds), fields: fieldsOf(settings), onSplit });
}

/** The message about a file that was split. */
export function describeSplit({ path, rows }: FileSplit): string {
  const uses: Record<SplitName, string> = { train: "to train on", valid: "to validate on", test: "to be answered" };
  const parts = (Object.keys(uses) as SplitName[]).flatMap((split) =>
    rows[split] === undefined ? [] : `${rows[split]} ${uses[split]}`
  );
  const total = Object.values(rows).reduce((sum, count) => sum + count, 0);
  return `${path} has ${total} rows: ${parts.join(", ")}; the same ones in every run`;
}

const left = ({ dropped }: RowCounts) => dropped.prompts + dropped.rows + dropped.empty;

function lineOf(split: SplitName, rows: readonly Row[], counts: RowCounts): Cell[] {
  const tokens = rows.reduce((sum, { ids }) => sum + ids.length, 0);
  const prompts = rows.reduce((sum, { promptLength }) => sum + promptLength, 0);
  return [split, rows.length, tokens, tokens - prompts, counts.cut.prompts, counts.cut.responses, left(counts)];
}

function noRowLeft(data: string, split: SplitName, { read, dropped }: RowCounts): string {
  return `Cannot use ${data}: a row must be left for ${split}; of ${read}, ${dropped.prompts} have too long a prompt, ` +
    `${dropped.rows} are too long, ${dropped.empty} have no response`;
}

function checkLengths(
  { maxPromptLength, maxLength, contextLength }: { maxPromptLength?: number; maxLength: number; contextLength: number },
): void {
  if (maxLength > contextLength) {
    throw new UsageError(
      `Cannot use ${
        flagOf("maxLength")
      }: it must be at most the models' context of ${contextLength} tokens, current value ` +
        `is ${maxLength}`,
    );
  }
  if (maxPromptLength !== undefined && maxPromptLength >= maxLength) {
    throw new UsageError(
      `Cannot use ${flagOf("maxPromptLength")}: it must be below the ${maxLength} tokens of a row, current value is ` +
        `${maxPromptLength}`,
    );
  }
}
