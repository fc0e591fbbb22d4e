/**
 * A teacher whose hidden states are cached over the epochs.
 *
 * Shapes: `N` kept tokens of a batch, `H′` hidden width of the teacher.
 *
 * @module
 */
import { aTeacher, checkArguments } from "../arguments/check_arguments.ts";
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../batches/row.ts";
import type { Communicator } from "../distributed/communicator.ts";
import { LanguageModel } from "../models/language_model.ts";
import { keptTokens, trainingBatch } from "../batches/training_batch.ts";
import { type Companies, companies } from "./companies.ts";
import { type HiddenTeacher, localTeacher } from "./local_teacher.ts";
import { openHiddenFolder } from "./hidden_folder.ts";
import { type KeptTargets, keptTargets, type KeptTargetsOptions } from "./targets/kept_targets.ts";
import { type HiddenStore, type HiddenType, memoryStore } from "./hidden_store.ts";
import type { DenseTargets, Teacher, TeacherBatch, TeachingPlan } from "./teacher.ts";

/** Options for {@linkcode cached}. */
export interface CachedOptions {
  /**
   * The folder that states are kept in, where later runs with that teacher, engine and precision find them again.
   *
   * @default {memory}
   */
  folder?: string;
  /**
   * How states are stored: exactly, or to eight significant bits in half the space, and then used so in every step.
   *
   * @default {"float32"}
   */
  type?: HiddenType;
  /**
   * This rank, if several ranks keep states in one folder; a run of `distill` sets it itself.
   *
   * @default {the only one}
   */
  communicator?: Pick<Communicator, "rank" | "size">;
}

/** A teacher that keeps states. */
export interface CachedTeacher extends Teacher {
  /** The teacher whose states are kept. */
  readonly inner: HiddenTeacher;
  /** Where and how states are kept. */
  readonly options: Readonly<CachedOptions>;
  /** Reads the states, or computes and keeps them, and makes targets of them. */
  prepare(batch: TeacherBatch): Promise<DenseTargets>;
}

/**
 * Computes the teacher's states of a row once, and keeps them for the next time that row comes: `4 H′` bytes per
 * response token in float32. Only the head's product is then computed again. The teacher must not change.
 *
 * What is given is always what was kept, the first time too. The last bits of a row's states depend on the rows that
 * share its pass, its company: in a run these are the rows of its batch in the first epoch, whenever it is needed.
 * Outside of one, they are the rows that are needed with it for the first time, or, in a folder, none.
 *
 * @param teacher The teacher, or a model that teaches.
 * @param options Where and how states are kept.
 * @throws {RangeError} If the folder or the type is invalid.
 *
 * @example Two epochs in which the teacher computes one
 * ```ts
 * import { cached, distill, initializeModel, objective, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const json = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const [student, model] = [1, 2].map((seed) => initializeModel(json, { seed }));
 * const rows = [{ ids: [1, 2, 3, 4], promptLength: 2 }, { ids: [5, 6, 7], promptLength: 1 }];
 * const run = distill({
 *   student,
 *   teacher: cached(model),
 *   objective: objective("forward-kl"),
 *   rows,
 *   batchSize: 1,
 *   totalSteps: 4,
 *   optimizer: { learningRate: 1e-2 },
 * });
 * for await (const event of run) if (event.type === "step") console.log(event.epoch, event.loss);
 * ```
 */
export function cached(teacher: LanguageModel | HiddenTeacher, options?: CachedOptions): CachedTeacher;
/**
 * Asks a teacher for the sparse answers of a row once, and keeps them for the next time that row comes: as they are in
 * memory, or packed in a folder, about 125 bytes a token at k = 64. The teacher must not change.
 *
 * @param teacher A teacher that answers sparsely, such as one on a server.
 * @param options Where answers are kept, and how they are packed.
 * @throws {RangeError} If the folder or the number of bits is invalid.
 *
 * @example A folder that teaches without the teacher
 * ```ts
 * import assert from "node:assert/strict";
 * import { cached, initializeModel, objective, Trainer, useEngine } from "@amid/amid";
 * import { sparse, targetsFrom } from "@amid/amid/teachers";
 *
 * await useEngine("wasm");
 * const json = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const folder = await Deno.makeTempDir();
 * const losses: number[] = [];
 * const kept = cached(sparse(initializeModel(json, { seed: 2 }), { topK: 4 }), { folder });
 * for (const teacher of [() => kept, () => targetsFrom(folder)]) {
 *   const student = initializeModel(json, { seed: 1 });
 *   const options = { totalSteps: 1, optimizer: { learningRate: 1e-2 } };
 *   const trainer = new Trainer({ student, teacher: teacher(), objective: objective("forward-kl"), ...options });
 *   losses.push((await trainer.step([{ ids: [1, 2, 3, 4], promptLength: 2 }])).loss);
 *   trainer.dispose();
 * }
 * assert.equal(losses[0], losses[1]);
 * ```
 */
