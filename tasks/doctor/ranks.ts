/**
 * A short run on several ranks, each a process that `mpirun` starts.
 *
 * @module
 */
import type { Communicator } from "../../lib/distributed/mod.ts";
import { openCommunicator } from "../../lib/engines/open_communicator.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { Trainer } from "../../lib/training/step/trainer.ts";
import { onCuda, type Place } from "./check.ts";
import { ownCommand } from "./command.ts";
import { start } from "./engine.ts";
import { runToEnd } from "./programs.ts";
import { smallModel, smallRows } from "./small.ts";

/** What a rank's process is asked for. */
export interface RankOrder {
  ranks: Place;
  shardOptimizer: boolean;
}

/** Losses and gradient norms of some steps. */
export async function rankLosses(
  communicator: Communicator,
  { shardOptimizer }: { shardOptimizer: boolean },
): Promise<number[]> {
  const trainer = new Trainer({
    student: smallModel(1),
    teacher: smallModel(9),
    totalSteps: 4,
    objective: objective("amid", { alpha: 0, lambda: 0.1 }),
    optimizer: { learningRate: 3e-3, weightDecay: 0.01, clipNorm: 1 },
    communicator,
    shardOptimizer,
  });
  const found: number[] = [];
  for (let step = 0; step < 4; step++) {
    const { loss, gradNorm } = await trainer.step(smallRows(step));
    found.push(loss, gradNorm);
  }
  trainer.dispose();
  return found;
}

/** A rank's process: takes the steps and gives its losses as a line. */
export async function rankProcess({ ranks: place, shardOptimizer }: RankOrder): Promise<string> {
  const local = Number(Deno.env.get("OMPI_COMM_WORLD_RANK") ?? 0);
  await start(onCuda(place) ? { ...place, device: `cuda:${local}` } : place);
  const communicator = await openCommunicator(onCuda(place) ? "nccl" : "mpi");
  const losses = await rankLosses(communicator, { shardOptimizer });
  communicator.dispose();
  return JSON.stringify({ rank: local, losses });
}

/** Runs the steps on some ranks. Returns each rank's losses, or why there are none. */
export async function ranksRun(
  place: Place,
  { size, shardOptimizer }: { size: number; shardOptimizer: boolean },
): Promise<number[][] | string> {
  const { program, args, env, cwd } = ownCommand({ ranks: place, shardOptimizer }, place);
  const mpi = ["-n", String(size), "--allow-run-as-root", "--oversubscribe", program, ...args];
  try {
    const { success, stdout, stderr } = await runToEnd("mpirun", { args: mpi, env, cwd });
    const said = new TextDecoder().decode(stdout).split("\n").filter((line) => line.startsWith('{"rank":'));
    if (success && said.length === size) return said.map((line) => JSON.parse(line).losses);
    throw new Error(`Cannot run ${size} ranks: ${new TextDecoder().decode(stderr).trim().slice(-400)}`);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "there is no mpirun";
    throw error;
  }
}
