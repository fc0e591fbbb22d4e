/**
 * A run's metrics as TensorBoard's event files.
 *
 * Each start of the program writes its own file, `events.out.tfevents.<number>.amid`, numbered so that readers,
 * which take the files by name, see them in their order.
 *
 * @module
 */
import { join } from "node:path";
import { encodeScalarEvent, eventBytesUpTo } from "../files/scalar_event.ts";

/** Options for {@linkcode openEventFile}. */
export interface OpenEventFileOptions {
  /**
   * The step after which the run continues, 0 for a new run. What older files hold of later steps is cut off.
   *
   * @default {0}
   */
  step?: number;
  /**
   * The time, in milliseconds since 1970.
   *
   * @default {Date.now}
   */
  now?: () => number;
}

/** An event file that is open. */
export interface EventFile extends Disposable {
  /** Where it lies. */
  readonly path: string;
  /**
   * Adds the numbers of a metrics record under the tags `<type>/<name>`, as float32; what is not a number is left out.
   *
   * @throws {RangeError} If the step is not a non-negative whole number.
   */
  add(record: Readonly<Record<string, unknown>> & { type: string; step: number }): void;
  /** Closes it. */
  close(): void;
}

const namePattern = /^events\.out\.tfevents\.(\d+)\.amid$/;

/**
 * Opens a new event file for this start of the program.
 *
 * A run that resumes from a checkpoint has its older files cut back to the checkpoint's step, broken last records
 * included, and makes running readers drop what came after it: no step is recorded twice.
 *
 * @param folder The run's folder.
 * @param options The step, and the time.
 * @returns The open file; dispose of it, or close it, at the end.
 *
 * @example A run's loss, ready for `tensorboard --logdir`
 * ```ts
 * import { openEventFile } from "@amid/amid/runs";
 *
 * const folder = await Deno.makeTempDir();
 * using events = await openEventFile(folder);
 * events.add({ type: "step", step: 1, loss: 2.5 }); // the tag is step/loss
 * ```
 */
export async function openEventFile(folder: string, options: OpenEventFileOptions = {}): Promise<EventFile> {
  const { step = 0, now = () => Date.now() } = options;
  const older = await eventFiles(folder);
  for (const { path } of older) await cutBack(path, step);
  const number = Math.max(0, ...older.map(({ number }) => number)) + 1;
  const path = join(folder, `events.out.tfevents.${String(number).padStart(10, "0")}.amid`);
  const file = await Deno.open(path, { write: true, createNew: true });
  const write = (bytes: Uint8Array) => {
    for (let written = 0; written < bytes.length;) written += file.writeSync(bytes.subarray(written));
  };
  const wallTime = () => now() / 1000;
  write(encodeScalarEvent({ wallTime: wallTime(), step: 0, fileVersion: "brain.Event:2" }));
  if (older.length > 0) write(encodeScalarEvent({ wallTime: wallTime(), step: step + 1, restart: true }));
  const close = () => file.close();
  return {
    path,
    add({ type, step, ...rest }) {
      const numbers = Object.entries(rest).filter((entry): entry is [string, number] => typeof entry[1] === "number");
      const scalars = Object.fromEntries(numbers.map(([name, value]) => [`${type}/${name}`, value]));
      if (numbers.length > 0) write(encodeScalarEvent({ wallTime: wallTime(), step, scalars }));
    },
    close,
    [Symbol.dispose]: close,
  };
}

async function eventFiles(folder: string): Promise<{ path: string; number: number }[]> {
  const files: { path: string; number: number }[] = [];
  for await (const { name } of Deno.readDir(folder)) {
    const match = namePattern.exec(name);
    if (match) files.push({ path: join(folder, name), number: Number(match[1]) });
  }
  return files;
}

/** Keeps what belongs to the steps up to this one; of a file with nothing else, only the first record remains. */
async function cutBack(path: string, step: number): Promise<void> {
  const bytes = await Deno.readFile(path);
  const end = eventBytesUpTo(bytes, step);
  if (end < bytes.length) await Deno.truncate(path, end);
}
