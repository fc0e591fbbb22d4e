/**
 * What each task may do, and the lines of `deno.json` that say so to Deno. Nothing is granted whole but reading; a test
 * holds `deno.json` to this table, and `task_lines.ts` writes it from here.
 *
 * Deno's own named sets (`"permissions"` in `deno.json`, `deno run -P=name`, 2.9.6) do not serve: each start prints that
 * they are experimental, one set cannot include another, and a flag on the line replaces the set's list of that kind.
 *
 * @module
 */
import { usualLibraries } from "../../lib/distributed/mpi/library.ts";
import type { FoundFolder } from "./allow_write.ts";

/** What a program may do, a list for each kind of permission. */
export interface Permissions {
  /** Folders and files that it may write. */
  write?: readonly string[];
  /** Folders that the environment decides, by the names that `allow_write.ts` has for them. */
  writeFound?: readonly FoundFolder[];
  /** Whether it may speak to the hub that `HF_ENDPOINT` names. */
  hub?: boolean;
  /** Whether it may reach the server of a teacher: the host that `AMID_TEACHER_HOST` names, or this machine. */
  teacherServer?: boolean;
  /** Facts of the system that it may ask for. */
  sys?: readonly string[];
  /** Programs that it may start, by the names of `allow_run.ts`. */
  run?: readonly string[];
  /** Libraries, and folders of them, that it may open. */
  ffi?: readonly string[];
  /** Environment variables that it may read. */
  env?: readonly string[];
  /** Whether all other environment variables look as if they were not set; asking for one is an error otherwise. */
  ignoreEnv?: boolean;
}

/** A task that is a program of ours. */
export interface TaskPermissions extends Permissions {
  /** The program, in `tasks/`. */
  program: string;
  /**
   * Whether it may read files.
   *
   * @default {true}
   */
  read?: boolean;
}

/** What computes; the last variable is set for Vulkan's drivers, which complain where it is not. */
export const ENGINES: Permissions = {
  ffi: [".engines"],
  env: ["AMID_TORCH", "AMID_WASM_THREADS", "TF_CPP_MIN_LOG_LEVEL", "XDG_RUNTIME_DIR"],
};

/** MPI by its library; NCCL lies in `.engines`. */
export const MPI: Permissions = { ffi: [".engines", ...usualLibraries], env: ["AMID_MPI"] };

