/**
 * Plain text as windows of tokens.
 *
 * @module
 */
import type { SplitName } from "./manifest.ts";
import type { PrepareDataOptions, TextPlan } from "./prepare_options.ts";
import type { PreparedSplit } from "./prepare_instructions.ts";
import { readTexts } from "./read_texts.ts";
import { single } from "../../distributed/single.ts";
import { tokenizeOnRanks } from "./tokenize_on_ranks.ts";
import type { Work } from "./tokenize_pool.ts";
import { noCounts } from "./tokenize_rows.ts";

/** Approximate characters per chunk of work; fixed, so that the result does not depend on the number of workers. */
const PIECE = 200_000;

/**
 * Reads texts, concatenates their tokens, each text followed by the end token, and splits them into windows. The loss
 * is on all tokens of a window except for the first.
 *
 * Source: Y. Gu et al., "MiniLLM: knowledge distillation of large language models", 2024, data processing of its code.
 *
 * @param options The input (`train`), see `readTexts`; tokenizer, workers.
 * @param plan Windows, tokens in all.
 * @returns The windows; if some are held out for validation, the first ones. The last may be shorter.
 * @throws {Error} If a line is broken; the message has its number.
 * @throws {RangeError} If there is no text, or not enough.
 */
export async function preparedText(
  options: PrepareDataOptions,
  plan: TextPlan,
): Promise<Partial<Record<SplitName, PreparedSplit>>> {
  const { inputs: { train: path }, workers, tokenizer: start, onProgress, signal, communicator = single() } = options;
  const { window, tokens, validRows } = plan;
  if (path === undefined) throw new RangeError(`Cannot prepare ${options.name}: it must have a training file`);
  const all: Uint32Array[] = [];
  let count = 0;
  for await (const { ids } of tokenizeOnRanks(pieces(path), { start, workers, communicator })) {
    signal?.throwIfAborted();
    all.push(ids.subarray(0, tokens - count));
    count = Math.min(count + ids.length, tokens);
    onProgress?.(count, tokens);
    if (count >= tokens) break;
  }
  // A window of one token has nothing to predict.
  if (count % window === 1) count -= 1;
  const windows = Math.ceil(count / window);
  if (windows <= validRows) {
    throw new RangeError(
      `Cannot prepare ${options.name}: more than ${validRows} windows of ${window} tokens are needed, ` +
        `the text has ${count} tokens`,
    );
  }
  const lengths = Array.from({ length: windows }, (_, index) => Math.min(window, count - index * window));
  const ids = joined(all, count);
  const split = (from: number, to: number): PreparedSplit => ({
    rows: {
      lengths: lengths.slice(from, to),
      promptLengths: new Uint8Array(to - from).fill(1),
      ids: [ids.subarray(from * window, Math.min(to * window, count))],
    },
    counts: { ...noCounts(), read: to - from },
  });
  const train = split(validRows, windows);
  return validRows > 0 ? { train, valid: split(0, validRows) } : { train };
}

function joined(pieces: readonly Uint32Array[], count: number): Uint32Array {
  const whole = new Uint32Array(count);
  let place = 0;
  for (const piece of pieces) {
    whole.set(piece.subarray(0, count - place), place);
    place += Math.min(piece.length, count - place);
  }
  return whole;
}

async function* pieces(path: string): AsyncGenerator<Work> {
  let texts: string[] = [];
  let size = 0;
  for await (const text of readTexts(path)) {
    if (text.trim() === "") continue;
    texts.push(text);
    size += text.length;
    if (size < PIECE) continue;
    yield { texts };
    [texts, size] = [[], 0];
  }
  if (texts.length > 0) yield { texts };
}
