/**
 * Settings of how long prompts and answers may be; what is not set follows from the model's context.
 *
 * @module
 */
import { z } from "zod";
import {
  type AnswerLengths,
  answerLengths,
  type WrittenLengths,
  writtenLengths,
} from "../../lib/evaluation/answer_lengths.ts";
import { flagOf } from "./field.ts";
import { asUsageNow } from "./usage_error.ts";

/** The lengths; see {@linkcode lengthsWithin}. */
export const lengthFields = {
  maxPromptLength: z.int().min(1).optional().describe(
    "maximum prompt tokens; if absent 256, or three quarters of a shorter context",
  ),
  maxLength: z.int().min(2).optional().describe(
    "maximum tokens of the longest prompt and its answer; if absent 512, or the model's context if that is less",
  ),
};

/**
 * Chooses the lengths that are not set.
 *
 * @param settings The flags.
 * @param contextLength The model's context, the shortest of several models'.
 * @throws {UsageError} If a flag exceeds the context; the message names both.
 */
export function lengthsWithin(settings: Partial<AnswerLengths>, contextLength: number): AnswerLengths {
  const { maxPromptLength, maxLength } = settings;
  const names = { maxPromptLength: flagOf("maxPromptLength"), maxLength: flagOf("maxLength") };
  return asUsageNow(() => answerLengths({ contextLength, maxPromptLength, maxLength, names }));
}

/** Checks, in the same way, the longest answer that a flag allows. */
export function checkNewTokens({ maxNewTokens }: Partial<WrittenLengths>, contextLength: number): void {
  const names = { maxPromptLength: flagOf("maxPromptLength"), maxNewTokens: flagOf("maxNewTokens") };
  asUsageNow(() => writtenLengths({ contextLength, maxNewTokens, names }));
}
