/**
 * Which variant of the loss kernel a specification asks for, and the numbers that it is launched with.
 *
 * What branches is compiled in; what is a number is an argument, so that schedules of α and λ recompile nothing.
 *
 * @module
 */
import {
  LARGEST_EXPONENT,
  SERIES_TERMS,
  seriesCoefficients,
  SMALLEST_PLAIN_EXPONENT,
} from "../../../distributions/power_mean.ts";
import {
  exponentialSeries,
  SMALLEST_PLAIN,
  TERMS,
  termSeries,
  ZERO,
} from "../../../distributions/alpha_beta_coefficients.ts";
import type { AmidLossSpecification } from "../../../kernels/amid_loss_specification.ts";
import { SCRATCH_FLOATS } from "./source/amid_loss.ts";

/** How logits are stored. */
export type LogitElement = "float32" | "bfloat16";

/** The two models' elements. */
export interface LogitElements {
  teacher: LogitElement;
  student: LogitElement;
}

/** A variant and its numbers. */
export interface AmidLossVariant {
  /** The macros that the source is compiled with. */
  macros: Record<string, string | number>;
  /** The numbers of the structs `MeanOptions` and `DivergenceOptions`, one after the other. */
  numbers: Float32Array<ArrayBuffer>;
}

/** Bytes of an element. */
export const elementBytes: Record<LogitElement, number> = { float32: 4, bfloat16: 2 };

const elementTypes: Record<LogitElement, string> = { float32: "float", bfloat16: "bfloat16" };

/** The variant that a specification asks for. */
export function amidLossVariant(specification: AmidLossSpecification, elements: LogitElements): AmidLossVariant {
  const { order, assistant } = specification;
  const mean = meanOf(order.includes("r") ? assistant : undefined);
  const divergence = divergenceOf(specification.divergence);
  const macros = {
    TEACHER_ELEMENT: elementTypes[elements.teacher],
    STUDENT_ELEMENT: elementTypes[elements.student],
    FIRST: order[0].toUpperCase(),
    SECOND: order[1].toUpperCase(),
    TEMPERED: Number((specification.temperature ?? 1) !== 1),
    DETACHED: Number(assistant?.detach ?? false),
    SCRATCH_FLOATS,
    SERIES_TERMS,
    DIVERGENCE_TERMS: TERMS,
    MEAN: mean.form,
    ...divergence.macros,
  };
  return { macros, numbers: Float32Array.from([...mean.numbers, ...divergence.numbers]) };
}

/** The form of the mean, as `source/power_mean.ts` numbers it, and its options. */
function meanOf(assistant: AmidLossSpecification["assistant"]): { form: number; numbers: number[] } {
  const none = new Array<number>(6 + SERIES_TERMS).fill(0);
  if (!assistant) return { form: 0, numbers: none };
  const { alpha, lambda } = assistant;
  const exponent = (1 - alpha) / 2;
  const size = Math.abs(exponent);
  const limit = size >= LARGEST_EXPONENT;
  const series = seriesCoefficients(lambda);
  if (lambda === 0 || lambda === 1) return { form: lambda === 0 ? 1 : 2, numbers: none };
  if (exponent === 0 || limit) {
    const form = exponent === 0 ? 3 : exponent > 0 ? 4 : 5;
    return { form, numbers: none.with(0, lambda) };
  }
  const weights = [Math.log(lambda), Math.log1p(-lambda)];
  const heavier = Math.max(...weights);
  const offsets = weights.map((weight) => (weight - heavier) / exponent);
  const numbers = [lambda, exponent, weights[0] - weights[1], heavier, ...offsets, ...series];
  return { form: size >= SMALLEST_PLAIN_EXPONENT ? 6 : 7, numbers };
}

function divergenceOf(
  divergence: AmidLossSpecification["divergence"],
): { macros: Record<"FORM" | "STEADY" | "NEGATIVE", number>; numbers: number[] } {
  const none = new Array<number>(3 + 3 * TERMS).fill(0);
  if (divergence.name === "kl") return { macros: { FORM: 0, STEADY: 0, NEGATIVE: 0 }, numbers: none };
  const { alpha, beta } = divergence;
  const [a, b, sum] = [alpha, beta, alpha + beta].map((value) => Math.abs(value) < ZERO ? 0 : value);
  const form = a === 0 && b === 0 ? 5 : a === 0 ? 3 : b === 0 ? 2 : sum === 0 ? 4 : 1;
  const steady = Number(Math.min(a, b) < SMALLEST_PLAIN), negative = Number(Math.min(a, b, a + b) < 0);
  const series = [termSeries(a, b), exponentialSeries(b, 1), exponentialSeries(-a, -1)].flat();
  const numbers = [a, b, Math.max(Math.abs(a), Math.abs(b)), ...series];
  return { macros: { FORM: form, STEADY: steady, NEGATIVE: negative }, numbers };
}
