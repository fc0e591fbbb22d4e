/**
 * A step of a pipeline in a process of its own, so that it leaves no memory behind and can be killed at any time.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { permissionFlags, TRAINING } from "../permissions.ts";
import type { MeasuredCell } from "./measure_cell.ts";

/** The tasks that are steps. */
export type StepTask = "sft" | "prune" | "pseudo-targets" | "select" | "distill" | "evaluate" | "measure";

/** What a process is given: a task and its flags, or what to measure. */
export interface Step {
  task: StepTask;
  /** The flags. */
  args: readonly string[];
  /** Where run folders are made. */
  root: string;
}

/** How a step ended. */
export interface StepEnd {
  /** 0 at the end, 130 where it was stopped. */
  status?: number;
  /** What a task `measure` found. */
  measured?: MeasuredCell;
  /** Why it failed. */
  failure?: { kind: "failed" | "diverged"; message: string };
}

/** Options for {@linkcode runStep}. */
export interface RunStepOptions {
  /** Stops it. */
  signal: AbortSignal;
  /** Receives what it writes on standard error, a line at a time. */
  say: (line: string) => void;
}

const program = fileURLToPath(new URL("./step.ts", import.meta.url));

/** Takes a step to its end, or until the signal. The process ends when this one does, however that happens. */
export async function runStep(step: Step, { signal, say }: RunStepOptions): Promise<StepEnd> {
  const permissions = ["--no-prompt", "--allow-read", ...permissionFlags({ ...TRAINING, write: [step.root] })];
  const command = new Deno.Command(Deno.execPath(), {
    args: ["run", "--quiet", ...permissions, program],
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  });
  const child = command.spawn();
  const input = child.stdin.getWriter();
  const end = () => void input.close().catch(() => {}); // a child that is gone already needs no telling
  // A run saves a checkpoint then; what keeps its work as it goes just ends.
  const stop = () => Deno.build.os === "windows" ? end() : askToStop(child);
  signal.addEventListener("abort", stop, { once: true });
  // A child that is gone already, told to stop before it listened, reads nothing; its status says so.
  await input.write(new TextEncoder().encode(JSON.stringify(step) + "\n")).catch(() => {});
  if (signal.aborted) stop();
  const [output, , { code }] = await Promise.all([
    new Response(child.stdout).text(),
    relay(child.stderr, say),
    child.status,
  ]);
  signal.removeEventListener("abort", stop);
  end();
  if (signal.aborted) return { status: 130 };
  try {
    return JSON.parse(output.trim().split("\n").at(-1) ?? "") as StepEnd;
  } catch {
    // The process ended before it could say how: killed, or out of memory.
    return { failure: { kind: "failed", message: `the process ended with status ${code}` } };
  }
}

/** Ctrl-C may have reached the child too: only this signal does not count as a second one. */
function askToStop(child: Deno.ChildProcess): void {
  try {
    child.kill("SIGUSR2");
  } catch (error) {
    if (!(error instanceof TypeError)) throw error; // it has ended
  }
}

async function relay(stream: ReadableStream<Uint8Array<ArrayBuffer>>, say: (line: string) => void): Promise<void> {
  let rest = "";
  for await (const part of stream.pipeThrough(new TextDecoderStream())) {
    const lines = (rest + part).split("\n");
    rest = lines.pop()!;
    lines.forEach(say);
  }
  if (rest) say(rest);
}
