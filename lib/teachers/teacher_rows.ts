/**
 * Rows as a teacher reads them: with its own prompts, where rows carry some.
 *
 * @module
 */
import type { Row } from "../batches/row.ts";
import { trainingBatch } from "../batches/training_batch.ts";
import type { Teacher, TeacherBatch, TeachingPlan } from "./teacher.ts";

const known = new WeakMap<Row, Row>();

/** A row with the teacher's prompt in the place of its own; the response is the same. One without such a prompt stays. */
export function teacherRow(row: Row): Row {
  const { teacherPrompt, ids, promptLength, ...others } = row;
  if (teacherPrompt === undefined) return row;
  const found = known.get(row) ??
    { ...others, ids: [...teacherPrompt, ...ids.slice(promptLength)], promptLength: teacherPrompt.length };
  known.set(row, found);
  return found;
}

/**
 * A batch as a teacher reads it.
 *
 * @throws {RangeError} If a row is too long for its context.
 */
export function teacherBatch(teacher: Teacher, batch: TeacherBatch): TeacherBatch {
  if (teacher.readsPrompts || !batch.rows.some(({ teacherPrompt }) => teacherPrompt)) return batch;
  const rows = batch.rows.map(teacherRow);
  checkLengths(rows, teacher);
  return { ...batch, rows, ...trainingBatch(rows) };
}

/**
 * What a teacher knows of a run before its first step.
 *
 * @throws {RangeError} If a row is too long for its context.
 */
export function teacherPlan(teacher: Teacher, plan: TeachingPlan): TeachingPlan {
  if (teacher.readsPrompts || !plan.rows.some(({ teacherPrompt }) => teacherPrompt)) return plan;
  const originals = new Map(plan.rows.map((row) => [teacherRow(row), row]));
  checkLengths([...originals.keys()], teacher);
  return { ...plan, rows: plan.rows.map(teacherRow), shares: sharesOf(plan.shares, originals) };
}

/** Shares of rows that stand for others. */
export function sharesOf(shares: TeachingPlan["shares"], originals: ReadonlyMap<Row, Row>): TeachingPlan["shares"] {
  return shares && ((rows) => {
    const kept = new Set(shares(rows.map((row) => originals.get(row) ?? row)));
    return rows.filter((row) => kept.has(originals.get(row) ?? row));
  });
}

function checkLengths(rows: readonly Row[], { name, contextLength = Infinity }: Teacher): void {
  const at = rows.findIndex(({ ids }) => ids.length - 1 > contextLength);
  if (at < 0) return;
  throw new RangeError(
    `Cannot learn from the teacher "${name}": the teacher's prompt and the response must fit its context of ` +
      `${contextLength} tokens, row ${at} has ${rows[at].promptLength} and ${
        rows[at].ids.length - rows[at].promptLength
      }`,
  );
}
