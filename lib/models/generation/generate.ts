/**
 * Generation: prompts in, new tokens out.
 *
 * @module
 */
import { aModel, checkArguments, checkList, objectWith, tokenIds } from "../../arguments/check_arguments.ts";
import * as tf from "@tensorflow/tfjs-core";
import { type RandomStream, randomStream } from "../../random/random.ts";
import type { Communicator } from "../../distributed/communicator.ts";
import { RankError, spread } from "../../distributed/deal.ts";
import { packedPlaces } from "../../operations/mod.ts";
import { adjustLogits } from "./adjust_logits.ts";
import { checkStopTokens } from "./end_tokens.ts";
import { promptSeeds } from "./generation_seeds.ts";
import { KeyValueCache } from "./key_value_cache.ts";
import type { LanguageModel } from "../language_model.ts";
import { lengthClassOf } from "../length_classes.ts";
import { type PackedTokens, packTokens } from "../../batches/packed_tokens.ts";
import { NonFiniteLogitsError, sampleToken } from "./sample_token.ts";
import { checkSampling, type SamplingOptions } from "./sampling_options.ts";

/** Options for {@linkcode generate}. */
export interface GenerateOptions extends SamplingOptions {
  /** The maximum number of tokens to generate per prompt. */
  maxNewTokens: number;
  /**
   * The seed of the draws, below 2³². Each prompt has its own random stream, which depends on its tokens and on the
   * number of identical prompts before it, so that its answer does not depend on the other prompts or their order.
   *
   * @default {0}
   */
  seed?: number;
  /**
   * The seed of each prompt's draws, a safe integer from 0, in the order of the prompts; `seed` is then ignored.
   * @default {derived from `seed` and the prompts}
   */
  seeds?: readonly number[];
  /**
   * Tokens that end an answer; the end token is included in it.
   *
   * @default {the model's end tokens; `endTokensOf` adds the tokenizer's}
   */
  stopTokens?: readonly number[];
  /**
   * Prompts processed together.
   *
   * @default {32}
   */
  batchSize?: number;
  /**
   * The ranks that share the work: all are passed all prompts, and all receive all answers.
   *
   * @default {this process alone}
   */
  communicator?: Communicator;
}

/**
 * Continues prompts. Prompts of similar length are processed together; a finished row leaves its batch.
 *
 * @param model The model.
 * @param prompts Non-empty rows of token ids.
 * @returns The new tokens of each prompt, without the prompt, in the order of the prompts.
 * @throws {RangeError} If an option is invalid, or prompt and answer would exceed the model's context.
 *
 * @example Two answers, drawn with the same seed every time
 * ```ts
 * import { generate, loadModel, loadTokenizer, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const model = await loadModel("data/teacher");
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * const prompts = ["What kind of thing is a heron?\n", "Define \"wader\".\n"].map((text) => tokenizer.encode(text));
 * const answers = await generate(model, prompts, { maxNewTokens: 8, temperature: 0.7, seed: 1 });
 * console.log(answers.map((tokens) => tokenizer.decode(tokens)));
 * ```
 */
export async function generate(
  model: LanguageModel,
  prompts: readonly (readonly number[])[],
  options: GenerateOptions,
): Promise<number[][]> {
  checkArguments("generate", { model: [model, aModel], options: [options, objectWith("maxNewTokens")] });
  checkList("generate", { prompts }, tokenIds);
  const { maxNewTokens, seed = 0, batchSize = 32, communicator, ...others } = options;
  const { stopTokens = model.config.endTokens } = options;
  checkSampling(options);
  const seeds = promptSeeds(prompts, { seed, seeds: options.seeds });
  checkCount("maxNewTokens", maxNewTokens);
  checkCount("batchSize", batchSize);
  checkStopTokens(stopTokens, model.config.vocabularySize);
  prompts.forEach((prompt, index) =>
    checkPrompt(prompt, index, { maxNewTokens, contextLength: model.config.contextLength })
  );
  if (communicator && communicator.size > 1) {
    return [
      ...await spread(prompts, {
        communicator,
        weigh: ({ length }) => length + maxNewTokens,
        work: (share, places) =>
          generate(model, share, { ...others, maxNewTokens, batchSize, seeds: places.map((place) => seeds[place]) }),
        failure: errorOfRank,
      }),
    ];
  }
  const jobs = prompts.map((prompt, index) => ({ tokens: [...prompt], random: randomStream(seeds[index]) }));
  const byLength = [...jobs].sort((a, b) => a.tokens.length - b.tokens.length);
  for (let start = 0; start < byLength.length; start += batchSize) {
    await generateBatch(model, byLength.slice(start, start + batchSize), { ...options, stopTokens });
  }
  return jobs.map(({ tokens }, index) => tokens.slice(prompts[index].length));
}

