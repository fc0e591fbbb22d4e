/**
 * Targets whose sparse answers are checked before they are used.
 *
 * @module
 */
import type { Row } from "../batches/row.ts";
import { checkSparseAnswer } from "../distributions/check_sparse_answer.ts";
import type { SparseAnswer } from "../distributions/sparse_answer.ts";
import type { Teacher, TeacherBatch, TeacherTargets } from "./teacher.ts";

/** Options for {@linkcode checkedTargets}. */
export interface CheckedTargetsOptions {
  /** Who made them. */
  teacher: Pick<Teacher, "name" | "topK" | "vocabularySize">;
  /** What for. */
  batch: Pick<TeacherBatch, "rows" | "labels">;
}

/**
 * Checks that targets are of the kind that their teacher announced, and each sparse answer when it is given.
 *
 * @param targets The targets; they are freed where they are refused.
 * @param options Their teacher and their batch.
 * @throws {TypeError} If they have neither logits nor answers, or those that the teacher did not announce.
 */
export function checkedTargets(
  targets: TeacherTargets,
  { teacher, batch }: CheckedTargetsOptions,
): TeacherTargets {
  const { name, topK, vocabularySize } = teacher;
  const wanted = topK === undefined ? "logits" : "answer";
  if (typeof (targets as Partial<Record<typeof wanted, unknown>>)?.[wanted] !== "function") {
    targets?.dispose?.();
    const reason = topK === undefined ? "has no topK" : `has a topK of ${topK}`;
    throw new TypeError(
      `Cannot learn from the teacher "${name}": it ${reason}, so its targets must have ${wanted}(start, size)`,
    );
  }
  if (!("answer" in targets)) return targets;
  return {
    answer(start, size): SparseAnswer {
      const answer = targets.answer(start, size);
      const labels = batch.labels.subarray(start, start + size);
      const placeOf = (place: number) => placeIn(batch.rows, start + place);
      checkSparseAnswer(answer, { labels, vocabularySize, topK, source: `the teacher "${name}"`, placeOf });
      return answer;
    },
    cutsSpan: (place) => targets.cutsSpan?.(place) ?? false,
    dispose: () => targets.dispose(),
  };
}

/** Where a kept token of a batch stands. */
function placeIn(rows: readonly Row[], token: number): string {
  let first = 0;
  for (const [index, { ids, promptLength }] of rows.entries()) {
    const count = ids.length - promptLength;
    if (token < first + count) return `row ${index} of the batch, response token ${token - first}`;
    first += count;
  }
  return `token ${token} of the batch`;
}
