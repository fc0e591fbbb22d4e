/**
 * A part of a computation that keeps only its inputs for its gradient, and is computed a second time when
 * the gradient is taken.
 *
 * Source: T. Chen et al., "Training deep nets with sublinear memory cost", 2016.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { addToTape, isRecording, recordedOn, type TapeNode, unrecorded } from "../kernels/tape.ts";
import { Recorded } from "./recorded.ts";

/** Tensors that a computation uses besides its input: positions, angles and so on. */
export type Constants = Readonly<Record<string, tf.Tensor | undefined>>;

/** Options for {@linkcode recomputed}. */
export interface RecomputedOptions<Held extends Constants> {
  /** Tensors other than the input that have a gradient, if the computation uses them. */
  parameters: ReadonlySet<tf.Tensor>;
  /** Further tensors, which have no gradient and may be freed before the gradient is taken. */
  constants: Held;
}

/**
 * Computes, and keeps only the input and the constants for the gradient. If nothing is being recorded it just computes.
 *
 * @param compute Computes from the input and the constants as they are handed to it; both times it must do the same,
 * and hold no other tensor than parameters, which stay as they are in between.
 * @param x The input.
 * @param options Parameters and constants.
 * @returns What was computed: a tensor, or several.
 */
export function recomputed<Held extends Constants, Value extends tf.Tensor | tf.Tensor[]>(
  compute: (x: tf.Tensor, constants: Held) => Value,
  x: tf.Tensor,
  { parameters, constants }: RecomputedOptions<Held>,
): Value {
  if (!isRecording()) return tf.tidy(() => compute(x, constants));
  const used = new Set<tf.Tensor>();
  const notes = {
    push({ inputs, saved = [] }: TapeNode): void {
      for (const input of Object.values(inputs)) if (parameters.has(input)) used.add(input);
      tf.dispose(saved);
    },
  };
  const value = recordedOn(notes, () => tf.tidy(() => compute(x, constants)));
  const names = Object.keys(constants).filter((name) => constants[name]);
  const saved = unrecorded(() =>
    [x, ...names.map((name) => constants[name]!)].map((tensor) => tf.keep(tf.clone(tensor)))
  );
  const [start, ...rest] = saved;
  const held = { ...constants, ...Object.fromEntries(names.map((name, i) => [name, rest[i]])) };
  const sources = [start, ...used];

  let found: Map<number, tf.Tensor> | undefined;
  const gradients = ([dy, ...beside]: tf.Tensor[]): Map<number, tf.Tensor> => {
    const recorded = new Recorded(() => compute(start, held));
    try {
      const found = recorded.gradients(dy, sources, { beside });
      // They outlive the tidy in which the first is requested, and are freed with what was saved.
      for (const gradient of found.values()) saved.push(tf.keep(gradient));
      return found;
    } finally {
      tf.dispose([recorded.value, ...recorded.beside]);
    }
  };
  const gradient = (dys: tf.Tensor | tf.Tensor[]) =>
    Object.fromEntries(sources.map((source, i) => [String(i), () => {
      const part = (found ??= gradients([dys].flat())).get(source.id);
      return part ? tf.clone(part) : tf.zerosLike(source);
    }]));
  const inputs = Object.fromEntries([x, ...used].map((input, i) => [String(i), input]));
  addToTape({ name: "Recomputed", inputs, outputs: [value].flat(), gradient, saved });
  return value;
}
