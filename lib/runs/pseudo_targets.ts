/**
 * A teacher's responses as rows to learn from: sequence-level distillation.
 *
 * Source: Y. Kim and A. Rush, "Sequence-level knowledge distillation", 2016.
 *
 * @module
 */
import { aModel, aText, aTokenizer, checkArguments, checkList, objectWith } from "../arguments/check_arguments.ts";
import { join } from "node:path";
import type { InstructionRow } from "../datasets/instruction_row.ts";
import { lineOf } from "../datasets/prepare/tokenize_rows.ts";
import { currentEngine } from "../engines/current_engine.ts";
import { engineMark } from "../engines/place.ts";
import { answersInFile } from "../evaluation/answer_file.ts";
import { type Answer, type AnswerOptions, answerRows, countCutPrompts } from "../evaluation/answer_rows.ts";
import { modelFingerprint, valueFingerprint } from "../evaluation/fingerprint.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import type { LanguageModel } from "../models/language_model.ts";

/** Options for {@linkcode pseudoTargets}. */
export interface PseudoTargetsOptions extends Omit<AnswerOptions, "done" | "communicator"> {
  /** Where `answers.jsonl`, which grows, and `train.jsonl` go. */
  folder: string;
  /** The folder or repository of the teacher, which distinguishes its answers from another's. */
  teacher: string;
  /** Tokens of a prompt that are kept. */
  maxPromptLength: number;
  /** Stops the work after a batch; what is written is kept, and the same call continues. */
  signal?: AbortSignal;
  /** Called with the number of responses of each batch, and first with that of those that existed before. */
  onAnswers?: (count: number) => void;
}

/** What was written. */
export interface PseudoTargets {
  /** Rows that were answered. */
  rows: number;
  /** Rows of `train.jsonl`: those with a response. */
  responses: number;
  /** Rows without one. */
  empty: number;
  /** Prompts that were truncated. */
  promptsCut: number;
  /** Responses that reached the longest length without an end. */
  unfinished: number;
}

/**
 * Has a teacher write the responses to some rows, as `train.jsonl`, which can be trained on.
 *
 * @param model The teacher.
 * @param rows The rows, with their prompts.
 * @param options The folder, and how responses are drawn.
 * @returns What was written; undefined where the signal stopped it.
 * @throws {RangeError} If the teacher writes nothing to any prompt, or lengths exceed its context.
 */
export async function pseudoTargets(
  model: LanguageModel,
  rows: readonly InstructionRow[],
  options: PseudoTargetsOptions,
): Promise<PseudoTargets | undefined> {
  const deed = "write pseudo-targets";
  checkArguments(deed, { model: [model, aModel], options: [options, objectWith("folder", "teacher", "tokenizer")] });
  checkList(deed, { rows }, objectWith("prompt"));
  const { folder, teacher, signal, onAnswers, batchSize, tokenizer, ...settings } = options;
  checkArguments(deed, { folder: [folder, aText], tokenizer: [tokenizer, aTokenizer] });
  const { maxPromptLength } = settings;
  const engine = engineMark(currentEngine()!);
  const key = valueFingerprint({
    ...settings,
    rows,
    engine,
    tokenizer: tokenizer.specification,
    teacher: await modelFingerprint(teacher),
  });
  const path = join(folder, "answers.jsonl");
  try {
    await answersInFile(path, {
      key,
      count: rows.length,
      answer: (done) => untilStopped(answerRows(model, rows, { ...settings, tokenizer, batchSize, done }), signal),
      onAnswers,
    });
  } catch (error) {
    if (!signal?.aborted) throw error;
    return undefined;
  }
  const text = await Deno.readTextFile(path);
  const answers = text.trim().split("\n").map((line) => JSON.parse(line) as Answer);
  const written = answers.filter(({ answer }) => answer !== "");
  if (written.length === 0) {
    throw new RangeError(
      "Cannot make targets: the teacher must respond to at least one prompt, all responses are empty",
    );
  }
  const lines = written.map(({ row, answer }) => {
    return JSON.stringify({ ...lineOf(rows[row], rows[row].prompt), output: answer }) + "\n";
  });
  await writeAtomically(join(folder, "train.jsonl"), lines.join(""));
  return {
    rows: rows.length,
    responses: written.length,
    empty: answers.length - written.length,
    promptsCut: countCutPrompts(rows, { tokenizer, maxPromptLength }),
    unfinished: answers.filter(({ ended }) => !ended).length,
  };
}

async function* untilStopped<T>(batches: AsyncIterable<T>, signal?: AbortSignal): AsyncGenerator<T, void> {
  for await (const batch of batches) {
    yield batch;
    await new Promise((resolve) => setTimeout(resolve, 0)); // signals have their turn
    signal?.throwIfAborted();
  }
}
