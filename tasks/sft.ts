/**
 * Trains a model by next-token loss: a teacher, or the start of a student.
 *
 *     deno task sft --config tasks/configs/built_in/teacher.json
 */
import { runSft } from "./support/run_sft.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { sftHelp, sftSchema } from "./support/sft_setup.ts";
import { sftEffects } from "./support/training_effects.ts";

/**
 * Runs the task.
 *
 * @param args The flags.
 * @param root Where run folders are made.
 * @returns The exit status: 0 at the end, 130 where it was stopped.
 */
export async function main(args: readonly string[], root = "runs"): Promise<number> {
  const description = "Train a model by next-token loss.";
  const [schema, help, effects] = [sftSchema, sftHelp, sftEffects];
  const { config, origins } = await parseTask({ name: "sft", description, schema, args, help, effects });
  const { status, result } = await runSft(config, { root, origins });
  if (result) console.log(JSON.stringify(result, null, 2));
  return status;
}

if (import.meta.main) await runTask(main);
