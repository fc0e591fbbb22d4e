import fc from "fast-check";
import { hasRelaxedSimd } from "../../../lib/engines/wasm/kernels/compile.ts";
import { type BackendModule, Kernels } from "../../../lib/engines/wasm/kernels.ts";
import { type MatrixPlace, productJob, type ProductSize } from "../../../lib/engines/wasm/product_job.ts";
import { randomStream } from "../../../lib/random/random.ts";
import { assert, assertEquals, testUnless } from "../../support/mod.ts";
import { plainModule } from "./memory.ts";

/** The sets of instructions, and whether this runtime has them. */
const LEVELS = [
  { fused: false, missing: undefined },
  { fused: true, missing: hasRelaxedSimd() ? undefined : "no relaxed SIMD" },
];

/** A product to compute: its size, how its matrices lie, whether one of a side is used with all of the other. */
interface Product {
  size: ProductSize;
  turned: [boolean, boolean];
  single: [boolean, boolean];
  threads: number;
}

/** Kernels on a memory of their own. */
class Bench {
  readonly module: BackendModule;
  readonly kernels: Kernels;
  readonly #start: number;

  constructor({ fused, shared }: { fused: boolean; shared: boolean }) {
    this.module = plainModule(shared);
    this.kernels = new Kernels(this.module, { fused });
    if (shared) this.kernels.setThreads(3);
    this.#start = this.module._malloc(4 << 20);
  }

