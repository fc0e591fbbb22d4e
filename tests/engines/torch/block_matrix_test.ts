/** Matrices that are held in the blocks of a GGUF file. */
import * as tf from "@tensorflow/tfjs-core";
import { BLOCK_TYPES } from "../../../lib/engines/torch/packed/block_matrix.ts";
import { type GgufTensorType, TENSOR_TYPES } from "../../../lib/files/gguf/tensor_types.ts";
import { dequantize } from "../../../lib/models/weights/gguf/dequantize.ts";
import { embedding } from "../../../lib/operations/embedding.ts";
import { roomForBlocks, writeBlocks } from "../../../lib/operations/filled_by_rows.ts";
import { randomStream } from "../../../lib/random/random.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../../support/mod.ts";
import { testOnTorch } from "./support.ts";

/** Where a block has halves, which must be finite; everything else may be any byte. */
const HALVES: Partial<Record<GgufTensorType, number[]>> = {
  F16: [0],
  Q4_0: [0],
  Q4_1: [0, 2],
  Q5_0: [0],
  Q5_1: [0, 2],
  Q8_0: [0],
  Q2_K: [80, 82],
  Q3_K: [108],
  Q4_K: [0, 2],
  Q5_K: [0, 2],
  Q6_K: [208],
};

/** Random blocks of a matrix. */
function randomBlocks(type: GgufTensorType, [rows, columns]: [number, number]): Uint8Array<ArrayBuffer> {
  const { blockSize, blockBytes } = TENSOR_TYPES[type];
  const random = randomStream(rows + columns);
  const bytes = Uint8Array.from({ length: rows * columns / blockSize * blockBytes }, () => 256 * random.uniform());
  const view = new DataView(bytes.buffer);
  for (let block = 0; block < bytes.length; block += blockBytes) {
    for (const place of HALVES[type] ?? []) view.setFloat16(block + place, 2 * random.uniform() - 1, true);
    if (type === "BF16") view.setUint16(block, view.getUint16(block, true) & 0xbfff, true);
  }
  return bytes;
}

function held(type: GgufTensorType, shape: [number, number]) {
  const bytes = randomBlocks(type, shape);
  const numbers = new Float32Array(shape[0] * shape[1]);
  dequantize(bytes, { type, into: numbers });
  const matrix = roomForBlocks(shape, type) as tf.Tensor2D;
  const half = Math.floor(shape[0] / 2);
  const rowBytes = bytes.length / shape[0];
  writeBlocks(matrix, { bytes: bytes.slice(half * rowBytes), start: half });
  writeBlocks(matrix, { bytes: bytes.slice(0, half * rowBytes), start: 0 });
  return { matrix, numbers };
}

for (const type of BLOCK_TYPES) {
  testOnTorch(`a matrix in blocks of ${type} has the numbers that dequantize() makes of them, to the bit`, () => {
    tf.tidy(() => {
      // More rows than are made floats at once.
      const shape: [number, number] = [515, 512];
      const { matrix, numbers } = held(type, shape);
      const read = matrix.dataSync();
      const place = numbers.findIndex((number, i) => number !== read[i]);
      assert(place < 0, `number ${place} is ${read[place]}, not ${numbers[place]}`);
      assert(new Set(read).size > 8, "it shows little");
      const plain = tf.tensor2d(numbers, shape);
      const x = tf.randomUniform([3, 512], -1, 1, "float32", 5) as tf.Tensor2D;
      assertAllClose(tf.matMul(x, matrix, false, true), tf.matMul(x, plain, false, true), { atol: 1e-2, rtol: 1e-2 });
      const ids = tf.tensor1d([514, 0, 7, 7], "int32");
      assertAllClose(embedding(matrix, ids), embedding(plain, ids), { atol: 0, rtol: 0 });
    });
  });
}

testOnTorch("a matrix in blocks takes the bytes of the file, and no other numbers", () => {
  tf.tidy(() => {
    const { matrix } = held("Q4_K", [4, 256]);
    assertEquals(matrix.shape, [4, 256]);
    assertThrows(
      () => tf.engine().runKernel("WriteRows", { matrix, rows: tf.ones([1, 256]) }, { start: 0 } as never),
      TypeError,
      "Cannot overwrite a matrix that is held as stored, in Q4_K, with other numbers",
    );
  });
});
