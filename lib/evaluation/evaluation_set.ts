/**
 * The sets of held-out instructions that models are compared on.
 *
 * @module
 */
import { aText, checkArguments, objectWith } from "../arguments/check_arguments.ts";
import { continuationOf } from "../datasets/continuation.ts";
import { readInstructions } from "../datasets/instruction_file.ts";
import type { InstructionRow } from "../datasets/instruction_row.ts";
import { findSplitFiles } from "../datasets/split_files.ts";
import type { EvaluationRow } from "./evaluate.ts";

/** A named set of held-out instructions. */
export interface EvaluationSet {
  /** What tables call it. */
  name: string;
  /** The file that it was read from. */
  path: string;
  /** Its instructions, in the file's order. */
  rows: EvaluationRow[];
}

/** How an instruction becomes a prompt; `prompt` is the file's own, or Alpaca's. */
export type PromptTemplate = (
  task: Pick<InstructionRow, "instruction" | "input" | "prompt" | "system" | "form">,
) => string;

/** Options for {@linkcode readEvaluationSet}. */
export interface ReadEvaluationSetOptions {
  /** What tables call the set. */
  name: string;
  /**
   * Makes the prompts.
   *
   * @default {the file's own prompts, the Alpaca prompt where a line has none}
   */
  template?: PromptTemplate;
  /**
   * How many rows are needed, the file's first ones.
   *
   * @default {all}
   */
  limit?: number;
}

/**
 * Reads a set.
 *
 * @param path A file of instructions, see {@linkcode readInstructions}; or a folder that holds one as `test.jsonl` or, where
 * that is absent, as `valid.jsonl`. Plain text is to be continued from its first half.
 * @param options The set's name, and how prompts are made.
 * @returns The set, with at least one row.
 * @throws {Error} If nothing of that kind is there, or a line is broken; the message names the set, the file and the line.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readEvaluationSet } from "@amid/amid/evaluation";
 *
 * const path = `${await Deno.makeTempDir()}/birds.jsonl`;
 * await Deno.writeTextFile(path, '{"instruction": "Name a wader.", "output": ["heron", "stork"]}\n');
 * const { rows } = await readEvaluationSet(path, { name: "birds" });
 * assert.deepEqual(rows[0].outputs, ["heron", "stork"]);
 * ```
 */
export async function readEvaluationSet(path: string, options: ReadEvaluationSetOptions): Promise<EvaluationSet> {
  checkArguments("read a test set", { path: [path, aText], options: [options, objectWith("name")] });
  checkArguments("read a test set", { name: [options.name, aText] });
  const { name, template, limit } = options;
  const file = await fileOf(path, name);
  const instructions = (await readInstructions(file)).slice(0, limit);
  const rows = instructions.map((row) => {
    const { prompt, outputs, kind, form } = row;
    const more = kind === undefined ? {} : { kind };
    if (form !== "text") return { prompt: template ? template(row) : prompt, outputs, ...more };
    const half = continuationOf(outputs[0]);
    return { prompt: half.prompt, outputs: [half.output], ...more };
  });
  return { name, path: file, rows };
}

async function fileOf(path: string, name: string): Promise<string> {
  const kindOf = (path: string) =>
    Deno.stat(path).then(({ isDirectory }) => isDirectory ? "folder" : "file", (error) => {
      if (error instanceof Deno.errors.NotFound) return undefined;
      throw error;
    });
  const kind = await kindOf(path);
  if (kind === "file") return path;
  if (kind === undefined) throw new Error(`Cannot read the set ${name}: there is no ${path}`);
  for (const split of ["test", "valid"] as const) {
    const { files } = await findSplitFiles(path, [split]);
    if (files[split] !== undefined) return files[split];
  }
  const { names } = await findSplitFiles(path, []);
  throw new Error(
    `Cannot read the set ${name}: ${path} must hold test.jsonl or valid.jsonl, it holds ${
      names.join(", ") || "no file"
    }` +
      (names.some((name) => /\.jsonl?$/.test(name)) ? "; a file can also be given directly" : ""),
  );
}
