/**
 * Loading a checkpoint.
 *
 * @module
 */
import { z } from "zod";
import { loadModel } from "../../lib/models/load_model.ts";
import { familyOf } from "../../lib/models/families/families.ts";
import { encodeSafetensors } from "../../lib/models/weights/safetensors.ts";
import { parseTask } from "../support/schema.ts";
import type { Measured } from "./measured.ts";
import { benchFields, configOfShape, jsonField, type PeakMiB, place, shapeField, startEngine } from "./shared.ts";

const schema = z.strictObject({
  model: shapeField("gpt2", "model"),
  folder: z.string().default("runs/bench-load").describe("where a checkpoint is made, and removed again"),
  ...benchFields,
  ...jsonField,
});

/** Bytes that are read or written at once. */
const PIECE = 2 ** 22;

/** Measures loading; the line says how fast a file is read, as a model and as bytes alone, and how much memory it takes. */
export async function benchLoad(args: readonly string[]): Promise<Measured> {
  const { config } = await parseTask({ name: "bench load", description: "Measure loading.", schema, args });
  const { peakMiB } = await startEngine(config);
  const { model: shape, folder } = config;
  const path = `${folder}/model.safetensors`;
  await Deno.mkdir(folder, { recursive: true });
  try {
    const bytes = await writeCheckpoint(folder, configOfShape(shape));
    const readSeconds = await timed(() => readThrough(path));
    const before = residentMiB();
    const { seconds, peak } = await watched(() => loadModel(folder), peakMiB);
    const fileMiB = bytes / 2 ** 20;
    const line = {
      benchmark: "load",
      ...place(),
      model: shape,
      fileMiB: Math.round(fileMiB),
      seconds,
      MiBPerSecond: fileMiB / seconds,
      plainReadMiBPerSecond: fileMiB / readSeconds,
      beforeMiB: before,
      peakMiB: peak,
      peakOverParameters: (peak - before) / fileMiB,
    };
    return { line, json: config.json };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const residentMiB = (): number => Math.round(Deno.memoryUsage().rss / 2 ** 20);

/** The time that work takes, and the most memory that the process holds meanwhile, in MiB. */
async function watched(work: () => Promise<unknown>, peakMiB: PeakMiB): Promise<{ seconds: number; peak: number }> {
  let seen = 0;
  const looking = setInterval(() => seen = Math.max(seen, residentMiB()), 5);
  const before = peakMiB();
  const seconds = await timed(work);
  clearInterval(looking);
  // The system's own mark is exact, but says nothing below what the process has held before.
  const marked = peakMiB();
  return { seconds, peak: marked > before ? marked : Math.max(seen, residentMiB()) };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** A checkpoint of small numbers, written piece by piece so that this process stays small; returns its bytes. */
async function writeCheckpoint(folder: string, json: Record<string, unknown>): Promise<number> {
  const family = familyOf(json);
  const shapes = new Map([...family.parameters(family.readConfig(json))].map(([name, { shape }]) => [name, shape]));
  await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify(json));
  using file = await Deno.open(`${folder}/model.safetensors`, { write: true, create: true, truncate: true });
  const writer = file.writable.getWriter();
  const pieces = encodeSafetensors(shapes, () => Promise.resolve(new Float32Array()), "F32");
  for (const _ of ["length", "header"]) await writer.write((await pieces.next()).value!);
  const numbers = Float32Array.from({ length: PIECE / 4 }, (_, i) => 0.02 * Math.sin(i));
  let left = 4 * [...shapes.values()].reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
  const bytes = left;
  for (; left > 0; left -= PIECE) await writer.write(new Uint8Array(numbers.buffer, 0, Math.min(left, PIECE)));
  writer.releaseLock();
  await file.sync();
  return bytes;
}

async function readThrough(path: string): Promise<void> {
  using file = await Deno.open(path);
  const buffer = new Uint8Array(PIECE);
  while (await file.read(buffer) !== null);
}
