/**
 * Whether anything grows over many steps, drawn step by step.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { grown, type LeakSample, leakSample } from "../../bench/leak.ts";
import { tinyTrainer } from "../../bench/tiny.ts";
import { type Case, type Check, notOk, ok, type Place } from "../check.ts";
import { drawing } from "../drawing.ts";
import { start } from "../engine.ts";

/** Samples of a run. */
const SAMPLES = 40;
/** MiB by which resident memory may grow after a quarter of the steps. */
const GROWTH = 32;

function leakCase(place: Place): Case {
  const { leakSteps } = place;
  return {
    name: `${leakSteps} steps`,
    async run() {
      await start(place);
      const { trainer, rowsOf } = tinyTrainer({ studentLayers: 2, teacherLayers: 2, steps: leakSteps });
      const samples: LeakSample[] = [];
      const device: number[] = [];
      const every = Math.max(1, Math.round(leakSteps / SAMPLES));
      for (let step = 1; step <= leakSteps; step++) {
        await trainer.step(rowsOf(step));
        if (step % every !== 0 && step !== leakSteps) continue;
        samples.push(leakSample(step));
        const taken = (tf.memory() as { device?: { free: number; total: number } }).device;
        if (taken) device.push((taken.total - taken.free) / 2 ** 20);
      }
      const marks = [0.1, 0.25, 1].map((share) =>
        samples.findLast(({ step }) => step <= share * leakSteps) ?? samples[0]
      );
      const what: string[] = grown(marks, GROWTH);
      // What libtorch keeps of the device's memory is there after a quarter of the steps.
      const settledDevice = device[Math.floor(device.length / 4)];
      if (device.length > 0 && device.at(-1)! - settledDevice > GROWTH) what.push("deviceMiB");
      const [, quarter, last] = marks;
      const figure = `${last.tensors} tensors, ${last.usedMiB - quarter.usedMiB >= 0 ? "+" : ""}${
        (last.usedMiB - quarter.usedMiB).toFixed(1)
      } MiB in use after the first quarter`;
      const detail = [
        ...drawing("MiB in use", samples.map(({ usedMiB }) => usedMiB)),
        ...drawing("tensors", samples.map(({ tensors }) => tensors)),
        ...(device.length > 0 ? drawing("MiB of the device", device) : []),
      ].join("\n");
      const more = { figure, detail, values: { samples, ...(device.length > 0 && { device }) } };
      return what.length === 0 ? ok(figure, more) : notOk(`grown: ${what.join(", ")}`, more);
    },
  };
}

/** The check of memory. */
export const memory: Check = {
  name: "memory",
  group: "Training",
  about: "tensors, handles and memory stay level over many steps",
  seconds: 400,
  cases: (place) => [leakCase(place)],
};
