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
import { answerText, endTokensOf, isEnded } from "../models/generation/end_tokens.ts";
import { generate } from "../models/generation/generate.ts";
import { promptSeed } from "../models/generation/generation_seeds.ts";
import type { LanguageModel } from "../models/language_model.ts";
import type { SamplingOptions } from "../models/generation/sampling_options.ts";
import { fitPrompt, type LongPrompt } from "../text/fit_prompt.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import { answerLengths } from "./answer_lengths.ts";
import { checkTokenizer, type EvaluationRow } from "./evaluate.ts";
import { exactMatch } from "./exact_match.ts";
import { rougeL } from "./rouge_l.ts";

/** An answer and its scores. */
export interface Answer {
  /** The index of its instruction in the set, from 0. */
  row: number;
  /** The whole prompt. */
  prompt: string;
  /** The accepted answers. */
  references: string[];
  /** What the model wrote, without the tokens that end an answer and white space around it. */
  answer: string;
  /** Tokens that it wrote, the end token included. */
  tokens: number;
  /** Whether it ended with an end token; false if it was cut at the maximum length. */
  ended: boolean;
  /** ROUGE-L F, in points of 100, best over the references. */
  rougeL: number;
  /** 100 where the answer equals a reference, else 0. */
  exactMatch: number;
}

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
  const { tokenizer, seed, batchSize = 32, done, communicator, longPrompts, ...sampling } = options;
  checkTokenizer(tokenizer, model);
  const { maxPromptLength, maxLength } = answerLengths({ ...options, contextLength: model.config.contextLength });
  const jobs = rows.map(({ prompt }, row) => ({
    row,
    ids: fitPrompt(tokenizer, prompt, { maxLength: maxPromptLength, longPrompts }).ids,
  }));
  const left = jobs.filter(({ row }) => !done?.has(row)).sort((a, b) => a.ids.length - b.ids.length);
  const endTokens = endTokensOf({ model, tokenizer });
  const together = batchSize * (communicator?.size ?? 1);
  for (let start = 0; start < left.length; start += together) {
    const batch = left.slice(start, start + together);
    const written = await generate(model, batch.map(({ ids }) => ids), {
      ...sampling,
      maxNewTokens: maxLength - maxPromptLength,
      stopTokens: endTokens,
      seeds: batch.map(({ row }) => promptSeed(seed, row)),
      batchSize,
      communicator,
    });
    yield batch.map(({ row }, index) => scored(row, rows[row], { tokens: written[index], tokenizer, endTokens }));
  }
}

function scored(
  row: number,
  { prompt, outputs }: EvaluationRow,
  { tokens, tokenizer, endTokens }: { tokens: readonly number[]; tokenizer: Tokenizer; endTokens: readonly number[] },
): Answer {
  const answer = answerText(tokens, { tokenizer, endTokens });
  return {
    row,
    prompt,
    references: outputs,
    answer,
    tokens: tokens.length,
    ended: isEnded(tokens, endTokens),
    rougeL: 100 * rougeL(answer, outputs),
    exactMatch: exactMatch(answer, outputs) ? 100 : 0,
  };
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
