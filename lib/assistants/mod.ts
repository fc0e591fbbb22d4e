/**
 * Assistants: distributions between teacher and student.
 *
 * @module
 */
export {
  alphaMixture,
  type AlphaMixtureOptions,
  ARITHMETIC,
  assistantWeight,
  GEOMETRIC,
  HARMONIC,
  LARGER,
  SMALLER,
} from "./alpha_mixture.ts";
