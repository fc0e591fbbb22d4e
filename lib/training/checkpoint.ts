/**
 * Checkpoints: all that a run needs to go on as if it had never stopped.
 *
 * A checkpoint is the folder `step-<n>/` with the student as a Hugging Face folder, the optimizer's moments and a state
 * in JSON. It is written beside and moved into place, so that a folder of that name is always whole.
 *
 * @module
 */
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import type { Cursor } from "../datasets/batches.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import { saveModel } from "../models/load_model.ts";
import { encodeSafetensors, SafetensorsFile } from "../models/safetensors.ts";
import type { Trainer } from "./trainer.ts";

/** What a checkpoint says beside tensors. */
export interface CheckpointState {
  /** Steps taken. */
  step: number;
  /** The batch that comes next. */
  cursor: Cursor;
}

const nameOf = (step: number): string => `step-${String(step).padStart(8, "0")}`;

/**
 * Saves a checkpoint and deletes the ones before it.
 *
 * @param folder Where checkpoints lie; it is made if it is not there.
 * @param trainer The run's trainer.
 * @param cursor The batch that comes next.
 * @returns The checkpoint's path.
 * @throws {Error} If it cannot be written; the checkpoints before it then stand.
 */
export async function saveCheckpoint(folder: string, trainer: Trainer, cursor: Cursor): Promise<string> {
  const path = join(folder, nameOf(trainer.steps));
  const beside = `${path}.partial`;
  await Deno.mkdir(folder, { recursive: true });
  await removeAll(beside);
  try {
    await Deno.mkdir(beside);
    await saveModel(trainer.student, join(beside, "student"));
    const moments = momentsOf(trainer);
    const shapes = new Map([...moments].map(([name, { shape }]) => [name, shape]));
    const numbers = async (name: string) => await moments.get(name)!.data() as Float32Array<ArrayBuffer>;
    await writeAtomically(join(beside, "optimizer.safetensors"), encodeSafetensors(shapes, numbers, "F32"));
    const state: CheckpointState = { step: trainer.steps, cursor };
    await writeAtomically(join(beside, "state.json"), JSON.stringify(state));
    await removeAll(path);
    await Deno.rename(beside, path);
  } catch (error) {
    await removeAll(beside);
    throw error;
  }
  for (const older of await checkpoints(folder)) {
    if (older !== path) await removeAll(older);
  }
  return path;
}

/**
 * Finds the last checkpoint.
 *
 * @param folder Where checkpoints lie; it need not be there.
 * @returns Its path, or nothing where there is none.
 */
export async function lastCheckpoint(folder: string): Promise<string | undefined> {
  return (await checkpoints(folder)).at(-1);
}

/**
 * Puts a trainer where a checkpoint was taken.
 *
 * @param path The checkpoint.
 * @param trainer A trainer of the same student's shape; its parameters and moments are replaced.
 * @returns The checkpoint's state.
 * @throws {Error} If a file of the checkpoint is missing or broken, or is of another model; the message names it.
 */
export async function loadCheckpoint(path: string, trainer: Trainer): Promise<CheckpointState> {
  await assignAll(join(path, "student", "model.safetensors"), trainer.student.parameters);
  await assignAll(join(path, "optimizer.safetensors"), momentsOf(trainer));
  const file = join(path, "state.json");
  const { step, cursor } = JSON.parse(await Deno.readTextFile(file)) as Partial<CheckpointState>;
  if (!Number.isSafeInteger(step) || !Number.isSafeInteger(cursor?.epoch) || !Number.isSafeInteger(cursor?.position)) {
    throw new SyntaxError(`Cannot resume: ${file} must hold a step and a cursor of whole numbers`);
  }
  trainer.optimizer.step = step!;
  return { step: step!, cursor: cursor! };
}

async function checkpoints(folder: string): Promise<string[]> {
  const names: string[] = [];
  try {
    for await (const { name } of Deno.readDir(folder)) if (/^step-\d+$/.test(name)) names.push(name);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
  return names.sort().map((name) => join(folder, name));
}

async function removeAll(path: string): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function momentsOf({ optimizer }: Trainer): Map<string, tf.Variable> {
  const named = (prefix: string, moments: ReadonlyMap<string, tf.Variable>) =>
    [...moments].map(([name, moment]) => [`${prefix}.${name}`, moment] as const);
  return new Map([...named("first", optimizer.firstMoments), ...named("second", optimizer.secondMoments)]);
}

async function assignAll(path: string, variables: ReadonlyMap<string, tf.Variable>): Promise<void> {
  const file = await SafetensorsFile.open(path);
  try {
    for (const [name, variable] of variables) {
      const shape = file.tensors.get(name)?.shape;
      if (shape?.join() !== variable.shape.join()) {
        throw new RangeError(
          `Cannot resume: ${path} must hold "${name}" of shape [${variable.shape}], it has [${shape}]`,
        );
      }
      const tensor = tf.tensor(await file.read(name), variable.shape);
      variable.assign(tensor);
      tensor.dispose();
    }
  } finally {
    file.close();
  }
}
