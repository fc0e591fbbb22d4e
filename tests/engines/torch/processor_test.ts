/** What is known of processors, and products made as on each kind of them. */
import * as tf from "@tensorflow/tfjs-core";
import { type Processor, processorOf } from "../../../lib/engines/torch/processor.ts";
import { dtypes } from "../../../lib/engines/torch/symbols.ts";
import { causalAttention, linear, lowPrecision, putSlots, slotAttention } from "../../../lib/operations/mod.ts";
import { assert, assertAllClose, assertEquals } from "../../support/mod.ts";
import { testInBfloat16, testOnTorch, torchBackend } from "./support.ts";

const cpuinfo = (vendor: string, flags: string) =>
  `processor\t: 0\nvendor_id\t: ${vendor}\nflags\t\t: fpu ${flags} sse\n\n`;

Deno.test("processorOf() knows who multiplies bfloat16 fast, and whose own products are fast", () => {
  const cases: [string, Processor][] = [
    [cpuinfo("GenuineIntel", "avx512f avx512_bf16 amx_bf16"), { ownProducts: true, bfloat16: true }],
    [cpuinfo("GenuineIntel", "avx512f avx512_bf16"), { ownProducts: true, bfloat16: false }],
    [cpuinfo("GenuineIntel", "avx2"), { ownProducts: true, bfloat16: false }],
    [cpuinfo("AuthenticAMD", "avx512f avx512_bf16"), { ownProducts: false, bfloat16: true }],
    [cpuinfo("AuthenticAMD", "avx2"), { ownProducts: false, bfloat16: false }],
    ["processor\t: 0\nFeatures\t: fp asimd bf16 i8mm\nCPU implementer\t: 0x41\n", {
      ownProducts: false,
      bfloat16: true,
    }],
    ["processor\t: 0\nFeatures\t: fp asimd\n", { ownProducts: false, bfloat16: false }],
    ["", { ownProducts: false, bfloat16: true }],
  ];
  for (const [description, expected] of cases) assertEquals(processorOf(description), expected, description);
});

/** Runs work as on another processor. */
function onProcessor<Result>(processor: Processor, work: () => Result): Result {
  const library = torchBackend().torch.library as { processor: Processor };
  const { processor: own } = library;
  library.processor = processor;
  try {
    return work();
  } finally {
    library.processor = own;
  }
}

const processors: Processor[] = [true, false].flatMap((ownProducts) =>
  [true, false].map((bfloat16) => ({ ownProducts, bfloat16 }))
);
const random = (shape: number[], seed: number) => tf.randomNormal(shape, 0, 1, "float32", seed);
const stored = (x: tf.Tensor) => torchBackend().torch.dtype(torchBackend().handle(x));
const values = (run: () => tf.Tensor[]) =>
  tf.tidy(() => run().map((x) => Float32Array.from(x.dataSync())) as never) as unknown as Float32Array[];

/** Products with few rows and many, both ways round, attention, and gradients of them. */
const run = (rows: number) => () => {
  const [x, weight, bias] = [random([rows, 96], 1), tf.mul(random([96, 48], 2), 0.1), random([48], 3)];
  const activated = linear(x, weight, { bias, activation: "gelu-tanh" });
  const other = linear(x, tf.transpose(weight), { transposeWeight: true });
  const [query, key, value] = tf.split(other, 3, 1);
  const attended = causalAttention({ query, key, value }, { rowLengths: [rows - 3, 3], heads: 2 });
  const gradients = tf.grads((x, weight, bias) => tf.sum(tf.square(linear(x, weight, { bias }))))([x, weight, bias]);
  const heads = (x: tf.Tensor) => tf.reshape(tf.slice(x, [0, 0], [12, 16]), [2, 2, 6, 8]) as tf.Tensor4D;
  const slots = { key: putSlots(undefined, heads(key), { slot: 0, capacity: 8 }), value: heads(value) };
  const looked = slotAttention({ query: heads(query), ...slots, mask: tf.zeros([2, 1, 1, 6]) }, { scale: 0.3 });
  return [activated, other, attended, looked, ...gradients];
};

for (const processor of processors) {
  for (const rows of [12, 200]) {
    const name = `${rows} rows, ${JSON.stringify(processor)}`;
    testOnTorch(`products of float32 are the same on every processor: ${name}`, () => {
      const [expected, found] = [processors[0], processor].map((each) => onProcessor(each, () => values(run(rows))));
      found.forEach((result, i) => assertAllClose(result, expected[i], { atol: 2e-4, rtol: 1e-5 }));
    });

    testInBfloat16(`products in bfloat16 are near those of float32, and stored so: ${name}`, () => {
      torchBackend().precision = "float32";
      const exact = values(run(rows));
      torchBackend().precision = "bfloat16";
      const low = onProcessor(processor, () => values(run(rows)));
      exact.forEach((expected, i) => {
        const size = Math.hypot(...expected), error = Math.hypot(...expected.map((value, j) => value - low[i][j]));
        assert(error < 0.02 * size, `result ${i}: error ${error} of ${size}`);
      });
      tf.tidy(() => {
        const product = onProcessor(processor, () => linear(random([rows, 9], 1), random([9, 7], 2)));
        assertEquals(stored(product), dtypes.bfloat16);
      });
    });
  }

  testInBfloat16(`einsum() takes what is stored in bfloat16 beside what is not: ${JSON.stringify(processor)}`, () => {
    tf.tidy(() => {
      const [low, plain] = [lowPrecision(tf.tensor2d([[1, 2], [3, 4]])), tf.tensor2d([[1, 0.5], [0, 1]])];
      const product = onProcessor(processor, () => tf.einsum("ij,jk->ik", low, plain));
      assertAllClose(product, [1, 2.5, 3, 5.5]);
    });
  });

  testInBfloat16(`whole numbers multiply exactly: ${JSON.stringify(processor)}`, () => {
    tf.tidy(() => {
      const product = onProcessor(
        processor,
        () => tf.matMul(tf.tensor2d([[16777217, 2]], [1, 2], "int32"), tf.tensor2d([[1], [3]], [2, 1], "int32")),
      );
      assertEquals([product.dtype, product.dataSync()[0]], ["int32", 16777223]);
    });
  });
}
