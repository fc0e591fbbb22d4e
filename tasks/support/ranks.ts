/**
 * A task on the ranks that a launcher started: joining them, speaking with one voice, and leaving or failing together.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import project from "../../deno.json" with { type: "json" };
import {
  checkAgreement,
  checkDevices,
  type Communicator,
  gatherValues,
  localRank,
  mpi,
  type MpiCommunicator,
  single,
} from "../../lib/distributed/mod.ts";
import type { EngineInfo, EngineName, EngineOptions, Precision } from "../../lib/engines/mod.ts";
import { flagOf, inGroup, switchWith } from "./field.ts";
import { joined } from "./joined_ranks.ts";
import { launchedRanks, variable } from "./launched.ts";
import { useTaskEngine } from "./task_engine.ts";
import { UsageError } from "./usage_error.ts";

/** Whether and how a task's work is shared. */
export const ranksFields = inGroup("Engine and devices", {
  distributed: switchWith(["mpi", "nccl"]).default(false).describe(
    "share the work with the ranks that mpirun or srun started; gradients use nccl between GPUs, otherwise mpi",
  ),
});

/** How the optimizer of a training task is shared. */
export const shardFields = inGroup("Engine and devices", {
  shardOptimizer: z.boolean().default(false).describe(
    "with --distributed: shard the optimizer's state over the ranks (ZeRO-1)",
  ),
});

/** What {@linkcode joinRanks} needs of a task's settings. */
export interface RanksSettings {
  distributed: boolean | "mpi" | "nccl";
  engine: EngineName | "auto";
  device?: string;
  precision?: Precision;
  /** Further settings, of which all ranks must be given the same. */
  [key: string]: unknown;
}

/** This process among the others, and what it computes with. */
export interface Joined {
  communicator: Communicator;
  engine: EngineInfo;
  /** Whether this is the rank that speaks and writes. */
  first: boolean;
}

/**
 * Joins the other ranks where the settings say so.
 *
 * @param settings The task's settings.
 * @throws {UsageError} If ranks were started and `--distributed` is not given, or the other way round.
 * @throws {RangeError} If the ranks were given different settings or programs.
 * @throws {CommunicatorUnavailableError} If Open MPI is missing.
 */
export async function joinProcesses(
  { distributed, device: _own, ...settings }: Pick<RanksSettings, "distributed"> & Record<string, unknown>,
): Promise<Communicator> {
  const launched = launchedRanks();
  if (!distributed) {
    if (launched === 1) return single();
    throw new UsageError(
      `Cannot run on ${launched} ranks: --distributed is needed if a launcher starts more than one`,
    );
  }
  // MPI can be joined once in a process; a task that runs others joins for all of them.
  const control = joined.control ??= mpi();
  joined.ranks ??= control;
  if (launched > control.size) {
    throw new UsageError(
      `Cannot run on ${launched} ranks: each was started as the only one; Slurm's srun needs --mpi=pmix, other launchers ` +
        "that of this Open MPI",
    );
  }
  await checkAgreement(control, { ...programOf(), ...flagsOf(settings) });
  return joined.ranks;
}

/**
 * Joins the other ranks where the settings say so, and starts the engine. Of several GPUs `--device cuda` gives each rank
 * of a machine its own; ranks that share processors share their cores out.
 *
 * @param settings The task's settings.
 * @throws {UsageError | RangeError | CommunicatorUnavailableError} As {@linkcode joinProcesses}; if two ranks have the same
 * GPU or different engines, or NCCL is missing.
 */
export async function joinRanks(settings: RanksSettings): Promise<Joined> {
  const { distributed, device, precision } = settings;
  const communicator = await joinProcesses(settings);
  const { control } = joined;
  if (!control) {
    return { communicator, engine: await useTaskEngine(settings.engine, { device, precision }), first: true };
  }
  const local = await localRank(control);
  const threads = control.size > 1 ? await fairThreads(control) : undefined;
  const own = device === "cuda" ? `cuda:${local}` : device;
  const engine = await startEngine(settings.engine, { device: own, precision, threads });
  await checkAgreement(control, { engine: `${engine.name} ${engine.version} in ${engine.precision}` });
  await checkDevices(control, { device: engine.device, visible: variable("CUDA_VISIBLE_DEVICES") });
  const wantsNccl = distributed === "nccl" || (distributed === true && engine.device.startsWith("cuda"));
  if (wantsNccl && joined.ranks?.name !== "nccl") {
    const { nccl } = await import("../../lib/engines/torch/nccl/nccl.ts");
    joined.ranks = await nccl({ control });
  }
  return { communicator: joined.ranks!, engine, first: control.rank === 0 };
}

/** Starts an engine, with the given number of threads if it supports them. */
async function startEngine(name: EngineName | "auto", options: EngineOptions): Promise<EngineInfo> {
  const { threads: _threads, ...others } = options;
  const threaded = ["torch", "tensorflow", "wasm"].includes(name);
  const engine = await useTaskEngine(name, threaded ? options : others);
  return name === "auto" && engine.name === "torch" ? await useTaskEngine("torch", options) : engine;
}

/** How a run that was stopped is resumed: a command with the run's own settings. */
export function resumeHint(task: string, run: { folder: string; communicator: Communicator }): string {
  const { folder, communicator: { size } } = run;
  const command = `deno task ${task} --config ${join(folder, "config.json")} --resume`;
  return size > 1 ? `mpirun -n ${size} ${command}, or on another number of ranks` : command;
}

/** What must be the same program. */
function programOf(): Record<string, string> {
  return { "Deno's version": Deno.version.deno, "Amid's version": project.version };
}

/** Settings as flags and what they were given. */
function flagsOf(settings: Readonly<Record<string, unknown>>): Record<string, string> {
  const given = Object.entries(settings).filter(([, value]) => value !== undefined);
  return Object.fromEntries(given.map(([key, value]) => [flagOf(key), JSON.stringify(value)]));
}

/** How many threads a rank may use so that all ranks that share its processors fill them. */
async function fairThreads(communicator: MpiCommunicator): Promise<number> {
  const { host, processors } = communicator;
  const own = JSON.stringify([host, processors]);
  const sharing = (await gatherValues(communicator, own)).filter((other) => other === own).length;
  const count = processors.length || navigator.hardwareConcurrency;
  return Math.max(1, Math.floor(count / sharing));
}
