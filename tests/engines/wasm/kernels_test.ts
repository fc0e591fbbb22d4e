/** The kernels beside the product, against the same in float64, with and without relaxed SIMD, on one thread and on three. */
import { hasRelaxedSimd } from "../../../lib/engines/wasm/kernels/compile.ts";
import { elementsJob, floatBits, rowsJob, summedRowsJob } from "../../../lib/engines/wasm/jobs.ts";
import { ADAM_W_NUMBERS } from "../../../lib/engines/wasm/kernels/adam_w.ts";
import { type BackendModule, type Job, Kernels } from "../../../lib/engines/wasm/kernels.ts";
import { randomStream } from "../../../lib/random/random.ts";
import { assert, assertAllClose, assertEquals, testUnless } from "../../support/mod.ts";
import { plainModule } from "./memory.ts";

const ROOMS = 8, ROOM = 200_000, UNTOUCHED = 12_345;

/** Kernels, and rooms for tensors with a few numbers behind them that must not change. */
class Bench {
  readonly module: BackendModule;
  readonly kernels: Kernels;
  readonly #rooms: number[];

  constructor({ fused, shared }: { fused: boolean; shared: boolean }) {
    this.module = plainModule(shared);
    this.kernels = new Kernels(this.module, { fused });
    if (shared) this.kernels.setThreads(3);
    this.#rooms = Array.from({ length: ROOMS }, () => this.module._malloc(4 * (ROOM + 16)));
  }

