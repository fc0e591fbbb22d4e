/**
 * Takes a step that ended a run again, and shows whether it fails as it did.
 *
 *     deno task replay-step runs/mine/failures/step-00000012
 */
import { readFailedStep, replayFailedStep } from "../lib/training/run/failed_step.ts";
import { NonFiniteLossError, Trainer } from "../lib/training/step/trainer.ts";
import { withFirst } from "./support/positional.ts";
import { replayedOptions, replaySchema as schema, startAsIn } from "./support/replay_setup.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";

/**
 * Runs the task.
 *
 * @param args The flags, or the folder and the flags.
 * @returns The exit status: 0 where the step fails as it did, 1 where it does not.
 */
export async function main(args: readonly string[]): Promise<number> {
  const description = "Repeat a step that ended a run.";
  const { config } = await parseTask({ name: "replay-step", description, schema, args: withFirst(args, "--folder") });
  const { step, culprit, rows, settings } = await readFailedStep(config.folder);
  const { name, changes } = await startAsIn(settings, config);
  console.log(`step ${step}, ${rows.length} rows, saved with: ${culprit}`);
  const trainer = new Trainer(await replayedOptions({ ...settings, ...changes }));
  try {
    const { loss, gradNorm } = await replayFailedStep(config.folder, trainer);
    console.log(`on ${name}: the step succeeds, its loss is ${loss}, its gradient norm ${gradNorm}`);
    return 1;
  } catch (error) {
    if (!(error instanceof NonFiniteLossError)) throw error;
    console.log(`on ${name}: ${error.culprit}`);
    console.log(error.culprit === culprit ? "the same" : "another culprit");
    return error.culprit === culprit ? 0 : 1;
  } finally {
    trainer.dispose();
  }
}

if (import.meta.main) await runTask(main);
