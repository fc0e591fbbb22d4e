/** What several tests need: comparison of tensors, the shared reference numbers, engines started once. */
import { assert } from "./assert.ts";
import * as tf from "@tensorflow/tfjs-core";

export * from "./assert.ts";

/** Numbers in any of the shapes that tests have them in. */
export type Numbers = tf.Tensor | ArrayLike<number> | number;

const values = (x: Numbers): ArrayLike<number> =>
  x instanceof tf.Tensor ? x.dataSync() : typeof x === "number" ? [x] : x;

/** Asserts |actual − expected| ≤ atol + rtol·|expected|, element by element; infinities must be equal, NaN never is. */
export function assertAllClose(actual: Numbers, expected: Numbers, { atol = 1e-5, rtol = 1e-5 } = {}): void {
  const [a, b] = [values(actual), values(expected)];
  assert(a.length === b.length, `lengths differ: ${a.length} against ${b.length}`);
  for (let i = 0; i < a.length; i++) {
    const close = a[i] === b[i] || Math.abs(a[i] - b[i]) <= atol + rtol * Math.abs(b[i]);
    assert(close, `element ${i}: ${a[i]} is not close to ${b[i]} (difference ${a[i] - b[i]})`);
  }
}

/** A file of the reference numbers beside the checkout, or nothing where that folder is absent. */
export function sharedFile(path: string): URL | undefined {
  const url = new URL(`../../../shared/${path}`, import.meta.url);
  try {
    Deno.statSync(url);
    return url;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
}

/** Declares a test; where there is a reason to skip it, its name says so. */
export function testUnless(
  reason: string | undefined,
  name: string,
  body: (t: Deno.TestContext) => void | Promise<void>,
): void {
  Deno.test({ name: reason ? `${name} (skipped: ${reason})` : name, ignore: reason !== undefined, fn: body });
}
