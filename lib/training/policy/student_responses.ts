/**
 * On-policy rows: prompts of the corpus that the student answers.
 *
 * @module
 */
import { aModel, aNumber, aRow, checkArguments, checkList, objectWith } from "../../arguments/check_arguments.ts";
import { hashText } from "../../random/random.ts";
import type { Row } from "../../batches/row.ts";
import { generate, type GenerateOptions } from "../../models/generation/generate.ts";
import type { SamplingOptions } from "../../models/generation/sampling_options.ts";
import type { LanguageModel } from "../../models/language_model.ts";

/** How the student writes. */
export interface ResponseOptions extends SamplingOptions {
  /**
   * The most tokens of a response; fewer if the context ends before. One that is cut has no end token.
   *
   * @default {256}
   */
  maxNewTokens?: number;
  /**
   * Tokens that end a response and belong to it.
   *
   * @default {the model's end tokens}
   */
  stopTokens?: readonly number[];
}

/** What {@linkcode studentResponses} needs in addition. */
export interface StudentResponsesOptions extends Pick<GenerateOptions, "communicator"> {
  /** The seed of the draws, below 2³². */
  seed: number;
  /**
   * Tokens that prompt and response may have together, if another model with a shorter context reads them too.
   *
   * @default {the model's context}
   */
  contextLength?: number;
  /**
   * Tokens that the teacher's own prompt and the response may have together.
   *
   * @default {any number}
   */
  teacherContext?: number;
}

/**
 * Has a model answer the rows' prompts. The end token alone is a response too: the student learns whether to
 * stop at once.
 *
 * @param model The model.
 * @param rows Rows; the responses of these are not used.
 * @param options How it writes, the seed of its draws, and the ranks that share the writing if there are several.
 * @returns The prompts with the model's responses, in the order of the rows, whose fields they keep.
 * @throws {RangeError} If a prompt leaves no place in the model's context, or an option is invalid.
 *
 * @example
 * ```ts
 * import assert from "node:assert/strict";
 * import { initializeModel, useEngine } from "@amid/amid";
 * import { studentResponses } from "@amid/amid/training";
 *
 * await useEngine("wasm");
 * const json = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const rows = [{ ids: [1, 2, 3, 4], promptLength: 2 }];
 * const [row] = await studentResponses(initializeModel(json, { seed: 1 }), rows, { maxNewTokens: 3, seed: 5 });
 * assert.deepEqual([row.ids.length, row.promptLength], [5, 2]);
 * ```
 */
export async function studentResponses(
  model: LanguageModel,
  rows: readonly Row[],
  options: ResponseOptions & StudentResponsesOptions,
): Promise<Row[]> {
  checkArguments("let the model answer", { model: [model, aModel], options: [options, objectWith("seed")] });
  checkArguments("let the model answer", { seed: [options.seed, aNumber] });
  checkList("let the model answer", { rows }, aRow);
  const { maxNewTokens = 256, seed, contextLength = model.config.contextLength, ...others } = options;
  const { teacherContext, ...sampling } = others;
  checkPrompts(rows, contextLength, teacherContext);
  const responses: Row[] = Array(rows.length);
  // Rows whose context ends earlier are answered separately, so that they do not shorten others.
  for (const [limit, places] of byLimit(rows, { maxNewTokens, contextLength, teacherContext })) {
    const prompts = places.map((place) => rows[place].ids.slice(0, rows[place].promptLength));
    const written = await generate(model, prompts, {
      ...sampling,
      maxNewTokens: limit,
      seed: limit === maxNewTokens ? seed : hashText(`responses of ${limit} tokens`, seed),
    });
    places.forEach((place, index) => {
      const { fields, teacherPrompt } = rows[place];
      const ids = [...prompts[index], ...written[index]];
      responses[place] = {
        ids,
        promptLength: prompts[index].length,
        ...fields && { fields },
        ...teacherPrompt && { teacherPrompt },
      };
    });
  }
  return responses;
}

/**
 * Checks that there is room to answer.
 *
 * @throws {RangeError} If a row's prompt fills the context; the message names the row.
 */
export function checkPrompts(rows: readonly Row[], contextLength: number, teacherContext: number = Infinity): void {
  const culprit = rows.findIndex((row) => roomFor(row, { contextLength, teacherContext }) < 1);
  if (culprit < 0) return;
  const { promptLength, teacherPrompt } = rows[culprit];
  const theirs = promptLength < contextLength && teacherPrompt !== undefined;
  const [whose, context] = theirs ? ["the teacher's", teacherContext] : ["a", contextLength];
  throw new RangeError(
    `Cannot sample responses: ${whose} prompt must be shorter than the context of ${context} tokens, ` +
      `row ${culprit} has ${theirs ? teacherPrompt.length : promptLength}`,
  );
}

interface Contexts {
  contextLength: number;
  teacherContext?: number;
}

/** How many tokens a response may have, behind either prompt. */
function roomFor({ promptLength, teacherPrompt }: Row, { contextLength, teacherContext = Infinity }: Contexts): number {
  return Math.min(contextLength - promptLength, teacherPrompt ? teacherContext - teacherPrompt.length : Infinity);
}

function byLimit(rows: readonly Row[], { maxNewTokens, ...contexts }: Contexts & { maxNewTokens: number }) {
  const places = new Map<number, number[]>();
  rows.forEach((row, place) => {
    const limit = Math.min(maxNewTokens, roomFor(row, contexts));
    places.set(limit, [...places.get(limit) ?? [], place]);
  });
  return places;
}
