/**
 * Lines of the result: a check's cases, judged together.
 *
 * @module
 */
import type { CaseResult, Check, Status } from "./check.ts";

/** A line. */
export interface Line {
  name: string;
  group: string;
  about: string;
  status: Status;
  /** The figure, or why there is none. */
  figure: string;
  /** What was not tried, and what failed, each with its reason. */
  remarks: string[];
  seconds: number;
  /** Whether each case has a line of its own. */
  expanded: boolean;
  cases: CaseResult[];
}

/** Judges a check: not ok where one case is not, skipped where all are. */
export function lineOf(check: Check, cases: CaseResult[], seconds: number): Line {
  const { name, group, about, expanded = false, summary = counted } = check;
  const of = (status: Status) => cases.filter((one) => one.status === status);
  const failed = of("not ok"), left = of("skipped"), fine = of("ok");
  const status = failed.length > 0 ? "not ok" : fine.length > 0 ? "ok" : "skipped";
  const figure = status === "skipped" ? cases[0]?.reason ?? "it has no case here" : summary(cases);
  const remarks = [
    ...failed.map(({ name, reason, figure }) => `${name}: ${reason}${figure ? ` (${figure})` : ""}`),
    ...(status === "skipped" ? [] : left.map(({ name, reason }) => `${name} was skipped: ${reason}`)),
  ];
  return { name, group, about, status, figure, remarks, seconds, expanded, cases };
}

/** The line of a check that was not tried. */
export function skippedLine({ name, group, about }: Check, reason: string): Line {
  return { name, group, about, status: "skipped", figure: reason, remarks: [], seconds: 0, expanded: false, cases: [] };
}

/** How many are ok, and the figure where there is but one. */
function counted(results: readonly CaseResult[]): string {
  if (results.length === 1) return results[0].figure ?? results[0].reason ?? "";
  const fine = results.filter(({ status }) => status === "ok");
  const worst = results.map(({ figure }) => figure).filter((figure) => figure?.startsWith("largest error"))
    .map((figure) => Number(figure!.split(" ").at(-1)));
  const error = worst.length > 0 ? `, largest error ${Math.max(...worst).toExponential(1)}` : "";
  return `${fine.length} of ${results.length}${error}`;
}

/** Everything that is not a finding of one check. */
export interface Result {
  /** When it began. */
  date: string;
  engine: string;
  device: string;
  seconds: number;
  /** Seconds that there were. */
  budget: number;
  lines: Line[];
}

/** How many lines ended how. */
export function countsOf({ lines }: Pick<Result, "lines">): Record<Status, number> {
  const count = (status: Status) => lines.filter((line) => line.status === status).length;
  return { "ok": count("ok"), "not ok": count("not ok"), "skipped": count("skipped") };
}
