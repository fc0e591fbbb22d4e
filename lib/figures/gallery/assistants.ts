/**
 * The figures of the notebook on assistants.
 *
 * @module
 */
import { assistantFloat64 } from "../../analysis/assistant_float64.ts";
import { builtInModels, firstToken } from "../../analysis/built_in_models.ts";
import { continuityAtOne } from "../../analysis/continuity.ts";
import { lineOfPoints } from "../../analysis/grid.ts";
import { leastDivergence } from "../../analysis/least_divergence.ts";
import { assistantsOf } from "../../analysis/toy_assistants.ts";
import { type ToyName, toyPair } from "../../analysis/toys.ts";
import { alphaLineFigure } from "../alpha_line.ts";
import { assistantsFigure } from "../assistants.ts";
import { continuityFigure } from "../continuity.ts";
import type { GalleryFigure } from "./figure.ts";
import { minimizerFigure } from "../minimizer.ts";
import { nextTokenFigure } from "../next_token.ts";
import { supportsFigure } from "../supports.ts";

/** The orders that the paper's figures have, from the wide to the narrow. */
const alphas = [-5, -3, -1, 0, 1, 3, 5];

const panelsOf = (name: ToyName): GalleryFigure["make"] => () => {
  const pair = toyPair(name);
  return assistantsFigure({ ...pair, assistants: assistantsOf(pair, { alphas, lambdas: [0.1, 0.5, 0.9] }) });
};

/** The figures by their files' names. */
export const assistantFigures: Readonly<Record<string, GalleryFigure>> = {
  "alpha_line": {
    caption: "The line of orders α, with what is averaged and the methods that use it.",
    make: alphaLineFigure,
  },
  "assistants_gaussians": {
    caption: "Assistants r of two Gaussians: two bumps for α < 1, one bump between them for α ≥ 1.",
    make: panelsOf("gaussians"),
  },
  "assistants_mixtures": {
    caption: "Assistants r of a two-mode teacher and a one-mode student, from their union to their intersection.",
    make: panelsOf("mixtures"),
  },
  "supports": {
    caption: "The support of r: the union of both for α < 1, their intersection from α = 1 on.",
    make: () => {
      const pair = toyPair("humps");
      const assistants = assistantsOf(pair, { alphas: [-3, 0, 0.9, 1, 3], lambdas: [0.5] });
      const sweep = assistantsOf(pair, {
        alphas: lineOfPoints({ from: -5, to: 5, count: 81 }),
        lambdas: [0.1, 0.5, 0.9],
      });
      return supportsFigure({ ...pair, assistants, sweep });
    },
  },
  "continuity": {
    caption: "The distance from r to the geometric mean goes to 0 with |α − 1|, from both sides, in float32 too.",
    make: () => {
      const distances = lineOfPoints({ from: -5, to: 0, count: 11 }).map((power) => 10 ** power);
      return continuityFigure(continuityAtOne(toyPair("mixtures"), { distances, lambda: 0.5 }));
    },
  },
  "minimizer": {
    caption: "r by its formula, and where λ D(p‖r) + (1−λ) D(q‖r) was found to be least.",
    make: () => {
      const pair = toyPair("mixtures", { count: 61 });
      const panels = [-3, -1, 0, 1, 3, 5].map((alpha) => ({
        alpha,
        formula: assistantFloat64(pair, { alpha, lambda: 0.5 }).logProbs.map(Math.exp),
        found: leastDivergence(pair, { alpha, lambda: 0.5 }).probs,
      }));
      return minimizerFigure({ points: pair.points, panels });
    },
  },
  "next_token": {
    caption: "What teacher, student and assistants expect as the first token of an answer.",
    make: async ({ root }) => {
      const models = await builtInModels(root);
      const pair = firstToken(models, { question: "What kind of thing is a heron?", answer: "bird" });
      const tokens = pair.teacher.map((_, id) => models.tokenizer.decode([id]));
      const assistants = assistantsOf(pair, { alphas: [-5, -1, 1, 5], lambdas: [0.5] })
        .map(({ alpha, logProbs }) => ({ alpha, probs: logProbs.map(Math.exp) }));
      const [teacher, student] = [pair.teacher.map(Math.exp), pair.student.map(Math.exp)];
      return nextTokenFigure({ tokens, teacher, student, assistants });
    },
  },
};
