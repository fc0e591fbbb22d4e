/**
 * The line of orders, with the assistants on it that have a name.
 *
 * @module
 */
import { palette, type PlotSpecification, type ScatterTrace, sharedLayout } from "./specification.ts";

/** A named assistant. */
interface Landmark {
  alpha: number;
  /** What it is, by its formula. */
  mean: string;
  /** Methods that use it. */
  methods: string;
}

/** Orders beyond ±5 are drawn at the ends of the line. */
const end = 7;

const landmarks: readonly Landmark[] = [
  { alpha: -end, mean: "max(<i>p</i>, <i>q</i>)", methods: "<i>α</i> → −∞" },
  { alpha: -3, mean: "√(<i>λp</i>² + (1−<i>λ</i>)<i>q</i>²)", methods: "quadratic" },
  { alpha: -1, mean: "<i>λp</i> + (1−<i>λ</i>)<i>q</i>", methods: "arithmetic<br><b>GKD, DistiLLM</b>" },
  { alpha: 0, mean: "(<i>λ</i>√<i>p</i> + (1−<i>λ</i>)√<i>q</i>)²", methods: "root" },
  { alpha: 1, mean: "<i>p<sup>λ</sup>q</i><sup>1−<i>λ</i></sup>", methods: "geometric<br><b>TAID</b>" },
  { alpha: 3, mean: "1/(<i>λ</i>/<i>p</i> + (1−<i>λ</i>)/<i>q</i>)", methods: "harmonic" },
  { alpha: end, mean: "min(<i>p</i>, <i>q</i>)", methods: "<i>α</i> → +∞" },
];

/**
 * Draws the line of orders α: above it what is averaged, below it who uses that, and the two kinds of support.
 *
 * @returns The specification.
 */
export function alphaLineFigure(): PlotSpecification {
  const line = (name: string, x: [number, number], color: string): ScatterTrace => ({
    type: "scatter",
    mode: "lines",
    name,
    x,
    y: [0, 0],
    line: { color, width: 6 },
    hovertemplate: name,
  });
  const data: ScatterTrace[] = [
    line("<i>α</i> < 1: <i>r</i> > 0 where <i>p</i> or <i>q</i> is", [-end, 1], palette.teacher),
    line("<i>α</i> ≥ 1: <i>r</i> > 0 where <i>p</i> and <i>q</i> are", [1, end], palette.student),
    {
      type: "scatter",
      mode: "markers",
      name: "named assistants",
      x: landmarks.map(({ alpha }) => alpha),
      y: landmarks.map(() => 0),
      text: landmarks.map(({ mean }) => mean),
      hovertemplate: "%{text}",
      marker: { color: palette.assistant, size: 13, line: { color: palette.ink, width: 1 } },
      showlegend: false,
    },
  ];
  const label = (text: string, { x, above, near }: { x: number; above: boolean; near: boolean }) => ({
    text,
    x,
    y: 0,
    showarrow: false,
    font: { size: 12.5, color: palette.ink },
    yshift: above ? (near ? 16 : 40) : -16,
    yanchor: above ? "bottom" : "top",
  });
  const annotations = landmarks.flatMap(({ alpha, mean, methods }, i) => [
    label(mean, { x: alpha, above: true, near: i % 2 === 0 }),
    label(methods, { x: alpha, above: false, near: true }),
  ]);
  const ticks = [-5, -3, -1, 0, 1, 3, 5];
  const x = {
    title: { text: "order <i>α</i>" },
    range: [-8, 8] as [number, number],
    zeroline: false,
    tickvals: ticks,
    ticktext: ticks.map((value) => String(value).replace("-", "−")),
  };
  const y = { title: { text: "" }, visible: false, range: [-1, 1] as [number, number], fixedrange: true };
  return { data, layout: { ...sharedLayout(x, y), annotations, hovermode: "closest", height: 260 } };
}
