import * as tf from "@tensorflow/tfjs-core";
import { linear } from "../../../lib/operations/linear.ts";
import { embedding } from "../../../lib/operations/embedding.ts";
import { roomForRows, writeRows } from "../../../lib/operations/filled_by_rows.ts";
import { fromFloat32, toFloat32 } from "../../../lib/models/weights/float_formats.ts";
import { initializeModel } from "../../../lib/models/mod.ts";
import { randomStream } from "../../../lib/random/random.ts";
import { assert, assertAllClose, assertEquals } from "../../support/mod.ts";
import { testOnTorch, torchBackend } from "./support.ts";

const uniform = (count: number, seed = 3): Float32Array => {
  const random = randomStream(seed);
  return Float32Array.from({ length: count }, () => 2 * random.uniform() - 1);
};

/** The matrix in few bits, of numbers in [−1, 1). */
function packed(shape: [number, number], precision: "int8" | "int4"): { matrix: tf.Tensor2D; numbers: Float32Array } {
  const numbers = uniform(shape[0] * shape[1]);
  const matrix = roomForRows(shape, precision) as tf.Tensor2D;
  const rows = tf.tensor2d(numbers, shape);
  writeRows(matrix, { rows, start: 0 });
  rows.dispose();
  return { matrix, numbers };
}

const bfloat16 = (number: number): number => toFloat32(fromFloat32(Float32Array.of(number), "BF16"), "BF16")[0];

/** What rounding to the nearest in each group of a row gives, with its scale and least number in bfloat16. */
function rounded(numbers: Float32Array, group: number, precision: "int8" | "int4"): Float32Array {
  const result = new Float32Array(numbers.length);
  for (let at = 0; at < numbers.length; at += group) {
    const part = numbers.subarray(at, at + group);
    const [least, most] = [Math.min(...part), Math.max(...part)];
    const [zero, from, to] = precision === "int8" ? [0, -127, 127] : [bfloat16(least), 0, 15];
    const scale = bfloat16((precision === "int8" ? Math.max(-least, most) : most - zero) / to);
    for (let i = 0; i < group; i++) {
      result[at + i] = zero + scale * Math.min(to, Math.max(from, Math.round((part[i] - zero) / scale)));
    }
  }
  return result;
}

for (const [precision, group] of [["int8", 256], ["int4", 32]] as const) {
  testOnTorch(`a matrix in ${precision} holds each group rounded to the nearest`, () => {
    const { matrix, numbers } = packed([6, 2 * group], precision);
    const held = matrix.dataSync();
    const expected = rounded(numbers, group, precision);
    // A number halfway between two may be rounded to either, by the last bit of its scale.
    const differing = expected.filter((number, i) => Math.abs(number - held[i]) > 1e-6).length;
    assert(differing <= expected.length / 100, `${differing} of ${expected.length} differ`);
    assert(new Set(held).size > 6, "it shows little");
    matrix.dispose();
  });

  testOnTorch(
    `linear(), matMul(), embedding() and slices of a matrix in ${precision} go by the numbers that it holds`,
    () => {
      tf.tidy(() => {
        const { matrix } = packed([40, 2 * group], precision);
        const plain = tf.tensor2d(matrix.dataSync(), [40, 2 * group]);
        const x = tf.tensor2d(uniform(3 * 2 * group, 4), [3, 2 * group]);
        const low = torchBackend().torch.library.processor.bfloat16;
        const tolerance = low ? { atol: 0.1, rtol: 0.02 } : { atol: 1e-4 };
        const bias = tf.tensor1d(uniform(40, 5));
        const options = { bias, transposeWeight: true, activation: "silu" as const };
        assertAllClose(linear(x, matrix, options), linear(x, plain, options), tolerance);
        assertAllClose(tf.matMul(x, matrix, false, true), tf.matMul(x, plain, false, true), tolerance);
        const ids = tf.tensor1d([39, 0, 7, 7], "int32");
        assertAllClose(embedding(matrix, ids), embedding(plain, ids), { atol: 0, rtol: 0 });
        const [part, same] = [matrix, plain].map((matrix) => tf.slice(matrix, [5, 0], [9, -1]));
        assertAllClose(part, same, { atol: 0, rtol: 0 });
        assertAllClose(
          tf.matMul(x, part as tf.Tensor2D, false, true),
          tf.matMul(x, same as tf.Tensor2D, false, true),
          tolerance,
        );
        assertAllClose(tf.add(matrix, 1), tf.add(plain, 1), { atol: 0, rtol: 0 });
      });
    },
  );

  testOnTorch(`a head in ${precision} of more numbers than are made float32 at once gives float32 logits`, () => {
    tf.tidy(() => {
      const shape: [number, number] = [2 ** 16 + 3, 128];
      const { matrix } = packed(shape, precision);
      const x = tf.tensor2d(uniform(2 * 128, 6), [2, 128]);
      const before = torchBackend().torch.handles;
      const logits = tf.matMul(x, matrix, false, true);
      assertEquals(torchBackend().torch.handles, before + 1);
      const plain = tf.tensor2d(matrix.dataSync(), shape);
      assertAllClose(logits, tf.matMul(x, plain, false, true), { atol: 1e-4 });
    });
  });
}

testOnTorch(
  "a model in int8 takes a quarter of float32's memory and the scales, one in int4 a sixth, and leaves nothing",
  () => {
    const shape = { vocab_size: 512, n_positions: 64, n_embd: 128, n_head: 2, n_layer: 2 };
    const before = torchBackend().torch.handles;
    for (const [precision, most] of [["int8", 0.254], ["int4", 0.157]] as const) {
      const model = initializeModel({ model_type: "gpt2", ...shape }, { seed: 1, precision });
      const matrices = [...model.parameters.values()].filter(({ shape }) => shape.length > 1);
      const bytes = matrices.reduce((sum, matrix) => sum + torchBackend().hostMemory.bytesOf(matrix), 0);
      const numbers = matrices.reduce((sum, { size }) => sum + size, 0);
      assert(bytes <= most * 4 * numbers, `${precision}: ${bytes} bytes for ${numbers} numbers`);
      const logits = model.logits({ inputIds: [[1, 2, 3]] });
      assert(logits.dataSync().every(Number.isFinite));
      logits.dispose();
      model.dispose();
    }
    assertEquals(torchBackend().torch.handles, before);
  },
);
