import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../../lib/engines/mod.ts";
import { gradientSum } from "../../../lib/training/optimizer/gradient_sum.ts";
import { bucketsOf, segmentsOf, shareSize } from "../../../lib/training/optimizer/parameter_buckets.ts";
import { assertEquals } from "../../support/mod.ts";

await useEngine("cpu");

const parameters = new Map(["a", "b", "c", "d", "e"].map((name, index) => [name, tf.zeros([index + 1])]));
const namesOf = (buckets: ReturnType<typeof bucketsOf>) =>
  buckets.map(({ entries }) => entries.map(({ name }) => name));

Deno.test("bucketsOf() begins with the last parameter, and gives a long one a bucket of its own", () => {
  assertEquals(namesOf(bucketsOf(parameters, 24)), [["e"], ["d"], ["c", "b", "a"]]);
  assertEquals(namesOf(bucketsOf(parameters, 4)), [["e"], ["d"], ["c"], ["b"], ["a"]]);
  assertEquals(namesOf(bucketsOf(parameters)), [["e", "d", "c", "b", "a"]]);
});

Deno.test("segmentsOf() cuts a bucket among ranks: each number has one owner, no share is longer than another's by more than its filling", () => {
  const [bucket] = bucketsOf(parameters);
  for (const size of [1, 2, 3, 4, 7, 15, 20]) {
    const owned = Array.from({ length: size }, (_, rank) => segmentsOf(bucket, { rank, size }));
    const numbers = owned.flat().flatMap(({ name, from, to }) =>
      Array.from({ length: to - from }, (_, index) => `${name}${from + index}`)
    );
    assertEquals(numbers.length, 15);
    assertEquals(new Set(numbers).size, 15);
    for (const segments of owned) {
      const length = segments.reduce((sum, { from, to }) => sum + to - from, 0);
      assertEquals(length <= shareSize(bucket, size), true);
    }
  }
});

Deno.test("gradientSum() sends each bucket once its gradients are there, in the same order whatever comes first", async () => {
  const buckets = bucketsOf(parameters, 24);
  for (const order of ["abcde", "edcba", "cadbe"]) {
    for (const handed of [0, 2, 5]) {
      const sent: string[] = [];
      const sum = gradientSum(buckets, {
        send(bucket, gradients) {
          sent.push(bucket.entries.map(({ name }) => name).join(""));
          assertEquals(gradients.map(({ size }) => size), bucket.entries.map(({ size }) => size));
          return Promise.resolve(gradients);
        },
        open: ({ entries }, gradients) =>
          entries.map(({ name }, index): [string, tf.Tensor] => [name, gradients[index]]),
      });
      const gradients = [...order].map((name): [string, tf.Tensor] => [name, parameters.get(name)!]);
      for (const [name, gradient] of gradients.slice(0, handed)) sum.add(name, gradient);
      if (order === "edcba" && handed === 2) assertEquals(sent, ["e", "d"]); // under way before the rest is there
      const found = await sum.finish(new Map(gradients.slice(handed)));
      assertEquals(sent, ["e", "d", "cba"]);
      assertEquals([...found].map(([name, { size }]) => [name, size]).sort(), [["a", 1], ["b", 2], ["c", 3], ["d", 4], [
        "e",
        5,
      ]]);
    }
  }
});
