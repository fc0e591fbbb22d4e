/**
 * The runs of a sweep in processes of their own, several at a time.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { formatConfig } from "../config_file.ts";
import { permissionFlags, TRAINING } from "../permissions.ts";
import type { SweepCell } from "./plan.ts";
import { cellConfig, type CellOutcome, type RunCellsOptions } from "./run_here.ts";

const program = fileURLToPath(new URL("./child.ts", import.meta.url));

/** Runs them all, or until the signal, at most `jobs` at a time. */
export async function runChildren(
  cells: readonly SweepCell[],
  options: RunCellsOptions & { jobs: number },
): Promise<void> {
  const { jobs, signal, ended } = options;
  const waiting = [...cells];
  const worker = async () => {
    for (let cell = waiting.shift(); cell && !signal.aborted; cell = waiting.shift()) {
      console.error(`run ${cells.indexOf(cell) + 1} of ${cells.length}: ${cell.name}`);
      await ended(cell, await runChild(cell, options));
    }
  };
  await Promise.all(Array.from({ length: Math.min(jobs, cells.length) }, worker));
}

async function runChild(cell: SweepCell, { folder, signal, hint }: RunCellsOptions): Promise<CellOutcome> {
  const { teacherCacheFolder } = cell.config;
  const write = [folder, ...teacherCacheFolder === undefined ? [] : [teacherCacheFolder]];
  const permissions = ["--no-prompt", "--allow-read", ...permissionFlags({ ...TRAINING, write })];
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...permissions, program],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const child = command.spawn();
  const input = child.stdin.getWriter();
  const config = JSON.parse(formatConfig(cellConfig(cell)));
  const stop = () => void input.close().catch(() => {}); // a child that is gone already needs no telling
  signal.addEventListener("abort", stop, { once: true });
  await input.write(new TextEncoder().encode(JSON.stringify({ folder, config, origins: cell.origins, hint }) + "\n"));
  if (signal.aborted) stop();
  const [output, , { code }] = await Promise.all([
    new Response(child.stdout).text(),
    relay(child.stderr, cell.name),
    child.status,
  ]);
  signal.removeEventListener("abort", stop);
  if (!signal.aborted) stop();
  const last = output.trim().split("\n").at(-1) ?? "";
  try {
    return JSON.parse(last) as CellOutcome;
  } catch {
    // The process ended before it could say how: killed, or out of memory.
    if (signal.aborted) return { status: "stopped" };
    return { status: "failed", failure: { kind: "failed", message: `the process ended with status ${code}` } };
  }
}

/** Passes lines on, each with the run's name before it. */
async function relay(stream: ReadableStream<Uint8Array<ArrayBuffer>>, name: string): Promise<void> {
  let rest = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + part).split("\n");
    rest = lines.pop()!;
    for (const line of lines) console.error(`[${name}] ${line}`);
  }
  if (rest) console.error(`[${name}] ${rest}`);
}
