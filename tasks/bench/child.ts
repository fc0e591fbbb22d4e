/**
 * A benchmark in a process of its own, so that its memory is its own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { CACHE, ENGINES, permissionFlags, together } from "../support/permissions.ts";
import { UsageError } from "../support/usage_error.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** What a benchmark's process may do: what `deno task bench` may, except for running programs and joining others. */
const permissions = ["--allow-read", ...permissionFlags(together(ENGINES, CACHE))];

/**
 * Runs a benchmark and returns its line, whatever its exit status.
 *
 * @param args The benchmark and its flags, `--json` too where it has a table.
 * @param options `flags` are for the runtime.
 * @throws {UsageError} If it prints no line; the message has the end of what it said instead.
 */
export async function runBenchmark(
  args: readonly string[],
  { flags = [] }: { flags?: readonly string[] } = {},
): Promise<Record<string, unknown>> {
  const file = fileURLToPath(new URL("../bench.ts", import.meta.url));
  const all = ["run", "--quiet", "--no-prompt", "--no-check", ...flags, ...permissions, file, ...args];
  const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: all, cwd: root, stdin: "null" }).output();
  const line = new TextDecoder().decode(stdout).trim().split("\n").at(-1)!;
  if (line.startsWith("{")) return JSON.parse(line);
  const said = new TextDecoder().decode(stderr).trim().split("\n").slice(-3).join(" / ");
  throw new UsageError(`Cannot measure: bench ${args[0]} failed (${said || "it was killed, perhaps out of memory"})`);
}
