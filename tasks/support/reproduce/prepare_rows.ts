/**
 * The rows of a pipeline: those to train and validate on, and the sets that models are compared on.
 *
 * @module
 */
import { dirname, join } from "node:path";
import { readInstructions } from "../../../lib/datasets/instruction_file.ts";
import { sharedText } from "../../../lib/datasets/shared_text.ts";
import { writeAtomically } from "../../../lib/files/atomic_write.ts";
import { exists } from "../../../lib/files/exists.ts";
import { readJsonLines } from "../../../lib/files/json_lines.ts";
import { randomStream, shuffled } from "../../../lib/random/random.ts";
import { UsageError } from "../usage_error.ts";
import type { Recipe } from "./recipe.ts";

/** A row as it is written. */
interface WrittenRow {
  instruction: string;
  input: string;
  output: string | string[];
}

/** The sets that models are compared on, and where the folder of data has them. */
export const SETS: Readonly<Record<string, string>> = {
  dolly: "dolly/valid.jsonl",
  "self-inst": "self-inst/valid.jsonl",
  vicuna: "vicuna/valid.jsonl",
  sinst: "sinst/11_/valid.jsonl",
  gsm8k: "gsm8k/test.jsonl",
};

/** Where the rows to train on are. */
const TRAINED = { dolly: "dolly/dev.jsonl", gsm8k: "gsm8k/train.jsonl" };

/** The seed of every cut. */
const SEED = 10;

/** What {@linkcode prepareRows} has written. */
export interface PreparedRows {
  /** Rows of each file. */
  counts: Record<string, number>;
  /** Rows that were left out because they share text with a set, by their source. */
  leftOut: Record<string, number>;
}

/**
 * Writes `train.jsonl`, `valid.jsonl`, `test.jsonl` and `sets/<name>.jsonl`. Rows that share thirteen words in a row with
 * a whole set, or a question with it, are left out of training and validation and counted in `rows.json`.
 *
 * @param folder Where they go; rows that are there are kept.
 * @param options How many, and the folder of data.
 * @throws {UsageError} If a file is missing, or has too few rows.
 */
export async function prepareRows(
  folder: string,
  { data, source }: { data: Recipe["size"]["data"]; source: string },
): Promise<PreparedRows> {
  const summary = join(folder, "rows.json");
  if (await exists(summary)) return JSON.parse(await Deno.readTextFile(summary));
  const sets: Record<string, WrittenRow[]> = {};
  for (const [name, file] of Object.entries(SETS)) sets[name] = await rowsOf(join(source, file));
  const heldOut = Object.values(sets).flat().map(textOf);
  const written: Record<string, WrittenRow[]> = { "train.jsonl": [], "valid.jsonl": [] };
  const leftOut: Record<string, number> = {};
  for (const [name, file] of Object.entries(TRAINED) as ["dolly" | "gsm8k", string][]) {
    const rows = await rowsOf(join(source, file));
    const shared = new Set(sharedText(rows.map(textOf), { heldOut }).map(({ row }) => row));
    leftOut[name] = shared.size;
    const kept = shuffled(rows.filter((_, index) => !shared.has(index)), randomStream(SEED));
    const { valid, [name]: train } = data;
    if (kept.length < valid + 1) {
      throw new UsageError(`Cannot reproduce: ${file} needs more than ${valid} rows, current count is ${kept.length}`);
    }
    written["valid.jsonl"].push(...kept.slice(0, valid));
    written["train.jsonl"].push(...kept.slice(valid, valid + train));
  }
  // Nobody is asked during training, where one row suffices; the sets are for that.
  written["test.jsonl"] = written["valid.jsonl"].slice(0, 1);
  for (const [name, rows] of Object.entries(sets)) {
    written[`sets/${name}.jsonl`] = shuffled(rows, randomStream(SEED)).slice(0, data.sets);
  }
  for (const [name, rows] of Object.entries(written)) {
    const path = join(folder, name);
    await Deno.mkdir(dirname(path), { recursive: true });
    await writeAtomically(path, rows.map((row) => JSON.stringify(row) + "\n").join(""));
  }
  const counts = Object.fromEntries(Object.entries(written).map(([name, rows]) => [name, rows.length]));
  const prepared = { counts, leftOut };
  await writeAtomically(summary, JSON.stringify(prepared, null, 2) + "\n");
  return prepared;
}

async function rowsOf(path: string): Promise<WrittenRow[]> {
  if (!await exists(path)) {
    throw new UsageError(`Cannot reproduce: ${path} is needed, there is no such file; --data names the folder`);
  }
  if (path.includes("gsm8k")) {
    const rows: WrittenRow[] = [];
    for await (const { value } of readJsonLines(path)) {
      const { question, answer } = value as { question: string; answer: string };
      rows.push({ instruction: question, input: "", output: workedAnswer(answer) });
    }
    return rows;
  }
  return (await readInstructions(path)).map(({ instruction, input = "", outputs }) => ({
    instruction,
    input,
    output: outputs.length === 1 ? outputs[0] : outputs,
  }));
}

/** The steps and the number; the annotations for a calculator, `<<48/2=24>>`, are no text. */
const workedAnswer = (answer: string): string => answer.replaceAll(/<<[^>]*>>/g, "");

const textOf = ({ instruction, input, output }: WrittenRow) => ({
  question: `${instruction} ${input}`,
  answer: Array.isArray(output) ? output[0] : output,
});
