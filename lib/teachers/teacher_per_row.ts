/**
 * Several teachers, one for each row.
 *
 * Shapes: `N` kept tokens of a batch, `c` some of them, `V` vocabulary.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { anObject, aText, checkArguments, optional } from "../arguments/check_arguments.ts";
import type { Row } from "../batches/row.ts";
import { keptTokens, trainingBatch } from "../batches/training_batch.ts";
import { joinAnswers } from "../distributions/sparse_answer.ts";
import type { LanguageModel } from "../models/language_model.ts";
import { checkedTargets } from "./checked_targets.ts";
import { allPrepared, joinedIdentity, sharedMembers, teachersOf } from "./several.ts";
import { teacherBatch, teacherPlan } from "./teacher_rows.ts";
import { type DenseTargets, footprintsOf, type SparseTargets, type Teacher, type TeacherTargets } from "./teacher.ts";

/** Options for {@linkcode teacherPerRow}. */
export interface TeacherPerRowOptions {
  /**
   * The field of a row that names its teacher.
   *
   * @default {"teacher"}
   */
  field?: string;
  /**
   * Its name in reports.
   *
   * @default {the teachers' names}
   */
  name?: string;
}

/**
 * Lets each row learn from a teacher of its own, which a field of the row names: one for code, another for prose, say.
 *
 * @param teachers Models and teachers of one vocabulary, by the names that rows use. All give whole distributions, or all
 * answer sparsely with one `topK`.
 * @param options Which field it is.
 * @throws {RangeError} If there is no teacher, or the vocabularies differ. In a run, if a row names none of them: the
 * message gives the row, before the first step for rows that are known by then.
 * @throws {TypeError} If some teachers answer sparsely and others do not, or with another `topK`.
 *
 * @example Two rows with a teacher each
 * ```ts
 * import assert from "node:assert/strict";
 * import { initializeModel, objective, Trainer, useEngine } from "@amid/amid";
 * import { teacherPerRow } from "@amid/amid/teachers";
 *
 * await useEngine("wasm");
 * const json = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const [student, prose, code] = [1, 2, 3].map((seed) => initializeModel(json, { seed }));
 * const teacher = teacherPerRow({ prose, code });
 * const options = { totalSteps: 1, optimizer: { learningRate: 1e-2 } };
 * const trainer = new Trainer({ student, teacher, objective: objective("forward-kl"), ...options });
 * const rows = [
 *   { ids: [1, 2, 3, 4], promptLength: 2, fields: { teacher: "code" } },
 *   { ids: [5, 6, 7], promptLength: 1, fields: { teacher: "prose" } },
 * ];
 * assert((await trainer.step(rows)).loss > 0);
 * ```
 */
export function teacherPerRow(
  teachers: Readonly<Record<string, LanguageModel | Teacher>>,
  options: TeacherPerRowOptions = {},
): Teacher {
  const { field = "teacher" } = options;
  checkArguments("teach by row", { teachers: [teachers, anObject], field: [field, optional(aText)] });
  const parts = teachersOf("teach by row", teachers);
  const all = Object.values(parts);
  const { topK } = all[0];
  const other = all.find((part) => part.topK !== topK);
  if (other) {
    throw new TypeError(
      `Cannot teach by row: all teachers must have the same topK, it is ${topK ?? "absent"} of "${all[0].name}" and ` +
        `${other.topK ?? "absent"} of "${other.name}"`,
    );
  }
  const nameOf = (row: Row, place: string): string => {
    const value = row.fields?.[field];
    if (typeof value === "string" && Object.hasOwn(parts, value)) return value;
    const shown = value === undefined ? "it is absent" : `current value is ${JSON.stringify(value)}`;
    throw new RangeError(
      `Cannot teach ${place}: its field "${field}" must be one of ${Object.keys(parts).join(", ")}, ${shown}`,
    );
  };
  return {
    ...sharedMembers(all),
    footprint: Object.entries(parts).flatMap(([name, part]) =>
      footprintsOf(part).map((each) => ({
        ...each,
        answers: all.length === 1 && each.answers,
        teaches: (row: Row) => row.fields?.[field] === name && (each.teaches?.(row) ?? true),
      }))
    ),
    get vocabularySize() {
      return all[0].vocabularySize;
    },
    get retries() {
      return all.reduce((sum, { retries = 0 }) => sum + retries, 0);
    },
    topK,
    readsPrompts: true,
    alignsSpans: all.some(({ alignsSpans }) => alignsSpans),
    measures: all.some(({ measures }) => measures)
      ? (rows) => measured(rows, (row) => parts[nameOf(row, "a row")])
      : undefined,
    name: options.name ?? Object.entries(parts).map(([name, part]) => `${name}: ${part.name}`).join(", "),
    identity: () => joinedIdentity({ kind: "per row", field }, parts),
    async open(plan) {
      const named = Map.groupBy(plan.rows, (row, index) => nameOf(row, `row ${index}`));
      for (const [name, rows] of named) await parts[name].open?.(teacherPlan(parts[name], { ...plan, rows }));
    },
    async prepare(batch) {
      const names = batch.rows.map((row, index) => nameOf(row, `row ${index} of the batch`));
      const used = [...new Set(names)];
      const prepared = used.map(async (name) => {
        const [teacher, rows] = [parts[name], batch.rows.filter((_, index) => names[index] === name)];
        const own = { ...batch, rows, ...trainingBatch(rows) };
        return checkedTargets(await teacher.prepare(teacherBatch(teacher, own)), { teacher, batch: own });
      });
      const targets = await allPrepared(prepared);
      return joined(targets, spansOf(batch.rows, names.map((name) => used.indexOf(name))));
    },
  };
}

