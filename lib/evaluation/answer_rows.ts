/**
 * A model's answers to a set of instructions under one seed, one batch at a time.
 *
 * @module
 */
import {
  aModel,
  anEvaluationRow,
  aNumber,
  aTokenizer,
  checkArguments,
  checkList,
  objectWith,
} from "../arguments/check_arguments.ts";
import type { Communicator } from "../distributed/communicator.ts";
import { promptSeed } from "../models/generation/generation_seeds.ts";
import type { LanguageModel } from "../models/language_model.ts";
import type { SamplingOptions } from "../models/generation/sampling_options.ts";
import type { LongPrompt } from "../text/fit_prompt.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import { answerLengths } from "./answer_lengths.ts";
import { type Answer, askRows, type EvaluationRow } from "./ask_rows.ts";

export type { Answer } from "./ask_rows.ts";

/** Options for {@linkcode answerRows}. */
export interface AnswerOptions extends SamplingOptions {
  /** The model's tokenizer. */
  tokenizer: Tokenizer;
  /**
   * The seed of the draws. An instruction's draws follow from it and from the instruction's place, from nothing else.
   */
  seed: number;
  /**
   * Tokens that a prompt may have; the text of a longer one is cut within its template, see `fitPrompt`.
   *
   * @default {256, or three quarters of a shorter context}
   */
  maxPromptLength?: number;
  /**
   * How a longer prompt is handled: `"first"` keeps its first tokens, as the official code does.
   *
   * @default {"cut"}
   */
  longPrompts?: LongPrompt;
  /**
   * Tokens of the longest prompt and its answer together: an answer has at most `maxLength − maxPromptLength`.
   *
   * @default {512, or the model's context where that is less}
   */
  maxLength?: number;
  /**
   * Instructions that are answered together. Answers do not depend on it.
   *
   * @default {32}
   */
  batchSize?: number;
  /**
   * Indices of instructions that are already answered.
   *
   * @default {none}
   */
  done?: ReadonlySet<number>;
  /**
   * The ranks that share the instructions, each `batchSize` of them at a time: all are given all rows, and all get all
   * answers.
   *
   * @default {this process alone}
   */
  communicator?: Communicator;
}

/**
 * Answers instructions, those with short prompts first, and yields each batch as soon as it is there.
 *
 * @param model The model.
 * @param rows The instructions.
 * @param options Tokenizer, seed and lengths; by default sampling at temperature 1 from all tokens.
 * @returns Batches of answers; each row that is not done is in one.
 * @throws {RangeError} If the lengths leave no place for an answer or outgrow the model's context, or the tokenizer has
 * tokens that the model lacks.
 *
 * Source of the protocol: Y. Gu et al., "MiniLLM: knowledge distillation of large language models", 2024, section 3.1.
 */
export async function* answerRows(
  model: LanguageModel,
  rows: readonly EvaluationRow[],
  options: AnswerOptions,
): AsyncGenerator<Answer[], void> {
  checkArguments("answer", { model: [model, aModel], options: [options, objectWith("tokenizer", "seed")] });
  checkArguments("answer", { tokenizer: [options.tokenizer, aTokenizer], seed: [options.seed, aNumber] });
  checkList("answer", { rows }, anEvaluationRow);
  const { seed, maxPromptLength: _prompt, maxLength: _whole, ...asking } = options;
  const { maxPromptLength, maxLength } = answerLengths({ ...options, contextLength: model.config.contextLength });
  const maxNewTokens = maxLength - maxPromptLength;
  const seedsOf = (prompts: readonly unknown[]) => prompts.map((_, row) => promptSeed(seed, row));
  yield* askRows(model, rows, { ...asking, maxPromptLength, maxNewTokens, seedsOf });
}

/**
 * Counts the prompts that are longer than is kept of them.
 *
 * @param rows The instructions.
 * @returns How many are cut.
 */
export function countCutPrompts(
  rows: readonly EvaluationRow[],
  options: Pick<AnswerOptions, "tokenizer" | "maxPromptLength">,
): number {
  checkList("count long prompts", { rows }, anEvaluationRow);
  checkArguments("count long prompts", { options: [options, objectWith("tokenizer")] });
  const { tokenizer, maxPromptLength = 256 } = options;
  checkArguments("count long prompts", { tokenizer: [tokenizer, aTokenizer] });
  return rows.filter(({ prompt }) => tokenizer.encode(prompt).length > maxPromptLength).length;
}
