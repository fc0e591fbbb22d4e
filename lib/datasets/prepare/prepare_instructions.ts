/**
 * Instruction files as splits of tokenized rows.
 *
 * @module
 */
import { readPlacedRows } from "../instruction_file.ts";
import type { InstructionFields, InstructionRow } from "../instruction_row.ts";
import type { PackedRows } from "../encode_token_store.ts";
import type { SplitName } from "./manifest.ts";
import type { InstructionPlan, PrepareDataOptions } from "./prepare_options.ts";
import { splitRows } from "./split_rows.ts";
import { single } from "../../distributed/single.ts";
import { tokenizeOnRanks } from "./tokenize_on_ranks.ts";
import type { Work } from "./tokenize_pool.ts";
import { addCounts, noCounts, type RowCounts, type TokenizedRows } from "./tokenize_rows.ts";

/** A split, ready to be written. */
export interface PreparedSplit {
  /** Its rows. */
  rows: PackedRows;
  /** The same rows as lines of JSON; absent for plain text. */
  lines?: string[];
  /** How many were read, truncated and dropped. */
  counts: RowCounts;
}

/** Rows per chunk of work; fixed, so that the result does not depend on the number of workers. */
const PIECE = 250;

/**
 * Reads instruction files and tokenizes their rows.
 *
 * @param options Inputs, tokenizer, workers.
 * @param plan Splits, lengths, form. Test rows are never dropped for their length: prompt and response are truncated.
 * @returns The splits that have rows.
 * @throws {Error} If a file is empty or has a broken line.
 * @throws {RangeError} If a split has no rows left.
 */
export async function preparedInstructions(
  options: PrepareDataOptions,
  plan: InstructionPlan,
): Promise<Partial<Record<SplitName, PreparedSplit>>> {
  const splits = await readSplits(options.inputs, plan);
  const total = splits.reduce((sum, [, rows]) => sum + rows.length, 0);
  const prepared: Partial<Record<SplitName, PreparedSplit>> = {};
  const pieces = splits.flatMap(([split, rows]) => {
    const rules = split === "test" ? heldOutRules(plan) : plan;
    return Array.from({ length: Math.ceil(rows.length / PIECE) }, (_, index): Work => {
      const part = rows.slice(index * PIECE, (index + 1) * PIECE);
      return { split, rows: part, rules: lengthRules(rules), style: plan.style };
    });
  });
  const { communicator = single(), tokenizer: start } = options;
  const workers = Math.min(options.workers, Math.floor(total / (4 * PIECE)));
  let done = 0;
  for await (const piece of tokenizeOnRanks(pieces, { start, workers, communicator })) {
    options.signal?.throwIfAborted();
    const { ids, lengths, promptLengths, lines, keys, counts, ...of } = piece as TokenizedRows & { split: SplitName };
    const split = prepared[of.split] ??= {
      rows: { ids: [], lengths: [], promptLengths: [], keys: [] },
      lines: [],
      counts: noCounts(),
    };
    (split.rows.ids as Uint32Array[]).push(ids);
    (split.rows.lengths as number[]).push(...lengths);
    (split.rows.promptLengths as number[]).push(...promptLengths);
    (split.rows.keys as string[]).push(...keys);
    split.lines!.push(...lines);
    addCounts(split.counts, counts);
    options.onProgress?.(done += counts.read, total);
  }
  for (const [split, { rows, counts: { read, dropped } }] of Object.entries(prepared)) {
    if (rows.lengths.length > 0) continue;
    throw new RangeError(
      `Cannot prepare ${options.name}: a row must be left for ${split}; of ${read}, ${dropped.prompts} have too long a ` +
        `prompt, ${dropped.rows} are too long, ${dropped.empty} have no response`,
    );
  }
  return prepared;
}

/** Rows to be answered are never dropped. */
const heldOutRules = (plan: InstructionPlan): InstructionPlan => ({
  ...plan,
  longPrompts: plan.longPrompts === "first" ? "first" : "cut",
  longRows: "cut",
  keepBare: true,
});

const lengthRules = ({ maxPromptLength, maxLength, longPrompts, longRows, keepBare }: InstructionPlan) => (
  { maxPromptLength, maxLength, longPrompts, longRows, keepBare }
);

/** The rows of each split: from its own file, or taken from the training file if it has none. */
async function readSplits(
  inputs: PrepareDataOptions["inputs"],
  plan: InstructionPlan,
): Promise<[SplitName, InstructionRow[]][]> {
  const { train, valid, test } = inputs;
  const own = async (path: string | undefined) => path === undefined ? [] : await readRows(path, plan.fields);
  const held = { valid: await own(valid), test: await own(test) };
  if (train !== undefined) {
    const rows = await readRows(train, plan.fields, { needsInput: true });
    const counts = { ...(valid === undefined ? {} : { validRows: 0 }), ...(test === undefined ? {} : { testRows: 0 }) };
    const split = splitRows(rows, { ...plan, ...counts });
    for (const name of ["valid", "test"] as const) if (held[name].length === 0) held[name] = split[name];
    return ([["train", split.train], ["valid", held.valid], ["test", held.test]] as [SplitName, InstructionRow[]][])
      .filter(([, rows]) => rows.length > 0);
  }
  return ([["valid", held.valid], ["test", held.test]] as [SplitName, InstructionRow[]][])
    .filter(([, rows]) => rows.length > 0);
}

const readRows = async (path: string, names: InstructionFields, options = { needsInput: false }) =>
  (await readPlacedRows(path, { names, ...options })).map(({ row }) => row);
