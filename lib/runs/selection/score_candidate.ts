/**
 * The score of weights that a run has saved, computed once.
 *
 * @module
 */
import { dirname } from "node:path";
import { definedOptions } from "../../arguments/defined_options.ts";
import { corpusRows } from "../../datasets/corpus.ts";
import type { CorpusText } from "../../datasets/corpus_text.ts";
import { askedText } from "../../datasets/corpus_files.ts";
import { currentEngine } from "../../engines/current_engine.ts";
import { answersInFile } from "../../evaluation/answer_file.ts";
import { answerLengths } from "../../evaluation/answer_lengths.ts";
import { answerRows } from "../../evaluation/answer_rows.ts";
import { checkTokenizer } from "../../evaluation/ask_rows.ts";
import { modelFingerprint, tokenizerFingerprint, valueFingerprint } from "../../evaluation/fingerprint.ts";
import { writeAtomically } from "../../files/atomic_write.ts";
import { exists } from "../../files/exists.ts";
import type { LanguageModel } from "../../models/language_model.ts";
import { modelConfigOf } from "../../models/model_config_of.ts";
import { loadModel } from "../../models/load_model.ts";
import type { SamplingOptions } from "../../models/generation/sampling_options.ts";
import type { LongPrompt } from "../../text/fit_prompt.ts";
import { loadTokenizer } from "../../text/tokenizer.ts";
import { validationLoss } from "../../training/run/validation_loss.ts";
import { engineMark } from "../../engines/place.ts";
import type { Candidate } from "./candidates.ts";

/** How candidates are scored. */
export interface ScoreCandidateOptions extends Omit<SamplingOptions, "logitBias"> {
  /** The folder of the tokenizer. */
  tokenizer: string;
  /**
   * The highest ROUGE-L, or the lowest loss.
   *
   * @default {"rouge-l"}
   */
  by?: "rouge-l" | "loss";
  /**
   * The seed of the draws.
   *
   * @default {10}
   */
  seed?: number;
  /**
   * Tokens of a prompt that are kept.
   *
   * @default {256, or three quarters of a shorter context}
   */
  maxPromptLength?: number;
  /**
   * Tokens of the longest prompt and its answer together.
   *
   * @default {512, or the model's context where that is less}
   */
  maxLength?: number;
  /**
   * How longer prompts are handled.
   *
   * @default {"cut"}
   */
  longPrompts?: LongPrompt;
  /**
   * Prompts that are answered together; answers do not depend on it.
   *
   * @default {16}
   */
  batchSize?: number;
  /** Called for each batch of answers with their number, first for those that were there. */
  onAnswers?: (name: string, count: number) => void;
}

/**
 * Scores one candidate; what has been computed before with the same weights, texts and settings is read again.
 *
 * @param candidate The candidate.
 * @param texts The validation split.
 * @returns Mean ROUGE-L and exact match in points of 100, or the loss in nats.
 */
export async function scoreCandidate(
  { name, path, scores }: Candidate,
  texts: readonly CorpusText[],
  options: ScoreCandidateOptions,
): Promise<{ score: number; exactMatch?: number; unfinished?: number }> {
  const { by = "rouge-l", seed = 10, temperature = 1, topP = 1, longPrompts = "cut", batchSize = 16 } = options;
  const { contextLength } = await modelConfigOf(path);
  const { maxPromptLength, maxLength } = answerLengths({ ...options, contextLength });
  const tokenizer = await loadTokenizer(options.tokenizer);
  const base = {
    texts: texts.map(({ kind, prompt, outputs, prepared }) => ({ kind, prompt, outputs, prepared })),
    engine: engineMark(currentEngine()!),
    model: await modelFingerprint(path),
    tokens: await tokenizerFingerprint(options.tokenizer),
  };
  let model: LanguageModel | undefined;
  const load = async () => {
    model = await loadModel(path, { precision: currentEngine()!.precision });
    checkTokenizer(tokenizer, model);
    model.limitVocabulary(tokenizer.vocabularySize);
    return model;
  };
  try {
    if (by === "loss") {
      const compute = async () => {
        const model = await load();
        const maxLength = Math.min(512, model.config.contextLength);
        const rows = corpusRows(texts, tokenizer, { maxLength, onRow: () => {} });
        return await validationLoss(model, rows);
      };
      return { score: await remembered(`${scores}-loss.json`, valueFingerprint(base), compute) };
    }
    const { topK, minP, repetitionPenalty, noRepeatNgramSize } = options;
    const limits = definedOptions({ topK, minP, repetitionPenalty, noRepeatNgramSize });
    const settings = { temperature, topP, ...limits, maxPromptLength, maxLength, longPrompts };
    const result = await answersInFile(`${scores}.jsonl`, {
      key: valueFingerprint({ ...base, ...settings, seed }),
      count: texts.length,
      onAnswers: (count) => options.onAnswers?.(name, count),
      async *answer(done) {
        yield* answerRows(await load(), texts.map(askedText), { ...settings, tokenizer, seed, batchSize, done });
      },
    });
    return { score: result.rougeL, exactMatch: result.exactMatch, unfinished: result.unfinished };
  } finally {
    model?.dispose();
  }
}

/** A number that is computed once for a key. */
async function remembered(path: string, key: string, compute: () => Promise<number>): Promise<number> {
  if (await exists(path)) {
    const note = JSON.parse(await Deno.readTextFile(path)) as { key?: unknown; value?: unknown };
    if (note.key === key && typeof note.value === "number") return note.value;
  }
  const value = await compute();
  await Deno.mkdir(dirname(path), { recursive: true });
  await writeAtomically(path, JSON.stringify({ key, value }) + "\n");
  return value;
}
