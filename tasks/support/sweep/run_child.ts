/**
 * A run of a sweep in a process of its own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import type { SweepEnd } from "../../../lib/runs/sweep/sweep.ts";
import { formatConfig } from "../config_file.ts";
import { permissionFlags, SERVED, together, TRAINING } from "../permissions.ts";
import { teacherParts } from "../teacher_parts.ts";
import { teacherPlace } from "../teacher_place.ts";
import type { SweepCell } from "./plan.ts";
import { cellConfig } from "./cell_config.ts";

const program = fileURLToPath(new URL("./child.ts", import.meta.url));

/** Options for {@linkcode runChild}. */
export interface RunChildOptions {
  /** The sweep's folder. */
  folder: string;
  /** Stops the run. */
  signal: AbortSignal;
  /** The message on how to resume. */
  hint: string;
}

/** Takes a run to its end in a process of its own, or until the signal. */
export async function runChild(cell: SweepCell, { folder, signal, hint }: RunChildOptions): Promise<SweepEnd> {
  const { teacherCacheFolder } = cell.config;
  const write = [folder, ...teacherCacheFolder === undefined ? [] : [teacherCacheFolder]];
  const hosts = teacherHosts(cell);
  const allowed = hosts.length > 0 ? together(TRAINING, SERVED) : TRAINING;
  const net = hosts.length > 0 ? [`--allow-net=${hosts.join()}`] : [];
  const permissions = ["--no-prompt", "--allow-read", ...net, ...permissionFlags({ ...allowed, write })];
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
    return JSON.parse(last) as SweepEnd;
  } catch {
    // The process ended before it could say how: killed, or out of memory.
    if (signal.aborted) return { finished: false };
    return { failure: { kind: "failed", message: `the process ended with status ${code}` } };
  }
}

/** The hosts of the run's teachers on servers that this process may reach itself. */
function teacherHosts({ config }: SweepCell): string[] {
  const servers = teacherParts(config).filter(({ place }) => teacherPlace(place) === "server");
  return servers.map(({ place }) => new URL(place).host)
    .filter((host) => Deno.permissions.querySync({ name: "net", host }).state === "granted");
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
