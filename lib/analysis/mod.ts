/**
 * Analysis of assistants on distributions that can be plotted, and on the next-token distributions of models.
 *
 * @module
 */
export { assistantFloat64, type LogPair, type PlainAssistant } from "./assistant_float64.ts";
export { type Bell, gaussianMixture, hump, lineOfPoints, type LineOfPointsOptions } from "./grid.ts";
export { assistantsOf, type AssistantsOfOptions, type ComputedAssistant } from "./toy_assistants.ts";
export { type ToyName, type ToyPair, toyPair } from "./toys.ts";
export { fitGaussian, type FitGaussianOptions, type FitStep, type GaussianParameters } from "./fit_gaussian.ts";
export { klGradient, type KlGradientOptions, type PlainGradient } from "./kl_gradient.ts";
export { type LeastDivergence, leastDivergence, type LeastDivergenceOptions } from "./least_divergence.ts";
export { tracedGradient } from "./traced_gradient.ts";
export { type NextToken, nextTokens } from "./next_tokens.ts";
export { type BuiltInModels, builtInModels, firstToken } from "./built_in_models.ts";
export { continuityAtOne, type ContinuityPoint } from "./continuity.ts";
export { type GradientPoint, gradientProfile, type GradientProfileOptions } from "./gradient_profile.ts";
