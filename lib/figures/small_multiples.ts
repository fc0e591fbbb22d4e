/**
 * Panels of one size in rows and columns, with shared axes and a title each.
 *
 * @module
 */
import { type Axis, palette, type PlotSpecification, sharedLayout } from "./specification.ts";

/** Options for {@linkcode smallMultiples}. */
export interface SmallMultiplesOptions {
  /** Titles of the panels, row by row; as many panels as titles. */
  titles: readonly string[];
  /** Panels per row. */
  columns: number;
  /** The horizontal axis of every panel; its title stands once below. */
  x: Axis;
  /** The vertical axis of every panel; its title stands once at the left. */
  y: Axis;
  /** The height of a row of panels in pixels. */
  rowHeight: number;
  /**
   * Space between panels as a share of a panel.
   *
   * @default {0.14}
   */
  gap?: number;
  /**
   * Pixels for the labels at the left.
   *
   * @default {66}
   */
  left?: number;
}

/** The layout and the names of the panels' axes. */
export interface SmallMultiples {
  /** The layout of the whole figure. */
  layout: PlotSpecification["layout"];
  /** The axes of each panel, to be spread into its traces. */
  panels: { xaxis: string; yaxis: string }[];
}

/**
 * Lays out small multiples.
 *
 * @param options Titles, columns, axes and heights.
 * @returns The layout, and the axes of each panel in the order of their titles.
 * @throws {RangeError} If there is no panel or no column.
 */
export function smallMultiples(options: SmallMultiplesOptions): SmallMultiples {
  const { titles, columns, x, y, rowHeight, gap = 0.14, left = 66 } = options;
  if (titles.length === 0 || !(columns >= 1)) {
    throw new RangeError(
      `Cannot lay out panels: a title and a column are needed, current numbers are ${titles.length} and ${columns}`,
    );
  }
  const rows = Math.ceil(titles.length / columns);
  // Between rows there is room for the panel's title.
  const [across, down] = [spans(columns, gap), spans(rows, gap + 30 / rowHeight)];
  const margin = { l: left, r: 16, t: 62, b: 54 };
  const base = sharedLayout(x, y);
  const axes: Record<string, Axis> = {};
  const annotations: unknown[] = [];
  const panels = titles.map((title, i) => {
    const [row, column] = [rows - 1 - Math.floor(i / columns), i % columns];
    const suffix = i === 0 ? "" : String(i + 1);
    const bottom = i + columns >= titles.length;
    axes[`xaxis${suffix}`] = {
      ...base.xaxis,
      title: { text: "" },
      domain: across[column],
      anchor: `y${suffix}`,
      automargin: false,
      ticks: "",
      showticklabels: bottom,
      ...(i === 0 ? {} : { matches: "x" }),
    };
    axes[`yaxis${suffix}`] = {
      ...base.yaxis,
      title: { text: "" },
      domain: down[row],
      anchor: `x${suffix}`,
      automargin: false,
      ticks: "",
      showticklabels: column === 0,
      ...(i === 0 ? {} : { matches: "y" }),
    };
    annotations.push({
      text: title,
      xref: "paper",
      yref: "paper",
      showarrow: false,
      xanchor: "center",
      yanchor: "bottom",
      x: (across[column][0] + across[column][1]) / 2,
      y: down[row][1],
      font: { size: 13, color: palette.ink },
    });
    return { xaxis: `x${suffix}`, yaxis: `y${suffix}` };
  });
  const side = { xref: "paper", yref: "paper", showarrow: false, font: { size: 14, color: palette.ink } };
  annotations.push(
    { ...side, text: x.title.text, x: 0.5, y: 0, yshift: -margin.b + 6, xanchor: "center", yanchor: "bottom" },
    {
      ...side,
      text: y.title.text,
      x: 0,
      y: 0.5,
      xshift: -margin.l + 6,
      xanchor: "left",
      yanchor: "middle",
      textangle: -90,
    },
  );
  const height = rows * rowHeight + margin.t + margin.b;
  const legend = { orientation: "h", x: 0, xanchor: "left", yref: "container", y: 1, yanchor: "top" };
  const layout = { ...base, ...axes, annotations, margin, height, legend } as PlotSpecification["layout"];
  return { layout, panels };
}

/** Equal intervals of 0..1, with a gap of that share of one between each two. */
function spans(count: number, gap: number): [number, number][] {
  const size = 1 / (count + gap * (count - 1));
  return Array.from({ length: count }, (_, i) => [i * size * (1 + gap), i * size * (1 + gap) + size]);
}
