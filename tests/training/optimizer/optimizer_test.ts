import fc from "fast-check";
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../../lib/engines/mod.ts";
import { describeOptimizer, Optimizer, type OptimizerOptions } from "../../../lib/training/optimizer/optimizer.ts";
import { optimizerNames, updateRule } from "../../../lib/training/optimizer/rules.ts";
import type { UpdateRule } from "../../../lib/training/optimizer/update_rule.ts";
import { assertAllClose, assertEquals, assertThrows } from "../../support/mod.ts";

await useEngine("cpu");

/** One number's way by the published algorithms, in float64. */
const references: Record<
  string,
  (gradients: number[], options: Required<Pick<OptimizerOptions, "learningRate" | "weightDecay">>) => number
> = {
  adamw(gradients, { learningRate, weightDecay }) {
    let [theta, m, v] = [1, 0, 0];
    gradients.forEach((g, index) => {
      m = 0.9 * m + 0.1 * g;
      v = 0.999 * v + 0.001 * g * g;
      const [mean, square] = [m / (1 - 0.9 ** (index + 1)), v / (1 - 0.999 ** (index + 1))];
      theta -= learningRate * (mean / (Math.sqrt(square) + 1e-8) + weightDecay * theta);
    });
    return theta;
  },
  lion(gradients, { learningRate, weightDecay }) {
    let [theta, m] = [1, 0];
    for (const g of gradients) {
      theta -= learningRate * (Math.sign(0.9 * m + 0.1 * g) + weightDecay * theta);
      m = 0.99 * m + 0.01 * g;
    }
    return theta;
  },
};

/** Lets an optimizer take a matrix of one number along some gradients. */
function along(gradients: readonly number[], options: OptimizerOptions): number {
  const parameter = tf.variable(tf.tensor2d([[1]]));
  const optimizer = new Optimizer(new Map([["w", parameter]]), options);
  for (const gradient of gradients) {
    const step = { learningRate: options.learningRate, gradientNorm: Math.abs(gradient) };
    optimizer.apply(new Map([["w", tf.tensor2d([[gradient]])]]), step);
  }
  const [value] = parameter.dataSync();
  optimizer.dispose();
  parameter.dispose();
  return value;
}

const gradient = fc.double({ min: 0.01, max: 1, noNaN: true }).chain((size) => fc.constantFrom(size, -size));

for (const rule of optimizerNames) {
  Deno.test(`Optimizer() takes ${rule}'s published steps, in float64 the same`, () => {
    fc.assert(
      fc.property(
        fc.array(gradient, { minLength: 1, maxLength: 12 }),
        fc.double({ min: 0, max: 1, noNaN: true }),
        (gradients, weightDecay) => {
          // A blend of momentum and gradient that float32 rounds to the other side of 0 would have another sign.
          let m = 0;
          for (const g of gradients) {
            fc.pre(Math.abs(0.9 * m + 0.1 * g) > 1e-6);
            m = 0.99 * m + 0.01 * g;
          }
          const options = { rule, learningRate: 0.01, weightDecay, clipNorm: 0 };
          assertAllClose([along(gradients, options)], [references[rule](gradients, options)], { atol: 2e-6 });
        },
      ),
      { numRuns: 60 },
    );
  });
}

Deno.test("Optimizer() keeps a rule's slots by parameter, from zeros", () => {
  const parameters = new Map([["a", tf.variable(tf.ones([2, 3]))], ["b", tf.variable(tf.ones([4]))]]);
  const slotsOf = (options: Partial<OptimizerOptions>) => {
    const { slots } = new Optimizer(parameters, { learningRate: 1, ...options });
    return [...slots].map(([slot, values]) => [slot, [...values].map(([name, { shape }]) => [name, shape])]);
  };
  const shapes = [["a", [2, 3]], ["b", [4]]];
  assertEquals(slotsOf({}), [["first", shapes], ["second", shapes]]);
  assertEquals(slotsOf({ rule: "lion" }), [["momentum", shapes]]);
});

Deno.test("Optimizer() clips before the rule sees gradients, and leaves vectors without decay", () => {
  const seen: unknown[] = [];
  const rule: UpdateRule = {
    name: "seen",
    settings: {},
    slots: [],
    update: (_tensors, { gradientScale, weightDecay, step }) => void seen.push([gradientScale, weightDecay, step]),
  };
  const parameters = new Map([["matrix", tf.variable(tf.ones([1, 1]))], ["vector", tf.variable(tf.ones([1]))]]);
  const optimizer = new Optimizer(parameters, { rule, learningRate: 1, weightDecay: 0.5, clipNorm: 2 });
  const gradients = new Map([["matrix", tf.ones([1, 1])], ["vector", tf.ones([1])]]);
  optimizer.apply(gradients, { learningRate: 1, gradientNorm: 1 });
  optimizer.apply(gradients, { learningRate: 1, gradientNorm: 4 - 1e-6 });
  assertEquals(seen, [[1, [0.5, 0], 1], [0.5, [0.5, 0], 2]]);
});

Deno.test("updateRule() refuses unknown rules and options that a rule does not take", () => {
  assertThrows(() => updateRule("sgd" as "lion"), RangeError, "rule must be one of adamw, lion");
  assertThrows(() => updateRule("lion", { epsilon: 1e-8 }), TypeError, "lion takes no epsilon");
  const own: UpdateRule = { name: "own", settings: {}, slots: [], update() {} };
  assertThrows(() => updateRule(own, { beta1: 0.5 }), TypeError, "own takes no beta1");
});

Deno.test("describeOptimizer() tells rules and their settings apart", () => {
  const own: UpdateRule = { name: "own", settings: { beta: 0.5 }, slots: [], update() {} };
  assertEquals(describeOptimizer({ learningRate: 1, rule: own }), {
    learningRate: 1,
    rule: { name: "own", beta: 0.5 },
  });
  assertEquals(describeOptimizer({ learningRate: 1, rule: "adamw" }), describeOptimizer({ learningRate: 1 }));
  assertEquals(describeOptimizer({ learningRate: 1, rule: "lion" }), { learningRate: 1, rule: "lion" });
});
