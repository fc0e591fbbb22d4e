import fc from "fast-check";
import { assert, assertEquals } from "../../support/mod.ts";
import { broadcastStrides, contiguousStrides, reshapedStrides } from "../../../lib/engines/torch/views.ts";

/** The elements' places in memory, in the order of the shape. */
function places(shape: readonly number[], strides: readonly number[]): number[] {
  return shape.reduce<number[]>(
    (all, size, axis) => all.flatMap((place) => Array.from({ length: size }, (_, i) => place + i * strides[axis])),
    [0],
  );
}

const shapes = fc.array(fc.integer({ min: 1, max: 4 }), { maxLength: 4 });

Deno.test("reshapedStrides() keeps the order of the elements, or asks for a copy", () => {
  fc.assert(fc.property(shapes, fc.array(fc.nat(), { minLength: 4, maxLength: 4 }), fc.nat(), (shape, keys, cut) => {
    // A permuted tensor, to be reshaped to another factorisation of its size.
    const axes = shape.map((_, axis) => axis).sort((a, b) => keys[a] - keys[b]);
    const strides = axes.map((axis) => contiguousStrides(shape)[axis]);
    const from = axes.map((axis) => shape[axis]);
    const size = from.reduce((product, n) => product * n, 1);
    const divisors = Array.from({ length: size }, (_, i) => i + 1).filter((n) => size % n === 0);
    const first = divisors[cut % divisors.length];
    const to = [first, 1, size / first];
    const result = reshapedStrides({ shape: from, strides }, to);
    if (result) assertEquals(places(to, result), places(from, strides));
    else assert(JSON.stringify(strides) !== JSON.stringify(contiguousStrides(from)));
  }));
});

Deno.test("reshapedStrides() needs a copy where a transposed pair of axes is joined", () => {
  assertEquals(reshapedStrides({ shape: [3, 2], strides: [1, 3] }, [6]), undefined);
});

Deno.test("broadcastStrides() repeats axes of size 1 and missing ones", () => {
  assertEquals(broadcastStrides({ shape: [3, 1], strides: [1, 1] }, [2, 3, 4]), [0, 1, 0]);
});
