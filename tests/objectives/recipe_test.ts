import * as tf from "@tensorflow/tfjs-core";
import fc from "fast-check";
import { useEngine } from "../../lib/engines/mod.ts";
import { divergences } from "../../lib/divergences/mod.ts";
import {
  describeObjective,
  type Objective,
  objective,
  objectiveFromRecipe,
  objectives,
  tempered,
} from "../../lib/objectives/mod.ts";
import { presets } from "../../lib/objectives/presets.ts";
import { assert, assertEquals, assertThrows } from "../support/mod.ts";

await useEngine("cpu");

const share = fc.double({ min: 0.05, max: 0.95, noNaN: true });
const finite = fc.double({ min: -3, max: 3, noNaN: true });
const order = fc.oneof(finite, fc.constantFrom(Infinity, -Infinity));
const divergenceOption = fc.oneof(
  fc.constantFrom(...divergences()),
  fc.record({ name: fc.constant("renyi"), order: share }),
  fc.record({ name: fc.constant("amari"), alpha: finite }),
  fc.record({ name: fc.constant("jensen-shannon"), beta: share }),
  fc.record({ name: fc.constant("alpha-beta"), alpha: finite, beta: finite }, { requiredKeys: ["name"] }),
);
/** Values of each option; one that a later objective brings must be added, or the test says so. */
const values: Record<string, fc.Arbitrary<unknown>> = {
  divergence: divergenceOption,
  order: fc.constantFrom("pr", "qr", "rp", "rq", "pq", "qp"),
  alpha: finite,
  lambda: share,
  beta: share,
  skew: share,
  mu: share,
  weight: share,
  detachAssistant: fc.constant(false),
};
const optionsOf = (name: keyof typeof presets): fc.Arbitrary<Record<string, unknown>> => {
  const fields = Object.keys(presets[name].specs).map((key) => {
    assert(key in values, `${name} has an option "${key}" that this test knows no values of`);
    return [key, key === "alpha" && name === "amid" ? order : values[key]] as const;
  });
  return fc.record(Object.fromEntries(fields), { requiredKeys: [] });
};
const any = fc.constantFrom(...objectives()).chain((name) => fc.tuple(fc.constant(name), optionsOf(name)));
const textOf = (objective: Objective) => JSON.stringify(describeObjective(objective));

Deno.test("objectiveFromRecipe() makes every objective again from JSON, with the same values", () => {
  const student = tf.tensor2d([[0.3, -1, 2, 0.1], [1, 0, -2, 0.5]]);
  const teacher = tf.tensor2d([[1, 0.2, -1, 0.7], [2, -1, -1, 0.3]]);
  fc.assert(
    fc.property(any, fc.constantFrom(1, 2), ([name, options], temperature) => {
      const one = tempered(objective(name as "amid", options), temperature);
      const recipe = JSON.parse(JSON.stringify(one.recipe));
      const again = objectiveFromRecipe(recipe);
      assertEquals(tempered(objective(recipe.name, recipe.options), temperature).recipe, one.recipe);
      assertEquals(again.recipe, one.recipe);
      assertEquals(Object.keys(one.recipe!.options), Object.keys(presets[name].specs));
      const [a, b] = [one, again].map(({ perToken }) => perToken({ student, teacher }).dataSync());
      assertEquals(a, b);
    }),
    { numRuns: 300, seed: 19 },
  );
});

Deno.test("describeObjective() tells any two objectives apart that have another option, or another temperature", () => {
  for (const name of objectives()) {
    for (const key of Object.keys(presets[name].specs)) {
      const pair = fc.tuple(optionsOf(name), key === "detachAssistant" ? fc.boolean() : values[key], values[key]);
      fc.assert(
        fc.property(pair, ([options, first, second]) => {
          const both = key === "detachAssistant" ? [false, true] : [first, second];
          const base = key === "detachAssistant" ? { ...options, order: "rq" } : options;
          const made = both.map((value) => objective(name as "amid", { ...base, [key]: value }));
          const same = JSON.stringify(made[0].recipe) === JSON.stringify(made[1].recipe);
          // A divergence by its name alone is the same as with its parameters' defaults.
          fc.pre(key === "divergence" || !Object.is(both[0], both[1]));
          if (key !== "divergence") assert(!same, `${name}.${key}: ${both}`);
          else assertEquals(same, JSON.stringify(resolved(both[0])) === JSON.stringify(resolved(both[1])));
        }),
        { numRuns: 40, seed: 7 },
      );
    }
    assert(textOf(objective(name)) !== textOf(tempered(objective(name), 2)));
  }
});

const defaults: Record<string, object> = {
  "amari": { alpha: 0 },
  "alpha-beta": { alpha: 0.2, beta: 0.7 },
  "renyi": { order: 0.5 },
  "jensen-shannon": { beta: 0.5 },
};
const resolved = (option: unknown) => {
  const given = typeof option === "string" ? { name: option } : option as { name: string };
  return Object.assign({ name: given.name }, defaults[given.name], given);
};

Deno.test("describeObjective() describes an objective of your own by its recipe, or by its properties and source text", () => {
  const perToken: Objective["perToken"] = ({ student, teacher }) => tf.sum(tf.abs(tf.sub(student, teacher)), -1);
  const squared: Objective["perToken"] = ({ student, teacher }) => tf.sum(tf.square(tf.sub(student, teacher)), -1);
  const own = { name: "mine", perToken };
  assertEquals(textOf({ ...own }), textOf(own));
  const others: Objective[] = [
    { ...own, name: "other" },
    { name: "mine", perToken: squared },
    { ...own, assistant: { alpha: 0, lambda: 0.5 } },
    { ...own, margin: 2 } as Objective,
    { ...own, weights: Float32Array.of(1, 2) } as Objective,
    tempered(own, 2),
    { ...own, recipe: { name: "mine", options: { gamma: 1 } } },
    { ...own, recipe: { name: "mine", options: { gamma: 2 } } },
    { ...objective("forward-kl"), perToken: squared },
    { ...objective("forward-kl"), perToken: squared, valueAndGradient: undefined },
    objective("forward-kl"),
  ];
  const texts = [own, ...others].map(textOf);
  assertEquals(new Set(texts).size, texts.length);
  class Margin implements Objective {
    readonly name = "mine";
    constructor(readonly margin: number) {}
    perToken(logits: Parameters<Objective["perToken"]>[0]) {
      return tf.mul(own.perToken(logits), this.margin);
    }
  }
  assertEquals(textOf(new Margin(1)), textOf(new Margin(1)));
  assert(textOf(new Margin(1)) !== textOf(new Margin(2)));
  assertThrows(() => objectiveFromRecipe(describeObjective(own)), RangeError, "current value is mine");
});
