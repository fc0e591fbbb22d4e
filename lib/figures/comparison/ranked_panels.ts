/**
 * Settings one below the other, the best on top, with their seeds, mean and spread in panels side by side.
 *
 * @module
 */
import { escapeHtml } from "../../html/html.ts";
import { labelLines } from "../level_labels.ts";
import { type Axis, palette, type PlotSpecification, type ScatterTrace, sharedLayout } from "../specification.ts";
import { meanOf, type RankedSetting, spreadOf } from "./comparison.ts";

/** A line down a panel. */
export interface Level {
  /** Where it stands. */
  value: number;
  /** Its text. */
  name: string;
  /** Its colour. */
  color: string;
}

/** One panel. */
export interface RankedPanel {
  /** What is drawn: a value for each seed. */
  key: "rougeL" | "validLoss" | "gapClosed";
  /** The axis's title. */
  title: string;
  /** The first and the last value in view; settings that diverged are listed beside it, not drawn. */
  range: [number, number];
  /** Lines down the panel. */
  levels: Level[];
  /** How values are written beside the panel. */
  write(value: number): string;
}

/** The size of a row, in pixels. */
const ROW = 31;
/** The size of a line of labels above the panels. */
const LINE = 16;
/** The width that all panels have together at the least, by which labels are kept apart. */
const INNER = 610;

/** Draws ranked settings. */
export function rankedPanels(ranked: readonly RankedSetting[], panels: readonly RankedPanel[]): PlotSpecification {
  const rows = ranked.map(({ title }) => escapeHtml(title)).reverse();
  const data = panels.flatMap((panel, i) => tracesOf(ranked, { panel, suffix: i === 0 ? "" : String(i + 1) }));
  const base = sharedLayout({ title: { text: "" } }, { title: { text: "" } });
  const axes: Record<string, Axis> = {};
  const annotations: unknown[] = [];
  const shapes: unknown[] = [];
  const width = (1 - 0.06 * (panels.length - 1)) / panels.length;
  const linesOf = panels.map(({ levels, range: [low, high] }) =>
    labelLines(levels.map(({ name, value }) => ({
      text: name,
      place: INNER * width * (value - low) / (high - low),
    })))
  );
  panels.forEach(({ key, title, range, levels, write }, i) => {
    const suffix = i === 0 ? "" : String(i + 1);
    const domain = [i * (width + 0.06), i * (width + 0.06) + width];
    axes[`xaxis${suffix}`] = {
      ...base.xaxis,
      title: { text: title },
      domain,
      anchor: `y${suffix}`,
      range,
      showgrid: true,
    };
    axes[`yaxis${suffix}`] = {
      ...base.yaxis,
      title: { text: "" },
      anchor: `x${suffix}`,
      showticklabels: i === 0,
      tickvals: rows.map((_, row) => row),
      ticktext: rows,
      range: [-0.6, rows.length - 0.4],
      showgrid: false,
    };
    for (const [index, { value, name, color }] of levels.entries()) {
      const place = { xref: `x${suffix}`, yref: "paper" };
      shapes.push({
        type: "line",
        ...place,
        x0: value,
        x1: value,
        y0: 0,
        y1: 1,
        line: { color, width: 1.5, dash: "dash" },
      });
      annotations.push({
        ...place,
        x: value,
        y: 1,
        yanchor: "bottom",
        yshift: LINE * linesOf[i][index],
        text: name,
        showarrow: false,
        font: { size: 12, color: palette.ink },
      });
    }
    ranked.forEach((setting, rank) => {
      if (!setting.diverged) return;
      const [low, high] = [Math.min(...setting[key]), Math.max(...setting[key])].map((value) =>
        write(value).replace("-", "−")
      );
      annotations.push({
        xref: `x${suffix}`,
        yref: `y${suffix}`,
        x: (range[0] + range[1]) / 2,
        y: rows.length - 1 - rank,
        text: `diverged: ${low} to ${high}`,
        showarrow: false,
        font: { size: 12, color: palette.ink },
      });
    });
  });
  const above = LINE * Math.max(0, ...linesOf.flat());
  const layout = {
    ...base,
    ...axes,
    annotations,
    shapes,
    height: ROW * rows.length + 118 + above,
    hovermode: "closest",
    margin: { l: 230, r: 20, t: 50 + above, b: 64 },
    showlegend: false,
  };
  return { data, layout: layout as PlotSpecification["layout"] };
}

/** Dots for seeds, a diamond for the mean, a bar for a standard deviation to either side. */
function tracesOf(
  ranked: readonly RankedSetting[],
  { panel: { key, write }, suffix }: { panel: RankedPanel; suffix: string },
): ScatterTrace[] {
  const axes = { xaxis: `x${suffix}`, yaxis: `y${suffix}` };
  return ranked.flatMap((setting, rank): ScatterTrace[] => {
    if (setting.diverged) return [];
    const [values, row] = [setting[key], ranked.length - 1 - rank];
    const [mean, spread] = [meanOf(values), spreadOf(values)];
    const name = escapeHtml(setting.title);
    const color = setting.title.includes("r)") ? palette.assistant : palette.teacher;
    const common = { type: "scatter", name, showlegend: false, ...axes } as const;
    const told = `${write(mean)} ± ${write(spread)}<extra>${name}</extra>`;
    return [
      {
        ...common,
        mode: "lines",
        x: [mean - spread, mean + spread],
        y: [row, row],
        line: { color, width: 4 },
        opacity: 0.45,
        hovertemplate: told,
      },
      {
        ...common,
        mode: "markers",
        x: values,
        y: values.map(() => row),
        marker: { color, size: 6 },
        opacity: 0.7,
        hovertemplate: `%{x}<extra>${name}</extra>`,
      },
      {
        ...common,
        mode: "markers",
        x: [mean],
        y: [row],
        marker: { color, size: 11, symbol: "diamond" },
        hovertemplate: told,
      },
    ];
  });
}
