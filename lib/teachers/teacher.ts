/**
 * What a teacher is: whatever gives, for the rows of a batch, a distribution over the next token where a response token
 * is predicted, whole or by its best tokens. Anything with these members is one.
 *
 * Shapes: `N` kept tokens of a batch, `c` some of them, `V` vocabulary, `k` best tokens.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../batches/row.ts";
import type { Communicator } from "../distributed/communicator.ts";
import type { SparseAnswer } from "../distributions/sparse_answer.ts";
import type { LanguageModel } from "../models/language_model.ts";
import type { RowShares } from "../batches/row_shares.ts";
import type { TrainingBatch } from "../batches/training_batch.ts";
import type { HiddenType } from "./hidden_store.ts";

/** A teacher. */
export interface Teacher {
  /** Its name in reports. */
  readonly name: string;
  /** Tokens that can have probability; the student must have the same ones. */
  readonly vocabularySize: number;
  /**
   * The k of its sparse answers, where it names the k best tokens instead of whole distributions; see
   * {@linkcode SparseTargets}. Runs whose objective needs whole distributions are then refused before they begin.
   *
   * @default {whole distributions}
   */
  readonly topK?: number;
  /**
   * Whether its probabilities are unbiased estimates, as samples are. Only objectives that are linear in them may then be
   * trained with.
   *
   * @default {false}
   */
  readonly estimates?: boolean;
  /**
   * Tokens that a row may have.
   *
   * @default {any number}
   */
  readonly contextLength?: number;
  /**
   * Tokens that end its answers; a run whose rows or student end otherwise starts with a warning.
   *
   * @default {unknown}
   */
  readonly endTokens?: readonly number[];
  /**
   * Whether what is prepared for a row is kept for the next time that row comes. Of several ranks, the same one then
   * works on a row in every epoch.
   *
   * @default {false}
   */
  readonly keepsRows?: boolean;
  /**
   * Whether it reads the rows' `teacherPrompt` itself. Others are given rows in which that has taken the prompt's place.
   *
   * @default {false}
   */
  readonly readsPrompts?: boolean;
  /**
   * Whether its answers may be of spans of several tokens, which {@linkcode SparseAnswer.spans} gives. They are not packed
   * or kept.
   *
   * @default {false}
   */
  readonly alignsSpans?: boolean;
  /**
   * Whether it works beside the student, as a server does. The trainer then asks for the next batch's targets while the
   * student learns from the current one's.
   *
   * @default {false}
   */
  readonly worksBeside?: boolean;
  /**
   * How many times requests of its answers were tried again so far; a metric of each step once there are some.
   *
   * @default {0}
   */
  readonly retries?: number;
  /**
   * What it needs of this process's memory, for estimates before a run: of one model, or of several.
   *
   * @default {nothing}
   */
  readonly footprint?: TeacherFootprint | readonly TeacherFootprint[];
  /** What decides its distributions, as plain data: runs are resumed, and targets kept, only with the same. */
  identity(): Promise<TeacherIdentity>;
  /**
   * Gets ready for a run, whose rows and order are known; called once before its first step.
   *
   * @throws {Error} If it cannot teach this run; the message says why.
   */
  open?(plan: TeachingPlan): Promise<void>;
  /** What it has to say of the rows of a step, by name; in a run these are metrics of the step. */
  measures?(rows: readonly Row[]): Readonly<Record<string, number>>;
  /**
   * Computes or fetches what a batch needs of it.
   *
   * @returns The targets of the batch's kept tokens; the caller disposes of them.
   */
  prepare(batch: TeacherBatch): Promise<TeacherTargets>;
}

/** What a teacher needs of this process's memory. */
export interface TeacherFootprint {
  /** The model that is loaded. */
  model: LanguageModel;
  /** How the states of rows are kept in memory, where they are. */
  kept?: HiddenType;
  /**
   * Whether the model alone is the teacher, and answers in its place where answers are scored.
   *
   * @default {true}
   */
  answers?: boolean;
  /**
   * Which rows it teaches.
   *
   * @default {all}
   */
  teaches?: (row: Row) => boolean;
}

/** What a teacher needs of this process's memory, model by model. */
export function footprintsOf({ footprint }: Pick<Teacher, "footprint">): readonly TeacherFootprint[] {
  return footprint === undefined ? [] : [footprint].flat();
}

/** By how much the probes of one model may differ on average from one answer to another, in nats. */
export const PROBE_TOLERANCE = 0.2;

/** The mean difference of two probes of the same length, in nats. */
export function probeDifference(one: ArrayLike<number>, other: ArrayLike<number>): number {
  return Array.from(one).reduce((sum, logProb, at) => sum + Math.abs(logProb - other[at]), 0) / one.length;
}

/** What distinguishes a teacher from others. */
export interface TeacherIdentity {
  /** What decides its distributions. */
  settings: Readonly<Record<string, unknown>>;
  /**
   * What decides their rounding only.
   *
   * @default {nothing}
   */
  rounding?: Readonly<Record<string, unknown>>;
  /**
   * Log-probabilities that it gives a fixed text, where nothing else shows whether its weights are the same, as with a
   * model on a server. A run resumes only if they differ by at most {@linkcode PROBE_TOLERANCE} on average.
   *
   * @default {none}
   */
  probe?: readonly number[];
  /** A hash of all of it, weights included, hexadecimal. It may take a second, and is requested where that pays. */
  digest(): Promise<string>;
}

/** What is known of a run before its first step. */
export interface TeachingPlan {
  /** The rows that recur in every epoch. */
  rows: readonly Row[];
  /** Rows per step. */
  batchSize: number;
  /** Decides the order of the rows. */
  seed: number;
  /** Rows processed at once; all of a step's if it is absent. */
  microBatchSize?: number;
  /** This rank's share of a step's rows; all of them if it is absent. */
  shares?: RowShares;
  /** This rank, if there are several. */
  communicator?: Pick<Communicator, "rank" | "size">;
}

/** The rows of a micro-batch, packed. */
export interface TeacherBatch extends TrainingBatch {
  /** The rows, in the order in which they are packed. */
  rows: readonly Row[];
  /** Whether these rows will recur. */
  recurring: boolean;
}

/** A teacher's distributions where the tokens of a batch are predicted: whole, or by their best tokens. */
export type TeacherTargets = DenseTargets | SparseTargets;

/** Whole distributions. */
export interface DenseTargets {
  /**
   * The logits of some of the kept tokens, unnormalised; log-probabilities are logits too.
   *
   * @param start The first of them.
   * @param size How many.
   * @returns float32 `[c, V]`; the caller disposes of it.
   */
  logits(start: number, size: number): tf.Tensor2D;
  /** Frees what the batch needed; a second call does nothing. */
  dispose(): void;
}

/**
 * Distributions by their k best tokens, what a server or a file of targets has of them. Every objective that compares
 * distributions learns from them: over the named tokens, and one bucket for the rest.
 */
export interface SparseTargets {
  /**
   * The answer for some of the kept tokens, in plain memory. It is checked before it is used.
   *
   * @param start The first of them.
   * @param size How many, `c`.
   * @returns The k best tokens of each, the row's own, and the rest.
   */
  answer(start: number, size: number): SparseAnswer;
  /**
   * Whether a kept token is inside a span that begins before it: no answer begins there.
   *
   * @default {never}
   */
  cutsSpan?(place: number): boolean;
  /** Frees what the batch needed; a second call does nothing. */
  dispose(): void;
}
