/**
 * What a step costs beside its arithmetic: 12 blocks learn from 24, all with tiny matrices.
 *
 * @module
 */
import { z } from "zod";
import { parseTask } from "../support/schema.ts";
import type { Measured } from "./measured.ts";
import { benchFields, jsonField, median, place, startEngine } from "./shared.ts";
import { tinyTrainer } from "./tiny.ts";

const schema = z.strictObject({
  steps: z.int().min(1).default(50).describe("measured steps, after twenty warm-up steps"),
  ...benchFields,
  ...jsonField,
});

const WARM_UP = 20;

/** Measures the milliseconds of a step of tiny models. */
export async function benchOverhead(args: readonly string[]): Promise<Measured> {
  const description = "Measure the overhead of a step besides its arithmetic.";
  const { config } = await parseTask({ name: "bench overhead", description, schema, args });
  await startEngine(config);
  const layers = { studentLayers: 12, teacherLayers: 24 };
  const { trainer, rowsOf } = tinyTrainer({ ...layers, steps: config.steps + WARM_UP });
  const measured: number[] = [];
  for (let step = 0; step < config.steps + WARM_UP; step++) {
    const rows = rowsOf(step);
    const began = performance.now();
    await trainer.step(rows);
    measured.push(performance.now() - began);
  }
  const counted = measured.slice(WARM_UP);
  const line = {
    benchmark: "overhead",
    ...place(),
    ...layers,
    steps: config.steps,
    millisecondsPerStep: Number(median(counted).toFixed(2)),
    fastest: Number(Math.min(...counted).toFixed(2)),
  };
  return { line, json: config.json };
}
