/**
 * Plotly specifications as plain objects, as far as this project draws, and the look that its figures share.
 *
 * @module
 */

/** A line, marks or both. */
export interface ScatterTrace {
  type: "scatter";
  mode: "lines" | "markers" | "lines+markers";
  name: string;
  x: readonly number[];
  y: readonly number[];
  line?: { color?: string; width?: number; dash?: "solid" | "dash" | "dot" };
  marker?: { color?: string; size?: number; symbol?: string };
  opacity?: number;
  showlegend?: boolean;
  hovertemplate?: string;
}

/** Bars, one a category. */
export interface BarTrace {
  type: "bar";
  name: string;
  x: readonly string[];
  y: readonly number[];
  marker: { color: string };
  hovertemplate?: string;
}

/** An axis with its title, symbol and unit included. */
export interface Axis {
  title: { text: string };
  rangemode?: "normal" | "tozero";
  range?: [number, number];
  [setting: string]: unknown;
}

/** A figure: what `Plotly.newPlot(element, data, layout)` takes. */
export interface PlotSpecification {
  data: (ScatterTrace | BarTrace)[];
  layout: { xaxis: Axis; yaxis: Axis; [setting: string]: unknown };
}

/**
 * Colours that stay apart for colour-blind readers and stand out from white and from near-black.
 *
 * Source: M. Okabe and K. Ito, "Color universal design", 2008.
 */
export const palette = {
  teacher: "#0072B2",
  student: "#D55E00",
  start: "#009E73",
  constant: "#8C8C8C",
  /** Text and lines of axes, readable on light and dark ground. */
  ink: "#7D8590",
  grid: "rgba(125, 133, 144, 0.22)",
} as const;

/**
 * The layout that all figures share: transparent ground, grey ink, the legend above.
 *
 * @param x The horizontal axis.
 * @param y The vertical axis.
 */
export function sharedLayout(x: Axis, y: Axis): PlotSpecification["layout"] {
  const axis = { gridcolor: palette.grid, zeroline: false, linecolor: palette.grid, automargin: true };
  return {
    xaxis: { ...axis, showgrid: false, ...x },
    yaxis: { ...axis, ...y },
    paper_bgcolor: "rgba(0, 0, 0, 0)",
    plot_bgcolor: "rgba(0, 0, 0, 0)",
    font: { family: "system-ui, sans-serif", size: 13, color: palette.ink },
    legend: { orientation: "h", x: 0, y: 1.02, xanchor: "left", yanchor: "bottom" },
    margin: { l: 56, r: 16, t: 40, b: 48 },
    modebar: { bgcolor: "rgba(0, 0, 0, 0)", color: palette.ink },
    hovermode: "x unified",
    hoverlabel: { font: { family: "system-ui, sans-serif", size: 13 } },
  };
}
