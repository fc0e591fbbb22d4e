/**
 * A trainer's state in files: `student/` as a Hugging Face folder, or that of its adapters where these are trained,
 * `optimizer.safetensors` with the optimizer's slots, `average.safetensors` where weights are averaged, `trainer.json`
 * with the step and the schedules.
 *
 * @module
 */
import { join } from "node:path";
import * as tf from "@tensorflow/tfjs-core";
import type { ScheduleState } from "../../assistants/schedules.ts";
import type { Communicator } from "../../distributed/communicator.ts";
import { onFirstRank } from "../../distributed/first_rank.ts";
import { writeAtomically } from "../../files/atomic_write.ts";
import { ADAPTER_WEIGHTS, peftTensors } from "../../models/lora/lora_folder.ts";
import { saveAdaptedModel } from "../../models/lora/save_adapted.ts";
import { encodeSafetensors, SafetensorsFile } from "../../models/weights/safetensors.ts";
import { assignNumbers } from "../optimizer/shared_optimizer.ts";
import type { Trainer } from "../step/trainer.ts";

/** The contents of `trainer.json`. */
interface TrainerState {
  step: number;
  schedules: Record<string, ScheduleState>;
}

/**
 * Writes a trainer's state. If its work is shared by ranks, the first one writes while the others call
 * {@linkcode attendWriting}.
 *
 * @param folder An existing folder.
 * @param trainer The trainer.
 * @throws {Error} If a file cannot be written.
 */
export async function writeTrainer(folder: string, trainer: Trainer): Promise<void> {
  await saveAdaptedModel(trainer.student, join(folder, "student"), { shardBytes: Number.MAX_SAFE_INTEGER }); // read back from one file
  const { shapes, read } = trainer.slots;
  await writeAtomically(join(folder, "optimizer.safetensors"), encodeSafetensors(shapes, read, "F32"));
  if (trainer.average) await writeTensors(join(folder, "average.safetensors"), trainer.average.values);
  const state: TrainerState = { step: trainer.steps, schedules: trainer.settings.state() };
  await writeAtomically(join(folder, "trainer.json"), JSON.stringify(state) + "\n");
}

/** Sends this rank's part of a trainer's state to the rank that writes it. */
export async function attendWriting({ slots }: Trainer): Promise<void> {
  for (const name of slots.shapes.keys()) await slots.read(name);
}

/**
 * Restores a trainer's state. If its work is shared by ranks, the first one reads and the
 * others receive what they need: only the first must see the folder.
 *
 * @param folder The folder.
 * @param trainer A trainer of the same student's shape; its parameters, slots and schedules are replaced.
 * @throws {Error} If a file is missing or broken, or is of another model; the message names it.
 */
export async function readTrainer(folder: string, trainer: Trainer): Promise<void> {
  const { communicator, student, slots, average } = trainer;
  const file = join(folder, "trainer.json");
  const readJson = async (): Promise<Partial<TrainerState>> => JSON.parse(await Deno.readTextFile(file));
  const { step, schedules } = await onFirstRank(communicator, readJson);
  if (!Number.isSafeInteger(step) || typeof schedules !== "object" || schedules === null) {
    throw new SyntaxError(`Cannot resume: ${file} must hold a step and schedules`);
  }
  const [weights, variables] = student.lora
    ? [ADAPTER_WEIGHTS, peftTensors(student.lora)] as const
    : ["model.safetensors", student.parameters] as const;
  await readTensors(join(folder, "student", weights), { ...placesOf(variables), communicator });
  await readTensors(join(folder, "optimizer.safetensors"), { ...slots, communicator });
  if (average) await readTensors(join(folder, "average.safetensors"), { ...placesOf(average.values), communicator });
  trainer.settings.restore(schedules);
  trainer.optimizer.step = step!;
}

/** The destination of numbers that are read. */
interface Places {
  /** The shapes by name. */
  shapes: ReadonlyMap<string, number[]>;
  write(name: string, numbers: Float32Array<ArrayBuffer>): void;
}

const placesOf = (variables: ReadonlyMap<string, tf.Variable>): Places => ({
  shapes: new Map([...variables].map(([name, { shape }]) => [name, shape])),
  write: (name, numbers) => assignNumbers(variables.get(name)!, numbers),
});

async function writeTensors(path: string, tensors: ReadonlyMap<string, tf.Tensor>): Promise<void> {
  const shapes = new Map([...tensors].map(([name, { shape }]) => [name, shape]));
  const numbers = async (name: string) => await tensors.get(name)!.data() as Float32Array<ArrayBuffer>;
  await writeAtomically(path, encodeSafetensors(shapes, numbers, "F32"));
}

/** Reads on the first rank, and sends the numbers to all. */
async function readTensors(
  path: string,
  { shapes, write, communicator }: Places & { communicator: Communicator },
): Promise<void> {
  const file = communicator.rank === 0 ? await SafetensorsFile.open(path) : undefined;
  try {
    for (const [name, wanted] of shapes) {
      const shape = file?.tensors.get(name)?.shape;
      if (file && shape?.join() !== wanted.join()) {
        throw new RangeError(`Cannot resume: ${path} must hold "${name}" of shape [${wanted}], it has [${shape}]`);
      }
      const numbers = await file?.read(name) ?? new Float32Array(tf.util.sizeFromShape(wanted));
      await communicator.broadcast(numbers);
      write(name, numbers);
    }
  } finally {
    file?.close();
  }
}
