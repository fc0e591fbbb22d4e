/**
 * All figures in the project's folder of figures, by their files' names.
 *
 * @module
 */
import { assistantFigures } from "./gallery/assistants.ts";
import { comparisonFigures } from "./gallery/comparison.ts";
import { gradientFigures } from "./gallery/gradients.ts";
import type { GalleryFigure } from "./gallery/figure.ts";

/** Every figure by the name of its file, without extension; each line is a chapter's. */
export const gallery: Readonly<Record<string, GalleryFigure>> = {
  ...assistantFigures,
  ...gradientFigures,
  ...comparisonFigures,
};
