/**
 * The figures of the notebook on gradients.
 *
 * @module
 */
import { builtInModels, firstToken } from "../../analysis/built_in_models.ts";
import { fitGaussian } from "../../analysis/fit_gaussian.ts";
import { gradientProfile } from "../../analysis/gradient_profile.ts";
import { lineOfPoints } from "../../analysis/grid.ts";
import { klGradient } from "../../analysis/kl_gradient.ts";
import { nextTokens } from "../../analysis/next_tokens.ts";
import { toyPair } from "../../analysis/toys.ts";
import { tracedGradient } from "../../analysis/traced_gradient.ts";
import { corpusRows, loadCorpus } from "../../datasets/corpus.ts";
import { objective } from "../../objectives/mod.ts";
import { distill } from "../../training/run/distill.ts";
import { fitAnimation } from "../fit_animation.ts";
import type { GalleryFigure } from "./figure.ts";
import { gaussianFitsFigure } from "../gaussian_fits.ts";
import { gradientCheckFigure } from "../gradient_check.ts";
import { gradientProfileFigure } from "../gradient_profile.ts";
import { studentWeightFigure } from "../student_weight.ts";
import { tokenGradientsFigure } from "../token_gradients.ts";

const orders = ["pr", "qr", "rp", "rq"] as const;
/** Where fitted students begin: between the teacher's modes. */
const start = { mean: 0.3, deviation: 1.6 };
const profile = { alphas: lineOfPoints({ from: -5, to: 5, count: 21 }), lambdas: [0.1, 0.5, 0.9] };

/** The figures by their files' names. */
export const gradientFigures: Readonly<Record<string, GalleryFigure>> = {
  "student_weight": {
    caption: "ω over log p/q and α: for α < 1 it fades where p is the larger, for α > 1 where q is.",
    make: () => studentWeightFigure(),
  },
  "gradient_check": {
    caption: "Gradients in closed form equal those by automatic differentiation.",
    make: () => {
      const pair = toyPair("mixtures", { count: 61 });
      const checks = orders.map((order) => {
        const options = { order, alpha: 0.5, lambda: 0.3 };
        return { order, closed: klGradient(pair, options).gradient, traced: tracedGradient(pair, options).gradient };
      });
      return gradientCheckFigure(checks);
    },
  },
  "token_gradients": {
    caption: "Which tokens are pushed up and which down, by α, at the first token of a real answer.",
    make: async ({ root }) => {
      const models = await builtInModels(root);
      const pair = firstToken(models, { question: "What kind of thing is a heron?", answer: "bird" });
      const tokens = pair.teacher.map((_, id) => models.tokenizer.decode([id]));
      const alphas = lineOfPoints({ from: -8, to: 8, count: 33 });
      return tokenGradientsFigure({ ...pair, tokens, orders: ["pr", "rq"], alphas, lambda: 0.5 });
    },
  },
  "gaussian_fits": {
    caption: "A Gaussian student of a two-mode teacher: one mode or both, by divergence, α and λ.",
    make: () => {
      const pair = toyPair("mixtures", { count: 121 });
      const knobs = orders.flatMap((order) =>
        [-5, -1, 0, 1, 5].flatMap((alpha) => [0.1, 0.5, 0.9].map((lambda) => ({ order, alpha, lambda })))
      );
      const fits = knobs.map((knob) => ({ ...knob, ...fitGaussian({ ...pair, ...knob, start, steps: 300 }).at(-1)! }));
      return gaussianFitsFigure({ ...pair, fits });
    },
  },
  "fit_animation": {
    caption: "The student on its way, step by step, at α = −1 and λ = 0.5.",
    make: () => {
      const pair = toyPair("mixtures", { count: 121 });
      const mixture = { alpha: -1, lambda: 0.5 };
      const paths = orders.map((order) => ({
        order,
        path: fitGaussian({ ...pair, ...mixture, order, start, steps: 300 }),
      }));
      return fitAnimation({ ...pair, ...mixture, paths });
    },
  },
  "gradient_profile": {
    caption: "Size and direction of the gradient of D(p‖r) over α, at the start and after forty steps of forward KL.",
    make: async ({ root }) => {
      const { teacher, student, tokenizer } = await builtInModels(root);
      const corpus = await loadCorpus("wordnet", { counts: { train: 640, test: 16 }, seed: 0 });
      const test = corpusRows(corpus.test, tokenizer);
      const moment = (name: string) => ({
        name,
        points: gradientProfile(nextTokens({ teacher, student }, test), { order: "pr", ...profile }),
      });
      const early = moment("early");
      const run = distill({
        student,
        teacher,
        objective: objective("forward-kl"),
        rows: corpusRows(corpus.train, tokenizer),
        batchSize: 16,
        totalSteps: 40,
        optimizer: { learningRate: 1e-3 },
      });
      for await (const _ of run);
      return gradientProfileFigure([early, moment("late")]);
    },
  },
};
