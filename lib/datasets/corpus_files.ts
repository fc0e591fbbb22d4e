/**
 * Reads the texts of a folder of instruction files, or of a single file that is split.
 *
 * @module
 */
import { join } from "node:path";
import { continuationOf } from "./continuation.ts";
import type { CorpusText } from "./corpus_text.ts";
import { readPlacedRows } from "./instruction_file.ts";
import type { InstructionFields, InstructionRow } from "./instruction_row.ts";
import { readManifest, type SplitName } from "./prepare/manifest.ts";
import { splitRows } from "./prepare/split_rows.ts";
import { findSplitFiles } from "./split_files.ts";
import { matchTokens } from "./match_tokens.ts";

/** The seed of the split, fixed so that no run trains on what another is evaluated on. */
const SPLIT_SEED = 1;

/** How a file was split. */
export interface FileSplit {
  /** The file. */
  path: string;
  /** The rows that went to each split. */
  rows: Partial<Record<SplitName, number>>;
}

/** Options for {@linkcode readCorpusFiles}. */
export interface ReadCorpusFilesOptions {
  /** The splits that are needed. */
  wanted: readonly SplitName[];
  /** The files' keys for the parts of a row. */
  fields?: InstructionFields;
  /** Called if a file was split. */
  onSplit?: (split: FileSplit) => void;
}

/**
 * Reads texts in the order of their files.
 *
 * @param data A folder as {@linkcode findSplitFiles} reads it, or a file. A file is split into all three; a split that
 * a folder lacks is taken out of its training file. Which rows are held out depends only on their count.
 * @param options The splits.
 * @returns The texts of each requested split.
 * @throws {Error} If the path does not exist, a file is missing or too small to be split, or has a broken row.
 */
export async function readCorpusFiles(
  data: string,
  { wanted, fields, onSplit }: ReadCorpusFilesOptions,
): Promise<Partial<Record<SplitName, CorpusText[]>>> {
  const { files, names } = await filesOf(data, wanted);
  const texts: Partial<Record<SplitName, CorpusText[]>> = {};
  const missing = (["valid", "test"] as const).filter((split) => files[split] === undefined);
  const held = missing.some((split) => wanted.includes(split)) || !names;
  if (files.train !== undefined && (wanted.includes("train") || held)) {
    const all = await textsOf(files.train, { split: "train", folder: names && data, fields });
    Object.assign(texts, held ? splitOff(all, missing, { path: files.train, onSplit }) : { train: all });
  }
  for (const split of wanted) {
    const path = files[split];
    if (texts[split]) continue;
    if (path === undefined) {
      throw new Error(
        `Cannot read ${data}: ${split}.jsonl is needed, or train.jsonl to take it out of; it holds ` +
          `${names!.join(", ") || "no file"}${
            names!.some((name) => /\.jsonl?$/.test(name)) ? `; a single file can be named itself` : ""
          }`,
      );
    }
    texts[split] = await textsOf(path, { split, folder: data, fields });
  }
  if (texts.test) texts.test = texts.test.map(askedText);
  return texts;
}

async function filesOf(
  data: string,
  wanted: readonly SplitName[],
): Promise<{ files: Partial<Record<SplitName, string>>; names?: string[] }> {
  let isFolder: boolean;
  try {
    isFolder = (await Deno.stat(data)).isDirectory;
  } catch (cause) {
    const reason = cause instanceof Deno.errors.NotFound ? "there is no such file or folder" : (cause as Error).message;
    throw new Error(`Cannot read the data ${data}: ${reason}`, { cause });
  }
  return isFolder ? await findSplitFiles(data, ["train", ...wanted]) : { files: { train: data } };
}

function splitOff(
  texts: readonly CorpusText[],
  missing: readonly ("valid" | "test")[],
  { path, onSplit }: { path: string; onSplit?: (split: FileSplit) => void },
): Partial<Record<SplitName, CorpusText[]>> {
  if (texts.length <= missing.length) {
    throw new RangeError(
      `Cannot split ${path}: a row is needed to train on and one for each of ${
        missing.join(", ")
      }, it has ${texts.length}`,
    );
  }
  const tenth = Math.max(1, Math.floor(texts.length / 10));
  const most = { valid: 1000, test: 500 };
  const count = (split: "valid" | "test") => missing.includes(split) ? Math.min(tenth, most[split]) : 0;
  const parts = splitRows(texts, { validRows: count("valid"), testRows: count("test"), seed: SPLIT_SEED });
  const found = Object.fromEntries((["train", ...missing] as const).map((split) => [split, parts[split]]));
  onSplit?.({ path, rows: Object.fromEntries(Object.entries(found).map(([split, rows]) => [split, rows.length])) });
  return found;
}

/** A text as a question: plain text is to be continued from its first half; others are unchanged. */
export function askedText(text: CorpusText): CorpusText {
  if (text.prompt !== "") return text;
  const { prompt, output } = continuationOf(text.outputs[0]);
  return { kind: text.kind, prompt, outputs: [output], source: text.source };
}

interface TextsOfOptions {
  split: SplitName;
  /** The folder, if it may be a prepared one. */
  folder?: string;
  fields?: InstructionFields;
}

async function textsOf(path: string, { split, folder, fields }: TextsOfOptions): Promise<CorpusText[]> {
  const manifest = folder === undefined ? undefined : await readManifest(folder);
  const placed = await readPlacedRows(path, manifest ? {} : { names: fields, needsInput: split === "train" });
  const rows = manifest && matchTokens(placed, { texts: path, tokens: join(folder!, `${split}.tokens`) });
  return placed.map((one) => {
    const { row, line } = one;
    const { kind = "", prompt, outputs, fields: more, teacherTask } = row;
    const asked = { task: taskOf(row), ...teacherTask && { teacherTask } };
    const parts = { kind, prompt, outputs, ...asked, ...more && { fields: more } };
    const text = { ...questionOf(row), ...parts, source: `${path}, line ${line}` };
    return rows ? { ...text, prepared: { row: rows.get(one)!, tokenizer: manifest.recipe.tokenizer } } : text;
  });
}

/** Instruction and input, separated by a blank line; absent if there is only the prompt. */
function questionOf({ form, instruction, input }: InstructionRow): Pick<CorpusText, "question"> {
  if (form === "prompt" || form === "text" || instruction === "") return {};
  return { question: input === "" ? instruction : `${instruction}\n\n${input}` };
}

const taskOf = ({ instruction, input, prompt, system, form }: InstructionRow) => ({
  instruction,
  input,
  prompt,
  ...(system === undefined ? {} : { system }),
  ...(form === undefined ? {} : { form }),
});
