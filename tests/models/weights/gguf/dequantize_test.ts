import { type GgufTensorType, TENSOR_TYPES } from "../../../../lib/files/gguf/tensor_types.ts";
import { dequantize, READABLE_TYPES } from "../../../../lib/models/weights/gguf/dequantize.ts";
import { randomStream } from "../../../../lib/random/random.ts";
import { assert, assertEquals, assertThrows } from "../../../support/mod.ts";
import { python, testWithPython } from "../../../support/python.ts";

/** Blocks of any bytes: every scale and every quantum occurs, those of no finite numbers too. */
function anyBlocks(type: GgufTensorType, count: number): Uint8Array<ArrayBuffer> {
  const random = randomStream(TENSOR_TYPES[type].id);
  return Uint8Array.from({ length: count * TENSOR_TYPES[type].blockBytes }, () => Math.floor(256 * random.uniform()));
}

function dequantized(bytes: Uint8Array<ArrayBuffer>, type: GgufTensorType): Float32Array<ArrayBuffer> {
  const { blockSize, blockBytes } = TENSOR_TYPES[type];
  const into = new Float32Array(bytes.length / blockBytes * blockSize).fill(NaN);
  dequantize(bytes, { type, into });
  return into;
}

const COUNT = 512;
const compared = READABLE_TYPES.filter((type) => type !== "Q8_K"); // which the package does not read

testWithPython(["gguf"], "dequantize() returns the numbers of the package gguf, to the bit", async () => {
  const folder = await Deno.makeTempDir();
  for (const type of compared) await Deno.writeFile(`${folder}/${type}`, anyBlocks(type, COUNT));
  await python(
    `
import sys, warnings, numpy as np
from gguf.quants import dequantize
from gguf.constants import GGMLQuantizationType as T, GGML_QUANT_SIZES
warnings.simplefilter("ignore")
folder, *types = sys.argv[1:]
for name in types:
    type = T[name]
    blocks = np.fromfile(f"{folder}/{name}", np.uint8).reshape(-1, GGML_QUANT_SIZES[type][1])
    stored = blocks.view({"F32": np.float32, "F16": np.float16}.get(name, np.uint8))
    dequantize(stored, type).astype(np.float32).tofile(f"{folder}/{name}.f32")
`,
    [folder, ...compared],
  );
  for (const type of compared) {
    const expected = new Uint32Array((await Deno.readFile(`${folder}/${type}.f32`)).buffer);
    const numbers = dequantized(anyBlocks(type, COUNT), type);
    const bits = new Uint32Array(numbers.buffer);
    assertEquals(bits.length, expected.length, type);
    const isNaN = (bits: number) => (bits & 0x7fffffff) > 0x7f800000; // of which there are many
    for (let i = 0; i < bits.length; i++) {
      assert(bits[i] === expected[i] || (isNaN(bits[i]) && isNaN(expected[i])), `${type}: ${i} is ${numbers[i]}`);
    }
    const finite = numbers.filter(Number.isFinite);
    assert(finite.length > numbers.length / 2 && new Set(finite).size > 30, `${type} shows little`);
  }
});

Deno.test("dequantize() makes a factor's multiples of Q8_K", () => {
  const bytes = new Uint8Array(292);
  new DataView(bytes.buffer).setFloat32(0, 0.125, true);
  for (let i = 0; i < 256; i++) bytes[4 + i] = i;
  const expected = Float32Array.from({ length: 256 }, (_, i) => 0.125 * (i < 128 ? i : i - 256));
  assertEquals(dequantized(bytes, "Q8_K"), expected);
});

Deno.test("dequantize() refuses types that it does not know, and blocks that do not fill the numbers", () => {
  assertThrows(() => dequantized(new Uint8Array(66), "IQ2_XXS"), TypeError, "current value is IQ2_XXS");
  const into = new Float32Array(64);
  assertThrows(
    () => dequantize(new Uint8Array(18), { type: "Q4_0", into }),
    RangeError,
    "64 values take 2 blocks of 18",
  );
});
