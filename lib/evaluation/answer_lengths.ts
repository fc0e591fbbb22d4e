/**
 * How long prompts and answers may be, where a model's context decides.
 *
 * @module
 */
import { checkArguments, objectWith } from "../arguments/check_arguments.ts";

/** Lengths of prompts and answers, in tokens. */
export interface AnswerLengths {
  /** Tokens of a prompt that are kept. */
  maxPromptLength: number;
  /** Tokens of the longest prompt and its answer together. */
  maxLength: number;
}

/** What lengths are chosen by. */
export interface AnswerLengthsOptions extends Partial<AnswerLengths> {
  /** Tokens that a row may have: the model's context. */
  contextLength: number;
  /**
   * What messages call the lengths: flags, for instance.
   *
   * @default {their names here}
   */
  names?: AnswerLengthNames;
}

/** What messages call the lengths. */
export type AnswerLengthNames = Readonly<Record<keyof AnswerLengths, string>>;

const NAMES: AnswerLengthNames = { maxPromptLength: "maxPromptLength", maxLength: "maxLength" };

/**
 * Chooses lengths: 256 tokens of a prompt and 512 in all. A shorter context is used in full, three quarters of it for
 * the prompt, and so is a given `maxLength` of at most 256; a given `maxPromptLength` from 512 leaves 256 for the
 * answer.
 *
 * @param options The context, and those lengths that are given.
 * @returns Both lengths.
 * @throws {RangeError} If a given length is no whole number from 1, exceeds the context, or leaves no place for an
 * answer.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { answerLengths } from "@amid/amid/evaluation";
 *
 * assert.deepEqual(answerLengths({ contextLength: 1024 }), { maxPromptLength: 256, maxLength: 512 });
 * assert.deepEqual(answerLengths({ contextLength: 128 }), { maxPromptLength: 96, maxLength: 128 });
 * ```
 */
export function answerLengths(options: AnswerLengthsOptions): AnswerLengths {
  checkArguments("answer", { options: [options, objectWith("contextLength")] });
  const { contextLength, maxPromptLength: prompt, maxLength: whole, names = NAMES } = options;
  checkWithin({ [names.maxPromptLength]: prompt, [names.maxLength]: whole }, contextLength);
  const maxLength = whole ?? Math.min(contextLength, prompt === undefined || prompt < 512 ? 512 : prompt + 256);
  const usual = whole !== undefined && whole > 256 ? 256 : Math.min(256, Math.floor(0.75 * maxLength));
  const maxPromptLength = prompt ?? Math.max(1, usual);
  if (maxLength <= maxPromptLength) {
    const needed = whole === undefined
      ? `${names.maxPromptLength} must be below the model's context of ${contextLength}, current value is ${prompt}`
      : `${names.maxLength} must be above ${names.maxPromptLength}, current values are ${whole} and ${maxPromptLength}`;
    throw new RangeError(`Cannot answer: ${needed}`);
  }
  return { maxPromptLength, maxLength };
}

/** Lengths of prompts and of answers, in tokens. */
export interface WrittenLengths {
  /** Tokens of a prompt that are kept. */
  maxPromptLength: number;
  /** The most tokens of an answer. */
  maxNewTokens: number;
}

/**
 * Chooses lengths for answers that are counted by themselves: 32 tokens, at most half of the context, and 256 of a
 * prompt, or what the answer leaves of the context.
 *
 * @param options The context, and those lengths that are given.
 * @returns Both lengths.
 * @throws {RangeError} If a given length is no whole number from 1, or they exceed the context.
 */
export function writtenLengths(
  options: Partial<WrittenLengths> & { contextLength: number; names?: Readonly<Record<keyof WrittenLengths, string>> },
): WrittenLengths {
  checkArguments("answer", { options: [options, objectWith("contextLength")] });
  const { contextLength, maxPromptLength: prompt, maxNewTokens: written } = options;
  const { names = { maxPromptLength: "maxPromptLength", maxNewTokens: "maxNewTokens" } } = options;
  // A prompt has a token at least, and so has an answer.
  checkWithin({ [names.maxPromptLength]: prompt, [names.maxNewTokens]: written }, contextLength - 1, contextLength);
  const maxNewTokens = written ?? Math.min(32, prompt ? contextLength - prompt : Math.ceil(contextLength / 2));
  const maxPromptLength = prompt ?? Math.min(256, contextLength - maxNewTokens);
  if (maxPromptLength + maxNewTokens > contextLength) {
    throw new RangeError(
      `Cannot answer: ${names.maxPromptLength} and ${names.maxNewTokens} must fit the model's context of ` +
        `${contextLength} together, current values are ${maxPromptLength} and ${maxNewTokens}`,
    );
  }
  return { maxPromptLength, maxNewTokens };
}

function checkWithin(lengths: Record<string, number | undefined>, most: number, contextLength = most): void {
  for (const [name, value] of Object.entries(lengths)) {
    if (value === undefined) continue;
    if (!(Number.isSafeInteger(value) && value >= 1)) {
      throw new RangeError(`Cannot answer: ${name} must be a positive whole number, current value is ${value}`);
    }
    if (value > most) {
      const bound = most === contextLength ? "at most" : "below";
      throw new RangeError(
        `Cannot answer: ${name} must be ${bound} the model's context of ${contextLength}, current value is ${value}`,
      );
    }
  }
}
