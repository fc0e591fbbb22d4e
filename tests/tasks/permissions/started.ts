/** Tasks in processes of their own, by their lines in `deno.json` and with no permissions beside. */
import { dirname } from "node:path";
import { fileURLToPath } from "node:url";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** What a process printed, and how it ended. */
export interface Ended {
  code: number;
  out: string;
  err: string;
}

/** A folder as a clone of this project is, with nothing in it that tasks write. */
export interface Clone extends AsyncDisposable {
  folder: string;
  /** Runs `deno task` here. */
  task(args: readonly string[], env?: Record<string, string>): Promise<Ended>;
  /** Runs a line of a shell here. */
  shell(line: string, env?: Record<string, string>): Promise<Ended>;
}

/**
 * Makes such a folder; modules are linked.
 *
 * @param data What of `data/` is there.
 */
export async function clone({ data = ["tokenizer"] }: { data?: readonly string[] } = {}): Promise<Clone> {
  const folder = await Deno.makeTempDir();
  for (const name of ["deno.json", "deno.lock"]) await Deno.copyFile(root + name, `${folder}/${name}`);
  const linked = ["lib", "tasks", "mod.ts", "node_modules", ...data.map((name) => `data/${name}`)];
  await Deno.mkdir(`${folder}/data`);
  for (const name of linked) await Deno.symlink(root + name, `${folder}/${name}`);
  const task: Clone["task"] = (args, env) => run(Deno.execPath(), ["task", "--quiet", ...args], { cwd: folder, env });
  // The line says "deno".
  const path = `${dirname(Deno.execPath())}:${Deno.env.get("PATH")}`;
  const shell: Clone["shell"] = (line, env) => run("sh", ["-c", line], { cwd: folder, env: { PATH: path, ...env } });
  return { folder, task, shell, [Symbol.asyncDispose]: () => Deno.remove(folder, { recursive: true }) };
}

async function run(
  program: string,
  args: string[],
  { cwd, env = {} }: { cwd: string; env?: Record<string, string> },
): Promise<Ended> {
  const options = { args, cwd, env: { NO_COLOR: "1", DENO_NO_UPDATE_CHECK: "1", ...env } };
  const { code, stdout, stderr } = await new Deno.Command(program, { ...options, stdin: "null" }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  return { code, out, err };
}
