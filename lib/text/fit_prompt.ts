/**
 * Truncates prompts that are too long so that the model still sees its task: one rule for training rows, prompts to be
 * answered, and prompts of the student's sampled responses.
 *
 * @module
 */
import { aNumber, aText, aTokenizer, checkArguments, objectWith } from "../arguments/check_arguments.ts";
import { type TextSpan, userTexts } from "./prompt_frame.ts";
import type { Tokenizer } from "./tokenizer_interface.ts";

/**
 * How a prompt that is too long is handled: its text is truncated within its template, or only its first tokens are
 * kept.
 */
export type LongPrompt = "cut" | "first";

/** Options for {@linkcode fitPrompt}. */
export interface FitPromptOptions {
  /** The maximum number of prompt tokens. */
  maxLength: number;
  /**
   * How a longer one is handled. `"first"` keeps its first tokens, as the official code of MiniLLM, DistiLLM and AMiD
   * does with prompts to be answered: the end of the template is then lost.
   *
   * @default {"cut"}
   */
  longPrompts?: LongPrompt;
}

/** A prompt that fits. */
export interface FittedPrompt {
  /** The prompt, with its text shortened if necessary. */
  prompt: string;
  /** Its tokens; those of `prompt`, or its last or first ones if no text could be shortened. */
  ids: number[];
  /** Whether anything was truncated. */
  isCut: boolean;
  /** Whether nothing of the user's text is left: the template alone is too long. */
  isBare: boolean;
}

/**
 * Truncates a prompt to a length. In an Alpaca prompt, or one from the tokenizer's chat template, the end of the user's
 * text is removed and the template stays intact; an Alpaca input is shortened before the instruction. Any other prompt
 * loses its start, since its end asks for the answer; a leading special token is kept.
 *
 * @param tokenizer The tokenizer.
 * @param prompt The whole prompt.
 * @param options The length, and how a longer prompt is handled.
 * @returns The prompt, and its tokens.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadTokenizer } from "@amid/amid";
 * import { alpacaPrompt, fitPrompt } from "@amid/amid/text";
 *
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * const prompt = alpacaPrompt({ instruction: "Name a wader. ".repeat(100) });
 * const fitted = fitPrompt(tokenizer, prompt, { maxLength: 60 });
 * assert(fitted.ids.length <= 60 && fitted.prompt.endsWith("\n\n### Response:\n"));
 * ```
 */
export function fitPrompt(
  tokenizer: Pick<Tokenizer, "encode" | "specification" | "chatTemplate">,
  prompt: string,
  options: FitPromptOptions,
): FittedPrompt {
  checkArguments("fit a prompt", { tokenizer: [tokenizer, aTokenizer], prompt: [prompt, aText] });
  checkArguments("fit a prompt", { options: [options, objectWith("maxLength")] });
  const { maxLength, longPrompts = "cut" } = options;
  checkArguments("fit a prompt", { maxLength: [maxLength, aNumber] });
  const ids = tokenizer.encode(prompt);
  if (ids.length <= maxLength) return { prompt, ids, isCut: false, isBare: false };
  if (longPrompts === "first") return { prompt, ids: ids.slice(0, maxLength), isCut: true, isBare: false };
  const spans = userTexts(prompt, tokenizer.chatTemplate);
  if (!spans) return { prompt, ids: lastTokens(ids, tokenizer, maxLength), isCut: true, isBare: false };
  let begun = prompt;
  for (const [place, span] of spans.entries()) {
    const rest = place + 1 < spans.length;
    const shortened = shortenText(begun, span, { tokenizer, maxLength });
    if (shortened && (rest || shortened.kept > 0)) {
      return { prompt: shortened.prompt, ids: tokenizer.encode(shortened.prompt), isCut: true, isBare: false };
    }
    begun = begun.slice(0, span.start) + begun.slice(span.end);
  }
  return { prompt, ids: lastTokens(ids, tokenizer, maxLength), isCut: true, isBare: true };
}

function lastTokens(
  ids: readonly number[],
  { specification }: Pick<Tokenizer, "specification">,
  length: number,
): number[] {
  const added = (specification?.added_tokens ?? []) as { id: number; special?: boolean }[];
  const first = added.some(({ id, special }) => special === true && id === ids[0]) && length > 1 ? [ids[0]] : [];
  return [...first, ...ids.slice(ids.length - (length - first.length))];
}

/** The prompt with the longest prefix of a text that fits; undefined if it does not fit even without the text. */
function shortenText(
  prompt: string,
  { start, end }: TextSpan,
  { tokenizer, maxLength }: { tokenizer: Pick<Tokenizer, "encode">; maxLength: number },
): { prompt: string; kept: number } | undefined {
  const text = prompt.slice(start, end);
  const keptOf = (length: number) => {
    const isHalf = /[\ud800-\udbff]$/.test(text.slice(0, length));
    // Makes templates that trim texts and those that do not behave the same.
    return text.slice(0, isHalf ? length - 1 : length).trimEnd();
  };
  const within = (length: number) => prompt.slice(0, start) + keptOf(length) + prompt.slice(end);
  const lengthOf = (length: number) => tokenizer.encode(within(length)).length;
  const bare = lengthOf(0);
  if (bare > maxLength) return undefined;
  let [fits, tooLong] = [0, text.length];
  let probe = Math.min(text.length - 1, 4 * (maxLength - bare)); // about four characters per token
  for (let step = 64; tooLong - fits > 1; step *= 2) {
    if (lengthOf(probe) <= maxLength) fits = probe;
    else tooLong = probe;
    const middle = (fits + tooLong) >> 1;
    // Starts near the guess, so that a very long text is not tokenized many times.
    probe = Math.max(fits + 1, Math.min(tooLong - 1, tooLong === text.length ? Math.min(fits + step, middle) : middle));
  }
  return { prompt: within(fits), kept: keptOf(fits).length };
}
