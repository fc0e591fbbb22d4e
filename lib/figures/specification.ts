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
  mode: "lines" | "markers" | "lines+markers" | "text" | "markers+text";
  /** Its name in the legend. */
  name: string;
  /** Horizontal places. */
  x: readonly number[];
  /** Vertical places, one for each of `x`; categories where the axis has them. */
  y: readonly number[] | readonly string[];
  /** How its line looks. */
  line?: { color?: string; width?: number; dash?: "solid" | "dash" | "dot" | "dashdot"; shape?: "linear" | "hv" };
  /** How its marks look. */
  marker?: { color?: string; size?: number; symbol?: string; line?: { color?: string; width?: number } };
  /** Texts at the points. */
  text?: readonly string[];
  /** Where the texts stand. */
  textposition?: string;
  /** What is filled: the area below the line, or the one that it encloses. */
  fill?: "tozeroy" | "toself" | "none";
  /** The colour of what is filled. */
  fillcolor?: string;
  /** Axes of the panel it is in. */
  xaxis?: string;
  /** Axes of the panel it is in. */
  yaxis?: string;
  /** Traces that the legend shows and hides as one. */
  legendgroup?: string;
  /** From 0, unseen, to 1. */
  opacity?: number;
  /** Whether it is in the legend. */
  showlegend?: boolean;
  /** What is shown under the pointer. */
  hovertemplate?: string;
  /** Whether it shows anything under the pointer. */
  hoverinfo?: "skip";
}

/** Bars, one a category. */
export interface BarTrace {
  /** What Plotly calls it. */
  type: "bar";
  /** Its name in the legend. */
  name: string;
  /** Whether bars stand, or lie. */
  orientation?: "v" | "h";
  /** The categories; the values where bars lie. */
  x: readonly string[] | readonly number[];
  /** The values, one for each of `x`; the categories where bars lie. */
  y: readonly number[] | readonly string[];
  /** The colour of its bars. */
  marker: { color: string };
  /** What is shown under the pointer. */
  hovertemplate?: string;
}

/** A grid of values, each a colour. */
export interface HeatmapTrace {
  /** What Plotly calls it. */
  type: "heatmap";
  /** Its name under the pointer. */
  name: string;
  /** Horizontal places of the columns, or their names. */
  x: readonly number[] | readonly string[];
  /** Vertical places of the rows, or their names. */
  y: readonly number[] | readonly string[];
  /** The values, a row for each of `y`; null stays empty. */
  z: readonly (readonly (number | null)[])[];
  /** The value of the first colour; by default the smallest one. */
  zmin?: number;
  /** The value of the last colour; by default the largest one. */
  zmax?: number;
  /** The colours, as Plotly names them, or colours at shares from 0 to 1. */
  colorscale: string | readonly (readonly [number, string])[];
  /** Whether there is a colour bar. */
  showscale?: boolean;
  /** How the colours are explained. */
  colorbar?: Readonly<Record<string, unknown>>;
  /** Axes of the panel it is in. */
  xaxis?: string;
  /** Axes of the panel it is in. */
  yaxis?: string;
  /** What is shown under the pointer. */
  hovertemplate?: string;
  /** Any other setting of Plotly. */
  [setting: string]: unknown;
}

/** What a figure draws. */
export type Trace = ScatterTrace | BarTrace | HeatmapTrace;

/** One picture of an animation: traces that take the place of those of the same number. */
export interface Frame {
  /** What the slider calls it. */
  name: string;
  /** What changes in the traces, in their order. */
  data: readonly Partial<ScatterTrace>[];
  /** Which traces change; by default all, in order. */
  traces?: readonly number[];
  /** What changes in the layout. */
  layout?: Readonly<Record<string, unknown>>;
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
  data: Trace[];
  /** Axes, colours, legend, margins. */
  layout: { xaxis: Axis; yaxis: Axis; [setting: string]: unknown };
  /** The pictures of an animation. */
  frames?: readonly Frame[];
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
  /** Between teacher and student. */
  assistant: "#CC79A7",
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
