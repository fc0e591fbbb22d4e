/**
 * Generation for a queue of prompts: where an answer ends, the next prompt takes its place.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type PackedTokens, packTokens } from "../../batches/packed_tokens.ts";
import { packedPlaces } from "../../operations/mod.ts";
import type { LanguageModel } from "../language_model.ts";
import { lengthClassOf } from "../length_classes.ts";
import { chooseTokens, type ChooseTokensOptions } from "./choose_tokens.ts";
import { KeyValueCache } from "./key_value_cache.ts";

/** A prompt with its answer so far and the seed of its draws. */
export interface Job {
  /** Prompt and answer. */
  tokens: number[];
  seed: number;
  /** How many more tokens the answer may have. */
  left: number;
  /** The log-probability of each token of the answer, where asked for. */
  logProbabilities: number[];
}

/** Options for {@linkcode answerQueue}. */
export interface AnswerQueueOptions extends ChooseTokensOptions {
  /** How many prompts are continued together, at most. */
  places: number;
  /** Tokens that end an answer. */
  stopTokens: readonly number[];
}

/** The share of all places that must be free before prompts take them: joining copies the others' keys and values. */
const FREE_SHARE = 1 / 4;

/** Continues prompts, each to its end; their jobs receive the new tokens. The longest prompts come first. */
export async function answerQueue(model: LanguageModel, jobs: readonly Job[], options: AnswerQueueOptions) {
  // Of prompts of one length those that are alike stand together, to be computed together.
  const queue = [...jobs].sort((a, b) => b.tokens.length - a.tokens.length || compare(a.tokens, b.tokens));
  const running = new RunningRows(model, options);
  try {
    while (queue.length > 0 || running.count > 0) {
      const free = options.places - running.count;
      if (queue.length > 0 && (running.count === 0 || free >= Math.max(1, options.places * FREE_SHARE))) {
        queue.unshift(...await running.admit(queue.splice(0, free)));
      } else queue.unshift(...await running.step());
    }
  } finally {
    running.dispose();
  }
}

function compare(a: readonly number[], b: readonly number[]): number {
  const place = a.findIndex((token, index) => token !== b[index]);
  return place < 0 ? 0 : a[place] - b[place];
}

/** The rows that are continued together. */
class RunningRows {
  readonly #model: LanguageModel;
  readonly #options: AnswerQueueOptions;
  /** The job of each row of the cache; nothing where it ended. */
  #jobs: (Job | undefined)[] = [];
  #cache?: KeyValueCache;

  constructor(model: LanguageModel, options: AnswerQueueOptions) {
    this.#model = model;
    this.#options = options;
  }

  /** Rows that have not ended. */
  get count(): number {
    return this.#alive().length;
  }

  /** Reads prompts, chooses the first token of each answer, and lets those that go on join. */
  async admit(jobs: readonly Job[]): Promise<Job[]> {
    const tokens = packRows(this.#model, jobs);
    const cache = new KeyValueCache(tokens);
    try {
      const { going, again } = await this.#choose(jobs, () => {
        const keep = packedPlaces(tokens).map((places) => places.at(-1)!);
        return this.#model.states(tokens, { attend: cache.attendPrompts, keep });
      });
      const before = this.#alive();
      if (going.length === 0) return again;
      if (this.#cache && before.length > 0) this.#cache.join(before, { cache, rows: going });
      else {
        this.#cache?.dispose();
        if (going.length < jobs.length) cache.join(going);
        this.#cache = cache;
      }
      this.#jobs = [...before.map((row) => this.#jobs[row]), ...going.map((row) => jobs[row])];
      return again;
    } finally {
      if (cache !== this.#cache) cache.dispose();
    }
  }

  /** Continues each row by a token. Returns the jobs whose keys and values no longer hold, to be read again. */
  async step(): Promise<Job[]> {
    const cache = this.#cache!;
    this.#close();
    const alive = this.#alive();
    // A row that ended repeats a token that nothing depends on.
    const rows = this.#jobs.map((job) => [job?.tokens.at(-1) ?? 0]);
    const tokens = packTokens(rows, { offsets: cache.nextPositions });
    const jobs = alive.map((row) => this.#jobs[row]!);
    const keep = alive.length < rows.length ? alive : undefined;
    const { going, again } = await this.#choose(
      jobs,
      () => this.#model.states(tokens, { attend: cache.attendNext, keep }),
      () => cache.advance(),
    );
    const staying = new Set(going);
    alive.forEach((row, index) => {
      if (staying.has(index)) return;
      this.#jobs[row] = undefined;
      cache.end(row);
    });
    return again;
  }

  /** Drops rows that ended, where they are many. */
  #close(): void {
    const alive = this.#alive();
    if (this.#jobs.length - alive.length < Math.max(1, this.#jobs.length * FREE_SHARE)) return;
    this.#cache!.join(alive);
    this.#jobs = alive.map((row) => this.#jobs[row]);
  }

  /** Adds the next token to each job: which of them go on, and which have to be read again. */
  async #choose(jobs: readonly Job[], statesOf: () => tf.Tensor2D, behind = () => {}) {
    const logits = tf.tidy(() => this.#model.logitsOf(statesOf()));
    behind();
    try {
      const chosen = await chooseTokens(logits, jobs, this.#options);
      const again: Job[] = [], going: number[] = [];
      chosen.forEach(({ token, logProbability }, index) => {
        const job = jobs[index];
        job.tokens.push(token);
        job.left--;
        if (logProbability !== undefined) job.logProbabilities.push(logProbability);
        if (job.left === 0 || this.#options.stopTokens.includes(token)) return;
        if (changesClass(this.#model, job)) again.push(job);
        else going.push(index);
      });
      return { going, again };
    } finally {
      logits.dispose();
    }
  }

  #alive(): number[] {
    return [...this.#jobs.keys()].filter((row) => this.#jobs[row] !== undefined);
  }

  /** Frees keys and values. */
  dispose(): void {
    this.#cache?.dispose();
  }
}

/** Packs rows up to their current length; those of one length class share prefixes. */
function packRows(model: LanguageModel, jobs: readonly Job[]): PackedTokens {
  const rows = jobs.map(({ tokens }) => tokens);
  const classes = new Set(rows.map(({ length }) => lengthClassOf(model, length)));
  return packTokens(rows, { shareable: classes.size === 1 ? rows.map(() => Infinity) : undefined });
}

/** Whether a row's last token moved it to another length class, in which its keys and values differ. */
function changesClass(model: LanguageModel, { tokens: { length } }: Job): boolean {
  return lengthClassOf(model, length) !== lengthClassOf(model, length - 1);
}
