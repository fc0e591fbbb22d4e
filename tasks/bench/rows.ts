/**
 * The rows that steps are measured on.
 *
 * @module
 */
import { corpusRows, loadCorpus } from "../../lib/datasets/corpus.ts";
import { randomStream } from "../../lib/random/random.ts";
import { checkRow, type Row } from "../../lib/batches/row.ts";
import { keptTokens } from "../../lib/batches/training_batch.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { UsageError } from "../support/usage_error.ts";

/** How many draws a step's rows are chosen from. */
const DRAWS = 500;

/** How many times as many rows of the built-in corpus there are to choose from as are needed. */
const SPARE = 4;

/** The description of the flag `--rows`. */
export const ROWS_HELP = "JSON file of rows of token ids; the built-in corpus if absent; each step takes rows whose " +
  "tokens and response tokens are near the file's mean, no row twice while there are others";

/** How many rows are needed. */
export interface Steps {
  /** Rows a step. */
  batch: number;
  /** Steps, those that are not measured included. */
  steps: number;
}

/** Tokens and response tokens of a row. */
interface Lengths {
  tokens: number;
  responseTokens: number;
}

/** What was taken of the rows there were. */
export interface RowsTaken {
  /** Rows there were. */
  of: number;
  /** Means over those rows. */
  meanTokens: number;
  meanResponseTokens: number;
  /** Tokens and response tokens of each step's rows. */
  tokens: number[];
  responseTokens: number[];
}

/** Rows for some steps, and what they are among the rows there were. */
export interface BenchRows {
  /** The rows of each step. */
  batches: Row[][];
  taken: RowsTaken;
}

/**
 * Reads rows of token ids, `{ rows: [{ ids, prompt_length }] }`, and takes some for each step; or takes the built-in
 * corpus where no file is named.
 *
 * @throws {UsageError} If the file holds no rows.
 */
export async function benchRows(file: string | undefined, { batch, steps }: Steps): Promise<BenchRows> {
  if (file !== undefined) return chosen(await readRows(file), { batch, steps });
  const { train } = await loadCorpus("wordnet", { counts: { train: SPARE * batch * steps }, seed: 1 });
  return chosen(corpusRows(train, await loadTokenizer("data/tokenizer")), { batch, steps });
}

async function readRows(file: string): Promise<Row[]> {
  const { rows } = JSON.parse(await Deno.readTextFile(file)) as { rows?: { ids: number[]; prompt_length: number }[] };
  if (!Array.isArray(rows) || rows.length === 0) throw new UsageError(`Cannot measure: ${file} holds no rows`);
  const read = rows.map(({ ids, prompt_length }) => ({ ids, promptLength: prompt_length }));
  read.forEach(checkRow);
  return read;
}

function chosen(rows: readonly Row[], steps: Steps): BenchRows {
  const batches = typicalBatches(rows, steps);
  const means = meanLengths(rows);
  const sums = batches.map(sumLengths);
  return {
    batches,
    taken: {
      of: rows.length,
      meanTokens: Math.round(10 * means.tokens) / 10,
      meanResponseTokens: Math.round(10 * means.responseTokens) / 10,
      tokens: sums.map(({ tokens }) => tokens),
      responseTokens: sums.map(({ responseTokens }) => responseTokens),
    },
  };
}

/**
 * Chooses each step's rows: of many random draws among the rows that no earlier step has, the one whose mean tokens and
 * response tokens are nearest to those of all rows, so that a few short steps stand for an epoch. The choice depends on
 * nothing but the rows. When fewer than a step's rows are left, all count as new again; where there are fewer than a
 * step's in all, rows come more than once in a step.
 */
export function typicalBatches(rows: readonly Row[], { batch, steps }: Steps): Row[][] {
  const random = randomStream(1);
  const means = meanLengths(rows);
  const distance = (draw: readonly Row[]) => {
    const { tokens, responseTokens } = meanLengths(draw);
    return Math.abs(tokens / means.tokens - 1) + Math.abs(responseTokens / means.responseTokens - 1);
  };
  const enough = rows.length >= batch ? [...rows] : Array.from({ length: batch }, (_, i) => rows[i % rows.length]);
  let left = enough;
  return Array.from({ length: steps }, () => {
    if (left.length < batch) left = enough;
    let nearest: { indices: number[]; off: number } | undefined;
    for (let draw = 0; draw < DRAWS; draw++) {
      const indices = drawIndices(left.length, { count: batch, below: random.below });
      const off = distance(indices.map((index) => left[index]));
      if (!nearest || off < nearest.off) nearest = { indices, off };
    }
    const taken = nearest!.indices.map((index) => left[index]);
    const gone = new Set(nearest!.indices);
    left = left.filter((_, index) => !gone.has(index));
    return taken;
  });
}

/** Different indices below `length`. */
function drawIndices(
  length: number,
  { count, below }: { count: number; below: (limit: number) => number },
): number[] {
  const drawn = new Set<number>();
  while (drawn.size < count) drawn.add(below(length));
  return [...drawn];
}

function sumLengths(rows: readonly Row[]): Lengths {
  return { tokens: rows.reduce((sum, { ids }) => sum + ids.length, 0), responseTokens: keptTokens(rows) };
}

function meanLengths(rows: readonly Row[]): Lengths {
  const { tokens, responseTokens } = sumLengths(rows);
  return { tokens: tokens / rows.length, responseTokens: responseTokens / rows.length };
}
