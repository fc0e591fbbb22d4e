/**
 * A teacher with another tokenizer than the student.
 *
 * Shapes: `N` kept tokens of a batch, `c` some of them, `N′` and `V′` kept tokens and vocabulary of the teacher.
 *
 * @module
 */
import {
  aNumber,
  aTeacher,
  aTokenizer,
  checkArguments,
  objectWith,
  optional,
} from "../../arguments/check_arguments.ts";
import type { Row } from "../../batches/row.ts";
import { keptTokens, trainingBatch } from "../../batches/training_batch.ts";
import type { LanguageModel } from "../../models/language_model.ts";
import { tokenBytes } from "../../text/token_bytes.ts";
import type { Tokenizer } from "../../text/tokenizer_interface.ts";
import { checkedTargets } from "../checked_targets.ts";
import { teacherOf } from "../local_teacher.ts";
import { footprintsOf, type SparseTargets, type Teacher } from "../teacher.ts";
import { sharesOf } from "../teacher_rows.ts";
import { alignedAnswer, type AlignedPlace } from "./aligned_answer.ts";
import { type AlignedRow, alignRow } from "./align_row.ts";
import { ownAnswers } from "./own_answers.ts";
import { sharedVocabulary, type SpelledTokenizer } from "./shared_vocabulary.ts";

/** What is compared where a span is not one token of either vocabulary. */
export type ElsewhereRule = "span" | "uld" | "single";

/** Options for {@linkcode alignedTeacher}. */
export interface AlignedTeacherOptions {
  /** The tokenizer of the rows, the student's. */
  student: Tokenizer;
  /** The teacher's own. */
  teacher: Tokenizer;
  /**
   * How many of the common tokens its answers name; those of a teacher that answers sparsely name the common ones among
   * its own k.
   *
   * @default {64, or the k of a teacher that answers sparsely}
   */
  topK?: number;
  /**
   * What is compared where a span is not one token of either vocabulary: `"span"` the likelihoods of its text, `"uld"`
   * the sorted probabilities of the next token where it begins, whatever the objective, `"single"` nothing.
   *
   * @default {"span"}
   */
  elsewhere?: ElsewhereRule;
}

/** A teacher with other tokens than the student. */
export interface AlignedTeacher extends Teacher {
  /** How many of the common tokens its answers name at most. */
  readonly topK: number;
  /** How many tokens both vocabularies have. */
  readonly commonTokens: number;
  /** Rows as the teacher reads them, in its own tokens. */
  teacherRows(rows: readonly Row[]): Row[];
  /** What part of the rows' response tokens is aligned, and what part one token to one. */
  measures(rows: readonly Row[]): { alignedTokens: number; singleTokens: number };
}

/**
 * Lets a model teach a student that has another tokenizer. The text of a response is cut into the shortest spans that both
 * sequences of tokens begin and end together, by its bytes. Where a span is the same token on either side, the student learns
 * from the teacher's best common tokens and the mass of the rest; where it is several, from the likelihood of its text, the
 * product of the conditional probabilities, against that of all other texts. Both are coarsenings of the same event on
 * either side, so that the loss of a divergence is a lower bound, and every objective that compares distributions is defined.
 *
 * @param teacher A teacher, or a model that teaches, over its own tokens. Of one that answers sparsely, as a server does,
 * the named tokens that are not common ones count among the rest.
 * @param options Both tokenizers.
 * @throws {TypeError} If the teacher estimates probabilities, or the bytes of a tokenizer's tokens are not known.
 * @throws {RangeError} If `topK` is not a whole number from 1 to the number of common tokens, or not that of a teacher that
 * answers sparsely.
 *
 * @example A teacher in bytes, a student in words
 * ```ts
 * import assert from "node:assert/strict";
 * import { initializeModel, loadTokenizer, objective, rowFromText, Trainer, useEngine } from "@amid/amid";
 * import { alignedTeacher } from "@amid/amid/teachers";
 * import { tokenizerOf } from "@amid/amid/text";
 *
 * await useEngine("wasm");
 * const words = await loadTokenizer("data/tokenizer");
 * const specification = structuredClone(words.specification) as { model: { merges: unknown[] } };
 * specification.model.merges = []; // each byte is a token
 * const config = '{"eos_token": "<|endoftext|>"}';
 * const bytes = tokenizerOf({ tokenizer: JSON.stringify(specification), config });
 * const sizes = { model_type: "gpt2", n_positions: 64, n_embd: 8, n_head: 2, n_layer: 1 };
 * const [student, model] = [words, bytes].map(({ vocabularySize: vocab_size }, seed) =>
 *   initializeModel({ ...sizes, vocab_size }, { seed })
 * );
 * const teacher = alignedTeacher(model, { student: words, teacher: bytes, topK: 8 });
 * const row = rowFromText(words, { prompt: "Name a wader.\n", response: "a grey heron" });
 * assert.equal(teacher.measures([row]).alignedTokens, 1);
 * const options = { totalSteps: 1, optimizer: { learningRate: 1e-2 } };
 * const trainer = new Trainer({ student, teacher, objective: objective("forward-kl"), ...options });
 * assert((await trainer.step([row])).loss > 0);
 * ```
 */
