/**
 * The figures of the notebook that compares objectives, from recorded runs.
 *
 * @module
 */
import { type Comparison, readComparison } from "../comparison/comparison.ts";
import {
  comparisonCurvesFigure,
  comparisonGapFigure,
  comparisonScoresFigure,
} from "../comparison/comparison_figures.ts";
import { divergenceFigure, lossOfCollapse, weightByRatio } from "../comparison/divergence_figure.ts";
import type { GalleryFigure, GallerySources } from "./figure.ts";

/** Settings whose curves can be distinguished at a glance. */
const drawn = [
  "amid-pr-a0-l0.1",
  "forward-kl",
  "amid-qr-a-1-l0.1",
  "next-token",
  "amid-pr-a-1-l0.1",
  "reverse-kl",
  "amid-qr-a0.5-l0.1",
];

const recorded =
  (draw: (comparison: Comparison) => ReturnType<GalleryFigure["make"]>) => async ({ root }: GallerySources) =>
    draw(await readComparison(`${root}/data/comparison/results.json`));

/** The figures by their files' names. */
export const comparisonFigures: Readonly<Record<string, GalleryFigure>> = {
  "comparison_scores": {
    caption:
      "ROUGE-L and validation loss of twelve settings over three seeds, ranked by mean ROUGE-L: dots are seeds, bars a standard deviation. Purple: divergences with an assistant, by order, α and λ.",
    make: recorded(comparisonScoresFigure),
  },
  "comparison_gap": {
    caption: "How much of the gap in validation loss between the student’s start and the teacher each setting closed.",
    make: recorded(comparisonGapFigure),
  },
  "comparison_curves": {
    caption: "Validation loss over the steps: mean and range over seeds.",
    make: recorded((comparison) => comparisonCurvesFigure(comparison, drawn)),
  },
  "comparison_divergence": {
    caption: "Why KL(q‖r) with α = 0.5 and λ = 0.1 runs away: r follows q, and hardly objects when q collapses.",
    make: recorded((comparison) => {
      const orders = { alphas: [-1, 0, 0.5, 1], lambda: 0.1 };
      const curves = { weights: weightByRatio(orders), collapse: lossOfCollapse(orders) };
      return divergenceFigure({ ...curves, comparison, setting: "amid-qr-a0.5-l0.1" });
    }),
  },
};
