/** Quantisation beside the package gguf and ggml. */
import fc from "fast-check";
import { fileURLToPath } from "node:url";
import { TENSOR_TYPES } from "../../../../lib/files/gguf/tensor_types.ts";
import { dequantize } from "../../../../lib/models/weights/gguf/dequantize.ts";
import { GGUF_PRECISIONS, type GgufPrecision, quantize } from "../../../../lib/models/weights/gguf/quantize.ts";
import { randomStream } from "../../../../lib/random/random.ts";
import { ggmlLibrary } from "../../../support/llama.ts";
import { assert, assertEquals, assertThrows } from "../../../support/mod.ts";
import { python, testWithPython } from "../../../support/python.ts";

/** Rows of 256 numbers of many kinds: like weights, with outliers, of one sign, tiny, huge, constant, zero. */
function manyNumbers(): Float32Array<ArrayBuffer> {
  const random = randomStream(7);
  const normal = () => Math.sqrt(-2 * Math.log(1 - random.uniform())) * Math.cos(2 * Math.PI * random.uniform());
  const rows: ((place: number) => number)[] = [
    ...Array.from({ length: 200 }, () => () => 0.02 * normal()),
    ...Array.from({ length: 40 }, () => () => 0.02 * normal() * (random.uniform() < 0.02 ? 30 : 1)),
    ...Array.from({ length: 20 }, () => () => Math.abs(normal())),
    ...Array.from({ length: 20 }, () => () => -3 - random.uniform()),
    ...Array.from({ length: 10 }, () => () => 1e-7 * normal()),
    ...Array.from({ length: 10 }, () => () => 1000 * normal()),
    ...Array.from({ length: 10 }, () => () => Math.round(4 * normal()) / 2),
    () => 0,
    () => -0,
    () => 0.25,
    () => -0.25,
    (place) => place % 64 < 32 ? 0 : normal(),
    (place) => place - 128,
  ];
  return Float32Array.from(rows.flatMap((number) => Array.from({ length: 256 }, (_, place) => number(place))));
}

function back(bytes: Uint8Array<ArrayBuffer>, type: GgufPrecision, count: number): Float32Array {
  const into = new Float32Array(count);
  dequantize(bytes, { type, into });
  return into;
}

/** The root of the mean squared error of each row, over that of the row itself. */
function errors(numbers: Float32Array, stored: Float32Array): number[] {
  return Array.from({ length: numbers.length / 256 }, (_, row) => {
    let [error, size] = [0, 0];
    for (let i = 256 * row; i < 256 * (row + 1); i++) {
      error += (numbers[i] - stored[i]) ** 2;
      size += numbers[i] ** 2;
    }
    return size === 0 ? Math.sqrt(error) : Math.sqrt(error / size);
  });
}

testWithPython(
  ["gguf", "numpy"],
  "quantize() returns the bytes of gguf, and in Q4_K no larger an error than ggml",
  async () => {
    const numbers = manyNumbers();
    const folder = await Deno.makeTempDir();
    await Deno.writeFile(`${folder}/numbers`, new Uint8Array(numbers.buffer));
    const script = fileURLToPath(new URL("../../../python/quantize_gguf.py", import.meta.url));
    const library = ggmlLibrary();
    const run = "import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name='__main__')";
    await python(run, [script, `${folder}/numbers`, folder, ...library === undefined ? [] : [library]]);
    for (const type of ["F16", "BF16", "Q8_0", "Q4_0"] as const) {
      const theirs = await Deno.readFile(`${folder}/${type}.bin`);
      const ours = quantize(numbers, type);
      const other = ours.findIndex((byte, place) => byte !== theirs[place]);
      assertEquals(
        [ours.length, other],
        [theirs.length, -1],
        `${type}: ${ours[other]} against ${theirs[other]} at ${other}`,
      );
    }
    if (library === undefined) return;
    const theirs = back(await Deno.readFile(`${folder}/ggml-Q4_K.bin`), "Q4_K", numbers.length);
    const [ours, ggml] = [back(quantize(numbers, "Q4_K"), "Q4_K", numbers.length), theirs].map((one) =>
      errors(numbers, one)
    );
    const mean = (list: number[], [from, to]: [number, number]) =>
      list.slice(from, to).reduce((sum, error) => sum + error, 0) / (to - from);
    for (
      const kind of [[0, 200], [200, 240], [240, 260], [260, 280], [280, 290], [290, 300], [300, 310]] as [
        number,
        number,
      ][]
    ) {
      const [a, b] = [mean(ours, kind), mean(ggml, kind)];
      assert(a <= 1.02 * b, `rows ${kind}: an error of ${a}, ggml's is ${b}`);
    }
  },
);

Deno.test("quantize() keeps each number within half a step of its type, whatever the numbers", () => {
  const number = fc.float({ min: -1000, max: 1000, noNaN: true, noDefaultInfinity: true });
  const bounds: Record<GgufPrecision, number> = { F32: 0, F16: 5e-4, BF16: 4e-3, Q8_0: 4.1e-3, Q4_0: 0.13, Q4_K: 0.14 };
  fc.assert(
    fc.property(fc.array(number, { minLength: 256, maxLength: 256 }), (list) => {
      const numbers = Float32Array.from(list);
      const most = list.reduce((most, one) => Math.max(most, Math.abs(one)), 0);
      for (const type of GGUF_PRECISIONS) {
        const bytes = quantize(numbers, type);
        const { blockSize, blockBytes } = TENSOR_TYPES[type];
        assertEquals(bytes.length, 256 / blockSize * blockBytes);
        const stored = back(bytes, type, 256);
        const worst = stored.reduce((worst, one, place) => Math.max(worst, Math.abs(one - numbers[place])), 0);
        assert(worst <= bounds[type] * most + 1e-6, `${type}: ${worst} of ${most}`);
      }
    }),
    { numRuns: 200 },
  );
});

Deno.test("quantize() refuses what a type cannot hold", () => {
  const rows = (number: number) => new Float32Array(256).fill(number);
  for (const type of GGUF_PRECISIONS) {
    for (const strange of [NaN, Infinity, -Infinity]) {
      assertThrows(() => quantize(rows(strange), type), RangeError, `Cannot store ${type}: values must be finite`);
    }
  }
  assertThrows(() => quantize(rows(1e6), "Q4_0"), RangeError, "values must be at most 524032");
  assertThrows(() => quantize(rows(1e5), "F16"), RangeError, "values must be below 65520");
  assertThrows(
    () => quantize(new Float32Array(40), "Q8_0"),
    RangeError,
    "the number of values must be a multiple of 32, current value is 40",
  );
});