export function cached(teacher: Teacher & { readonly topK: number }, options?: KeptTargetsOptions): KeptTargets;
export function cached(
  teacher: LanguageModel | HiddenTeacher | Teacher & { readonly topK: number },
  options: CachedOptions & KeptTargetsOptions = {},
): CachedTeacher | KeptTargets {
  checkArguments("keep states", { teacher: [teacher, aTeacher] });
  if (!(teacher instanceof LanguageModel) && teacher.topK !== undefined) return keptTargets(teacher, options);
  return cachedStates(teacher as LanguageModel | HiddenTeacher, options);
}

function cachedStates(teacher: LanguageModel | HiddenTeacher, options: CachedOptions): CachedTeacher {
  const { folder, type = "float32" } = options;
  if (type !== "float32" && type !== "bfloat16") {
    throw new RangeError(`Cannot cache states: type must be float32 or bfloat16, current value is ${type}`);
  }
  if (folder === "") throw new RangeError('Cannot cache states: folder must be a path, current value is ""');
  const inner = teacher instanceof LanguageModel ? localTeacher(teacher) : teacher;
  let company: Companies | undefined;
  let opened: Promise<HiddenStore> | undefined;
  const storeFor = ({ rank, size } = options.communicator ?? { rank: 0, size: 1 }) => {
    if (folder === undefined) return Promise.resolve(memoryStore(type));
    // Ranks keep what they work on: a folder that several wrote to would be swept by one while another writes.
    const own = size > 1 ? `rank-${rank}-of-${size}` : "";
    return openHiddenFolder(join(folder, own), { teacher: inner.model, type });
  };
  return {
    inner,
    options,
    name: inner.name,
    keepsRows: true,
    contextLength: inner.contextLength,
    endTokens: inner.endTokens,
    footprint: { model: inner.model, kept: folder === undefined ? type : undefined },
    get vocabularySize() {
      return inner.vocabularySize;
    },
    async identity() {
      const { rounding, ...others } = await inner.identity();
      return { ...others, rounding: { ...rounding, teacherCache: type === "float32" || type } };
    },
    async open(plan: TeachingPlan) {
      await inner.open?.(plan);
      company = companies(plan.rows, { ...plan, window: 1 });
      await (opened ??= storeFor(options.communicator ?? plan.communicator));
    },
    async prepare(batch) {
      if (!batch.recurring) return await inner.prepare(batch);
      const store = await (opened ??= storeFor());
      // In a folder a row without a company is alone, so that its bits are the same whenever it comes.
      const companyOf = (row: Row) => company?.(row) ?? (folder === undefined ? undefined : [row]);
      return inner.targetsOf(keptHidden(batch.rows, { store, companyOf, inner }));
    },
  };
}

/** The states of rows, in their order, `[N, H′]`: those that are not kept yet are computed and kept first. */
function keptHidden(
  rows: readonly Row[],
  { store, companyOf, inner }: { store: HiddenStore; companyOf: Companies; inner: HiddenTeacher },
): tf.Tensor2D {
  const width = inner.model.head.shape[1]!;
  const placed = rows.map((row) => ({ row, company: companyOf(row) }));
  const unseen = placed.filter(({ row, company }) => !store.has(row, company ?? [row])).map(({ row }) => row);
  for (const { row, company = unseen } of placed) {
    if (store.has(row, company)) continue;
    const states = inner.states(trainingBatch(company));
    const numbers = states.dataSync() as Float32Array<ArrayBuffer>;
    states.dispose();
    store.write(company, numbers);
  }
  const numbers = new Float32Array(keptTokens(rows) * width);
  let at = 0;
  for (const { row, company } of placed) {
    const states = store.read(row, company ?? [row]);
    numbers.set(states, at);
    at += states.length;
  }
  return tf.tensor2d(numbers, [numbers.length / width, width]);
}
