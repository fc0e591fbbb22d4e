/**
 * The training step against the padded step of PyTorch, on the same rows, in turn.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { Row } from "../../../lib/batches/row.ts";
import type { Precision } from "../../../lib/engines/mod.ts";
import { objective } from "../../../lib/objectives/mod.ts";
import { randomStream } from "../../../lib/random/random.ts";
import { Trainer } from "../../../lib/training/step/trainer.ts";
import { configOfShape, median, shapes } from "../../bench/shared.ts";
import { type Case, type Check, type Finding, notOk, ok, onCuda, type Place, precisionsOf } from "../check.ts";
import { start } from "../engine.ts";
import { filledModel } from "../filled_model.ts";
import { runStepPeer } from "../peer.ts";

/** What is measured: models by their shapes, rows a step. */
interface Setting {
  student: string;
  teacher: string;
  batch: number;
  steps: number;
  /** How many times as fast as the padded step ours is to be. */
  aim: number;
}

/** GPT-2 124M from 1.5B on a GPU; what a processor that others use too does in seconds elsewhere. */
const ofGpu: Setting = { student: "gpt2", teacher: "gpt2-xl", batch: 8, steps: 5, aim: 5 };
const ofProcessor: Setting = { student: "width-256", teacher: "width-256", batch: 4, steps: 2, aim: 1 };
const ofSlowEngine: Setting = { student: "student", teacher: "teacher", batch: 8, steps: 3, aim: 0 };

const settingOf = (place: Place): Setting =>
  onCuda(place) ? ofGpu : place.engine === "torch" ? ofProcessor : ofSlowEngine;

/** Rows about as long as instructions with their answers: 40 to 250 tokens, half of them the answer. */
function rowsOf({ student, batch, steps }: Setting): Row[] {
  const random = randomStream(7);
  const { vocabulary } = shapes[student];
  return Array.from({ length: batch * (steps + 1) }, (_, i) => {
    const length = 40 + (i * 89) % 211;
    return { ids: Array.from({ length }, () => random.below(vocabulary)), promptLength: Math.floor(length / 2) };
  });
}

async function ourSeconds(place: Place, { setting, precision }: { setting: Setting; precision: Precision }) {
  await start(place, precision);
  const { student, teacher, batch, steps } = setting;
  const rows = rowsOf(setting);
  const models = {
    student: filledModel(configOfShape(student), { seed: 1, precision: "float32" }),
    teacher: filledModel(configOfShape(teacher), { seed: 2, precision }),
  };
  const trainer = new Trainer({
    ...models,
    totalSteps: steps + 1,
    objective: objective("amid", { alpha: 0, lambda: 0.1 }),
    optimizer: { learningRate: 1e-4, clipNorm: 1 },
  });
  const seconds: number[] = [];
  for (let step = 0; step <= steps; step++) {
    const began = performance.now();
    await trainer.step(rows.slice(step * batch, (step + 1) * batch));
    seconds.push((performance.now() - began) / 1000);
  }
  // The peer is to have the memory that it needs.
  for (const part of [trainer, models.student, models.teacher]) part.dispose();
  const device = (tf.memory() as { device?: { free: number; total: number } }).device;
  return { seconds: median(seconds.slice(1)), deviceMiB: device && Math.round((device.total - device.free) / 2 ** 20) };
}

async function compared(place: Place, precision: Precision): Promise<Finding> {
  const setting = settingOf(place);
  const { student, teacher, batch, steps, aim } = setting;
  const ours = await ourSeconds(place, { setting, precision });
  const said = `${student} from ${teacher}, batch ${batch}: ${ours.seconds.toFixed(3)} s a step`;
  const values: Record<string, unknown> = { ...setting, precision, ...ours };
  if (place.python === undefined) return ok(`${said}; there is no Python with PyTorch to compare with`, { values });
  const peer = await runStepPeer(place.python, {
    student: shapes[student],
    teacher: shapes[teacher],
    rows: rowsOf(setting),
    batch,
    steps,
    alpha: 0,
    lambda: 0.1,
    distillWeight: 1,
    device: onCuda(place) ? "cuda" : "cpu",
    precision,
  });
  const theirs = median(peer.seconds);
  const times = theirs / ours.seconds;
  const figure = `${said}, ${times.toFixed(1)} times as fast as the padded step of PyTorch ${peer.version} ` +
    `(${theirs.toFixed(3)} s, ${peer.models})`;
  const all = { figure, values: { ...values, peer, timesAsFast: times } };
  return times >= aim ? ok(figure, all) : notOk(`at least ${aim} times is the aim`, all);
}

/** The step. */
export const peerStep: Check = {
  name: "step",
  group: "Speed",
  about: "seconds of a training step, against the padded step of PyTorch",
  seconds: 150,
  runs: ({ python }) => python === undefined ? [] : [python],
  skip: ({ engine }) => engine === "cpu" ? "the reference engine is not for speed" : undefined,
  cases: (place) =>
    precisionsOf(place).toReversed().map((precision): Case => ({
      name: precision,
      run: () => compared(place, precision),
    })),
  expanded: true,
};
