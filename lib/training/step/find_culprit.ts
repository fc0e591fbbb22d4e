/**
 * Why a step's loss or gradient is not finite. The search runs only after a step has failed, so that a step that
 * succeeds costs nothing.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../../batches/row.ts";
import type { SparseAnswer } from "../../distributions/sparse_answer.ts";
import type { LanguageModel } from "../../models/language_model.ts";
import { globalNorm } from "../../operations/mod.ts";
import { coarsened } from "../../objectives/coarsen.ts";
import type { LogitPair, Objective } from "../../objectives/objective.ts";
import { TokenContext } from "../../objectives/token_context.ts";
import { checkedTargets } from "../../teachers/checked_targets.ts";
import { teacherOf } from "../../teachers/local_teacher.ts";
import { teacherRow } from "../../teachers/teacher_rows.ts";
import { footprintsOf, type Teacher } from "../../teachers/teacher.ts";
import { trainingBatch } from "../../batches/training_batch.ts";

/** The inputs of a step. */
export interface FailedStep {
  student: LanguageModel;
  /** Absent where there was no distillation. */
  teacher?: Teacher;
  /** Absent where the objective needs none. */
  reference?: Teacher;
  objective?: Objective;
  /** The step's rows. */
  rows: readonly Row[];
  /** The plain text beside them. */
  textRows?: readonly Row[];
  /** The step's gradients, by parameter. */
  gradients: ReadonlyMap<string, tf.Tensor>;
}

/** The message if only the sum is not finite. */
export const NOTHING_FOUND = "every logit, loss and gradient is finite, but their sum overflows float32";

/** A number that should be finite, and where it is. */
interface Place {
  index: number;
  value: number;
}

/**
 * Finds where numbers first stop being finite: in the teacher's logits, the reference's, the student's, the objective,
 * a gradient.
 *
 * @returns A phrase that names the place.
 */
export async function findCulprit(step: FailedStep): Promise<string> {
  const { rows, textRows = [] } = step;
  const texts = [...rows.map((row, i) => ({ row, name: `row ${i}` }))];
  const plain = textRows.map((row, i) => ({ row, name: `text row ${i}` }));
  const { student, teacher, reference } = step;
  const owners = [
    ...Object.entries({ teacher, reference }).flatMap(([name, owner]) =>
      owner ? [{ name, owner, all: footprintsOf(owner).map(({ model }) => model), texts }] : []
    ),
    { name: "student", owner: student, all: [student], texts: [...texts, ...plain] },
  ];
  for (const { name, owner, all, texts } of owners) {
    for (const text of texts) {
      const place = await badLogit(owner, name === "teacher" ? rowFor(owner, text.row) : text.row);
      if (!place) continue;
      const reasons = await Promise.all(all.map((model) => badParameter(model, name)));
      return `${place.replace("%", name)} ${text.name}${reasons.find((reason) => reason !== "") ?? ""}`;
    }
  }
  for (const { row, name } of texts) {
    const place = await badValue(step, row);
    if (place) return `${place} ${name}`;
  }
  for (const [name, gradient] of step.gradients) {
    const place = notFinite(await gradient.data());
    if (place) return `the gradient of "${name}" is ${place.value} at index ${place.index}`;
  }
  return NOTHING_FOUND;
}

/**
 * Checks that training of a model can continue.
 *
 * @throws {RangeError} If a parameter is not finite; the message names it.
 */
export async function checkWeights(model: LanguageModel, step: number): Promise<void> {
  const norm = globalNorm([...model.trainable.values()]);
  const [length] = await norm.data();
  norm.dispose();
  if (Number.isFinite(length)) return;
  const reason = await badParameter(model, "student");
  // Where every parameter is finite, the sum of their squares alone is not.
  if (reason) throw new RangeError(`Cannot save a checkpoint of step ${step}${reason}`);
}