export function alignedTeacher(teacher: LanguageModel | Teacher, options: AlignedTeacherOptions): AlignedTeacher {
  checkArguments("align a teacher", {
    teacher: [teacher, aTeacher],
    options: [options, objectWith("student", "teacher")],
  });
  checkArguments("align a teacher", {
    "options.student": [options.student, aTokenizer],
    "options.teacher": [options.teacher, aTokenizer],
    topK: [options.topK, optional(aNumber)],
  });
  const inner = teacherOf(teacher);
  if (inner.estimates) {
    throw new TypeError(
      `Cannot align a teacher: its probabilities must be exact, those of "${inner.name}" are estimates`,
    );
  }
  const [ours, theirs]: SpelledTokenizer[] = [options.student, options.teacher]
    .map((tokenizer) => ({ tokenizer, bytes: tokenBytes(tokenizer) }));
  const { vocabularySize } = options.student;
  const shared = sharedVocabulary(ours, theirs, { student: vocabularySize, teacher: inner.vocabularySize });
  const { elsewhere = "span" } = options;
  const topK = namedCount(options.topK, { inner, common: shared.ids.length });
  const closed = Float32Array.from(shared.studentOf, (id) => id < 0 ? -Infinity : 0);
  const known = new WeakMap<Row, AlignedRow>();
  const contextLength = inner.contextLength ?? Infinity;
  const aligned = (row: Row): AlignedRow => {
    const found = known.get(row) ?? alignRow(row, { student: ours, teacher: theirs, contextLength });
    known.set(row, found);
    return found;
  };
  return {
    name: `${inner.name}, aligned by bytes`,
    topK,
    vocabularySize,
    commonTokens: shared.ids.length,
    get retries() {
      return inner.retries;
    },
    readsPrompts: true,
    alignsSpans: true,
    endTokens: [options.student.endToken],
    keepsRows: inner.keepsRows,
    worksBeside: inner.worksBeside,
    footprint: footprintsOf(inner).map((each) => ({ ...each, answers: false })),
    async identity() {
      const { settings, digest, ...others } = await inner.identity();
      const decisive = { kind: "aligned", topK, elsewhere, commonTokens: shared.ids.length };
      return { ...others, settings: { ...settings, ...decisive }, digest: async () => `${await digest()}-${topK}` };
    },
    async open(plan) {
      const originals = new Map(plan.rows.map((row) => [aligned(row).row, row]));
      await inner.open?.({ ...plan, rows: [...originals.keys()], shares: sharesOf(plan.shares, originals) });
    },
    teacherRows: (rows) => rows.map((row) => aligned(row).row),
    measures: (rows) => measured(rows.map((row) => ({ row, aligned: aligned(row) }))),
    async prepare(batch): Promise<SparseTargets> {
      const all = batch.rows.map(aligned);
      const rows = all.map(({ row }) => row);
      const own = trainingBatch(rows);
      const taught = { rows, recurring: batch.recurring, ...own };
      const targets = checkedTargets(await inner.prepare(taught), { teacher: inner, batch: taught });
      const answers = ownAnswers(targets, { labels: own.labels, closed, topK: inner.topK ?? topK });
      const places = placesOf(batch.rows, all);
      const part = (start: number, size: number) => {
        const some = places.slice(start, start + size), begun = some.filter((place) => place.size > 0);
        const [first, last] = [begun[0], begun.at(-1)];
        const from = first?.teacherStart ?? 0, to = last ? last.teacherStart + last.teacherSize : 0;
        const answer = alignedAnswer(answers.best(from, Math.max(to, from + 1)), {
          places: some,
          labels: batch.labels.subarray(start, start + size),
          teacherLabels: own.labels,
          first: from,
          shared,
          topK,
          likelihoods: elsewhere === "span",
        });
        if (elsewhere !== "uld") return answer;
        // Spans begin there that are not one token of either vocabulary.
        const begins = some.flatMap(({ size }, place) => size > 0 && answer.spans![place] < 0 ? [place] : []);
        const probs = answers.largest(begins.map((place) => some[place].teacherStart));
        return { ...answer, sorted: { places: Int32Array.from(begins), probs } };
      };
      return {
        answer: part,
        cutsSpan: (place) => place < places.length && places[place].size < 0,
        dispose: () => targets.dispose(),
      };
    },
  };
}

/** How many of the common tokens answers name at most. */
function namedCount(
  wanted: number | undefined,
  { inner, common }: { inner: Pick<Teacher, "name" | "topK">; common: number },
): number {
  const { name, topK } = inner;
  const possible = topK === undefined ? Number.isInteger(wanted) && wanted! >= 1 && wanted! <= common : wanted === topK;
  if (wanted === undefined || possible) return Math.min(wanted ?? topK ?? 64, common);
  const rule = topK === undefined
    ? `a whole number from 1 to the ${common} common tokens`
    : `that of "${name}", ${topK}`;
  throw new RangeError(`Cannot align a teacher: topK must be ${rule}, current value is ${wanted}`);
}

/** The places of a batch; one inside a span has a negative size. */
function placesOf(rows: readonly Row[], aligned: readonly AlignedRow[]): AlignedPlace[] {
  const places: AlignedPlace[] = [];
  let teacherFirst = 0;
  for (const [index, { row, spans }] of aligned.entries()) {
    const first = places.length;
    for (let place = 0; place < keptTokens([rows[index]]); place++) {
      places.push({ size: 0, teacherStart: 0, teacherSize: 0 });
    }
    for (const { start, size, teacherStart, teacherSize } of spans) {
      places[first + start] = { size, teacherStart: teacherFirst + teacherStart, teacherSize };
      for (let inside = 1; inside < size; inside++) places[first + start + inside].size = -1;
    }
    teacherFirst += keptTokens([row]);
  }
  return places;
}

function measured(rows: readonly { row: Row; aligned: AlignedRow }[]): { alignedTokens: number; singleTokens: number } {
  const total = keptTokens(rows.map(({ row }) => row));
  const spans = rows.flatMap(({ aligned }) => aligned.spans);
  const single = spans.filter(({ size, teacherSize }) => size === 1 && teacherSize === 1).length;
  return { alignedTokens: spans.reduce((sum, { size }) => sum + size, 0) / total, singleTokens: single / total };
}
