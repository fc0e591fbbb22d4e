/**
 * Runs all checks, each in processes of its own, within a time.
 *
 * @module
 */
import { join } from "node:path";
import type { EngineName } from "../../lib/engines/mod.ts";
import { ENGINE_NAMES } from "../../lib/engines/engines.ts";
import { engineFolder } from "../../lib/engines/folder.ts";
import { librariesIn, LOCATION_VARIABLE, namedLibraries } from "../../lib/engines/torch/location.ts";
import { isFile } from "../../lib/files/exists.ts";
import { progress } from "../support/progress.ts";
import { UsageError } from "../support/usage_error.ts";
import type { Check, Place } from "./check.ts";
import { checks } from "./checks.ts";
import { ownCommand } from "./command.ts";
import { type Line, lineOf, type Result, skippedLine } from "./lines.ts";
import { findTorchPython, type PythonFound } from "./peer.ts";
import { NO_TIME, supervise } from "./supervise.ts";

/** What is examined. */
export interface ExamineOptions {
  engine: EngineName | "auto";
  device: string;
  /** The checks; all if absent. */
  only?: readonly string[];
  leakSteps: number;
  minutes: number;
  /** The folder of the result. */
  output: string;
  python?: string;
  torch?: string;
}

/** A check that would have less time than this, in seconds, is not begun. */
const LEAST = 5;

/**
 * Examines an engine.
 *
 * @throws {UsageError} If `only` names a check that does not exist.
 */
export async function examine(options: ExamineOptions): Promise<Result> {
  const { device, only, leakSteps, minutes, output } = options;
  const chosen = chosenChecks(only);
  const began = performance.now(), date = new Date().toISOString();
  const elapsed = () => (performance.now() - began) / 1000;
  const budget = 60 * minutes;
  const found = await findTorchPython(
    options.python === undefined ? [".python/bin/python", "python3"] : [options.python],
  );
  pointToTorch(options.torch, found);
  const folder = await Deno.makeTempDir({ dir: output, prefix: "work-" });
  try {
    const engine = options.engine === "auto" ? await fastestEngine(folder) : options.engine;
    const place: Place = { engine, device, leakSteps, python: found?.python, folder };
    const bar = progress({ label: `doctor, ${engine} on ${device}`, total: chosen.length });
    const lines: Line[] = [];
    for (const check of chosen) {
      const line = await lineFor(check, place, { left: () => budget - elapsed(), lines });
      lines.push(line);
      bar.log(shown(line));
      bar.update({ step: lines.length });
    }
    bar.done();
    return { date, engine, device, seconds: elapsed(), budget, lines };
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

function chosenChecks(only: readonly string[] | undefined): readonly Check[] {
  if (only === undefined) return checks;
  const unknown = only.find((name) => !checks.some((check) => check.name === name));
  if (unknown !== undefined) {
    const names = checks.map(({ name }) => name).join(", ");
    throw new UsageError(`Cannot use --only: one of ${names} is needed, current value is ${JSON.stringify(unknown)}`);
  }
  return checks.filter(({ name }) => only.includes(name));
}

async function lineFor(
  check: Check,
  place: Place,
  { left, lines }: { left: () => number; lines: readonly Line[] },
): Promise<Line> {
  const reason = check.skip?.(place) ?? (check.withoutEngine ? undefined : absence(lines)) ??
    (left() < LEAST ? NO_TIME : undefined);
  if (reason !== undefined) return skippedLine(check, reason);
  const began = performance.now();
  const runs = check.runs?.(place);
  const command = (order: unknown) => ownCommand(order, { folder: place.folder, runs });
  const cases = await supervise(check, place, { command, seconds: left() });
  return lineOf(check, cases, (performance.now() - began) / 1000);
}

/** Why no engine can be checked: what the facts said of its start. */
function absence(lines: readonly Line[]): string | undefined {
  const start = lines.find(({ name }) => name === "facts")?.cases.find(({ name }) => name === "engine");
  return start?.status === "not ok" ? `the engine does not start: ${start.reason}` : undefined;
}

const marks = { "ok": "ok     ", "not ok": "NOT OK ", "skipped": "skipped" };

/** A line as the terminal shows it. */
function shown({ name, status, figure, remarks, seconds, expanded, cases }: Line): string {
  const failed = status === "not ok" && !expanded ? remarks.map((remark) => `\n          ${remark}`).join("") : "";
  const own = expanded
    ? cases.map(({ name, status, figure, reason }) =>
      `\n${marks[status]}   ${name}: ${[figure, status === "ok" ? undefined : reason].filter(Boolean).join("; ")}`
    )
    : [];
  return `${marks[status]} ${name.padEnd(24)} ${figure} (${seconds.toFixed(1)} s)${failed}${own.join("")}`;
}

/** Has processes use a PyTorch: the one that is named, else what is installed, else Python's own. */
function pointToTorch(named: string | undefined, found: PythonFound | undefined): void {
  if (named !== undefined) return Deno.env.set(LOCATION_VARIABLE, named);
  const installed = isFile(join(librariesIn(engineFolder("torch")), "libtorch_cpu.so"));
  if (namedLibraries() === undefined && !installed && found) Deno.env.set(LOCATION_VARIABLE, found.folder);
}

/** The name of the fastest engine, found in a process of its own: a library that cannot be loaded may end it. */
async function fastestEngine(folder: string): Promise<EngineName> {
  const { program, args, env, cwd } = ownCommand({ fastest: true }, { folder });
  const { success, stdout, stderr } = await new Deno.Command(program, { args, env, cwd }).output();
  const name = new TextDecoder().decode(stdout).trim().split("\n").at(-1) as EngineName;
  if (success && ENGINE_NAMES.includes(name)) return name;
  throw new UsageError(
    `Cannot use --engine auto: no engine starts (${new TextDecoder().decode(stderr).trim().slice(-300)})`,
  );
}
