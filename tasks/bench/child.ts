/**
 * A benchmark in a process of its own, so that its memory is its own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { run } from "./python.ts";

/** What a benchmark's process may do: what `deno task bench` may, but for running programs. */
const permissions = ["--allow-read", "--allow-ffi=.engines", "--allow-env=AMID_TORCH,TF_CPP_MIN_LOG_LEVEL"];

/** Runs a benchmark and returns its line. */
export async function runBenchmark(args: readonly string[]): Promise<Record<string, unknown>> {
  const file = fileURLToPath(new URL("../bench.ts", import.meta.url));
  return JSON.parse(await run("deno", ["run", "--quiet", "--no-prompt", "--no-check", ...permissions, file, ...args]));
}
