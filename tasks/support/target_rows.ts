/**
 * Rows whose responses a teacher is to write.
 *
 * @module
 */
import { join } from "node:path";
import type { CorpusText } from "../../lib/datasets/corpus_text.ts";
import { readCorpusFiles } from "../../lib/datasets/corpus_files.ts";
import type { InstructionRow } from "../../lib/datasets/instruction_row.ts";
import { lineOf } from "../../lib/datasets/prepare/tokenize_rows.ts";
import { findSplitFiles } from "../../lib/datasets/split_files.ts";
import { writeAtomically } from "../../lib/files/atomic_write.ts";
import { hashFile } from "../../lib/files/file_hash.ts";
import type { PseudoTargets } from "../../lib/runs/pseudo_targets.ts";
import { type PromptStyle, renderPrompt } from "../../lib/text/render_prompt.ts";
import type { Tokenizer } from "../../lib/text/tokenizer_interface.ts";
import { describeSplit } from "./ready_corpus.ts";
import { fieldsOf, type RowSettings } from "./row_fields.ts";

/** What is answered, and what is held out of it. */
export interface TargetRows {
  /** The rows to be answered, with the prompts as the teacher sees them except for their length. */
  rows: InstructionRow[];
  /**
   * Writes the files of the rows that are held out into a folder, as `valid.jsonl` and `test.jsonl`, and what was written
   * as `result.json`.
   *
   * @returns The text of `result.json`.
   */
  finish(folder: string, written: PseudoTargets): Promise<string>;
}

/** Options for {@linkcode readTargetRows}. */
export interface ReadTargetRowsOptions {
  /** Where the rows are, how they are read, and how many are answered, all if `rows` is absent. */
  settings: Partial<RowSettings> & { data: string; rows?: number };
  tokenizer: Tokenizer;
  /** Takes a line about a file that was split. */
  say: (text: string) => void;
}

/**
 * Reads the rows: of a folder those to train on, of a file those that other tasks train on when they are given the file.
 *
 * @throws {RangeError} If there is plain text among them, which asks nothing.
 */
export async function readTargetRows(options: ReadTargetRowsOptions): Promise<TargetRows> {
  const { settings, tokenizer, say } = options;
  const { data, prompt: style = "auto" } = settings;
  const isFolder = (await Deno.stat(data).catch(() => undefined))?.isDirectory ?? false;
  const texts = await readCorpusFiles(data, {
    wanted: isFolder ? ["train"] : ["train", "valid", "test"],
    fields: fieldsOf(settings),
    onSplit: (split) => say(describeSplit(split)),
  });
  const rows = texts.train!.map((text) => rowOf(text, { tokenizer, style })).slice(0, settings.rows);
  const files = isFolder ? (await findSplitFiles(data)).files : { train: data };
  return {
    rows,
    async finish(folder, written) {
      for (const split of ["valid", "test"] as const) {
        const path = join(folder, `${split}.jsonl`);
        const held = texts[split]?.map((text) => JSON.stringify(lineOf(...lineParts(text))) + "\n").join("");
        if (held !== undefined) await writeAtomically(path, held);
        else if (files[split] !== undefined) await writeAtomically(path, await Deno.readFile(files[split]));
      }
      const result = JSON.stringify({ ...written, source: await hashFile(files.train!) }, null, 2);
      await writeAtomically(join(folder, "result.json"), result + "\n");
      return result;
    },
  };
}

function rowOf(
  { kind, outputs, prompt, prepared, task, source }: CorpusText,
  { tokenizer, style }: { tokenizer: Tokenizer; style: PromptStyle },
): InstructionRow {
  if (prompt === "" || task === undefined) {
    throw new RangeError(
      `Cannot make targets: rows with prompts are needed, ${source} is plain text`,
    );
  }
  const { instruction, input = "", system, form } = task;
  return {
    instruction,
    input,
    outputs,
    prompt: prepared ? prompt : renderPrompt(task, { tokenizer, style }),
    ...(kind === "" ? {} : { kind }),
    ...(system === undefined ? {} : { system }),
    ...(form === undefined ? {} : { form }),
  };
}

function lineParts({ kind, outputs, prompt, task }: CorpusText): [InstructionRow, string] {
  const { instruction = "", input = "", system, form } = task ?? {};
  return [{ instruction, input, outputs, prompt, system, form, ...(kind === "" ? {} : { kind }) }, prompt];
}
