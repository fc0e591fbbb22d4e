/**
 * The message of a task that lacks a permission: the flag, and the whole command with it.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import { TASKS } from "./permissions.ts";
import { taskLine } from "./task_lines.ts";
import { UsageError } from "./usage_error.ts";

/** The program that runs. */
export interface Started {
  /** Its module's address. */
  module: string;
  /** Its arguments. */
  args: readonly string[];
}

const verbs: Readonly<Record<string, string>> = {
  read: "read",
  write: "write",
  net: "reach",
  run: "start",
  ffi: "open",
  env: "read the environment variable",
  sys: "query the system for",
  import: "import",
};

/** An error to show, and the command that would have been permitted. */
export interface Remedied {
  /** The error: the one that was thrown where no permission was lacking. */
  error: unknown;
  /** The task's whole command, for a shell in the project's folder. */
  command?: string;
}

/**
 * Turns Deno's refusal into an error that says which flag permits it, and finds the command that starts the task with it.
 *
 * @param error What was thrown. A message of its own that names the flag (`permit it with --allow-…`) stays.
 * @param started The program.
 */
export function withRemedy(error: unknown, started: Started): Remedied {
  const refusal = refusalIn(error);
  if (!refusal) return { error };
  const own = (error as Error).message;
  const named = /permit it with (--allow-[a-z]+=.+?)(?:[,;] |$)/.exec(own)?.[1];
  const flag = named ?? flagOf(refusal.message);
  if (flag === undefined) return { error };
  const shown = new UsageError(named ? own : messageOf(refusal.message, started), { cause: error });
  shown.stack = (error as Error).stack;
  return { error: shown, command: commandWith(flag, started) };
}

function refusalIn(error: unknown): Error | undefined {
  for (let cause = error; cause instanceof Error; cause = cause.cause) {
    if (cause instanceof Deno.errors.NotCapable) return cause;
  }
  return undefined;
}

function parsed(message: string): { kind: string; of: string } | undefined {
  const [, kind, of] = /Requires ([a-z]+) access to "(.+)", run again with the --allow-/.exec(message) ?? [];
  return kind === undefined ? undefined : { kind, of };
}

function messageOf(refused: string, { module }: Started): string {
  const { kind, of } = parsed(refused)!;
  const task = taskOf(module);
  const program = task ? `deno task ${task}` : "this program";
  return `Cannot ${verbs[kind] ?? kind} ${of}: ${program} needs ${flagOf(refused)} for that`;
}

function flagOf(refused: string): string | undefined {
  const refusal = parsed(refused);
  if (!refusal) return undefined;
  const { kind, of } = refusal;
  // Beside a file that is written lie its lock and its unfinished copy: its folder is permitted.
  let permitted = kind === "write" && /\.[a-z]+$/i.test(of) ? dirname(of) : of;
  // Deno has no way to write a path with a comma in a flag, but a folder covers all that is in it.
  while (kind === "write" && permitted.includes(",")) permitted = dirname(permitted);
  return permitted.includes(",") ? undefined : `--allow-${kind}=${permitted}`;
}

const taskOf = (module: string): string | undefined =>
  Object.keys(TASKS).find((name) => TASKS[name].program === basename(module) && /[\\/]tasks[\\/][^\\/]+$/.test(module));

function commandWith(flag: string, { module, args }: Started): string | undefined {
  const task = taskOf(module);
  if (task === undefined) return undefined;
  const line = taskLine(TASKS[task]).replace("deno run ", `deno run ${quoted(flag)} `);
  return [line, ...args.map(quoted)].join(" ");
}

const quoted = (argument: string): string =>
  /^[\w@%+=:,./-]+$/.test(argument) ? argument : `'${argument.replaceAll("'", "'\\''")}'`;
