/**
 * The gradient's size and direction over the order, early and late in training.
 *
 * @module
 */
import type { GradientPoint } from "../analysis/gradient_profile.ts";
import { shortNumbers } from "./number_text.ts";
import { type Axis, palette, type PlotSpecification, type ScatterTrace, sharedLayout } from "./specification.ts";

/** Points of one moment of the training. */
export interface ProfileMoment {
  /** The moment, such as `early`. */
  name: string;
  /** Its points. */
  points: readonly GradientPoint[];
}

/** Colours of the weights λ, in their order. */
const colors = [palette.teacher, palette.assistant, palette.student];
const dashes = ["solid", "dot", "dash"] as const;
const panelsOf = [
  { key: "norm", title: "norm / that of <i>D</i>(<i>p</i>‖<i>q</i>)" },
  { key: "forward", title: "cosine with <i>D</i>(<i>p</i>‖<i>q</i>)" },
  { key: "reverse", title: "cosine with <i>D</i>(<i>q</i>‖<i>p</i>)" },
] as const;

/**
 * Draws norm and cosines over α: a colour for each λ, a dash for each moment.
 *
 * @param moments The moments, at least one.
 * @returns The specification.
 * @throws {RangeError} If there are no moments.
 */
export function gradientProfileFigure(moments: readonly ProfileMoment[]): PlotSpecification {
  if (moments.length === 0) throw new RangeError("Cannot draw gradients: a moment is needed, current number is 0");
  const lambdas = [...new Set(moments[0].points.map(({ lambda }) => lambda))];
  const data = panelsOf.flatMap(({ key }, panel) =>
    moments.flatMap(({ name, points }, moment) =>
      lambdas.map((lambda, i): ScatterTrace => {
        const members = points.filter((point) => point.lambda === lambda);
        return {
          type: "scatter",
          mode: "lines",
          name: `${name}, <i>λ</i> = ${lambda}`,
          legendgroup: `${name} ${lambda}`,
          x: members.map(({ alpha }) => alpha),
          y: shortNumbers(members.map((point) => point[key])),
          ...(panel === 0 ? {} : { xaxis: `x${panel + 1}`, yaxis: `y${panel + 1}` }),
          showlegend: panel === 0,
          hovertemplate: "%{y:.3f}",
          line: { color: colors[i % colors.length], width: 2, dash: dashes[moment % dashes.length] },
        };
      })
    )
  );
  const base = sharedLayout({ title: { text: "" } }, { title: { text: "" } });
  const axes: Record<string, Axis> = {};
  panelsOf.forEach(({ key, title }, panel) => {
    const suffix = panel === 0 ? "" : String(panel + 1);
    const domain = [0.37 * panel, 0.37 * panel + 0.26];
    axes[`xaxis${suffix}`] = { ...base.xaxis, title: { text: "order <i>α</i>" }, domain, anchor: `y${suffix}` };
    const range = key === "norm" ? {} : {
      range: [Math.min(0, ...moments.flatMap((m) => m.points.map((p) => p[key]))) - 0.05, 1.05] as [number, number],
    };
    axes[`yaxis${suffix}`] = {
      ...base.yaxis,
      title: { text: title },
      anchor: `x${suffix}`,
      rangemode: "tozero",
      nticks: 6,
      ...range,
    };
  });
  return { data, layout: { ...base, ...axes, height: 380 } as PlotSpecification["layout"] };
}
