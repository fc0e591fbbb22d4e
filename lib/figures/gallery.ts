/**
 * All figures in the project's folder of figures, by their files' names.
 *
 * @module
 */
import { assistantFigures } from "./gallery/assistants.ts";
import { comparisonFigures } from "./gallery/comparison.ts";
import { gradientFigures } from "./gallery/gradients.ts";
import type { PlotSpecification } from "./specification.ts";

/** Where figures find what they need beyond the code. */
export interface GallerySources {
  /** The folder of the project: built-in models and recorded results are below it. */
  root: string;
}

/** A figure of the gallery. */
export interface GalleryFigure {
  /** What one sees in it, a sentence. */
  caption: string;
  /** Makes it; an engine must have been chosen (`useEngine`). */
  make(sources: GallerySources): PlotSpecification | Promise<PlotSpecification>;
}

/** Every figure by the name of its file, without extension; each line is a chapter's. */
export const gallery: Readonly<Record<string, GalleryFigure>> = {
  ...assistantFigures,
  ...gradientFigures,
  ...comparisonFigures,
};
