/**
 * The texts that settings ask for, as a run needs them.
 *
 * @module
 */
import {
  type CorpusText,
  type FileSplit,
  loadCorpus,
  type ReadyCounts,
  type ReadyRows,
  readyRows,
  type ReadyRowsOptions,
  type SplitCounts,
  type SplitName,
} from "../../lib/datasets/mod.ts";
import { readManifest } from "../../lib/datasets/prepare/manifest.ts";
import type { Tokenizer } from "../../lib/text/tokenizer_interface.ts";
import { flagOf } from "./field.ts";
import { checkRowFlags, fieldsOf, type RowSettings } from "./row_fields.ts";
import { formatTable } from "./table.ts";
import { kindsOf } from "./training_fields.ts";
import { asUsageNow } from "./usage_error.ts";

/** Options for {@linkcode readyCorpus}. */
export interface ReadyCorpusOptions {
  /** How texts become rows. */
  settings: Partial<RowSettings> & { data: string };
  tokenizer: Tokenizer;
  /** The context of the models, the shorter one of two. */
  contextLength: number;
  /** What the teachers' own prompts are made with, where they have some. */
  teacher?: Pick<ReadyRowsOptions, "teacherTokenizer" | "teacherContext">;
  /** Takes lines about what was cut and left out; it is not called for the built-in corpus and prepared rows that fit. */
  say: (text: string) => void;
}

const names = { maxPromptLength: flagOf("maxPromptLength"), maxLength: flagOf("maxLength") };

/**
 * Makes rows and prompts of texts by `readyRows()`, and says what became of them.
 *
 * @param texts The texts of each split.
 * @param options Settings, tokenizer, context.
 * @throws {UsageError} If lengths exceed the context or leave no room for a response, or a split has no rows left.
 */
export function readyCorpus(
  texts: Record<SplitName, readonly CorpusText[]>,
  { settings, tokenizer, contextLength, teacher, say }: ReadyCorpusOptions,
): ReadyRows {
  const options = { ...settings, ...teacher, name: settings.data, names, tokenizer, contextLength };
  const ready = asUsageNow(() => readyRows(texts, options));
  const isOwn = Object.values(texts).flat().some(({ task, prepared }) => task && !prepared);
  if (isOwn || ready.counts.some(isChanged)) say(countsTable(ready.counts));
  return ready;
}

const isChanged = ({ promptsCut, responsesCut = 0, leftOut }: ReadyCounts) => promptsCut + responsesCut + leftOut > 0;

/** What became of each split's rows. */
export function countsTable(counts: readonly ReadyCounts[]): string {
  const lines = counts.map(({ split, rows, tokens, learnt, promptsCut, responsesCut, leftOut }) => {
    return [split, rows, tokens, learnt, promptsCut, responsesCut, leftOut];
  });
  return formatTable([["", "rows", "tokens", "learnt", "prompts cut", "responses cut", "left out"], ...lines]);
}

/** What decides the texts of a run. */
export interface TextSettings extends Partial<RowSettings> {
  data: string;
  seed: number;
  kinds?: string;
  teacherField?: string;
  teacherPromptField?: string;
}

/** Options for {@linkcode readTexts}. */
export interface ReadTextsOptions {
  /** The number of texts needed of each split. */
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
