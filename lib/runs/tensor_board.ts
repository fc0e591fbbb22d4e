/**
 * A run's numbers for TensorBoard.
 *
 * @module
 */
import { aText, checkArguments } from "../arguments/check_arguments.ts";
import { type EventFile, openEventFile, type OpenEventFileOptions } from "./event_file.ts";
import type { Recorder } from "./recorder.ts";

/** Options for {@linkcode tensorBoard}. */
export type TensorBoardOptions = Pick<OpenEventFileOptions, "now">;

/**
 * Writes the numbers of steps and validations into an event file, under the tags `step/<name>` and `validation/<name>`;
 * metrics stand beside the step's own numbers.
 *
 * @param folder The run's folder, which `tensorboard --logdir` reads; it is made where it is missing.
 * @param options The time.
 */
export function tensorBoard(folder: string, options: TensorBoardOptions = {}): Recorder {
  checkArguments("write for TensorBoard", { folder: [folder, aText] });
  let file: EventFile | undefined;
  return {
    name: "the event file of TensorBoard",
    async open({ step }) {
      await Deno.mkdir(folder, { recursive: true });
      file = await openEventFile(folder, { ...options, step });
    },
    event(event) {
      if (event.type === "step") file?.add({ ...event, ...event.metrics });
      else if (event.type === "validation") file?.add({ ...event });
    },
    close: () => file?.close(),
  };
}
