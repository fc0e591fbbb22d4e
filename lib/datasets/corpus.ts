/**
 * The texts that a run is trained and evaluated on: the built-in corpus, or a folder of instruction files.
 *
 * @module
 */
import {
  aList,
  anObject,
  aNumber,
  aText,
  aTokenizer,
  checkArguments,
  objectWith,
} from "../arguments/check_arguments.ts";
import { isChat, type PromptStyle, renderPrompt } from "../text/render_prompt.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import { type FileSplit, readCorpusFiles } from "./corpus_files.ts";
import type { InstructionFields } from "./instruction_row.ts";
import { type LengthRules, type MadeRow, makeRow } from "./make_row.ts";
import { withTeacherPrompt } from "./teacher_prompt.ts";
import { tokenizerHash } from "./prepare/manifest.ts";
import { randomStream, shuffled } from "../random/random.ts";
import type { Row } from "../batches/row.ts";
import { readWordNet, wordNetFolder } from "./wordnet.ts";
import type { WordNetKind } from "./wordnet_kinds.ts";
import { WORDNET_KINDS, wordNetRows } from "./wordnet_rows.ts";
import type { CorpusText } from "./corpus_text.ts";

/** The number of texts needed of each split. */
export type SplitCounts = Partial<Record<"train" | "valid" | "test", number>>;

/** Options for {@linkcode loadCorpus}. */
export interface CorpusOptions {
  /** The number of texts needed of each split. */
  counts: SplitCounts;
  /** The seed that decides which texts are drawn, and in which order. */
  seed: number;
  /**
   * Kinds of questions of the built-in corpus.
   *
   * @default {all}
   */
  kinds?: readonly WordNetKind[];
  /**
   * The files' keys for the parts of a row.
   *
   * @default {the usual names}
   */
  fields?: InstructionFields;
  /** Called if a file is split; the split does not depend on the seed. */
  onSplit?: (split: FileSplit) => void;
}

/**
 * Loads texts.
 *
 * @param data `"wordnet"` for the built-in corpus; a folder with `train.jsonl`, `valid.jsonl` and `test.jsonl`, where
 * missing splits are taken out of `train.jsonl`; or a file, which is split into all three: a tenth each, at most 1000
 * and 500 rows, are held out. A folder made by `prepareData()` has the rows too. A split with fewer texts than
 * requested returns all of them.
 * @returns The texts of each split, an empty list if none are requested.
 * @throws {Error} If a file is missing or broken; the message names it, and the line.
 * @throws {RangeError} If a kind is unknown.
 */
export async function loadCorpus(
  data: string,
  options: CorpusOptions,
): Promise<Record<"train" | "valid" | "test", CorpusText[]>> {
  checkArguments("load a corpus", { data: [data, aText], options: [options, objectWith("counts", "seed")] });
  const { counts, seed, kinds = WORDNET_KINDS, fields, onSplit } = options;
  checkArguments("load a corpus", { counts: [counts, anObject], seed: [seed, aNumber] });
  const names = ["train", "valid", "test"] as const;
  const wanted = names.filter((split) => (counts[split] ?? 0) > 0);
  const texts: Record<typeof names[number], CorpusText[]> = { train: [], valid: [], test: [] };
  if (data === "wordnet") {
    const dictionary = await readWordNet(wordNetFolder());
    for (const split of wanted) {
      const rows = wordNetRows({ dictionary, split, seed, count: counts[split]!, kinds });
      texts[split] = rows.map(({ kind, prompt, output }) => ({ kind, prompt, outputs: [output] }));
    }
    return texts;
  }
  if (wanted.length === 0) return texts;
  const read = await readCorpusFiles(data, { wanted, fields, onSplit });
  for (const split of wanted) texts[split] = shuffled(read[split]!, randomStream(seed)).slice(0, counts[split]);
  return texts;
}

/** Options for {@linkcode renderTexts}. */
export interface RenderTextsOptions {
  /** The tokenizer of the rows. */
  tokenizer: Tokenizer;
  /**
   * The form of prompts.
   *
   * @default {"auto"}
   */
  style?: PromptStyle;
  /**
   * The tokenizer of a text's teacher, whose prompt is then rendered by its own chat template.
   *
   * @default {that of the rows}
   */
  teacherTokenizer?: (text: CorpusText) => Tokenizer | undefined;
}

/**
 * Renders the prompts of texts whose parts are known; others, and prepared ones, stay as they are.
 *
 * @param texts The texts.
 * @param options The tokenizer and the form of the prompts.
 * @returns The texts with their prompts.
 * @throws {TypeError} If a chat template is requested and the tokenizer has none.
 */
