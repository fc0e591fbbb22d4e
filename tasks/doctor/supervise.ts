/**
 * The side of a check that watches its process: limits of time, processes that end on their own, what they said last.
 *
 * @module
 */
import { linesOf } from "./text_lines.ts";
import type { CaseResult, Check, Place } from "./check.ts";
import { childEvent, type ChildOrder } from "./child.ts";

/** How a check's process is started, and how long there is. */
export interface SuperviseOptions {
  /** The command for an order. */
  command: (order: ChildOrder) => { program: string; args: string[]; env: Record<string, string>; cwd: string };
  /** Seconds that are left for all checks. */
  seconds: number;
  /** Is given the name of each case that begins. */
  onCase?: (name: string) => void;
}

/** What is said of cases that the time for all checks did not reach. */
export const NO_TIME = "the time for all checks is used up";

/** How often a new process continues behind a case that ended one. */
const RESTARTS = 4;
/** Seconds from the start of a process to its first case. */
const START = 90;
/** Milliseconds between two looks at the clock, and those that a process has to end by itself. */
const LOOK = 100, GRACE = 2000;

/** What a process left. */
interface Ended {
  /** The case that was running, if one was. */
  running?: { index: number; name: string };
  /** Why the process did not end on its own. */
  late?: string;
  /** How it ended, in words. */
  ending: string;
  done: boolean;
}

/**
 * Runs a check in processes of its own.
 *
 * @returns The cases that ended, and one for each that ended a process or took too long.
 */
export async function supervise(check: Check, place: Place, options: SuperviseOptions): Promise<CaseResult[]> {
  const results: CaseResult[] = [];
  const end = performance.now() + 1000 * options.seconds;
  for (let from = 0, starts = 0;; starts++) {
    const ended = await oneProcess(check, { check: check.name, place, from }, { ...options, results, end });
    if (ended.done) return results;
    const { running, late, ending } = ended;
    const reason = late ?? `its process ended: ${ending}`;
    // What the time for all checks did not reach is not a failure of it.
    const status = late === NO_TIME ? "skipped" : "not ok";
    results.push({ name: running?.name ?? "start", status, reason, seconds: 0 });
    if (!running || performance.now() >= end) return results;
    if (starts === RESTARTS) {
      const reason = `${RESTARTS + 1} processes ended before their cases did; later cases were not tried`;
      return [...results, { name: "later cases", status: "not ok", reason, seconds: 0 }];
    }
    from = running.index + 1;
  }
}

async function oneProcess(
  check: Check,
  order: ChildOrder,
  { command, results, end, onCase }: SuperviseOptions & { results: CaseResult[]; end: number },
): Promise<Ended> {
  const { program, args, env, cwd } = command(order);
  const pipes = { stdin: "null", stdout: "piped", stderr: "piped" } as const;
  const child = new Deno.Command(program, { args, env, cwd, ...pipes }).spawn();
  let running: Ended["running"], late: string | undefined, done = false;
  let since = performance.now();
  let grace: ReturnType<typeof setTimeout> | undefined;
  const watch = setInterval(() => {
    const now = performance.now();
    const limit = running ? check.seconds : START;
    if (now - since > 1000 * limit) late = `no end after ${limit} s`;
    else if (now > end) late = NO_TIME;
    if (late === undefined) return;
    clearInterval(watch);
    // Asked first, so that it ends what it started; one that is inside a library does not listen.
    endProcess(child, "SIGTERM");
    grace = setTimeout(() => endProcess(child, "SIGKILL"), GRACE);
  }, LOOK);
  const said = lastLines(child.stderr);
  for await (const line of linesOf(child.stdout)) {
    const event = childEvent(line);
    if (event?.doctor === "begin") {
      running = { index: event.index, name: event.name };
      since = performance.now();
      onCase?.(event.name);
    } else if (event?.doctor === "end") {
      results.push(event.result);
      running = undefined;
      since = performance.now();
    } else if (event?.doctor === "done") done = true;
  }
  const { code, signal } = await child.status;
  clearInterval(watch);
  clearTimeout(grace);
  const words = await said;
  const ending = `${signal ?? `status ${code}`}${words && ` (${words})`}`;
  return { running, late, ending, done };
}

function endProcess(child: Deno.ChildProcess, signal: Deno.Signal): void {
  try {
    child.kill(signal);
  } catch {
    // It has ended.
  }
}

/** The last lines of a stream, in one. */
async function lastLines(stream: ReadableStream<Uint8Array<ArrayBuffer>>): Promise<string> {
  const lines: string[] = [];
  for await (const line of linesOf(stream)) {
    if (line.trim() === "") continue;
    lines.push(line.trim());
    if (lines.length > 4) lines.shift();
  }
  return lines.join(" / ").slice(-600);
}