/** Ranks of one run. */
const RANKS = together(MPI, {
  env: ["OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "SLURM_STEP_NUM_TASKS", "SLURM_PROCID", "SLURM_JOB_ID"],
});

/** Ranks that share out the devices of a machine. */
const DEVICE_RANKS = together(RANKS, { env: ["CUDA_VISIBLE_DEVICES"] });

/** The folder of downloads, where it is to be found; read only. */
export const CACHE: Permissions = {
  env: ["HF_HOME", "HF_HUB_CACHE", "HF_HUB_OFFLINE", "HF_ENDPOINT", "XDG_CACHE_HOME", "HOME", "USERPROFILE"],
};

/** The hub, and the folder of downloads to write. */
const HUB = together(CACHE, { hub: true, writeFound: ["HF_HUB_CACHE"], env: ["HF_TOKEN", "HF_TOKEN_PATH"] });

/** Locks say on which host their process runs. */
const LOCKS: Permissions = { sys: ["hostname"] };

/** The folder of runs. */
const RUNS = together(LOCKS, { write: ["runs"] });

/** Training: a run's folder, engines, models by name; it plans by how much memory there is. */
export const TRAINING = together({ sys: ["systemMemoryInfo"] }, RUNS, ENGINES, CACHE);

/** A teacher on a server, and the key for it. */
export const SERVED: Permissions = { teacherServer: true, env: ["AMID_TEACHER_KEY"] };

/** By the task's name. */
export const TASKS: Readonly<Record<string, TaskPermissions>> = {
  distill: { program: "distill.ts", ...together(TRAINING, DEVICE_RANKS, SERVED) },
  sft: { program: "sft.ts", ...together(TRAINING, DEVICE_RANKS) },
  sweep: { program: "sweep.ts", ...together(TRAINING, SERVED, { run: ["deno"] }) },
  targets: { program: "targets.ts", ...together(RUNS, ENGINES, CACHE, SERVED) },
  "pseudo-targets": { program: "pseudo_targets.ts", ...together(RUNS, ENGINES, CACHE) },
  export: { program: "export.ts", ...together(RUNS, ENGINES, CACHE) },
  prune: { program: "prune.ts", ...together(RUNS, ENGINES, CACHE) },
  "replay-step": { program: "replay_step.ts", ...together(ENGINES, CACHE) },
  evaluate: { program: "evaluate.ts", ...together(RUNS, ENGINES, DEVICE_RANKS, CACHE) },
  select: { program: "select.ts", ...together(RUNS, ENGINES, CACHE) },
  bench: {
    program: "bench.ts",
    ...together(
      { write: ["runs"], run: ["deno", "python3", ".python/bin/python", ".vllm/bin/python"] },
      MPI,
      ENGINES,
      CACHE,
    ),
  },
  // Its processes have permissions of their own: see `doctor/command.ts`.
  doctor: {
    program: "doctor.ts",
    write: ["runs"],
    run: ["deno", "python3", ".python/bin/python"],
    env: ["AMID_TORCH", "PATH"],
  },
  plan: { program: "plan.ts", run: ["mpirun"] },
  data: { program: "data.ts", ...together({ write: ["prepared"] }, LOCKS, RANKS, HUB) },
  fetch: { program: "fetch.ts", ...together(LOCKS, HUB, { run: ["python3"] }) },
  engine: { program: "engine.ts", write: [".engines"], run: ["deno", "python3", "g++"], env: ["AMID_TORCH"] },
  engines: { program: "engines.ts", ...ENGINES },
  comparison: { program: "comparison.ts", ...together(TRAINING, { write: ["data/comparison"] }) },
  reproduce: { program: "reproduce.ts", ...together(TRAINING, { write: ["data/comparison"], run: ["deno"] }) },
  figures: {
    program: "figures.ts",
    write: ["figures"],
    run: ["deno", "$CHROMIUM", "chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"],
    env: ["CHROMIUM", "PATH", "TMPDIR", "__IS_WSL_TEST__"],
    // The driver of browsers asks for dozens of variables and does not need any.
    ignoreEnv: true,
    sys: ["homedir"],
  },
  tokenizer: { program: "tokenizer.ts", ...together(LOCKS, { write: ["data/tokenizer", "data/.tokenizer.lock"] }) },
  help: { program: "help.ts", read: false },
  kernel: {
    program: "kernel.ts",
    writeFound: ["JUPYTER_DATA_DIR"],
    env: ["JUPYTER_DATA_DIR", "XDG_DATA_HOME", "HOME", "APPDATA"],
  },
  notebooks: {
    program: "notebooks.ts",
    write: ["notebooks", ".jupyter"],
    run: ["$AMID_PYTHON", ".python/bin/python", "python3"],
    env: ["AMID_PYTHON"],
  },
  docs: { program: "api_reference.ts", read: false, run: ["deno"] },
  "lint:docs": { program: "lint_docs.ts", read: false, run: ["deno"] },
};

/** The permissions of several parts in one, each thing once. */
export function together(...parts: Permissions[]): Permissions {
  const all: Record<string, unknown> = {};
  for (const part of parts) {
    for (const [kind, value] of Object.entries(part)) {
      all[kind] = Array.isArray(value) ? [...new Set([...all[kind] as string[] ?? [], ...value])] : value;
    }
  }
  return all;
}

/** The flags of permissions that depend on nothing but themselves, as arguments of `deno run`. */
export function permissionFlags({ write, sys, ffi, env, ignoreEnv }: Permissions): string[] {
  const lists = Object.entries({ write, sys, ffi, env }).filter(([, values]) => values && values.length > 0);
  const flags = lists.map(([kind, values]) => `--allow-${kind}=${values!.join()}`);
  return ignoreEnv ? ["--ignore-env", ...flags] : flags;
}
