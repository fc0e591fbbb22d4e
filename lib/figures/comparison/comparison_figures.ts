/**
 * Figures of a comparison: scores, the gap to the teacher, curves.
 *
 * @module
 */
import { type SettingCurves, settingCurvesFigure } from "../setting_curves.ts";
import { palette, type PlotSpecification } from "../specification.ts";
import { type Comparison, meanOf, rankSettings } from "./comparison.ts";
import { rankedPanels } from "./ranked_panels.ts";

/** A range around values that leaves a margin, in round steps. */
function around(values: readonly number[], step: number): [number, number] {
  const [low, high] = [Math.min(...values), Math.max(...values)];
  return [Math.floor((low - step / 3) / step) * step, Math.ceil((high + step / 3) / step) * step];
}

/**
 * Draws ROUGE-L and validation loss of each setting: seeds, mean and standard deviation, the best mean of ROUGE-L on top.
 *
 * @param comparison The recorded runs.
 * @returns The specification.
 * @throws {RangeError} If there is no run.
 */
export function comparisonScoresFigure(comparison: Comparison): PlotSpecification {
  const ranked = rankSettings(comparison);
  const drawn = ranked.filter(({ diverged }) => !diverged);
  const { runs } = comparison;
  const constant = meanOf(runs.map(({ constantRougeL }) => constantRougeL));
  const start = meanOf(runs.map(({ start }) => start.rougeL));
  return rankedPanels(ranked, [
    {
      key: "rougeL",
      title: "ROUGE-L / points",
      write: (value) => value.toFixed(1),
      range: around([...drawn.flatMap(({ rougeL }) => rougeL), start], 2),
      levels: [
        { value: start, name: "start", color: palette.start },
        { value: constant, name: "constant answer", color: palette.constant },
      ],
    },
    {
      key: "validLoss",
      title: "validation loss / nats per token",
      write: (value) => value.toFixed(2),
      range: around(drawn.flatMap(({ validLoss }) => validLoss), 0.1),
      levels: [],
    },
  ]);
}

/**
 * Draws the share of the gap in validation loss between start and teacher that each setting closed; runs whose teacher is
 * no better than the start are left out.
 *
 * @param comparison The recorded runs.
 * @returns The specification.
 * @throws {RangeError} If there is no run, or none with a gap.
 */
export function comparisonGapFigure(comparison: Comparison): PlotSpecification {
  const ranked = rankSettings(comparison)
    .map((setting) => ({
      ...setting,
      gapClosed: setting.gapClosed.filter(Number.isFinite).map((share) => 100 * share),
    }))
    .filter(({ gapClosed }) => gapClosed.length > 0)
    .sort((a, b) => meanOf(b.gapClosed) - meanOf(a.gapClosed));
  if (ranked.length === 0) {
    throw new RangeError("Cannot draw the gap: the teacher's validation loss must be below the start's in a run");
  }
  const shares = ranked.filter(({ diverged }) => !diverged).flatMap(({ gapClosed }) => gapClosed);
  return rankedPanels(ranked, [{
    key: "gapClosed",
    title: "gap in validation loss that was closed / %",
    range: [Math.min(0, ...shares) - 4, Math.max(100, ...shares) + 4],
    write: (value) => value.toFixed(0),
    levels: [
      { value: 0, name: "start", color: palette.start },
      { value: 100, name: "teacher", color: palette.teacher },
    ],
  }]);
}

/**
 * Draws validation losses over the steps, mean and range over seeds, on a logarithmic axis.
 *
 * @param comparison The recorded runs.
 * @param names The settings, by their names, in the order of the legend.
 * @returns The specification.
 * @throws {RangeError} If a setting is not there or has no run.
 */
export function comparisonCurvesFigure({ settings, runs }: Comparison, names: readonly string[]): PlotSpecification {
  const curves = names.map((name): SettingCurves => {
    const setting = settings.find((setting) => setting.name === name);
    if (!setting) throw new RangeError(`Cannot draw curves: there is no setting of the name "${name}"`);
    return {
      name: setting.title,
      runs: runs.filter((run) => run.setting === name).map(({ validation }) => validation),
    };
  });
  const { data, layout } = settingCurvesFigure(curves);
  const ticks = { tickvals: [1, 1.5, 2, 3, 5, 10], type: "log" };
  return {
    data,
    layout: { ...layout, yaxis: { ...layout.yaxis, ...ticks }, height: 470, margin: { l: 60, r: 16, t: 96, b: 52 } },
  };
}
