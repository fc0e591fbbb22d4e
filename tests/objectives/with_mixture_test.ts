import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { type Objective, objective, objectives, tempered, withMixture } from "../../lib/objectives/mod.ts";
import { assertAllClose, assertEquals, assertThrows } from "../support/mod.ts";

await useEngine("cpu");

const logits = (seed: number) => tf.randomNormal([4, 6], 0, 2, "float32", seed);
const pair = { student: logits(1), teacher: logits(2) };

/** Which numbers of each objective's mixture can be set, and the options that they are. */
const knobs: Record<string, Record<string, (value: number) => object>> = {
  "amid": { alpha: (alpha) => ({ alpha }), lambda: (lambda) => ({ lambda }) },
  "taid": { lambda: (lambda) => ({ lambda }) },
  "jensen-shannon": { lambda: (beta) => ({ beta }) },
  "gkd": { lambda: (beta) => ({ beta }) },
  "skewed-forward-kl": { lambda: (skew) => ({ skew }) },
  "distillm": { lambda: (skew) => ({ skew }) },
  "skewed-reverse-kl": { lambda: (lambda) => ({ skew: 1 - lambda }) },
};

Deno.test("withMixture() of every objective sets what its mixture leaves open, and refuses the rest", () => {
  for (const name of objectives()) {
    const plain = objective(name);
    for (const knob of ["alpha", "lambda"] as const) {
      const optionsOf = knobs[name]?.[knob];
      if (optionsOf) {
        const expected = objective(name as "amid", optionsOf(0.3));
        const set = withMixture(plain, { [knob]: 0.3 });
        assertEquals(set.recipe, expected.recipe);
        assertAllClose([set.assistant![knob]], [0.3]);
        assertEquals(set.perToken(pair).dataSync(), expected.perToken(pair).dataSync());
        assertAllClose([withMixture(set, { [knob]: 0.6 }).assistant![knob]], [0.6]);
      } else {
        const reason = plain.assistant ? `only lambda can be set, alpha is always` : "it has no mixture";
        assertThrows(
          () => withMixture(plain, { [knob]: 0.3 }),
          TypeError,
          `Cannot set ${knob} of the objective ${name}`,
        );
        assertThrows(() => withMixture(plain, { [knob]: 0.3 }), TypeError, reason);
      }
    }
    assertEquals(withMixture(plain, { alpha: undefined }), plain);
  }
});

Deno.test("withMixture() keeps the other options, and the temperature", () => {
  const amid = objective("amid", { divergence: "renyi", order: "rq", lambda: 0.7, detachAssistant: true });
  const set = tempered(amid, 2).withMixture!({ alpha: -Infinity });
  assertEquals(set.recipe, {
    name: "amid",
    options: { ...amid.recipe!.options, alpha: "-inf" },
    temperature: 2,
  });
  const expected = tempered(objective("amid", { ...amid.recipe!.options, alpha: -Infinity } as object), 2);
  assertAllClose(set.perToken(pair), expected.perToken(pair));
  assertThrows(() => withMixture(objective("distillm"), { lambda: 1 }), RangeError, "skew");
});

Deno.test("withMixture() reports that an objective of your own leaves nothing open", () => {
  const own: Objective = { name: "mine", perToken: ({ student }) => tf.sum(student, -1) };
  assertThrows(() => withMixture(own, { lambda: 0.2 }), TypeError, "the objective mine: it has no mixture");
  const fixed = { ...own, assistant: { alpha: 0, lambda: 0.1 } };
  assertThrows(() => withMixture(fixed, { lambda: 0.2 }), TypeError, "that of its mixture is fixed");
});
