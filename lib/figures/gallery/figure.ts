/**
 * A figure of the gallery.
 *
 * @module
 */
import type { PlotSpecification } from "../specification.ts";

/** Where figures find what they need beyond the code. */
export interface GallerySources {
  /** The folder of the project: built-in models and recorded results are below it. */
  root: string;
}

/** A figure of the gallery. */
export interface GalleryFigure {
  /** The caption, a sentence. */
  caption: string;
  /** Makes it; an engine must have been chosen (`useEngine`). */
  make(sources: GallerySources): PlotSpecification | Promise<PlotSpecification>;
}
