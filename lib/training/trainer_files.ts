/**
 * A trainer's state in files: `student/` as a Hugging Face folder, or that of its adapters where these are trained,
 * `optimizer.safetensors` with the moments, `average.safetensors` where weights are averaged, `trainer.json` with the step and the schedules.
 *
 * @module
 */
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import type { ScheduleState } from "../assistants/schedules.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import type { LanguageModel } from "../models/language_model.ts";
import { ADAPTER_WEIGHTS, peftTensors } from "../models/lora_folder.ts";
import { saveAdaptedModel } from "../models/save_adapted.ts";
import { encodeSafetensors, SafetensorsFile } from "../models/safetensors.ts";
import type { Trainer } from "./trainer.ts";

/** What `trainer.json` says. */
interface TrainerState {
  step: number;
  schedules: Record<string, ScheduleState>;
}

/**
 * Writes a trainer's state.
 *
 * @param folder A folder that is there.
 * @param trainer The trainer.
 * @throws {Error} If a file cannot be written.
 */
export async function writeTrainer(folder: string, trainer: Trainer): Promise<void> {
  await saveAdaptedModel(trainer.student, join(folder, "student"), { shardBytes: Number.MAX_SAFE_INTEGER }); // read back from one file
  await writeTensors(join(folder, "optimizer.safetensors"), momentsOf(trainer));
  if (trainer.average) await writeTensors(join(folder, "average.safetensors"), trainer.average.values);
  const state: TrainerState = { step: trainer.steps, schedules: trainer.settings.state() };
  await writeAtomically(join(folder, "trainer.json"), JSON.stringify(state) + "\n");
}

/**
 * Puts a trainer where another was when it was written.
 *
 * @param folder The folder.
 * @param trainer A trainer of the same student's shape; its parameters, moments and schedules are replaced.
 * @throws {Error} If a file is missing or broken, or is of another model; the message names it.
 */
export async function readTrainer(folder: string, trainer: Trainer): Promise<void> {
  const file = join(folder, "trainer.json");
  const { step, schedules } = JSON.parse(await Deno.readTextFile(file)) as Partial<TrainerState>;
  if (!Number.isSafeInteger(step) || typeof schedules !== "object" || schedules === null) {
    throw new SyntaxError(`Cannot resume: ${file} must hold a step and schedules`);
  }
  await readStudent(join(folder, "student"), trainer.student);
  await readTensors(join(folder, "optimizer.safetensors"), momentsOf(trainer));
  if (trainer.average) await readTensors(join(folder, "average.safetensors"), trainer.average.values);
  trainer.settings.restore(schedules);
  trainer.optimizer.step = step!;
}

function readStudent(folder: string, { lora, parameters }: LanguageModel): Promise<void> {
  return lora
    ? readTensors(join(folder, ADAPTER_WEIGHTS), peftTensors(lora))
    : readTensors(join(folder, "model.safetensors"), parameters);
}

function momentsOf({ optimizer }: Trainer): Map<string, tf.Variable> {
  const named = (prefix: string, moments: ReadonlyMap<string, tf.Variable>) =>
    [...moments].map(([name, moment]) => [`${prefix}.${name}`, moment] as const);
  return new Map([...named("first", optimizer.firstMoments), ...named("second", optimizer.secondMoments)]);
}

async function writeTensors(path: string, tensors: ReadonlyMap<string, tf.Tensor>): Promise<void> {
  const shapes = new Map([...tensors].map(([name, { shape }]) => [name, shape]));
  const numbers = async (name: string) => await tensors.get(name)!.data() as Float32Array<ArrayBuffer>;
  await writeAtomically(path, encodeSafetensors(shapes, numbers, "F32"));
}

async function readTensors(path: string, variables: ReadonlyMap<string, tf.Variable>): Promise<void> {
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
