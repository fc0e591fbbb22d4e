/**
 * Generation: prompts in, new tokens out.
 *
 * @module
 */
import { aModel, checkArguments, checkList, objectWith, tokenIds } from "../../arguments/check_arguments.ts";
import type { Communicator } from "../../distributed/communicator.ts";
import { RankError, spread } from "../../distributed/deal.ts";
import { checkStopTokens } from "./end_tokens.ts";
import { answerQueue } from "./answer_queue.ts";
import { placesWithin } from "./cache_bytes.ts";
import { promptSeeds } from "./generation_seeds.ts";
import type { LanguageModel } from "../language_model.ts";
import { readyModel } from "./ready_model.ts";
import { NonFiniteLogitsError } from "./sample_token.ts";
import { checkSampling, type SamplingOptions } from "./sampling_options.ts";

/** Options for {@linkcode generate}. */
export interface GenerateOptions extends SamplingOptions {
  /** The maximum number of tokens to generate per prompt. */
  maxNewTokens: number;
  /**
   * The seed of the draws, below 2³². Each prompt has its own seed, which depends on its tokens and on the number of
   * identical prompts before it, and each draw on that and the token's position, so that an answer does not depend on
   * the other prompts or their order.
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
   * Prompts continued together; where an answer ends, the next prompt takes its place.
   *
   * @default {32}
   */
  batchSize?: number;
  /**
   * The most MiB that keys and values may take: fewer prompts are continued together where they would take more.
   *
   * @default {any number}
   */
  cacheMiB?: number;
  /**
   * The ranks that share the work: all are passed all prompts, and all receive all answers.
   *
   * @default {this process alone}
   */
  communicator?: Communicator;
}

/**
 * Continues prompts, several together: where an answer ends, the next prompt takes its place.
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
  return (await answer(model, prompts, options)).map(({ tokens }) => tokens);
}

/** An answer with the probabilities of its tokens. */
export interface ScoredAnswer {
  /** The new tokens, without the prompt. */
  tokens: number[];
  /**
   * The logarithm of each token's probability by the model, given those before it; temperature and the other options of
   * sampling do not count.
   */
  logProbabilities: number[];
}

/**
 * Continues prompts as {@linkcode generate} does, and says how probable each token was.
 *
 * @param model The model.
 * @param prompts Non-empty rows of token ids.
 * @returns The answer to each prompt, in the order of the prompts.
 * @throws {RangeError} If an option is invalid, or prompt and answer would exceed the model's context.
 *
 * @example How probable an answer is
 * ```ts
 * import { loadModel, loadTokenizer, useEngine } from "@amid/amid";
 * import { generateScored } from "@amid/amid/models";
 *
 * await useEngine("wasm");
 * const model = await loadModel("data/teacher");
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * const prompts = [tokenizer.encode("What kind of thing is a heron?\n")];
 * const [{ tokens, logProbabilities }] = await generateScored(model, prompts, { maxNewTokens: 8, temperature: 0 });
 * console.log(tokenizer.decode(tokens), Math.exp(logProbabilities.reduce((sum, each) => sum + each)));
 * ```
 */
export async function generateScored(
  model: LanguageModel,
  prompts: readonly (readonly number[])[],
  options: GenerateOptions,
): Promise<ScoredAnswer[]> {
  return await answer(model, prompts, options, { scored: true });
}

async function answer(
  model: LanguageModel,
  prompts: readonly (readonly number[])[],
  options: GenerateOptions,
  { scored = false } = {},
): Promise<ScoredAnswer[]> {
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
    const common = { ...others, maxNewTokens, batchSize };
    return [
      ...await spread(prompts, {
        communicator,
        weigh: ({ length }) => length + maxNewTokens,
        work: (share, places) =>
          answer(model, share, { ...common, seeds: places.map((place) => seeds[place]) }, { scored }),
        failure: errorOfRank,
      }),
    ];
  }
  const jobs = prompts.map((prompt, index) => ({
    tokens: [...prompt],
    seed: seeds[index],
    left: maxNewTokens,
    logProbabilities: [],
  }));
  const places = placesWithin(model, prompts, options);
  const release = readyModel(model, options);
  try {
    await answerQueue(model, jobs, { ...options, stopTokens, scored, places });
  } finally {
    release();
  }
  return jobs.map(({ tokens, logProbabilities }, index) => ({
    tokens: tokens.slice(prompts[index].length),
    logProbabilities,
  }));
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
