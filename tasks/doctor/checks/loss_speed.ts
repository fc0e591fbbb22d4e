/**
 * The loss against the speed at which the device copies memory: what it must read and write, over the time it takes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Precision } from "../../../lib/engines/mod.ts";
import { logitsLoss } from "../../../lib/objectives/logits_loss.ts";
import { objective } from "../../../lib/objectives/mod.ts";
import { type Case, type Check, type Finding, notOk, ok, onCuda, type Place, precisionsOf } from "../check.ts";
import { secondsOf, settled, start, stored, torchBackend } from "../engine.ts";

/** The share of the copy's speed that the loss on a GPU is to have. */
const SHARE = 0.8;
/** How often the work is repeated within a measurement, so that a launch's own time counts little. */
const REPEATS = { cuda: 10, other: 1 };

/** Bytes per second of copying from the device's memory to it: what is read and what is written. */
async function copySpeed(place: Place): Promise<number> {
  const count = (onCuda(place) ? 2 ** 30 : 2 ** 27) / 4;
  const backend = torchBackend();
  const repeats = onCuda(place) ? REPEATS.cuda : REPEATS.other;
  const from = tf.zeros([count]), to = tf.ones([count]);
  await settled(from);
  const seconds = await secondsOf(() => {
    let last: tf.Tensor = to;
    for (let i = 0; i < repeats; i++) {
      if (backend) backend.torch.scope(() => backend.torch.copy(backend.handle(to), backend.handle(from)));
      else last = tf.neg(from); // reads and writes as much
    }
    return last;
  }, 5);
  tf.dispose([from, to]);
  return 2 * 4 * count * repeats / seconds;
}

const mixture = objective("amid", { alpha: 0, lambda: 0.1 });

/** Seconds of the loss and its gradient on some rows. */
async function lossSeconds(place: Place, shape: LossShape): Promise<number> {
  const { rows, vocabulary, precision } = shape;
  const repeats = onCuda(place) ? REPEATS.cuda : REPEATS.other;
  const [student, teacher] = [1, 2].map((seed) => {
    // A few rows again and again: drawing all of them would take longer than all that is measured.
    const few = tf.randomNormal([16, vocabulary], 0, 2, "float32", seed) as tf.Tensor2D;
    const many = tf.tile(few, [rows / 16, 1]);
    few.dispose();
    const low = stored(many, precision);
    many.dispose();
    return low;
  });
  const labels = Int32Array.from({ length: rows }, (_, i) => (i * 7919) % vocabulary);
  const options = { objective: mixture, distillWeight: 1, totalTokens: rows, gradient: true };
  const seconds = await secondsOf(() => {
    let gradient: tf.Tensor | undefined;
    for (let i = 0; i < repeats; i++) {
      gradient?.dispose();
      gradient = tf.tidy(() => logitsLoss({ student: tf.clone(student), teacher, labels }, options).gradient!);
    }
    return gradient!;
  }, 5);
  tf.dispose([student, teacher]);
  return seconds / repeats;
}

interface LossShape {
  rows: number;
  vocabulary: number;
  precision: Precision;
}

async function measured(place: Place, shape: LossShape): Promise<Finding> {
  await start(place, shape.precision);
  const copied = await copySpeed(place);
  const seconds = await lossSeconds(place, shape);
  const bytes = 3 * shape.rows * shape.vocabulary * (shape.precision === "bfloat16" ? 2 : 4);
  const share = bytes / seconds / copied;
  const gigabytes = (speed: number) => `${Number((speed / 1e9).toPrecision(3))} GB/s`;
  const figure = `${gigabytes(bytes / seconds)}, ${Number((100 * share).toPrecision(2))} % of copying's ${
    gigabytes(copied)
  }`;
  const values = { bytesPerSecond: bytes / seconds, copyBytesPerSecond: copied, share, ...shape };
  if (!onCuda(place) || share >= SHARE) return ok(figure, { values });
  return notOk(`at least ${100 * SHARE} % is the aim on a GPU`, { figure, values });
}

/** Shapes: a GPU's kernel holds a row of both models in a block's memory, where all of GPT-2's fits in bfloat16. */
function shapes(place: Place): LossShape[] {
  if (!onCuda(place)) {
    const rows = place.engine === "torch" || place.engine === "tensorflow" ? 192 : 64;
    return precisionsOf(place).map((precision) => ({ rows, vocabulary: 50257, precision }));
  }
  return [
    { rows: 2048, vocabulary: 50257, precision: "bfloat16" },
    { rows: 2048, vocabulary: 28000, precision: "float32" },
  ];
}

/** The speed of the loss. */
export const lossSpeed: Check = {
  name: "loss-speed",
  group: "Speed",
  about: "bytes per second of the loss with its gradient, against the device's copying",
  seconds: 90,
  skip: ({ engine }) => engine === "cpu" ? "the reference engine is not for speed" : undefined,
  cases: (place) =>
    shapes(place).map((shape): Case => ({
      name: `${shape.rows} rows of ${shape.vocabulary} in ${shape.precision}`,
      run: () => measured(place, shape),
    })),
  expanded: true,
};
