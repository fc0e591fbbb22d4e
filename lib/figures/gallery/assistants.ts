/**
 * The figures of the notebook on assistants.
 *
 * @module
 */
import { assistantsOf } from "../../analysis/toy_assistants.ts";
import { type ToyName, toyPair } from "../../analysis/toys.ts";
import { assistantsFigure } from "../assistants.ts";
import type { GalleryFigure } from "../gallery.ts";

/** The orders that the paper's figures have, from the wide to the narrow. */
const alphas = [-5, -3, -1, 0, 1, 3, 5];

const panelsOf = (name: ToyName): GalleryFigure["make"] => () => {
  const pair = toyPair(name);
  return assistantsFigure({ ...pair, assistants: assistantsOf(pair, { alphas, lambdas: [0.1, 0.5, 0.9] }) });
};

/** The figures by their files' names. */
export const toyAssistantFigures: Readonly<Record<string, GalleryFigure>> = {
  "assistants_gaussians": {
    caption: "Assistants r of two Gaussians: two bumps for α < 1, one bump between them for α ≥ 1.",
    make: panelsOf("gaussians"),
  },
  "assistants_mixtures": {
    caption: "Assistants r of a two-mode teacher and a one-mode student, from their union to their intersection.",
    make: panelsOf("mixtures"),
  },
};
