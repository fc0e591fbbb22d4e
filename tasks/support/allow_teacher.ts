/**
 * Prints the flag by which a task may reach the server of a teacher and no other host: the one that `AMID_TEACHER_HOST`
 * names, as `host` or `host:port`, or one on this machine.
 *
 *     deno run --no-prompt --allow-env=AMID_TEACHER_HOST tasks/support/allow_teacher.ts
 */

/** The flag for the host that the variable names. */
export function allowTeacher(host: string | undefined): string {
  const named = /^[\w.-]+(:\d+)?$|^\[[\da-f:]+\](:\d+)?$/i.test(host ?? "") ? host : undefined;
  return `--allow-net=${named ?? "127.0.0.1,localhost"}`;
}

if (import.meta.main) console.log(allowTeacher(Deno.env.get("AMID_TEACHER_HOST")));
