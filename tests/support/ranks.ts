/** Several ranks under Open MPI's `mpirun`, for tests of runs of many processes. */
import { fileURLToPath } from "node:url";
import { assert } from "./assert.ts";
import { lackingForHosts, type TwoHosts } from "./two_hosts.ts";
import { usualLibraries } from "../../lib/distributed/mpi/library.ts";

/** Where engines are, whatever folder a program is started in. */
const engines = fileURLToPath(new URL("../../.engines", import.meta.url));

/** What keeps `mpirun` from running here, or nothing. */
function lacking(): string | undefined {
  try {
    const { code } = new Deno.Command("mpirun", { args: ["--version"], stdout: "null", stderr: "null" }).outputSync();
    return code === 0 ? undefined : "mpirun does not start";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "Open MPI is absent";
    if (error instanceof Deno.errors.NotCapable) return "the tests may not run programs";
    throw error;
  }
}

/** Declares a test that needs Open MPI, and skips, saying so, where it is absent. */
export function testWithMpi(name: string, body: (t: Deno.TestContext) => void | Promise<void>): void {
  skippable(name, body, lacking());
}

/** Declares a test that needs Open MPI on two hosts, and skips, saying so, where that cannot be. */
export function testWithTwoHosts(name: string, body: (t: Deno.TestContext) => void | Promise<void>): void {
  skippable(name, body, lacking() ?? lackingForHosts());
}

function skippable(name: string, body: (t: Deno.TestContext) => void | Promise<void>, reason?: string): void {
  Deno.test({ name: reason ? `${name} (skipped: ${reason})` : name, ignore: reason !== undefined, fn: body });
}

/** What ranks are started with. */
export interface RanksOptions {
  /** Arguments of the program. */
  args?: readonly string[];
  /** Further arguments of mpirun. */
  launch?: readonly string[];
  /** What the program may do beside reading and opening libmpi. */
  permissions?: readonly string[];
  env?: Record<string, string>;
  cwd?: string | URL;
  /** Hosts that the ranks are spread over, in turn; this machine where there are none. */
  hosts?: TwoHosts;
}

/** Environment in which mpirun starts as whoever runs the tests, on as many ranks as asked for. */
export const launcherEnvironment = {
  OMPI_ALLOW_RUN_AS_ROOT: "1",
  OMPI_ALLOW_RUN_AS_ROOT_CONFIRM: "1",
  OMPI_MCA_rmaps_base_oversubscribe: "1",
  OMPI_MCA_hwloc_base_binding_policy: "none",
  // Ranks of a test share few processors.
  OMP_NUM_THREADS: "1",
  NO_COLOR: "1",
};

/** The command that starts a program on ranks. */
export function ranksCommand(count: number, program: string | URL, options: RanksOptions = {}): Deno.Command {
  const { args = [], launch = [], permissions = [], env = {}, cwd, hosts } = options;
  const file = program instanceof URL ? program.pathname : program;
  const all = [
    "mpirun",
    "-n",
    String(count),
    ...hosts?.launch ?? [],
    ...launch,
    Deno.execPath(),
    "run",
    "--quiet",
    "--no-prompt",
    "--allow-read",
    `--allow-ffi=${[engines, ...usualLibraries].join()}`,
    ...permissions,
    file,
    ...args,
  ];
  const [name, ...rest] = hosts ? hosts.on(all) : all;
  return new Deno.Command(name, {
    args: rest,
    env: { ...launcherEnvironment, ...env },
    cwd,
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  });
}

/** The command's permissions, for a task that computes on ranks. */
export const taskPermissions = ["--allow-write", "--allow-env"];

/** Runs a program on ranks to its end. */
export async function ranksOutput(
  count: number,
  program: string | URL,
  options: RanksOptions = {},
): Promise<{ code: number; stdout: string; stderr: string }> {
  const { code, stdout, stderr } = await ranksCommand(count, program, options).output();
  return { code, stdout: new TextDecoder().decode(stdout), stderr: new TextDecoder().decode(stderr) };
}

/** Runs a program of which each rank prints a line of JSON with its `rank`, and gives them in the ranks' order. */
export async function ranks<Line extends { rank: number }>(
  count: number,
  program: string | URL,
  options: RanksOptions = {},
): Promise<Line[]> {
  // What ranks print at once is mixed up by mpirun; in files it is apart.
  const folder = await Deno.makeTempDir();
  try {
    const launch = [...options.launch ?? [], "--output-filename", folder];
    const { code, stdout, stderr } = await ranksOutput(count, program, { ...options, launch });
    assert(code === 0, `mpirun ended with ${code}: ${stderr}\n${stdout}`);
    return await Promise.all(Array.from({ length: count }, async (_, rank) => {
      const text = await Deno.readTextFile(`${folder}/1/rank.${rank}/stdout`);
      return JSON.parse(text.split("\n").find((line) => line.startsWith("{"))!) as Line;
    }));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}
