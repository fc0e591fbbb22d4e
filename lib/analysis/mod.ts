/**
 * Analysis of assistants on distributions that one can see, and on the next-token distributions of models.
 *
 * @module
 */
export { assistantFloat64, type LogPair, type PlainAssistant } from "./assistant_float64.ts";
export { type Bell, gaussianMixture, hump, lineOfPoints, type LineOfPointsOptions } from "./grid.ts";
export { assistantsOf, type AssistantsOfOptions, type ComputedAssistant } from "./toy_assistants.ts";
export { type ToyName, type ToyPair, toyPair } from "./toys.ts";
