/**
 * The losses and norms of a step over all ranks.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Communicator } from "../../distributed/communicator.ts";
import { globalNorm } from "../../operations/mod.ts";
import type { StepParts } from "./step_parts.ts";

/** A step's losses, and gradients as the optimizer wants them. */
export type FigureParts = Omit<StepParts, "gradients"> & {
  gradients: ReadonlyMap<string, tf.Tensor>;
  textLoss?: tf.Scalar;
};

/** Options for {@linkcode stepFigures}. */
export interface StepFiguresOptions {
  /** The ranks. */
  communicator: Communicator;
  /** Whether this rank's gradients are a part of the norm; else another rank has them too. */
  countsInNorm: boolean;
}

/** The gradient's norm, the three losses and the measures: sums over the ranks, the norm that of the whole gradient. */
export async function stepFigures(
  { gradients, lmLoss, distillLoss, textLoss, measures }: FigureParts,
  { communicator, countsInNorm }: StepFiguresOptions,
): Promise<number[]> {
  const own = tf.tidy(() => {
    const norm = gradients.size > 0 ? globalNorm([...gradients.values()]) : 0;
    const figures = tf.stack([norm, lmLoss, distillLoss, textLoss ?? 0]);
    return measures ? tf.concat([figures, measures]) : figures;
  });
  const sums = Float64Array.from(await own.data());
  own.dispose();
  sums[0] = countsInNorm ? sums[0] ** 2 : 0;
  await communicator.allReduce(sums);
  sums[0] = Math.sqrt(sums[0]);
  return [...sums];
}
