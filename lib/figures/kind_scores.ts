/**
 * Bars of ROUGE-L for each kind of row.
 *
 * @module
 */
import { escapeHtml } from "./html.ts";
import type { RunResult } from "./run_result.ts";
import { palette, type PlotSpecification, sharedLayout } from "./specification.ts";

/**
 * Draws the ROUGE-L of constant answers, start, student and teacher on each kind of row.
 *
 * @param result The run's result.
 * @returns The specification.
 * @throws {RangeError} If there is no kind of row.
 */
export function kindScoresFigure(result: RunResult): PlotSpecification {
  const kinds = Object.keys(result.teacher.kinds);
  if (kinds.length === 0) throw new RangeError("Cannot draw scores by kind: a kind is needed, current number is 0");
  const bars = (name: "constant" | "start" | "student" | "teacher"): PlotSpecification["data"] => {
    const scores = result[name].kinds;
    if (!scores) return [];
    const present = kinds.filter((kind) => kind in scores);
    const y = present.map((kind) => scores[kind].rougeL);
    return [{
      type: "bar",
      name,
      x: present.map(escapeHtml),
      y,
      marker: { color: palette[name] },
      hovertemplate: "%{y:.1f}",
    }];
  };
  return {
    data: [...bars("constant"), ...bars("start"), ...bars("student"), ...bars("teacher")],
    layout: {
      ...sharedLayout({ title: { text: "kind of row" } }, { title: { text: "ROUGE-L / points" }, rangemode: "tozero" }),
      ...{ barmode: "group", bargap: 0.3, bargroupgap: 0.08 },
    },
  };
}
