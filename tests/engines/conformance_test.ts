/** Every operation that the library uses, value and gradient, on every engine against the engine `cpu`. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { assert, assertAllClose, assertEquals } from "../support/mod.ts";
import { type Case, type Outcome, outcome, tables } from "./cases/mod.ts";
import { testOnEngines } from "./on_engines.ts";

const references = new Map<Case, Outcome>();

for (const [table, cases] of Object.entries(tables)) {
  for (const item of cases) {
    testOnEngines(`${table}: ${item.name}`, async (engine) => {
      await useEngine("cpu");
      const expected = references.get(item) ?? outcome(item);
      references.set(item, expected);
      await useEngine(engine);
      const before = tf.memory().numTensors;
      const actual = outcome(item);
      const { atol = 1e-5, rtol = 1e-4 } = item;
      assertEquals(actual.outputs.length, expected.outputs.length, "another number of outputs");
      actual.outputs.forEach(({ shape, dtype, values }, i) => {
        assertEquals({ shape, dtype }, { shape: expected.outputs[i].shape, dtype: expected.outputs[i].dtype });
        assertAllClose(values, expected.outputs[i].values, { atol, rtol });
      });
      actual.gradients.forEach((gradient, i) => assertAllClose(gradient, expected.gradients[i], { atol, rtol }));
      assert(actual.gradients.length === expected.gradients.length);
      assertEquals(tf.memory().numTensors, before, "tensors are left over");
    }, { except: ["cpu"] });
  }
}
