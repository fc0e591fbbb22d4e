/**
 * How much each block changes its input states.
 *
 * Shapes: `S` packed positions, `H` hidden width.
 *
 * @module
 */
import { aModel, anObject, checkArguments, checkList, tokenIds } from "../../arguments/check_arguments.ts";
import * as tf from "@tensorflow/tfjs-core";
import type { LanguageModel } from "../language_model.ts";
import { type CalibrationOptions, forCalibration } from "./calibration.ts";

/**
 * Measures the influence of blocks: the mean over positions of 1 − cos(x, y), of the states x before a block and y
 * after it. A block with little influence can be removed.
 *
 * Source: X. Men et al., "ShortGPT: layers in large language models are more redundant than you expect", 2024.
 *
 * @param model The model.
 * @param rows Rows of token ids.
 * @returns The influence of each block, from 0 to 2.
 * @throws {RangeError} If there are no rows, or the model cannot read one.
 */
export async function layerInfluence(
  model: LanguageModel,
  rows: readonly (readonly number[])[],
  options: CalibrationOptions = {},
): Promise<number[]> {
  checkArguments("measure blocks", { model: [model, aModel], options: [options, anObject] });
  checkList("measure blocks", { rows }, tokenIds);
  const sums = new Float64Array(model.config.layers);
  let positions = 0;
  await forCalibration(rows, options, async (tokens) => {
    const cosines: tf.Tensor[] = [];
    model.states(tokens, {
      onBlock: (_, { before, behind }) => cosines.push(tf.keep(tf.sum(cosine(before, behind)))),
    }).dispose();
    positions += tokens.ids.length;
    for (const [layer, cosine] of cosines.entries()) {
      sums[layer] += (await cosine.data())[0];
      cosine.dispose();
    }
  });
  return Array.from(sums, (sum) => 1 - sum / positions);
}

/** Of each position's states, `[S]`. */
function cosine(x: tf.Tensor, y: tf.Tensor): tf.Tensor {
  const squares = (x: tf.Tensor) => tf.sum(tf.square(x), 1);
  return tf.div(tf.sum(tf.mul(x, y), 1), tf.sqrt(tf.mul(squares(x), squares(y))));
}
