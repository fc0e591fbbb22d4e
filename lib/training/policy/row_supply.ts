/**
 * A run's rows, step by step: from the corpus, from the student, from the replay buffer.
 *
 * @module
 */
import { hashText, randomStream } from "../../random/random.ts";
import type { Row } from "../../batches/row.ts";
import type { Communicator } from "../../distributed/communicator.ts";
import { isEnded } from "../../models/generation/end_tokens.ts";
import type { LanguageModel } from "../../models/language_model.ts";
import {
  type DataPolicy,
  dataPolicy,
  type DataPolicyOptions,
  type PolicyState,
  type RowSource,
} from "./data_policy.ts";
import { ReplayBuffer, type ReplayEntry } from "./replay_buffer.ts";
import { checkPrompts, type ResponseOptions, studentResponses } from "./student_responses.ts";

/** Options for {@linkcode RowSupply}. */
export interface RowSupplyOptions {
  /**
   * Who writes the responses.
   *
   * @default {the corpus}
   */
  policy?: DataPolicyOptions | DataPolicy;
  /** How the student writes. */
  responses?: ResponseOptions;
  /**
   * The most rows that the replay buffer holds.
   *
   * @default {1000}
   */
  replayCapacity?: number;
}

/** What a supply needs in addition to its options. */
export interface RowSupplyContext {
  /** The model that answers. */
  student: LanguageModel;
  /** The total number of steps of the run. */
  totalSteps: number;
  /** Decides all draws. */
  seed: number;
  /**
   * Tokens that a row may have: the shorter context of student and teacher.
   *
   * @default {the student's context}
   */
  contextLength?: number;
  /** Tokens that the teacher's own prompt and a response may have together; any number if it is absent. */
  teacherContext?: number;
  /** The ranks that share the writing. */
  communicator?: Communicator;
}

/** A step's rows. */
export interface SuppliedRows {
  rows: readonly Row[];
  /** Who wrote their responses. */
  source: RowSource;
}

/** The state of a supply in a checkpoint. Its draws are seeded by the step's number, so that nothing else is needed. */
export interface RowSupplyState {
  policy: PolicyState;
  buffer: readonly ReplayEntry[];
  /** Steps taken from each source. */
  counts: Record<RowSource, number>;
}

/** Provides each step's rows. */
export class RowSupply {
  /** Who writes. */
  readonly policy: DataPolicy;
  /** The student's earlier responses. */
  readonly buffer: ReplayBuffer;
  /** This step's responses without an end; undefined if the student wrote none. */
  #unfinished?: number;
  #counts: Record<RowSource, number> = { corpus: 0, student: 0, buffer: 0 };

  /**
   * Makes a supply with an empty buffer.
   *
   * @throws {RangeError} If an option is invalid.
   */
  constructor(readonly options: RowSupplyOptions, readonly context: RowSupplyContext) {
    const { policy, replayCapacity } = options;
    this.policy = policy && "source" in policy ? policy : dataPolicy(policy);
    this.buffer = new ReplayBuffer(replayCapacity);
  }

  /**
   * Checks, before a run, that the student can answer every prompt it may be asked.
   *
   * @throws {RangeError} If a prompt fills the context.
   */
  check(rows: readonly Row[]): void {
    const { student, contextLength = student.config.contextLength, teacherContext } = this.context;
    if (this.#mayWrite) checkPrompts(rows, contextLength, teacherContext);
  }

  /**
   * Gives a step its rows.
   *
   * @param step The step, from 0.
   * @param batch The corpus's rows, whose prompts the student answers if it writes.
   */
  async rows(step: number, batch: readonly Row[]): Promise<SuppliedRows> {
    const { student, totalSteps, seed, communicator, contextLength, teacherContext } = this.context;
    this.#unfinished = undefined;
    const stream = (purpose: string) => randomStream(hashText(`${purpose} of step ${step}`, seed));
    const random = stream("source");
    const source = this.policy.source({ step, totalSteps, bufferFull: this.buffer.full, random });
    this.#counts[source] += 1;
    if (source === "corpus") return { rows: batch, source };
    const marked = (rows: readonly Row[]) => rows.map((row) => ({ ...row, source }));
    if (source === "buffer") return { rows: marked(this.buffer.sample(batch.length, stream("replay"))), source };
    const { responses } = this.options;
    const contexts = { contextLength, teacherContext };
    const options = { ...responses, seed: hashText(`responses of step ${step}`, seed), communicator, ...contexts };
    const rows = await studentResponses(student, batch, options);
    const ends = responses?.stopTokens ?? student.config.endTokens;
    this.#unfinished = rows.filter(({ ids }) => !isEnded(ids, ends)).length;
    if (this.policy.replays) this.buffer.add(rows, step);
    return { rows: marked(rows), source };
  }

  /** Statistics of buffer and sources, for the metrics of a step; undefined if only the corpus is used. */
  metrics(step: number): Record<string, number> {
    if (!this.#mayWrite) return {};
    const { size, meanAge, meanLength } = this.buffer.statistics(step);
    const taken = Math.max(1, this.#counts.corpus + this.#counts.student + this.#counts.buffer);
    const { corpus, student, buffer } = this.#counts;
    return {
      studentShare: this.policy.share,
      bufferSize: size,
      bufferAge: meanAge,
      bufferLength: meanLength,
      corpusSteps: corpus / taken,
      studentSteps: student / taken,
      bufferSteps: buffer / taken,
      ...(this.#unfinished === undefined ? {} : { unfinished: this.#unfinished }),
    };
  }

  /** The state for a checkpoint. */
  state(): RowSupplyState {
    return { policy: this.policy.state(), buffer: this.buffer.state(), counts: { ...this.#counts } };
  }

  /** Restores the state of a checkpoint. */
  restore({ policy, buffer, counts }: RowSupplyState): void {
    this.policy.restore(policy);
    this.buffer.restore(buffer);
    this.#counts = { ...counts };
  }

  get #mayWrite(): boolean {
    return this.policy.share > 0 || this.policy.needsValidation;
  }
}
