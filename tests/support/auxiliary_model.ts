/** A small family of two blocks with an auxiliary loss that is no mean over positions, and a parameter that nothing uses. */
import * as tf from "@tensorflow/tfjs-core";
import { throughBlock } from "../../lib/models/blocks/through_block.ts";
import { project } from "../../lib/models/blocks/projection.ts";
import type { ModelConfig, ModelFamily, ParameterSpec } from "../../lib/models/family.ts";
import { LanguageModel } from "../../lib/models/language_model.ts";
import { toVariable } from "../../lib/models/weights/to_variable.ts";
import { embedding } from "../../lib/operations/mod.ts";
import { randomStream } from "../../lib/random/random.ts";
import { TINY_VOCABULARY } from "./tiny_model.ts";

const [WIDTH, LAYERS] = [6, 2];

/** `Σ m²`, m being the means over layers and positions of what comes out of the blocks' products. */
export const spreadLoss = {
  name: "spreadLoss",
  weight: 0.5,
  size: WIDTH + 1,
  valueAndGradient(sums: Float64Array) {
    const count = sums[WIDTH];
    const means = sums.subarray(0, WIDTH).map((sum) => sum / count);
    return {
      value: means.reduce((sum, mean) => sum + mean ** 2, 0),
      gradient: Float64Array.of(...means.map((mean) => 2 * mean / count), 0),
    };
  },
};

const family: ModelFamily = {
  modelType: "spread",
  architecture: "Spread",
  fields: {},
  readConfig: () => config,
  cutConfig: () => config.json,
  parameters() {
    const matrix = (rows: number): ParameterSpec => ({
      shape: [rows, WIDTH],
      axes: ["fixed", "fixed"],
      role: rows === WIDTH ? "projection" : "tokens",
      start: { normal: 0.7 },
      projection: rows === WIDTH ? "output-first" : undefined,
    });
    const names = ["0.weight", "1.weight", "idle.weight"];
    return new Map([["table", matrix(TINY_VOCABULARY)], ...names.map((name) => [name, matrix(WIDTH)] as const)]);
  },
  parameterName: (name) => name,
  embeddingName: "table",
  headName: "head",
  auxiliaryLosses: () => [spreadLoss],
  states(_, inputs) {
    let x: tf.Tensor = embedding(inputs.parameter("table"), inputs.ids);
    for (let layer = 0; layer < LAYERS; layer++) {
      const keep = layer === LAYERS - 1 ? inputs.keep : undefined;
      x = throughBlock(x, { ...inputs, layer, keep }, (x, inputs) => {
        const product = tf.tanh(project(inputs, x, { name: `${layer}` }));
        if (inputs.auxiliary) {
          const counts = tf.tensor2d(inputs.auxiliary.counts, [1, inputs.auxiliary.counts.length]);
          const sums = tf.reshape(tf.matMul(counts, product as tf.Tensor2D), [-1]);
          inputs.auxiliary.add("spreadLoss", tf.concat([sums, tf.reshape(tf.sum(counts), [1])]) as tf.Tensor1D);
        }
        // What comes before is mixed in, so that rows in which a token comes later differ.
        const mixed = inputs.attend(layer, { query: x, key: x, value: product }, { heads: 1 });
        const after = tf.add(x, mixed);
        return inputs.keep ? tf.gather(after, inputs.keep) : after;
      });
    }
    return x;
  },
};

const config: ModelConfig = {
  modelType: "spread",
  vocabularySize: TINY_VOCABULARY,
  contextLength: 64,
  hiddenSize: WIDTH,
  layers: LAYERS,
  heads: 1,
  headSize: WIDTH,
  innerSize: WIDTH,
  endTokens: [],
  tiedHead: true,
  json: { model_type: "spread" },
};

/** A model of that family. */
export function auxiliaryModel(seed: number): LanguageModel {
  const random = randomStream(seed);
  const numbers = (size: number) => Float32Array.from({ length: size }, () => 1.4 * random.uniform() - 0.7);
  const parameters = [...family.parameters(config)].map(([name, { shape }]) =>
    [name, toVariable(numbers(shape[0] * shape[1]), shape)] as const
  );
  return new LanguageModel(family, config, new Map(parameters));
}
