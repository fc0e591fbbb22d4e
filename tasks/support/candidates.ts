/**
 * The weights that a run has saved, their scores, and the best of them.
 *
 * @module
 */
import { basename, join } from "node:path";
import { corpusRows, type CorpusText } from "../../lib/datasets/corpus.ts";
import { askedText } from "../../lib/datasets/corpus_files.ts";
import type { Precision } from "../../lib/engines/mod.ts";
import { answerRows } from "../../lib/evaluation/answer_rows.ts";
import { validationLoss } from "../../lib/training/run/validation_loss.ts";
import { writeAtomically } from "../../lib/files/atomic_write.ts";
import { exists } from "../../lib/files/exists.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { loadAdaptedModel } from "../../lib/models/lora/load_adapted.ts";
import type { LongPrompt } from "../../lib/text/fit_prompt.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { answersInFile } from "./answer_file.ts";
import { modelFingerprint, tokenizerFingerprint, valueFingerprint } from "./fingerprint.ts";
import { limitTo } from "./limit_vocabulary.ts";
import { progress } from "./progress.ts";

/** Where a run keeps the answers of its candidates. */
export const RUN_SCORES = "selection";

/** Weights that a run has saved. */
export interface Candidate {
  /** `step-…` of a checkpoint, `final` of the run's end. */
  name: string;
  /** The folder of the weights. */
  path: string;
  /** Where its scores go, without an ending. */
  scores: string;
}

async function isModel(folder: string): Promise<boolean> {
  return await exists(join(folder, "config.json")) || await exists(join(folder, "adapter_config.json"));
}

/**
 * Finds the weights that a run has saved: of its checkpoints in their order, and of its end.
 *
 * @param run The run's folder.
 */
export async function candidatesOf(run: string): Promise<Candidate[]> {
  const steps: string[] = [];
  try {
    for await (const { name } of Deno.readDir(join(run, "checkpoints"))) if (/^step-\d+$/.test(name)) steps.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  const numberOf = (name: string) => Number(name.slice("step-".length));
  const folders = steps.sort((a, b) => numberOf(a) - numberOf(b))
    .map((name) => ({ name, path: join(run, "checkpoints", name, "student") }));
  for (const end of ["student", "model"]) folders.push({ name: "final", path: join(run, end) });
  const found: Candidate[] = [];
  for (const { name, path } of folders) {
    if (await isModel(path)) found.push({ name, path, scores: join(run, RUN_SCORES, name) });
  }
  return found;
}

/** How candidates are scored. */
export interface ScoreCandidateOptions {
  by: "rouge-l" | "loss";
  /** The folder of the tokenizer. */
  tokenizer: string;
  seed: number;
  temperature: number;
  topP: number;
  maxPromptLength: number;
  maxLength: number;
  longPrompts: LongPrompt;
  batchSize: number;
  /** The engine in use. */
  engine: string;
  /** How it stores the candidates. */
  precision: Precision;
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
  const { by, seed, temperature, topP, maxPromptLength, maxLength, longPrompts, batchSize, engine } = options;
  const tokenizer = await loadTokenizer(options.tokenizer);
  const base = {
    texts: texts.map(({ kind, prompt, outputs, prepared }) => ({ kind, prompt, outputs, prepared })),
    engine,
    model: await modelFingerprint(path),
    tokens: await tokenizerFingerprint(options.tokenizer),
  };
  let model: LanguageModel | undefined;
  const load = async () => limitTo(model = await loadAdaptedModel(path, { precision: options.precision }), tokenizer);
  const bar = progress({ label: name, total: texts.length });
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
    let answered = 0;
    const settings = { temperature, topP, maxPromptLength, maxLength, longPrompts };
    const result = await answersInFile(`${scores}.jsonl`, {
      key: valueFingerprint({ ...base, ...settings, seed }),
      count: texts.length,
      onAnswers: (count) => bar.update({ step: answered += count }),
      async *answer(done) {
        yield* answerRows(await load(), texts.map(askedText), { ...settings, tokenizer, seed, batchSize, done });
      },
    });
    return { score: result.rougeL, exactMatch: result.exactMatch, unfinished: result.unfinished };
  } finally {
    bar.done();
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
  await Deno.mkdir(join(path, ".."), { recursive: true });
  await writeAtomically(path, JSON.stringify({ key, value }) + "\n");
  return value;
}

/** The candidate with the highest ROUGE-L or the lowest loss; of equals the first. */
export function bestOf<C extends { score: number }>(candidates: readonly C[], by: "rouge-l" | "loss"): C {
  const worth = ({ score }: C) => by === "loss" ? -score : score;
  return candidates.reduce((best, candidate) => worth(candidate) > worth(best) ? candidate : best);
}

/**
 * Copies a folder of weights, with a tokenizer, so that the copy is whole or not there. What was there is replaced.
 *
 * @param from The folder of the weights.
 * @param to The copy.
 * @param tokenizer The folder of the tokenizer.
 */
export async function copyWeights(from: string, to: string, tokenizer: string): Promise<void> {
  const beside = `${to}.partial`;
  const removeAll = async (path: string) => {
    if (await exists(path)) await Deno.remove(path, { recursive: true });
  };
  await removeAll(beside);
  await Deno.mkdir(beside);
  for await (const { name, isFile } of Deno.readDir(from)) {
    if (isFile) await Deno.copyFile(join(from, name), join(beside, basename(name)));
  }
  await (await loadTokenizer(tokenizer)).save(beside);
  await removeAll(to);
  await Deno.rename(beside, to);
}