  /** A product's result, and its arguments. */
  compute(
    { size, turned, single, threads }: Product,
    values: (index: number) => number,
    bias?: (column: number) => number,
  ) {
    const { rows, columns, depth, count } = size;
    const [left, right] = [rows * depth * (single[0] ? 1 : count), depth * columns * (single[1] ? 1 : count)];
    const floats = new Float32Array(this.module.asm.memory.buffer, this.#start);
    const all = left + right + rows * columns * count;
    for (let i = 0; i < left + right; i++) floats[i] = values(i);
    floats.fill(UNTOUCHED, left + right, all + 16);
    const place = (at: number, [of, by]: [number, number], side: 0 | 1): MatrixPlace => ({
      at: this.#start + 4 * at,
      rowStep: turned[side] ? 1 : by,
      columnStep: turned[side] ? of : 1,
      next: single[side] ? 0 : of * by,
    });
    const a = place(0, [rows, depth], 0), b = place(left, [depth, columns], 1);
    for (let column = 0; bias && column < columns; column++) floats[all + 32 + column] = bias(column);
    const places = { a, b, product: this.#start + 4 * (left + right), bias: bias && this.#start + 4 * (all + 32) };
    this.kernels.run(productJob(size, places, threads));
    assertEquals(floats.subarray(all, all + 16), new Float32Array(16).fill(UNTOUCHED), "what is behind the product");
    const from = (matrix: MatrixPlace) => (pair: number, row: number, column: number) =>
      floats[(matrix.at - this.#start) / 4 + pair * matrix.next + row * matrix.rowStep + column * matrix.columnStep];
    return { product: floats.slice(left + right, all), a: from(a), b: from(b) };
  }
}

const UNTOUCHED = 12_345;

/** Compares with sums in float64: float32 may be off by as much as each of the sum's terms is rounded by. */
function check({ size }: Product, { product, a, b }: ReturnType<Bench["compute"]>): void {
  const { rows, columns, depth, count } = size;
  for (let pair = 0, at = 0; pair < count; pair++) {
    for (let i = 0; i < rows; i++) {
      for (let j = 0; j < columns; j++, at++) {
        let sum = 0, sizes = 0;
        for (let l = 0; l < depth; l++) {
          const term = a(pair, i, l) * b(pair, l, j);
          sum += term, sizes += Math.abs(term);
        }
        const bound = (depth + 1) * 2 ** -24 * sizes;
        assert(Math.abs(product[at] - sum) <= bound, `[${pair}, ${i}, ${j}] is ${product[at]}, not ${sum} ± ${bound}`);
      }
    }
  }
}

const side = fc.oneof(fc.integer({ min: 0, max: 40 }), fc.constantFrom(63, 64, 65, 90));
const products: fc.Arbitrary<Product> = fc.record({
  size: fc.record({
    rows: side,
    columns: side,
    depth: fc.oneof(side, fc.constantFrom(255, 256, 257, 530)),
    count: fc.integer({ min: 1, max: 5 }),
  }),
  turned: fc.tuple(fc.boolean(), fc.boolean()),
  single: fc.constantFrom<[boolean, boolean]>([false, false], [true, false], [false, true]),
  threads: fc.integer({ min: 1, max: 9 }),
});

for (const { fused, missing } of LEVELS) {
  const level = fused ? "relaxed SIMD" : "plain SIMD";
  for (const shared of [false, true]) {
    testUnless(missing, `products are those of float64, ${level}, ${shared ? "three threads" : "one thread"}`, () => {
      const bench = new Bench({ fused, shared });
      const random = randomStream(fused ? 1 : 2);
      const cases: Product[] = [
        // Longer than what is packed at a time, in every direction; at its edges.
        { size: { rows: 131, columns: 1030, depth: 260, count: 1 }, turned: [false, false] },
        { size: { rows: 64, columns: 512, depth: 256, count: 1 }, turned: [true, true] },
        { size: { rows: 300, columns: 40, depth: 9, count: 1 }, turned: [true, false] },
      ].map((some) => ({ ...some, single: [false, false], threads: 3 } as Product));
      for (const some of cases) check(some, bench.compute(some, () => random.uniform() - 0.5));
      fc.assert(
        fc.property(products, (some) => check(some, bench.compute(some, () => random.uniform() - 0.5))),
        { numRuns: 60, seed: 7 },
      );
      bench.kernels.setThreads(1);
    });
  }

  testUnless(missing, `a NaN and an infinity reach what they are multiplied into, and nothing else, ${level}`, () => {
    const bench = new Bench({ fused, shared: false });
    const size = { rows: 9, columns: 17, depth: 33, count: 2 };
    const some: Product = { size, turned: [false, false], single: [false, false], threads: 1 };
    const left = size.rows * size.depth * 2;
    // Row 4 of the first pair, column 2 of the second.
    const placed = new Map([[4 * 33 + 5, NaN], [left + 33 * 17 + 7 * 17 + 2, Infinity]]);
    const { product } = bench.compute(some, (index) => placed.get(index) ?? 1);
    for (let at = 0; at < product.length; at++) {
      const [pair, row, column] = [Math.floor(at / 153), Math.floor(at / 17) % 9, at % 17];
      const expected = pair === 0 && row === 4 ? NaN : pair === 1 && column === 2 ? Infinity : 33;
      assertEquals(product[at], expected);
    }
  });
}

Deno.test("a row is added to each of a product's rows, also where nothing is multiplied", () => {
  const bench = new Bench({ fused: false, shared: false });
  for (const [rows, columns, depth] of [[5, 9, 3], [70, 41, 300], [3, 6, 0]]) {
    const size = { rows, columns, depth, count: 1 };
    const some: Product = { size, turned: [false, false], single: [false, false], threads: 3 };
    const { product, a, b } = bench.compute(some, (index) => index % 11 - 5, (column) => column / 4);
    for (let at = 0; at < product.length; at++) {
      const [row, column] = [Math.floor(at / columns), at % columns];
      const terms = Array.from({ length: depth }, (_, l) => a(0, row, l) * b(0, l, column));
      assertEquals(product[at], terms.reduce((sum, term) => sum + term, column / 4));
    }
  }
});

Deno.test("products are the same to the last bit on any number of threads", () => {
  const [alone, together] = [false, true].map((shared) => new Bench({ fused: false, shared }));
  for (
    const size of [{ rows: 70, columns: 200, depth: 300, count: 1 }, { rows: 33, columns: 9, depth: 70, count: 7 }]
  ) {
    const results = [1, 2, 3, 5, 8].map((threads) => {
      const bench = threads === 1 ? alone : together;
      const some: Product = { size, turned: [false, true], single: [false, false], threads };
      const random = randomStream(3);
      return bench.compute(some, () => random.uniform() - 0.5).product;
    });
    for (const result of results) assertEquals(result, results[0]);
  }
  together.kernels.setThreads(1);
});

Deno.test("productJob() cuts large products into tasks for all threads, and leaves small ones whole", () => {
  const place = { at: 0, rowStep: 1, columnStep: 1, next: 1 };
  const tasks = (rows: number, columns: number, count: number, threads: number) =>
    productJob({ rows, columns, depth: 64, count }, { a: place, b: place, product: 0 }, threads).tasks;
  assertEquals(tasks(8, 8, 1, 4), 1);
  assertEquals(tasks(1024, 64, 1, 1), 1);
  assertEquals(tasks(1024, 64, 1, 2), 8);
  assertEquals(tasks(64, 1024, 1, 2), 8);
  assertEquals(tasks(64, 64, 64, 2), 64);
  assertEquals(tasks(64, 64, 2, 2), 8);
});

Deno.test("a job that workers do not come to is done by the thread that leads it", () => {
  const bench = new Bench({ fused: false, shared: true });
  const size = { rows: 64, columns: 64, depth: 64, count: 8 };
  const some: Product = { size, turned: [false, false], single: [false, false], threads: 3 };
  bench.kernels.setThreads(9); // none of these has had time to start
  check(some, bench.compute(some, (index) => index % 7 - 3));
  bench.kernels.setThreads(1);
});