/** Kept tokens side by side that have one teacher. */
interface Span {
  /** The teacher's place. */
  of: number;
  /** The first of them in the batch. */
  start: number;
  /** The first of them among that teacher's. */
  own: number;
  size: number;
}

function spansOf(rows: readonly Row[], places: readonly number[]): Span[] {
  const spans: Span[] = [];
  const counts = new Map<number, number>();
  let start = 0;
  for (const [index, of] of places.entries()) {
    const size = keptTokens([rows[index]]), own = counts.get(of) ?? 0;
    const last = spans.at(-1);
    if (last?.of === of) last.size += size;
    else spans.push({ of, start, own, size });
    counts.set(of, own + size);
    start += size;
  }
  return spans;
}

/** The means over tokens of what the teachers of rows have to say; where one says nothing, it is 1, as of a share. */
function measured(rows: readonly Row[], teacherOf: (row: Row) => Teacher): Record<string, number> {
  const said = rows.map((row) => ({ tokens: keptTokens([row]), values: teacherOf(row).measures?.([row]) ?? {} }));
  const names = new Set(said.flatMap(({ values }) => Object.keys(values)));
  const total = keptTokens(rows);
  const mean = (name: string) =>
    said.reduce((sum, { tokens, values }) => sum + tokens * (values[name] ?? 1), 0) / total;
  return Object.fromEntries([...names].map((name) => [name, mean(name)]));
}

/** Targets in the order of the batch, from those of each teacher. */
function joined(targets: readonly TeacherTargets[], spans: readonly Span[]): TeacherTargets {
  const dispose = () => targets.forEach((each) => each.dispose());
  /** What each teacher gives for some of the batch's tokens, in their order. */
  const each = <Given>(
    first: number,
    count: number,
    ask: (of: number, start: number, size: number) => Given,
  ): Given[] =>
    spans.flatMap(({ of, start, own, size }) => {
      const from = Math.max(first, start), to = Math.min(first + count, start + size);
      return from < to ? [ask(of, own + from - start, to - from)] : [];
    });
  if (targets.every((one): one is SparseTargets => "answer" in one)) {
    const inside = spans.flatMap(({ of, own, size }) =>
      Array.from({ length: size }, (_, place) => targets[of].cutsSpan?.(own + place) ?? false)
    );
    return {
      answer: (first, count) => joinAnswers(each(first, count, (of, start, size) => targets[of].answer(start, size))),
      cutsSpan: (place) => inside[place] ?? false,
      dispose,
    };
  }
  const dense = targets as readonly DenseTargets[];
  return {
    logits: (first, count) =>
      tf.tidy(() => tf.concat(each(first, count, (of, start, size) => dense[of].logits(start, size)), 0)),
    dispose,
  };
}
