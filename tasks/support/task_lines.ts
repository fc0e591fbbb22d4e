/**
 * The lines of tasks in `deno.json`, from the table of permissions. After a change of the table:
 *
 *     deno run --allow-read=deno.json --allow-write=deno.json tasks/support/task_lines.ts
 */
import { FOUND_FOLDERS } from "./allow_write.ts";
import { permissionFlags, type TaskPermissions, TASKS } from "./permissions.ts";

/** A command whose output becomes a flag when the task starts. */
const found = (permissions: string, program: string, ...args: string[]): string =>
  `"$(${["deno run --no-prompt", permissions, `tasks/support/${program}`, ...args].join(" ")})"`;

/**
 * The command that runs a task.
 *
 * @param task Its program and permissions.
 * @returns A line for the shell of `deno task`, and for any POSIX shell in the project's folder.
 */
export function taskLine({ program, read = true, ...permissions }: TaskPermissions): string {
  const { write = [], writeFound = [], hub, teacherServer, run, ...others } = permissions;
  const variables = [...new Set(writeFound.flatMap((folder) => FOUND_FOLDERS[folder].variables))];
  return [
    "deno run --no-prompt",
    ...read ? ["--allow-read"] : [],
    ...writeFound.length > 0
      ? [found(`--allow-env=${variables.join()}`, "allow_write.ts", ...write, ...writeFound)]
      : permissionFlags({ write }),
    ...hub ? [found("--allow-env=HF_ENDPOINT", "allow_net.ts")] : [],
    ...teacherServer ? [found("--allow-env=AMID_TEACHER_HOST", "allow_teacher.ts")] : [],
    ...run ? [found("--allow-read --allow-env=PATH,PATHEXT", "allow_run.ts", ...run.map(quoted))] : [],
    ...permissionFlags(others),
    `tasks/${program}`,
  ].join(" ");
}

/** A variable may be unset, or hold a path with blanks. */
const quoted = (program: string): string => program.startsWith("$") ? `"${program}"` : program;

/** The lines of all tasks of the table, by name. */
export const taskLines = (): Record<string, string> =>
  Object.fromEntries(Object.entries(TASKS).map(([name, task]) => [name, taskLine(task)]));

if (import.meta.main) {
  const config = JSON.parse(await Deno.readTextFile("deno.json"));
  // A name that is there keeps its place; tasks that are no programs of ours keep their lines.
  Object.assign(config.tasks, taskLines());
  await Deno.writeTextFile("deno.json", JSON.stringify(config, null, 2) + "\n");
}