  /** Runs a job on tensors, and returns what they are afterwards. */
  run(tensors: readonly Float32Array[], job: (places: readonly number[]) => Job): Float32Array[] {
    const memory = new Float32Array(this.module.asm.memory.buffer);
    const views = tensors.map((values, index) => {
      memory.set(values, this.#rooms[index] / 4);
      const end = this.#rooms[index] / 4 + values.length;
      memory.fill(UNTOUCHED, end, end + 4);
      return { at: this.#rooms[index] / 4, end };
    });
    this.kernels.run(job(this.#rooms));
    for (const { end } of views) assertEquals(memory.slice(end, end + 4), new Float32Array(4).fill(UNTOUCHED));
    return views.map(({ at, end }) => memory.slice(at, end));
  }
}

const random = randomStream(1);
const drawn = (length: number, scale = 1) => Float32Array.from({ length }, () => scale * (random.uniform() - 0.5));
const room = (length: number) => new Float32Array(length).fill(NaN);

function eachRow(x: Float32Array, width: number, compute: (row: number[], index: number) => number[]): number[] {
  const rows = Array.from({ length: width === 0 ? 0 : x.length / width }, (_, i) => [
    ...x.subarray(i * width, (i + 1) * width),
  ]);
  return rows.flatMap(compute);
}

const total = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0);

/** Sizes with and without a rest that is no multiple of four, in one task and in many. */
const SHAPES = [[1, 1], [3, 3], [5, 4], [7, 70], [130, 33], [300, 128], [2, 50_001]];

/** √(2/π) x (1 + 0.044715 x²). */
const inner = (x: number) => Math.sqrt(2 / Math.PI) * (x + 0.044715 * x ** 3);
const gelu = (x: number) => x * (1 + Math.tanh(inner(x))) / 2;
function geluSlope(x: number): number {
  const t = Math.tanh(inner(x));
  return (1 + t) / 2 + x * (1 - t * t) / 2 * Math.sqrt(2 / Math.PI) * (1 + 3 * 0.044715 * x * x);
}

for (const fused of [false, true]) {
  const missing = fused && !hasRelaxedSimd() ? "no relaxed SIMD" : undefined;
  for (const shared of [false, true]) {
    const kind = `${fused ? "relaxed SIMD" : "plain SIMD"}, ${shared ? "three threads" : "one thread"}`;
    const bench = missing ? undefined! : new Bench({ fused, shared });

    testUnless(missing, `softmax is that of float64, ${kind}`, () => {
      for (const [rows, width] of SHAPES) {
        const x = drawn(rows * width, 30);
        x[0] = -1e9; // a masked score
        const [, y] = bench.run([x, room(x.length)], ([x, y]) => rowsJob("softmax", { rows, width, tensors: [x, y] }));
        const expected = eachRow(x, width, (row) => {
          const most = Math.max(...row), powers = row.map((value) => Math.exp(value - most));
          const sum = total(powers);
          return powers.map((power) => power / sum);
        });
        assertAllClose(y, expected, { atol: 1e-37, rtol: 1e-5 });
        if (width > 1) assertEquals(y[0], 0);
      }
    });

    testUnless(missing, `softmax makes a row with a NaN NaN, and leaves the others, ${kind}`, () => {
      const x = drawn(3 * 10);
      for (const at of [10, 15, 19]) {
        const broken = x.slice();
        broken[at] = NaN;
        const tensors = [broken, room(30)];
        const [, y] = bench.run(tensors, ([x, y]) => rowsJob("softmax", { rows: 3, width: 10, tensors: [x, y] }));
        assertEquals([...y].map(Number.isNaN), Array.from({ length: 30 }, (_, i) => i >= 10 && i < 20));
      }
    });

    testUnless(missing, `the tanh form of GELU and its gradient are those of float64, ${kind}`, () => {
      for (const size of [1, 4, 6, 40_003]) {
        const [x, dy] = [drawn(size, 20), drawn(size)];
        const job = (kind: Job["kind"]) => (tensors: readonly number[]) =>
          elementsJob(kind, { size, tensors: tensors.slice(0, kind === "gelu" ? 2 : 3) });
        const [, y] = bench.run([x, room(size)], job("gelu"));
        assertAllClose(y, [...x].map(gelu), { atol: 1e-6, rtol: 2e-6 });
        const [, , dx] = bench.run([x, dy, room(size)], job("geluGradient"));
        assertAllClose(dx, [...x].map((value, i) => dy[i] * geluSlope(value)), { atol: 2e-6, rtol: 1e-5 });
      }
      const far = Float32Array.of(-1e4, -200, 200, 1e4, NaN);
      const [, y] = bench.run([far, room(5)], ([x, y]) => elementsJob("gelu", { size: 5, tensors: [x, y] }));
      assertAllClose(y.subarray(0, 4), [0, 0, 200, 1e4], { atol: 1e-30 });
      assert(Number.isNaN(y[4]));
    });

    testUnless(missing, `layer normalisation and its gradients are those of float64, ${kind}`, () => {
      for (const [rows, width] of SHAPES.filter(([, width]) => width > 1)) {
        const [x, dy, gain, bias] = [drawn(rows * width, 4), drawn(rows * width), drawn(width), drawn(width)];
        const [epsilon, one] = [1e-5, room(rows)];
        const [, y, , , mean, scale] = bench.run(
          [x, room(x.length), gain, bias, one, one],
          ([x, y, ...others]) =>
            rowsJob("layerNorm", {
              rows,
              width,
              tensors: [x, y],
              fields: [...others.slice(0, 4), floatBits(width), floatBits(epsilon)],
            }),
        );
        const facts = Array.from({ length: rows }, (_, row) => {
          const values = [...x.subarray(row * width, (row + 1) * width)];
          const mean = total(values) / width;
          return { mean, scale: 1 / Math.sqrt(total(values.map((value) => (value - mean) ** 2)) / width + epsilon) };
        });
        assertAllClose(mean, facts.map(({ mean }) => mean), { atol: 1e-5 });
        assertAllClose(scale, facts.map(({ scale }) => scale), { rtol: 1e-4 });
        const normal = eachRow(x, width, (row, i) => row.map((value) => (value - facts[i].mean) * facts[i].scale));
        assertAllClose(y, normal.map((value, i) => value * gain[i % width] + bias[i % width]), { atol: 2e-5 });

        const padded = Math.ceil(width / 4) * 4;
        const parts = new Float32Array(padded * Math.ceil(rows / 64));
        const result = bench.run(
          [dy, x, room(x.length), gain, mean, scale, parts, parts],
          (at) =>
            summedRowsJob("layerNormGradient", {
              rows,
              width,
              tensors: at.slice(0, 3),
              fields: [...at.slice(3), 4 * padded, floatBits(width)],
            }),
        );
        const scaled = Float32Array.from(dy, (value, i) => value * gain[i % width]);
        const dx = eachRow(scaled, width, (row, i) => {
          const own = normal.slice(i * width, (i + 1) * width);
          const [a, b] = [total(row) / width, total(row.map((value, j) => value * own[j])) / width];
          return row.map((value, j) => (value - a - own[j] * b) * facts[i].scale);
        });
        assertAllClose(result[2], dx, { atol: 5e-5, rtol: 1e-4 });
        const columns = (of: (index: number) => number) =>
          Array.from({ length: width }, (_, j) => total(Array.from({ length: rows }, (_, i) => of(i * width + j))));
        const summed = (part: Float32Array) =>
          Array.from(
            { length: width },
            (_, j) => total(Array.from({ length: part.length / padded }, (_, i) => part[i * padded + j])),
          );
        assertAllClose(summed(result[6]), columns((i) => dy[i] * normal[i]), { atol: 1e-4, rtol: 1e-4 });
        assertAllClose(summed(result[7]), columns((i) => dy[i]), { atol: 1e-4, rtol: 1e-4 });
      }
    });

    testUnless(missing, `sums of rows are those of float64, ${kind}`, () => {
      for (const [rows, width] of SHAPES) {
        const x = drawn(rows * width);
        const [, sums] = bench.run(
          [x, room(rows)],
          ([x, sums]) => rowsJob("rowSums", { rows, width, tensors: [x], fields: [sums] }),
        );
        assertAllClose(sums, eachRow(x, width, (row) => [total(row)]), { atol: 1e-9, rtol: 1e-7 });
      }
    });

    testUnless(missing, `a step of AdamW is that of float64, ${kind}`, () => {
      const size = 20_003;
      const [parameter, gradient, first, square] = [drawn(size), drawn(size), drawn(size), drawn(size)];
      const second = square.map((value) => value * value);
      const numbers = [0.5, 0.9, 0.1, 0.999, 0.001, 1.7, 1e-8, 0.99, 3e-3];
      assertEquals(numbers.length, ADAM_W_NUMBERS.length);
      const tensors = [parameter, gradient, first, second];
      const after = bench.run(tensors, (at) => elementsJob("adamW", { size, tensors: at.slice(0, 4), numbers }));
      const [scale, beta1, share1, beta2, share2, correction, epsilon, kept, stepSize] = numbers;
      const moments = [...gradient].map((value, i) => ({
        m: beta1 * first[i] + share1 * scale * value,
        v: beta2 * second[i] + share2 * (scale * value) ** 2,
      }));
      const moved = moments.map(({ m, v }, i) =>
        kept * parameter[i] - stepSize * m / (Math.sqrt(v) * correction + epsilon)
      );
      assertAllClose(after[0], moved, { atol: 1e-6 });
      assertEquals(after[1], gradient);
      assertAllClose(after[2], moments.map(({ m }) => m), { atol: 1e-7 });
      assertAllClose(after[3], moments.map(({ v }) => v), { atol: 1e-7 });
    });
  }
}

Deno.test("every kind of job has the same bits on any number of threads", () => {
  const [alone, together] = [false, true].map((shared) => new Bench({ fused: false, shared }));
  const [rows, width] = [500, 130];
  const x = drawn(rows * width, 8);
  const parts = new Float32Array(132 * 8);
  const jobs: [Float32Array[], (at: readonly number[]) => Job][] = [
    [[x, room(x.length)], (at) => rowsJob("softmax", { rows, width, tensors: at.slice(0, 2) })],
    [[x, room(x.length)], (at) => elementsJob("gelu", { size: x.length, tensors: at.slice(0, 2) })],
    [
      [x, parts],
      (at) => summedRowsJob("columnSums", { rows, width, tensors: at.slice(0, 1), fields: [at[1], 132 * 4] }),
    ],
  ];
  for (const [tensors, job] of jobs) {
    const expected = alone.run(tensors, job);
    for (let time = 0; time < 20; time++) assertEquals(together.run(tensors, job), expected);
  }
});
