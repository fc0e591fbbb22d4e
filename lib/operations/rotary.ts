/**
 * Rotary position embedding: pairs of each head's values are rotated by angles proportional to the position.
 *
 * Shapes: `S` positions, `D` the width of a head, `R` the number of its rotated dimensions, an even number.
 *
 * Kernel an engine may offer, for fully rotated heads: `Rotary { x, cosines, sines } { heads, direction } → y`, where
 * direction −1 rotates back.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { hasKernel, runKernel } from "../kernels/fused.ts";

/** Options for {@linkcode rotary}. */
export interface RotaryOptions {
  /** Cosines of the angles, float32 `[S, R / 2]`. */
  cosines: tf.Tensor;
  /** Sines of the angles, float32 `[S, R / 2]`. */
  sines: tf.Tensor;
  /** Heads of a position. */
  heads: number;
  /**
   * The number of rotated dimensions of a head, `R`, an even number.
   *
   * @default {all}
   */
  turning?: number;
}

tf.registerGradient({
  kernelName: "Rotary",
  inputsToSave: ["cosines", "sines"],
  gradFunc: (dy, [cosines, sines], attrs) => {
    const { heads, direction } = attrs as unknown as { heads: number; direction: number };
    const inputs = { x: dy as tf.Tensor, cosines, sines };
    return { x: () => runKernel<tf.Tensor>("Rotary", inputs, { heads, direction: -direction }) };
  },
});

/**
 * Rotates values `i` and `i + R / 2` of each head by the position's angle `i`: `(a, b)` becomes
 * `(a cos − b sin, b cos + a sin)`. A head's values after the first `R` are unchanged.
 *
 * @param x float32 `[S, heads · D]`.
 * @returns float32 `[S, heads · D]`. No gradient reaches the angles.
 * @throws {RangeError} If the angles do not fit the heads.
 *
 * Source: J. Su et al., "RoFormer: enhanced transformer with rotary position embedding", 2021, eq. 34.
 */
export function rotary(x: tf.Tensor, options: RotaryOptions): tf.Tensor {
  const [positions, width] = x.shape;
  const { cosines, sines, heads, turning = width / heads } = options;
  const expected = [positions, Math.min(turning, width / heads) / 2];
  for (const [name, { shape }] of Object.entries({ cosines, sines })) {
    if (shape.join() !== expected.join()) {
      throw new RangeError(
        `Cannot rotate heads: the ${name} must have the shape [${expected}], current shape is [${shape}]`,
      );
    }
  }
  if (turning < width / heads) return partly(x, { ...options, turning });
  if (hasKernel("Rotary")) return runKernel<tf.Tensor>("Rotary", { x, cosines, sines }, { heads, direction: 1 });
  return composition({ cosines, sines, heads })(x);
}

/** The first values of each head rotated, followed by the others. */
function partly(x: tf.Tensor, options: Required<RotaryOptions>): tf.Tensor {
  const { heads, turning } = options;
  const [positions, width] = x.shape;
  const perHead = tf.reshape(x, [positions, heads, width / heads]);
  const [first, rest] = tf.split(perHead, [turning, width / heads - turning], 2);
  const turned = rotary(tf.reshape(first, [positions, heads * turning]), options);
  return tf.reshape(tf.concat([tf.reshape(turned, [positions, heads, turning]), rest], 2), [positions, width]);
}

/** A rotation's gradient is the rotation back. */
function composition({ cosines, sines, heads }: RotaryOptions) {
  return tf.customGrad((...args) => {
    const [x, save] = args as [tf.Tensor, tf.GradSaveFunc];
    save([cosines, sines]);
    const gradFunc = (dy: tf.Tensor, [cosines, sines]: tf.Tensor[]) =>
      turned(dy, { cosines, sines: tf.neg(sines), heads });
    return { value: turned(x, { cosines, sines, heads }), gradFunc };
  });
}

function turned(x: tf.Tensor, { cosines, sines, heads }: RotaryOptions): tf.Tensor {
  const [positions, width] = x.shape;
  const half = width / heads / 2;
  const [a, b] = tf.split(tf.reshape(x, [positions, heads, 2, half]), 2, 2);
  const [cos, sin] = [cosines, sines].map((angles) => tf.reshape(angles, [positions, 1, 1, half]));
  const first = tf.sub(tf.mul(a, cos), tf.mul(b, sin));
  const second = tf.add(tf.mul(b, cos), tf.mul(a, sin));
  return tf.reshape(tf.concat([first, second], 2), [positions, width]);
}
