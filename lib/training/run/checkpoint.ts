/**
 * Checkpoints: everything that a run needs to continue as if it had never stopped.
 *
 * A checkpoint is the folder `step-<n>/`: the files of `trainer_files.ts`, `run.json` with cursors, data policy and the
 * run's identity, `replay.json` with the replay buffer, and `manifest.json` with lengths and hashes. It is written
 * under another name and moved into place, so that a folder of that name is always whole.
 *
 * @module
 */
import { join } from "node:path";
import type { Cursor } from "../../batches/batches.ts";
import { onFirstRank } from "../../distributed/first_rank.ts";
import { writeAtomically } from "../../files/atomic_write.ts";
import { checkWeights } from "../step/find_culprit.ts";
import type { ReplayEntry } from "../policy/replay_buffer.ts";
import type { RowSupply, RowSupplyState } from "../policy/row_supply.ts";
import { differences } from "./flat_description.ts";
import { completed, type RunIdentity } from "./run_identity.ts";
import { PROBE_TOLERANCE, probeDifference } from "../../teachers/teacher.ts";
import type { Trainer } from "../step/trainer.ts";
import { readTrainer, writeTrainer } from "./trainer_files.ts";

/** The progress of a run, apart from its trainer and its supply of rows. */
export interface RunProgress {
  /** The batch that comes next. */
  cursor: Cursor;
  /** The batch of plain text that comes next. */
  textCursor: Cursor;
  /** Whether there has been a validation. */
  validated: boolean;
  /** Steps that were skipped. */
  skipped: number;
  /** The lowest validation loss and its step, if there was a validation after a step. */
  best?: { step: number; validLoss: number };
  /** The length of the metrics. */
  metricsOffset?: number;
}

/** The parts of a run that have state. */
export interface RunParts {
  trainer: Trainer;
  supply: RowSupply;
  identity: RunIdentity;
}

/** The contents of `run.json`. */
type RunFile = RunProgress & { supply: Omit<RowSupplyState, "buffer">; identity: RunIdentity };

/**
 * Writes a checkpoint's files.
 *
 * @param folder An existing folder.
 * @param parts The run's parts and its progress.
 * @throws {RangeError} If a weight is not finite.
 * @throws {Error} If a file cannot be written.
 */
export async function writeCheckpoint(folder: string, parts: RunParts & { progress: RunProgress }): Promise<void> {
  const { trainer, identity, progress } = parts;
  const { buffer, ...supply } = parts.supply.state();
  await checkWeights(trainer.student, trainer.steps);
  await writeTrainer(folder, trainer);
  await writeAtomically(join(folder, "replay.json"), JSON.stringify(buffer) + "\n");
  const run: RunFile = { ...progress, supply, identity };
  await writeAtomically(join(folder, "run.json"), JSON.stringify(run, null, 2) + "\n");
}

/**
 * Restores a run from a checkpoint. Of several ranks only the first must see the folder.
 *
 * @param folder The checkpoint, whose files have been checked.
 * @param parts The run's parts; their state is replaced.
 * @returns The run's progress, its planned number of steps, and warnings about what may change its rounding.
 * @throws {RangeError} If the checkpoint is of another run, with the differences in the message, another model answers as
 * its teacher, or it has taken more steps than the run has.
 */
export async function readCheckpoint(
  folder: string,
  { trainer, supply, identity }: RunParts,
): Promise<{ progress: RunProgress; totalSteps: number; warnings: string[] }> {
  const read = <Value>(name: string): Promise<Value> =>
    onFirstRank(trainer.communicator, () => readJson(join(folder, name)));
  const { supply: kept, identity: theirs, corpusCursor, ...rest }: RunFile & { corpusCursor?: Cursor } = await read(
    "run.json",
  );
  const progress = corpusCursor ? { ...rest, textCursor: corpusCursor } : rest; // its older name
  const { settings: { totalSteps, ...settings }, unsure } = completed(theirs, identity);
  const { totalSteps: wanted, ...ours } = identity.settings;
  const all = differences(settings, ours);
  if (all.length > 0) {
    // The caller's own names are preferred, where they differ.
    const own = all.filter((difference) => difference.startsWith("settings."));
    const named = (["teacher", "reference"] as const).flatMap((who) => {
      const [there, here] = [theirs, identity].map(({ names }) => names?.[who]);
      const differs = all.some((difference) => difference.startsWith(`${who}.`)) && there !== here;
      return differs && (there ?? here) ? [`the ${who} is ${quoted(there)} there, ${quoted(here)} here`] : [];
    });
    const other = own.length > 0 ? own.map((difference) => difference.slice("settings.".length)) : [...named, ...all];
    throw new RangeError(`Cannot resume from ${folder}: it belongs to another run; ${other.slice(0, 8).join("; ")}`);
  }
  checkProbe(folder, [theirs, identity]);
  const { step: taken } = await read<{ step: number }>("trainer.json");
  if (taken > Number(wanted)) {
    throw new RangeError(
      `Cannot resume from ${folder}: ${taken} steps have been taken, the run must have at least that many, current value ` +
        `is ${wanted}`,
    );
  }
  await readTrainer(folder, trainer);
  const buffer: ReplayEntry[] = await read("replay.json");
  supply.restore({ ...kept, buffer });
  const warnings = differences(theirs.rounding, identity.rounding)
    .map((difference) => `the run will not end bitwise the same as an uninterrupted one: ${difference}`);
  const old = unsure.map((part) =>
    `the checkpoint is from an older version, which stored only the name of the ${part}: whether its options are the same ` +
    "cannot be checked"
  );
  return { progress, totalSteps: Number(totalSteps), warnings: [...old, ...warnings] };
}

/** Refuses a teacher as which another model answers than before, under the same name. */
function checkProbe(folder: string, [{ probe: before }, { probe: now }]: [RunIdentity, RunIdentity]): void {
  if (!before || !now || before.length !== now.length) return;
  const difference = probeDifference(before, now);
  if (difference <= PROBE_TOLERANCE) return;
  throw new RangeError(
    `Cannot resume from ${folder}: another model answers as the teacher than before; the log-probabilities of the same ` +
      `${now.length} tokens differ by ${difference.toFixed(2)} nats on average`,
  );
}

const quoted = (name: string | undefined): string => name === undefined ? "absent" : `"${name}"`;

async function readJson<Value>(path: string): Promise<Value> {
  try {
    return JSON.parse(await Deno.readTextFile(path));
  } catch (cause) {
    throw new SyntaxError(`Cannot resume: ${path} is not JSON`, { cause });
  }
}
