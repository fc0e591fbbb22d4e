/**
 * The choice of a run's best checkpoint.
 *
 * @module
 */
import { aList, aText, checkArguments, objectWith } from "../../arguments/check_arguments.ts";
import { join } from "node:path";
import type { CorpusText } from "../../datasets/corpus_text.ts";
import { writeAtomically } from "../../files/atomic_write.ts";
import { bestOf, type Candidate, candidatesOf, copyWeights, readCandidate, RUN_SCORES } from "./candidates.ts";
import { scoreCandidate, type ScoreCandidateOptions } from "./score_candidate.ts";

/** Options for {@linkcode selectCheckpoint}. */
export interface SelectCheckpointOptions extends ScoreCandidateOptions {
  /** The validation split. */
  texts: readonly CorpusText[];
  /** Where the texts come from, for the record. */
  data: string;
}

/** A candidate's score: ROUGE-L in points of 100, or the loss in nats. */
export interface CandidateScore {
  /** `step-…` of a checkpoint, `final` of the run's end. */
  name: string;
  /** ROUGE-L, or the loss. */
  score: number;
  /** Where answers were scored. */
  exactMatch?: number;
  /** Answers that reached the longest length without an end. */
  unfinished?: number;
}

/** The contents of `selection.json`. */
export interface Selection {
  /** What the scores are. */
  by: "rouge-l" | "loss";
  /** Where the texts come from. */
  data: string;
  /** The seed of the draws. */
  seed: number;
  /** Rows of the validation split. */
  rows: number;
  /** The name of the best candidate; of equals the first. */
  best: string;
  /** All of them, in their order. */
  candidates: CandidateScore[];
}

/**
 * Scores every checkpoint of a run and its end on the validation split, copies the best weights to the run's folder
 * `best/` with their tokenizer, and writes `selection/selection.json`. What was scored before with the same weights,
 * texts and settings is read again.
 *
 * @param run The run's folder.
 * @param options The texts, the score, and how answers are drawn.
 * @throws {RangeError} If the run has neither checkpoints nor a trained model.
 * @throws {Error} If the run is still in progress and deletes one of its checkpoints.
 */
export async function selectCheckpoint(run: string, options: SelectCheckpointOptions): Promise<Selection> {
  checkArguments("select", { run: [run, aText], options: [options, objectWith("texts", "data", "tokenizer")] });
  const { texts, data, by = "rouge-l", seed = 10, tokenizer } = options;
  checkArguments("select", { texts: [texts, aList], data: [data, aText], tokenizer: [tokenizer, aText] });
  const candidates = await candidatesOf(run);
  if (candidates.length === 0) {
    throw new RangeError(`Cannot select: ${run} must have checkpoints or a trained model, it has neither`);
  }
  const scored: (CandidateScore & { candidate: Candidate })[] = [];
  for (const candidate of candidates) {
    const score = await readCandidate(candidate, () => scoreCandidate(candidate, texts, options));
    scored.push({ name: candidate.name, candidate, ...score });
  }
  const best = bestOf(scored, by);
  await readCandidate(best.candidate, () => copyWeights(best.candidate.path, join(run, "best"), tokenizer));
  const scores = scored.map(({ candidate: _candidate, ...score }) => score);
  const selection: Selection = { by, data, seed, rows: texts.length, best: best.name, candidates: scores };
  await writeAtomically(join(run, RUN_SCORES, "selection.json"), JSON.stringify(selection, null, 2) + "\n");
  return selection;
}