function notFinite(numbers: ArrayLike<number>, bad = (x: number) => !Number.isFinite(x)): Place | undefined {
  for (let index = 0; index < numbers.length; index++) {
    if (bad(numbers[index])) return { index, value: numbers[index] };
  }
  return undefined;
}

const excludesToken = (value: number): boolean => value === -Infinity;

/** A row as the teacher reads it. */
const rowFor = (owner: LanguageModel | Teacher, row: Row): Row =>
  "readsPrompts" in owner && owner.readsPrompts ? row : teacherRow(row);

/** The logits of a row's response tokens, or a sparse answer for them. */
async function distributionsOf(owner: LanguageModel | Teacher, row: Row): Promise<tf.Tensor2D | SparseAnswer> {
  const batch = { rows: [row], recurring: false, ...trainingBatch([row]) };
  const teacher = teacherOf(owner);
  const targets = checkedTargets(await teacher.prepare(batch), { teacher, batch });
  try {
    const size = batch.labels.length;
    return "answer" in targets ? targets.answer(0, size) : targets.logits(0, size);
  } finally {
    targets.dispose();
  }
}

const logitsOf = async (owner: LanguageModel | Teacher, row: Row): Promise<tf.Tensor2D> =>
  await distributionsOf(owner, row) as tf.Tensor2D;

/** NaN and +∞ are bad logits; −∞ is not, since it excludes its token. */
async function badLogit(owner: LanguageModel | Teacher, row: Row): Promise<string | undefined> {
  if ("topK" in owner && owner.topK !== undefined) return undefined; // its answers are checked when they come
  const logits = await logitsOf(owner, row);
  const place = notFinite(await logits.data(), (x) => Number.isNaN(x) || x === Infinity);
  logits.dispose();
  if (!place) return undefined;
  const width = owner.vocabularySize;
  const [position, token] = [Math.floor(place.index / width), place.index % width];
  return `the %'s logit of token ${token} is ${place.value} where response token ${position} is predicted in`;
}

async function badParameter(model: LanguageModel, owner: string): Promise<string> {
  for (const [name, parameter] of [...model.parameters, ...model.trainable]) {
    const place = notFinite(await parameter.data());
    if (place) return `, for the ${owner}'s parameter "${name}" is ${place.value} at index ${place.index}`;
  }
  return "";
}

async function badValue(step: FailedStep, row: Row): Promise<string | undefined> {
  const { objective } = step;
  if (!step.teacher || !objective) return undefined;
  const answer = await distributionsOf(step.teacher, rowFor(step.teacher, row));
  const student = await logitsOf(step.student, row);
  const reference = step.reference && await logitsOf(step.reference, row);
  const tokens = new TokenContext([row]);
  const labels = Int32Array.from(row.ids.slice(row.promptLength));
  const isSparse = "logProbs" in answer;
  const pair: LogitPair = isSparse
    ? coarsened({ student, labels, reference, tokens }, answer)
    : { student, teacher: answer, reference, tokens };
  const values = tf.tidy(() => objective.perToken(pair));
  const place = notFinite(await values.data());
  const excluded = place ? isSparse ? "" : await excludedToken({ student, teacher: answer }, place.index) : "";
  const { teacher, largestOfRest } = pair;
  tf.dispose([...new Set([student, teacher, pair.student, values, reference, pair.reference, largestOfRest])]);
  if (!place) return undefined;
  return `the loss ${objective.name} of response token ${place.index} is ${place.value}${excluded} in`;
}

/** Names the model that excludes a token at a position. */
async function excludedToken(
  pair: Record<"student" | "teacher", tf.Tensor2D>,
  position: number,
): Promise<string> {
  for (const owner of ["teacher", "student"] as const) {
    const width = pair[owner].shape[1];
    const numbers = (await pair[owner].data()).subarray(position * width, (position + 1) * width);
    const place = notFinite(numbers, excludesToken);
    if (place) return `, where the ${owner}'s logit of token ${place.index} is -Infinity,`;
  }
  return "";
}
