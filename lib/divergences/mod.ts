/**
 * Divergences `D(x‖y)` between next-token distributions, from log-probabilities, per token, unreduced.
 *
 * @module
 */
export { alphaBeta, type AlphaBetaOptions } from "./alpha_beta.ts";
export { amari, type AmariOptions } from "./amari.ts";
export { chiSquared } from "./chi_squared.ts";
export type { Divergence, Partials, Wanted } from "./divergence.ts";
export type { Distribution } from "../distributions/distribution.ts";
export { jeffreys } from "./jeffreys.ts";
export { jensenShannon, type JensenShannonOptions } from "./jensen_shannon.ts";
export { kl } from "./kl.ts";
export {
  divergence,
  type DivergenceName,
  type DivergenceOption,
  type DivergenceParameters,
  divergences,
  type None,
} from "./registry.ts";
export { renyi, type RenyiOptions } from "./renyi.ts";
export { squaredHellinger } from "./squared_hellinger.ts";
export { totalVariation } from "./total_variation.ts";
