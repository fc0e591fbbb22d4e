/**
 * The evaluator: instructions in, a model's answers and their scores out. Whatever asks a model does it by this.
 *
 * @module
 */
import type { Communicator } from "../distributed/communicator.ts";
import { answerText, endTokensOf, isEnded } from "../models/generation/end_tokens.ts";
import { generate } from "../models/generation/generate.ts";
import type { SamplingOptions } from "../models/generation/sampling_options.ts";
import type { LanguageModel } from "../models/language_model.ts";
import { fitPrompt, type LongPrompt } from "../text/fit_prompt.ts";
import type { Tokenizer } from "../text/tokenizer_interface.ts";
import { exactMatch } from "./exact_match.ts";
import { rougeL } from "./rouge_l.ts";

/** A held-out instruction. */
export interface EvaluationRow {
  /** The whole prompt. */
  prompt: string;
  /** The accepted answers, at least one. */
  outputs: string[];
  /** The kind of question, for scores by kind. */
  kind?: string;
}

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

/** Options for {@linkcode askRows}. */
export interface AskRowsOptions extends SamplingOptions {
  /** The model's tokenizer. */
  tokenizer: Tokenizer;
  /** Tokens that a prompt may have. */
  maxPromptLength: number;
  /** The most tokens of an answer. */
  maxNewTokens: number;
  /** The seed of each instruction's draws, given all prompts in the order of the rows. */
  seedsOf: (prompts: readonly (readonly number[])[]) => readonly number[];
  /**
   * How a longer prompt is handled.
   *
   * @default {"cut"}
   */
  longPrompts?: LongPrompt;
  /**
   * Tokens that end an answer.
   *
   * @default {the model's and the tokenizer's}
   */
  stopTokens?: readonly number[];
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
   * The ranks that share the instructions.
   *
   * @default {this process alone}
   */
  communicator?: Communicator;
}

/** How many instructions are asked before their answers are yielded, for each place: few places stand empty at the end. */
const QUEUED = 4;

/**
 * Lets a model answer instructions, those with short prompts first, and yields some answers as soon as they are there.
 *
 * @throws {RangeError} If the tokenizer has tokens that the model lacks, if lengths exceed the context, or if nothing of
 * any prompt's text is left within `maxPromptLength`.
 */
export async function* askRows(
  model: LanguageModel,
  rows: readonly EvaluationRow[],
  options: AskRowsOptions,
): AsyncGenerator<Answer[], void> {
  const { tokenizer, maxPromptLength, maxNewTokens, seedsOf, longPrompts, batchSize = 32, done, ...others } = options;
  checkTokenizer(tokenizer, model);
  const ends = endTokensOf({ model, tokenizer });
  const { stopTokens = ends, communicator } = options;
  const endTokens = [...ends, ...stopTokens];
  const fitted = rows.map(({ prompt }) => fitPrompt(tokenizer, prompt, { maxLength: maxPromptLength, longPrompts }));
  if (fitted.length > 0 && fitted.every(({ isBare }) => isBare)) {
    throw new RangeError(
      "Cannot ask: the template alone is longer than maxPromptLength in all prompts, nothing of their text is left; " +
        `current value is ${maxPromptLength}, the model's context is ${model.config.contextLength} tokens`,
    );
  }
  const prompts = fitted.map(({ ids }) => ids);
  const seeds = seedsOf(prompts);
  const left = [...rows.keys()].filter((row) => !done?.has(row)).sort((a, b) => prompts[a].length - prompts[b].length);
  const together = QUEUED * batchSize * (communicator?.size ?? 1);
  for (let start = 0; start < left.length; start += together) {
    const batch = left.slice(start, start + together);
    const written = await generate(model, batch.map((row) => prompts[row]), {
      ...others,
      maxNewTokens,
      stopTokens,
      seeds: batch.map((row) => seeds[row]),
      batchSize,
    });
    yield batch.map((row, index): Answer => {
      const { prompt, outputs } = rows[row];
      const tokens = written[index];
      const answer = answerText(tokens, { tokenizer, endTokens });
      return {
        row,
        prompt,
        references: outputs,
        answer,
        tokens: tokens.length,
        ended: isEnded(tokens, stopTokens),
        ...answerScores(answer, outputs),
      };
    });
  }
}

/** The scores of an answer, in points of 100, best over the accepted ones. */
export function answerScores(answer: string, outputs: string[]): Pick<Answer, "rougeL" | "exactMatch"> {
  return { rougeL: 100 * rougeL(answer, outputs), exactMatch: exactMatch(answer, outputs) ? 100 : 0 };
}

/**
 * Checks that a model knows every token of a tokenizer.
 *
 * @throws {RangeError} If it does not; the message gives both sizes.
 */
export function checkTokenizer(tokenizer: Tokenizer, model: LanguageModel): void {
  const [tokens, known] = [tokenizer.vocabularySize, model.config.vocabularySize];
  if (tokens > known) {
    throw new RangeError(`Cannot use the tokenizer: it has ${tokens} tokens, the model has ${known}`);
  }
}
