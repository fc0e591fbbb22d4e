import { initializeModel, storageDifference } from "../../lib/models/mod.ts";
import { testOnTorch } from "../engines/torch/support.ts";
import { assert, assertRejects } from "../support/mod.ts";

const json = {
  model_type: "gpt2",
  vocab_size: 61,
  n_positions: 16,
  n_embd: 64,
  n_head: 2,
  n_layer: 2,
  initializer_range: 0.5,
};
const rows = [[1, 5, 9, 20], [3, 3, 50, 0, 7]];

testOnTorch("storageDifference() grows as the bits become fewer, and is of the size of their steps", async () => {
  const full = initializeModel(json, { seed: 1 });
  const found = [];
  for (const precision of ["float32", "int8", "int4"] as const) {
    const stored = initializeModel(json, { seed: 1, precision });
    found.push(await storageDifference(full, stored, { rows }));
    stored.dispose();
  }
  const [none, eight, four] = found;
  assert(none.roundingError === 0 && none.divergence === 0 && none.positions === 9);
  // Of 64 normal numbers the largest is about 2.5 deviations; a step is its 127th part, of which the error is √(1/12).
  assert(eight.roundingError > 0.003 && eight.roundingError < 0.01, `${eight.roundingError}`);
  // Of 32, from the least to the largest it is about 4; a step is its 15th part.
  assert(four.roundingError > 0.05 && four.roundingError < 0.12, `${four.roundingError}`);
  assert(eight.divergence > 0 && four.divergence > eight.divergence, `${eight.divergence}, ${four.divergence}`);
  full.dispose();
});

testOnTorch("storageDifference() refuses to compare on no rows", async () => {
  const model = initializeModel(json, { seed: 1 });
  await assertRejects(() => storageDifference(model, model, { rows: [] }), RangeError, "current count is 0");
  model.dispose();
});
