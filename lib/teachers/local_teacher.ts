/**
 * A language model of this process as a teacher.
 *
 * Shapes: `N` kept tokens of a batch, `V` vocabulary, `H′` hidden width of the teacher.
 *
 * @module
 */
import { aModel, checkArguments } from "../arguments/check_arguments.ts";
import * as tf from "@tensorflow/tfjs-core";
import { LanguageModel } from "../models/language_model.ts";
import { softCap } from "../operations/mod.ts";
import { modelDigest, modelHash } from "../models/model_identity.ts";
import type { TrainingBatch } from "../batches/training_batch.ts";
import type { DenseTargets, Teacher, TeacherBatch } from "./teacher.ts";

/** A teacher whose logits are the product of states, which can be kept, and a head. */
export interface HiddenTeacher extends Teacher {
  /** The model. */
  readonly model: LanguageModel;
  /**
   * Computes the states where the batch's kept tokens are predicted.
   *
   * @returns float32 `[N, H′]`; the caller disposes of it.
   */
  states(batch: Pick<TrainingBatch, "tokens" | "keep">): tf.Tensor2D;
  /** Makes targets of states, float32 `[N, H′]`, which go with the targets. */
  targetsOf(states: tf.Tensor2D): DenseTargets;
  /** Computes the states, and makes targets of them. */
  prepare(batch: TeacherBatch): Promise<DenseTargets>;
}

/**
 * Lets a model of this process teach. It must not change while it does.
 *
 * @param model The model; the caller disposes of it.
 * @param options What reports call it; otherwise its type and size.
 *
 * @example A model as a teacher with a name
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadModel, localTeacher, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const teacher = localTeacher(await loadModel("data/teacher"), { name: "the built-in teacher" });
 * assert.equal(teacher.name, "the built-in teacher");
 * ```
 */
export function localTeacher(
  model: LanguageModel,
  options: { name?: string } = {},
): HiddenTeacher {
  checkArguments("teach", { model: [model, aModel] });
  const { name = `${model.config.modelType}, ${(model.parameterCount / 1e6).toFixed(2)} M parameters` } = options;
  const states = ({ tokens, keep }: Pick<TrainingBatch, "tokens" | "keep">) => model.states(tokens, { keep });
  const targetsOf = (states: tf.Tensor2D): DenseTargets => {
    let cut: tf.Tensor2D | undefined;
    const headOf = () => {
      // A head without padding is the variable itself; one whose padding is cut off is made once per batch.
      const head = model.cutHead();
      return head === model.head as tf.Tensor ? head : cut = tf.keep(head);
    };
    let head: tf.Tensor2D | undefined;
    return {
      logits: (start, size) =>
        tf.tidy(() => {
          const some = tf.slice(states, [start, 0], [size, states.shape[1]]);
          return softCap(tf.matMul(some, head ??= headOf(), false, true), model.config.logitSoftCap);
        }) as tf.Tensor2D,
      dispose: () => tf.dispose(cut ? [states, cut] : [states]),
    };
  };
  return {
    name,
    model,
    states,
    targetsOf,
    get vocabularySize() {
      return model.vocabularySize;
    },
    contextLength: model.config.contextLength,
    endTokens: model.config.endTokens,
    footprint: { model },
    async identity() {
      return { settings: await modelHash(model), digest: () => modelDigest(model) };
    },
    prepare: (batch) => Promise.resolve(targetsOf(states(batch))),
  };
}

/** A teacher as it is, or a model as a local teacher. */
export function teacherOf(teacher: LanguageModel | Teacher): Teacher {
  return teacher instanceof LanguageModel ? localTeacher(teacher) : teacher;
}
