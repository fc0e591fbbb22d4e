/**
 * How a process of the task itself is started, with no more permissions than it needs.
 *
 * @module
 */
import { delimiter, dirname } from "node:path";
import { fileURLToPath } from "node:url";
import { engineFolder } from "../../lib/engines/folder.ts";
import { isFile } from "../../lib/files/exists.ts";
import { allowRun } from "../support/allow_run.ts";
import { CACHE, ENGINES, MPI, permissionFlags, type Permissions, together } from "../support/permissions.ts";
import { LOCATION_VARIABLE, namedLibraries } from "../../lib/engines/torch/location.ts";

/** The file that processes run: this program, or the file of its bundle. */
let program = "";

/** Says which file is the program. */
export function setProgram(file: string): void {
  program = file;
}

/** Where engines are installed, beside the program. */
const ENGINES_FOLDER = fileURLToPath(new URL("..", engineFolder("torch")));

/** Variables that a rank reads, and those that peers and compilers are found by. */
const own: Permissions = {
  env: ["OMPI_COMM_WORLD_SIZE", "OMPI_COMM_WORLD_RANK", "PATH"],
  sys: ["systemMemoryInfo", "hostname", "loadavg"],
};

/** Where a CUDA toolkit has NVIDIA's compiler. */
const TOOLKIT = "/usr/local/cuda/lib64";

/**
 * What the engine may open: `.engines/`, the CUDA toolkit, and where `AMID_TORCH` names a PyTorch, the folder of its
 * libraries and of NVIDIA's beside it.
 */
function libraryFolders(): string[] {
  const named = namedLibraries();
  const ofPython = named === undefined ? [] : [named, `${dirname(dirname(named))}/nvidia`];
  return [ENGINES_FOLDER, TOOLKIT, ...ofPython];
}

/** A process of the task. */
export interface OwnCommand {
  program: string;
  args: string[];
  env: Record<string, string>;
  cwd: string;
}

/** What a process of the task may do beside computing. */
export interface OwnProcess {
  /** The folder for its temporary files, the only one that it may write. */
  folder: string;
  /** The programs that it may start. */
  runs?: readonly string[] | "any";
}

/**
 * The command of a process that carries out an order.
 *
 * @param order What it is asked for, as JSON.
 */
export function ownCommand(order: unknown, { folder, runs = [] }: OwnProcess): OwnCommand {
  const writes: Permissions = { write: [folder], ffi: libraryFolders() };
  const flags = ["--allow-read", ...permissionFlags(together(MPI, ENGINES, CACHE, own, writes)), ...runFlags(runs)];
  // The collector is called before memory is counted.
  const runtime = ["run", "--quiet", "--no-prompt", "--no-check", "--v8-flags=--expose-gc"];
  const named = Deno.env.get(LOCATION_VARIABLE);
  return {
    program: Deno.execPath(),
    args: [...runtime, ...flags, program, "--order", JSON.stringify(order)],
    env: { TMPDIR: folder, ...(named === undefined ? {} : { [LOCATION_VARIABLE]: named }) },
    cwd: Deno.cwd(),
  };
}

/** The flag for programs; those that are absent are left out, since Deno would warn of them. */
function runFlags(runs: readonly string[] | "any"): string[] {
  if (runs === "any") return ["--allow-run"];
  const folders = (Deno.env.get("PATH") ?? "").split(delimiter).filter((folder) => folder !== "");
  return [allowRun(runs, { folders, endings: [""], deno: Deno.execPath(), isFile })];
}
