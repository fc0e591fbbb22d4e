/**
 * The sets of held-out instructions that models are compared on.
 *
 * @module
 */
import { join } from "node:path";
import { continuationOf } from "../datasets/continuation.ts";
import { type InstructionRow, readInstructions } from "../datasets/instruction_file.ts";
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
   * How many rows are wanted, the file's first ones.
   *
   * @default {all}
   */
  limit?: number;
}

/** The files that a folder's set may lie in; the first that is there is taken. */
const FILES = ["test.jsonl", "valid.jsonl"];

/**
 * Reads a set.
 *
 * @param path A file of instructions, see {@linkcode readInstructions}; or a folder that holds one as `test.jsonl` or, where
 * that is absent, as `valid.jsonl`. Of plain text the second half is asked for.
 * @param options The set's name, and how prompts are made.
 * @returns The set, with at least one row.
 * @throws {Error} If nothing of that kind is there, or a line is broken; the message names the set, the file and the line.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { readEvaluationSet } from "@amid/amid";
 *
 * const path = `${await Deno.makeTempDir()}/birds.jsonl`;
 * await Deno.writeTextFile(path, '{"instruction": "Name a wader.", "output": ["heron", "stork"]}\n');
 * const { rows } = await readEvaluationSet(path, { name: "birds" });
 * assert.deepEqual(rows[0].outputs, ["heron", "stork"]);
 * ```
 */
export async function readEvaluationSet(path: string, options: ReadEvaluationSetOptions): Promise<EvaluationSet> {
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
  for (const file of FILES) {
    if (await kindOf(join(path, file)) === "file") return join(path, file);
  }
  throw new Error(`Cannot read the set ${name}: ${path} must hold ${FILES.join(" or ")}, it has neither`);
}
