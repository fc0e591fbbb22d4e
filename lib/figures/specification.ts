/**
 * Plotly specifications as plain objects, as far as this project draws, and the look that its figures share.
 *
 * @module
 */

/** A line, marks or both. */
export interface ScatterTrace {
  /** What Plotly calls it. */
  type: "scatter";
  /** What is drawn at the points. */
  mode: "lines" | "markers" | "lines+markers";
  /** Its name in the legend. */
  name: string;
  /** Horizontal places. */
  x: readonly number[];
  /** Vertical places, one for each of `x`. */
  y: readonly number[];
  /** How its line looks. */
  line?: { color?: string; width?: number; dash?: "solid" | "dash" | "dot" };
  /** How its marks look. */
  marker?: { color?: string; size?: number; symbol?: string };
  /** From 0, unseen, to 1. */
  opacity?: number;
  /** Whether it is in the legend. */
  showlegend?: boolean;
  /** What is shown under the pointer. */
  hovertemplate?: string;
  /** Whether it shows anything under the pointer. */
  hoverinfo?: "skip";
  /** Whether the line encloses a filled area. */
  fill?: "toself";
  /** The colour of that area. */
  fillcolor?: string;
  /** Traces of one group go and come together. */
  legendgroup?: string;
}

/** Colours over two settings. */
export interface HeatmapTrace {
  /** What Plotly calls it. */
  type: "heatmap";
  /** Its name. */
  name: string;
  /** The columns. */
  x: readonly string[];
  /** The rows. */
  y: readonly string[];
  /** A value for each row and column; null stays empty. */
  z: readonly (readonly (number | null)[])[];
  /** The colours, as Plotly names them. */
  colorscale: string;
  /** What is shown under the pointer. */
  hovertemplate?: string;
  /** Any other setting of Plotly. */
  [setting: string]: unknown;
}

/** Bars, one a category. */
export interface BarTrace {
  /** What Plotly calls it. */
  type: "bar";
  /** Its name in the legend. */
  name: string;
  /** The categories. */
  x: readonly string[];
  /** Vertical places, one for each of `x`. */
  y: readonly number[];
  /** The colour of its bars. */
  marker: { color: string };
  /** What is shown under the pointer. */
  hovertemplate?: string;
}

/** An axis with its title, symbol and unit included. */
export interface Axis {
  /** What the axis shows, its unit after a slash. */
  title: { text: string };
  /** Whether zero is always in view. */
  rangemode?: "normal" | "tozero";
  /** The first and the last value in view. */
  range?: [number, number];
  /** Any other setting of Plotly. */
  [setting: string]: unknown;
}

/** A figure: what `Plotly.newPlot(element, data, layout)` takes. */
export interface PlotSpecification {
  /** What is drawn. */
  data: (ScatterTrace | BarTrace | HeatmapTrace)[];
  /** Axes, colours, legend, margins. */
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
