/**
 * Bars of ROUGE-L for each kind of row.
 *
 * @module
 */
import { escapeHtml } from "../html/html.ts";
import type { RunResult } from "./run_result.ts";
import { palette, type PlotSpecification, sharedLayout } from "./specification.ts";

/** Of how many kinds on bars lie, one kind below the other, so that their names have room. */
const MANY = 8;

/** The kinds that a result is divided by, in its order; none where its rows are all of one kind that has no name. */
export function kindsToCompare({ teacher, student }: RunResult): string[] {
  const kinds = Object.keys(teacher.kinds ?? student.kinds);
  return kinds.length === 1 && kinds[0].trim() === "" ? [] : kinds;
}

/** What a kind is called. */
export const kindTitle = (kind: string): string => kind.trim() === "" ? "without a kind" : kind;

/**
 * Draws the ROUGE-L of constant answers, start, student and teacher on each kind of row.
 *
 * @param result The run's result.
 * @returns The specification.
 * @throws {RangeError} If there is no kind of row.
 */
export function kindScoresFigure(result: RunResult): PlotSpecification {
  const kinds = kindsToCompare(result);
  if (kinds.length === 0) throw new RangeError("Cannot draw scores by kind: a kind is needed, current number is 0");
  const lying = kinds.length > MANY || kinds.some((kind) => [...kind].length > LONGEST);
  const short = kinds.map((kind) => escapeHtml(shortened(kindTitle(kind))));
  // Names that are equal after cutting are distinguished by a number.
  const label = (kind: string) => {
    const index = kinds.indexOf(kind);
    return short.indexOf(short[index]) === short.lastIndexOf(short[index])
      ? short[index]
      : `${short[index]} ${index + 1}`;
  };
  const bars = (name: "constant" | "start" | "student" | "teacher"): PlotSpecification["data"] => {
    const scores = result[name].kinds;
    if (!scores) return [];
    const present = kinds.filter((kind) => kind in scores);
    const [names, points] = [present.map(label), present.map((kind) => scores[kind].rougeL)];
    const marker = { color: palette[name] };
    if (!lying) return [{ type: "bar", name, x: names, y: points, marker, hovertemplate: "%{y:.1f}" }];
    return [{ type: "bar", name, orientation: "h", x: points, y: names, marker, hovertemplate: "%{x:.1f}" }];
  };
  const data = [...bars("constant"), ...bars("start"), ...bars("student"), ...bars("teacher")];
  const [kindAxis, pointAxis] = [
    { title: { text: "kind of row" }, type: "category" },
    { title: { text: "ROUGE-L / points" }, rangemode: "tozero" as const },
  ];
  const group = { barmode: "group", bargap: 0.3, bargroupgap: 0.08 };
  if (!lying) return { data, layout: { ...sharedLayout(kindAxis, pointAxis), ...group } };
  const downwards = { ...kindAxis, title: { text: "" }, autorange: "reversed", showgrid: false };
  const layout = sharedLayout({ ...pointAxis, showgrid: true }, downwards);
  return {
    data,
    layout: { ...layout, ...group, hovermode: "y unified", height: Math.max(340, 120 + 46 * kinds.length) },
  };
}

/** The longest name that an axis shows whole. */
const LONGEST = 22;
const shortened = (text: string) => {
  const signs = [...text];
  return signs.length <= LONGEST ? text : signs.slice(0, LONGEST - 1).join("") + "…";
};
