/**
 * The side of a check that runs in a process of its own: it runs the cases and reports each on a line.
 *
 * @module
 */
import type { Case, CaseResult, Check, Place } from "./check.ts";

/** What a check's process is asked for. */
export interface ChildOrder {
  check: string;
  place: Place;
  /** The first case to run. */
  from: number;
}

/** A line of a check's process; all else that it prints is not meant for the program. */
export type ChildEvent =
  | { doctor: "cases"; count: number }
  | { doctor: "begin"; index: number; name: string }
  | { doctor: "end"; index: number; result: CaseResult }
  | { doctor: "done" };

/** Reads a line of a check's process; undefined if it is something else that the process printed. */
export function childEvent(line: string): ChildEvent | undefined {
  if (!line.startsWith('{"doctor":')) return undefined;
  try {
    return JSON.parse(line) as ChildEvent;
  } catch {
    return undefined;
  }
}

/**
 * Runs the cases of a check, from one on, and reports each before it begins and when it has ended.
 *
 * @param order What to run.
 * @param options The checks there are, and where lines go.
 */
export async function runCases(
  order: ChildOrder,
  { checks, print }: { checks: readonly Check[]; print: (line: string) => void },
): Promise<void> {
  const report = (event: ChildEvent) => print(JSON.stringify(event));
  const check = checks.find(({ name }) => name === order.check);
  if (!check) throw new RangeError(`Cannot check: there is no check ${order.check}`);
  const cases = await check.cases(order.place);
  report({ doctor: "cases", count: cases.length });
  for (let index = order.from; index < cases.length; index++) {
    report({ doctor: "begin", index, name: cases[index].name });
    report({ doctor: "end", index, result: await resultOf(cases[index]) });
  }
  report({ doctor: "done" });
}

async function resultOf({ name, run }: Case): Promise<CaseResult> {
  const began = performance.now();
  const seconds = () => Math.round(performance.now() - began) / 1000;
  try {
    const finding = await run();
    return { name, ...finding, seconds: seconds() };
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    return { name, status: "not ok", reason, seconds: seconds() };
  }
}
