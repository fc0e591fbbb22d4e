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
export {
  type Schedule,
  type ScheduledNumber,
  scheduledNumber,
  type ScheduledNumberOptions,
  type ScheduleState,
} from "./schedules.ts";
