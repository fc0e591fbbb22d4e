/**
 * Tokenizes on several cores. Results and their order do not depend on the number of cores.
 *
 * @module
 */
import type { PromptStyle } from "../../text/render_prompt.ts";
import { tokenizerOf } from "../../text/tokenizer.ts";
import type { Tokenizer } from "../../text/tokenizer_interface.ts";
import type { TokenizerTexts } from "../../text/tokenizer_files.ts";
import type { InstructionRow } from "../instruction_row.ts";
import type { LengthRules } from "../make_row.ts";
import type { SplitName } from "./manifest.ts";
import { type TokenizedRows, tokenizeRows, tokenizeTexts } from "./tokenize_rows.ts";

/** What a worker needs to start. */
export interface NamedTokenizerTexts extends TokenizerTexts {
  /** The tokenizer's source, for messages. */
  name: string;
}

/** A chunk of work: instructions, or plain texts. */
export type Work =
  | { rows: InstructionRow[]; rules: LengthRules; style: PromptStyle; split: SplitName }
  | { texts: string[] };

/** The result, rows with their split; for plain texts only ids. */
export type WorkDone = (TokenizedRows & { split: SplitName }) | { ids: Uint32Array<ArrayBuffer> };

/** Processes a chunk of work on this thread. */
export function doWork(work: Work, tokenizer: Tokenizer): WorkDone {
  if ("texts" in work) return { ids: tokenizeTexts(work.texts, tokenizer) };
  return { ...tokenizeRows(work.rows, { ...work, tokenizer }), split: work.split };
}

/** Options for {@linkcode tokenizeAll}. */
export interface TokenizeAllOptions {
  /** The tokenizer's files. */
  start: NamedTokenizerTexts;
  /** The number of workers; with 0 the work is done on this thread. */
  workers: number;
}

/**
 * Processes chunks of work; at most two per worker are queued at a time.
 *
 * @param pieces The work.
 * @param options The tokenizer, and how many workers.
 * @returns The result of each, in their order.
 * @throws {Error} If a chunk fails.
 */
export async function* tokenizeAll(
  pieces: AsyncIterable<Work> | Iterable<Work>,
  { start, workers }: TokenizeAllOptions,
): AsyncGenerator<WorkDone, void> {
  if (workers === 0) {
    const tokenizer = tokenizerOf(start, start);
    for await (const piece of pieces) {
      yield doWork(piece, tokenizer);
      await new Promise((resolve) => setTimeout(resolve, 0)); // lets signals be handled
    }
    return;
  }
  const team = Array.from({ length: workers }, () => new Helper(start));
  try {
    const waiting: Promise<WorkDone>[] = [];
    for await (const piece of pieces) {
      if (waiting.length >= 2 * workers) yield await waiting.shift()!;
      const helper = team.reduce((least, other) => other.load < least.load ? other : least);
      const promise = helper.do(piece);
      promise.catch(() => {}); // it is thrown when its turn comes
      waiting.push(promise);
    }
    for (const promise of waiting) yield await promise;
  } finally {
    for (const helper of team) helper.stop();
  }
}

/** One worker, which returns results in the order of its work. */
class Helper {
  readonly #worker: Worker;
  readonly #open: { resolve: (done: WorkDone) => void; reject: (error: Error) => void }[] = [];

  constructor(start: NamedTokenizerTexts) {
    this.#worker = new Worker(new URL("./tokenize_worker.ts", import.meta.url), { type: "module" });
    this.#worker.onmessage = ({ data }: MessageEvent<WorkDone | { error: string }>) => {
      const { resolve, reject } = this.#open.shift()!;
      if ("error" in data) reject(new Error(data.error));
      else resolve(data);
    };
    this.#worker.onerror = (event) => {
      event.preventDefault();
      for (const { reject } of this.#open.splice(0)) reject(new Error(event.message));
    };
    this.#worker.postMessage(start);
  }

  /** Chunks that are not finished yet. */
  get load(): number {
    return this.#open.length;
  }

  do(work: Work): Promise<WorkDone> {
    return new Promise((resolve, reject) => {
      this.#open.push({ resolve, reject });
      this.#worker.postMessage(work);
    });
  }

  stop(): void {
    this.#worker.terminate();
  }
}