export function renderTexts(
  texts: readonly CorpusText[],
  options: RenderTextsOptions,
): CorpusText[] {
  checkArguments("render prompts", { texts: [texts, aList], options: [options, objectWith("tokenizer")] });
  const { tokenizer, style = "auto", teacherTokenizer = () => tokenizer } = options;
  checkArguments("render prompts", { tokenizer: [tokenizer, aTokenizer] });
  return texts.map(({ task, teacherTask = task, ...text }) => {
    if (task === undefined || teacherTask === undefined || text.prepared || task.form === "text") return text;
    const prompt = renderPrompt(task, { tokenizer, style });
    const theirs = teacherTokenizer(text) ?? tokenizer;
    const teacherPrompt = renderPrompt(teacherTask, { tokenizer: theirs, style });
    const taught = teacherPrompt === prompt ? {} : { taught: { prompt: teacherPrompt, tokenizer: theirs } };
    return { ...text, prompt, isChat: isChat(task, { tokenizer, style }), ...taught };
  });
}

/** Options for {@linkcode corpusRows}. */
export interface CorpusRowsOptions extends Partial<LengthRules> {
  /**
   * The models' context, which prepared rows must fit.
   *
   * @default {any}
   */
  contextLength?: number;
  /**
   * The teacher's context, which its own prompts must fit with their responses.
   *
   * @default {that of the rows}
   */
  teacherContext?: number;
  /**
   * Called for each text whose prompt or response is too long and is truncated. Prepared rows were counted when they
   * were prepared.
   *
   * @default {none}
   */
  onCut?: (part: "prompt" | "response") => void;
  /**
   * Called with the outcome of each text; a text that yields no row is then dropped.
   *
   * @default {a text that yields no row is an error, unless `longPrompts` or `longRows` drops it}
   */
  onRow?: (made: MadeRow) => void;
}

/**
 * Turns texts into rows of token ids: by default truncated to 256 tokens of the prompt and 512 in all.
 *
 * @throws {RangeError} If a text has no prompt or no response (the message has its file and line, or its index), or was
 * prepared with another tokenizer or for a longer context.
 */
export function corpusRows(
  texts: readonly CorpusText[],
  tokenizer: Tokenizer,
  options: CorpusRowsOptions = {},
): Row[] {
  checkArguments("make rows", { texts: [texts, aList], tokenizer: [tokenizer, aTokenizer] });
  const { onCut, onRow, contextLength = Infinity, teacherContext = contextLength, ...rules } = options;
  const lengths: LengthRules = { maxLength: 512, longPrompts: "cut", longRows: "cut", ...rules };
  const hash = texts.some(({ prepared }) => prepared) ? tokenizerHash(tokenizer) : "";
  return texts.flatMap((text, index) => {
    const { prepared, source = `row ${index}` } = text;
    const made = prepared
      ? { row: checked(prepared, { hash, contextLength, source }), cut: { prompt: false, response: false } }
      : withTeacherPrompt(makeRow({ ...text, response: text.outputs[0] }, { tokenizer, rules: lengths }), {
        text,
        tokenizer,
        teacherContext,
        rules: lengths,
      });
    onRow?.(made);
    if ("dropped" in made) {
      const isWanted = onRow || { prompts: lengths.longPrompts === "drop", rows: true, empty: false }[made.dropped];
      if (isWanted) return [];
      throw new RangeError(`Cannot make ${source}: ${reasonOf(made.dropped, text)}`);
    }
    for (const part of ["prompt", "response"] as const) if (made.cut[part]) onCut?.(part);
    return [text.fields ? { ...made.row, fields: text.fields } : made.row];
  });
}

function checked(
  { row, tokenizer }: NonNullable<CorpusText["prepared"]>,
  { hash, contextLength, source }: { hash: string; contextLength: number; source: string },
): Row {
  if (tokenizer !== hash) {
    throw new RangeError(
      "Cannot use the prepared data: it must be prepared with the tokenizer in use; prepare it again",
    );
  }
  // The last token predicts nothing.
  if (row.ids.length - 1 <= contextLength) return row;
  throw new RangeError(
    `Cannot use the prepared data: rows must fit the models' context of ${contextLength} tokens, ${source} has ` +
      `${row.ids.length}; prepare it again with rows of at most ${contextLength}`,
  );
}

function reasonOf(dropped: "prompts" | "rows" | "empty", { outputs }: CorpusText): string {
  if (dropped === "prompts") return "the template of its prompt alone is too long";
  return outputs[0].trim() === ""
    ? "its response must not be empty"
    : "its response merges into the last token of its prompt, no token is left";
}