/** A prompt with its answer so far and its random stream. */
interface Job {
  tokens: number[];
  random: RandomStream;
}

async function generateBatch(
  model: LanguageModel,
  batch: Job[],
  options: GenerateOptions & { stopTokens: readonly number[] },
): Promise<void> {
  const { maxNewTokens, stopTokens } = options;
  let running = batch;
  let tokens = packRows(model, running);
  let cache = new KeyValueCache(tokens);
  let first = true;
  try {
    for (let step = 0; step < maxNewTokens; step++) {
      const chosen = await nextTokens(model, running, { tokens, cache, first, sampling: options });
      chosen.forEach((token, row) => running[row].tokens.push(token));
      const going = [...running.keys()].filter((row) => !stopTokens.includes(chosen[row]));
      if (going.length === 0 || step === maxNewTokens - 1) break;
      if (going.length < running.length) cache.select(going);
      running = going.map((row) => running[row]);
      first = running.some((job) => changesClass(model, job));
      if (first) {
        cache.dispose();
        tokens = packRows(model, running);
        cache = new KeyValueCache(tokens);
      } else {
        tokens = packTokens(going.map((row) => [chosen[row]]), { offsets: cache.nextPositions });
      }
    }
  } finally {
    cache.dispose();
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

interface Pass {
  tokens: PackedTokens;
  cache: KeyValueCache;
  /** Whether this is a pass over whole rows, which fills the cache. */
  first: boolean;
  sampling: SamplingOptions;
}

async function nextTokens(
  model: LanguageModel,
  jobs: Job[],
  { tokens, cache, first, sampling }: Pass,
): Promise<number[]> {
  const logits = tf.tidy(() => {
    const states = first
      ? model.states(tokens, { attend: cache.attendPrompts, keep: lastPositions(tokens) })
      : model.states(tokens, { attend: cache.attendNext });
    return model.logitsOf(states);
  });
  if (!first) cache.advance();
  try {
    const numbers = await logits.data() as Float32Array;
    const width = model.vocabularySize;
    return jobs.map((job, row) => {
      const own = numbers.subarray(row * width, (row + 1) * width);
      return sampleToken(adjustLogits(own, job.tokens, sampling), job.random, sampling);
    });
  } finally {
    logits.dispose();
  }
}

function lastPositions(tokens: PackedTokens): number[] {
  return packedPlaces(tokens).map((places) => places.at(-1)!);
}

function errorOfRank({ rank, name, message }: { rank: number; name: string; message: string }): Error {
  const text = `rank ${rank}: ${message}`;
  return name === "NonFiniteLogitsError" ? new NonFiniteLogitsError(text) : new RankError(text);
}

function checkCount(name: string, value: number): void {
  if (!Number.isInteger(value) || value < 1) {
    throw new RangeError(`Cannot generate: ${name} must be a positive whole number, current value is ${value}`);
  }
}

function checkPrompt(
  prompt: readonly number[],
  index: number,
  { maxNewTokens, contextLength }: { maxNewTokens: number; contextLength: number },
): void {
  if (prompt.length === 0) throw new RangeError(`Cannot generate: prompt ${index} is empty`);
  if (prompt.length + maxNewTokens > contextLength) {
    throw new RangeError(
      `Cannot generate: prompt ${index} has ${prompt.length} tokens, with ${maxNewTokens} new ones it exceeds ` +
        `the model's context of ${contextLength}`,
    );
  }
}
