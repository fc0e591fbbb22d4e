/**
 * Loading a checkpoint.
 *
 * @module
 */
import { z } from "zod";
import { findGguf } from "../../lib/files/gguf/find_gguf.ts";
import { readGguf } from "../../lib/files/gguf/read_gguf.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import type { StoragePrecision } from "../../lib/engines/mod.ts";
import { modelFolder } from "../../lib/hub/model_folder.ts";
import { familyOf } from "../../lib/models/families/families.ts";
import { encodeSafetensors } from "../../lib/models/weights/safetensors.ts";
import { parseTask } from "../support/schema.ts";
import { firstTokenSeconds } from "./first.ts";
import type { Measured } from "./measured.ts";
import { benchFields, configOfShape, jsonField, type PeakMiB, place, shapeField, startEngine } from "./shared.ts";
import { storageCost } from "./storage_cost.ts";

const schema = z.strictObject({
  model: shapeField("gpt2", "model"),
  file: z.string().optional().describe("a model's folder, GGUF file or name that is loaded in place of a made one"),
  storage: z.enum(["float32", "bfloat16", "int8", "int4", "stored"]).default("float32").describe(
    "how the parameters are stored; where not in float32, the line has their rounding error, the divergence of the " +
      "full model's next tokens from theirs, and the time of both models' forward passes",
  ),
  text: z.string().default("README.md").describe(
    "a text file; both models are compared on its first tokens",
  ),
  folder: z.string().default("runs/bench-load").describe("where a checkpoint is temporarily written"),
  ...benchFields,
  ...jsonField,
});

/** Bytes that are read or written at once. */
const PIECE = 2 ** 22;

/**
 * Measures loading; the line says how fast a file is read, as a model and as bytes alone, how much memory it takes, and of
 * `--file` when a process of its own has written the first token.
 */
export async function benchLoad(args: readonly string[]): Promise<Measured> {
  const { config } = await parseTask({ name: "bench load", description: "Measure loading.", schema, args });
  const { peakMiB } = await startEngine(config);
  const { model, file, folder, json, storage } = config;
  if (file !== undefined) {
    const path = await modelFolder(file, { wanted: "model" });
    const line = await measureLoad(path, { model: file, peakMiB, storage });
    const cost = storage === "float32" ? {} : await storageCost(file, config);
    return { line: { ...line, firstTokenSeconds: await firstTokenSeconds(path, config), ...cost }, json };
  }
  await Deno.mkdir(folder, { recursive: true });
  try {
    await writeCheckpoint(folder, configOfShape(model));
    return { line: await measureLoad(folder, { model, peakMiB, storage }), json };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

interface LoadSettings {
  model: string;
  peakMiB: PeakMiB;
  storage: StoragePrecision;
}

async function measureLoad(path: string, { model, peakMiB, storage }: LoadSettings) {
  const files = await weightPaths(path);
  const sizes = await Promise.all(files.map(async (file) => (await Deno.stat(file)).size));
  const fileMiB = sizes.reduce((sum, size) => sum + size, 0) / 2 ** 20;
  const readSeconds = await timed(async () => {
    for (const file of files) await readThrough(file);
  });
  const before = residentMiB();
  const { seconds, peak, loaded } = await watched(() => loadModel(path, { precision: storage }), peakMiB);
  const parameterMiB = 4 * loaded.parameterCount / 2 ** 20;
  const storedMiB = loaded.packedBytes === undefined ? undefined : loaded.packedBytes / 2 ** 20;
  return {
    benchmark: "load",
    ...place(),
    model,
    storage,
    fileMiB: Math.round(fileMiB),
    seconds,
    MiBPerSecond: fileMiB / seconds,
    parameterMiBPerSecond: parameterMiB / seconds,
    plainReadMiBPerSecond: fileMiB / readSeconds,
    beforeMiB: before,
    peakMiB: peak,
    peakOverParameters: (peak - before) / parameterMiB,
    ...storedMiB !== undefined &&
      { storedMiB, storedOverFloat32: storedMiB / parameterMiB, peakOverStored: (peak - before) / storedMiB },
  };
}

/** The files of a model's weights. */
async function weightPaths(path: string): Promise<readonly string[]> {
  const gguf = await findGguf(path);
  if (gguf !== undefined) return (await readGguf(gguf)).paths;
  const names = (await Array.fromAsync(Deno.readDir(path))).map(({ name }) => name);
  const [ours, theirs] = [/\.safetensors$/, /\.(bin|pt)$/].map((ending) => names.filter((name) => ending.test(name)));
  return (ours.length > 0 ? ours : theirs).map((name) => `${path}/${name}`);
}

const residentMiB = (): number => Math.round(Deno.memoryUsage().rss / 2 ** 20);

/** The time that work takes, and the most memory that the process holds meanwhile, in MiB. */
async function watched<Loaded>(
  work: () => Promise<Loaded>,
  peakMiB: PeakMiB,
): Promise<{ seconds: number; peak: number; loaded: Loaded }> {
  let seen = 0;
  const looking = setInterval(() => seen = Math.max(seen, residentMiB()), 5);
  const before = peakMiB();
  let loaded: Loaded;
  const seconds = await timed(async () => loaded = await work());
  clearInterval(looking);
  // The system's own mark is exact, but says nothing below what the process has held before.
  const marked = peakMiB();
  return { seconds, peak: marked > before ? marked : Math.max(seen, residentMiB()), loaded: loaded! };
}

async function timed(work: () => Promise<unknown>): Promise<number> {
  const began = performance.now();
  await work();
  return (performance.now() - began) / 1000;
}

/** A checkpoint of small numbers, written piece by piece so that this process stays small. */
async function writeCheckpoint(folder: string, json: Record<string, unknown>): Promise<void> {
  const family = familyOf(json);
  const shapes = new Map([...family.parameters(family.readConfig(json))].map(([name, { shape }]) => [name, shape]));
  await Deno.writeTextFile(`${folder}/config.json`, JSON.stringify(json));
  using file = await Deno.open(`${folder}/model.safetensors`, { write: true, create: true, truncate: true });
  const writer = file.writable.getWriter();
  const pieces = encodeSafetensors(shapes, () => Promise.resolve(new Float32Array()), "F32");
  for (const _ of ["length", "header"]) await writer.write((await pieces.next()).value!);
  const numbers = Float32Array.from({ length: PIECE / 4 }, (_, i) => 0.02 * Math.sin(i));
  let left = 4 * [...shapes.values()].reduce((sum, shape) => sum + shape.reduce((a, b) => a * b, 1), 0);
  for (; left > 0; left -= PIECE) await writer.write(new Uint8Array(numbers.buffer, 0, Math.min(left, PIECE)));
  writer.releaseLock();
  await file.sync();
}

async function readThrough(path: string): Promise<void> {
  using file = await Deno.open(path);
  const buffer = new Uint8Array(PIECE);
  while (await file.read(buffer) !== null);
}
