/**
 * The loss of a row in double precision, from its formulas alone, and its gradient by differences: what every kernel is
 * compared with. It shares no line with the library.
 */
import type { AmidLossSpecification } from "../../../../lib/kernels/amid_loss_specification.ts";

/** A row of both models' logits, and what is asked of it. */
export interface Float64Row {
  specification: AmidLossSpecification;
  teacher: ArrayLike<number>;
  student: ArrayLike<number>;
  label: number;
  divergenceScale: number;
  nextTokenScale: number;
}

/** The numbers of a row. */
export interface Float64Loss {
  value: number;
  nextToken: number;
  /** The gradient in each of the places that were asked for. */
  gradient: number[];
}

/** Wide enough for the differences' rounding, narrow enough for their curvature: an error of about 1e-10. */
const STEP = 1e-4;

/**
 * Value, next-token loss and gradient of a row.
 *
 * @param row The row.
 * @param places The tokens whose derivative is wanted.
 */
export function lossFloat64(row: Float64Row, places?: readonly number[]): Float64Loss {
  const { specification, label, divergenceScale, nextTokenScale } = row;
  const student = Array.from(row.student), teacher = Array.from(row.teacher);
  const { assistant, order } = specification;
  // What is held while the student is moved: the assistant, where no gradient passes it.
  const held = assistant?.detach && order.includes("r") ? assistantOf(teacher, student, specification) : undefined;
  const divergence = (z: number[]) => divergenceOf(teacher, z, specification, held);
  const next = (z: number[]) => -logSoftmax(z)[label];
  const total = (z: number[]) => divergenceScale * divergence(z) + nextTokenScale * next(z);
  const gradient = (places ?? student.map((_, i) => i)).map((place) => {
    // Five points: the error of the differences is of the fourth order.
    const at = (offset: number) => total(student.with(place, student[place] + offset));
    return (8 * (at(STEP) - at(-STEP)) - (at(2 * STEP) - at(-2 * STEP))) / (12 * STEP);
  });
  return { value: divergence(student), nextToken: next(student), gradient };
}

function divergenceOf(
  teacher: readonly number[],
  student: readonly number[],
  specification: AmidLossSpecification,
  held?: readonly number[],
): number {
  const { order, divergence, temperature = 1 } = specification;
  const soft = (z: readonly number[]) => logSoftmax(z.map((logit) => logit / temperature));
  const distributions: Record<string, () => readonly number[]> = {
    p: () => soft(teacher),
    q: () => soft(student),
    r: () => held ?? assistantOf(teacher, student, specification),
  };
  const [x, y] = [...order].map((letter) => distributions[letter]());
  const terms = x.map((logX, i) =>
    divergence.name === "kl" ? klTerm(logX, y[i]) : alphaBetaTerm(logX, y[i], divergence.alpha, divergence.beta)
  );
  return temperature ** 2 * sum(terms);
}

function klTerm(x: number, y: number): number {
  return Math.exp(x) * (x - y);
}

/** A. Cichocki et al., "Generalized alpha-beta divergences", 2011, eq. 19 to 22, in logarithms. */
function alphaBetaTerm(x: number, y: number, a: number, b: number): number {
  if (a === 0 && b === 0) return (x - y) ** 2 / 2;
  if (a + b === 0) return (Math.exp(a * (x - y)) - 1 - a * (x - y)) / a ** 2;
  if (b === 0) return (Math.exp(a * x) * a * (x - y) - Math.exp(a * x) + Math.exp(a * y)) / a ** 2;
  if (a === 0) return (Math.exp(b * y) * b * (y - x) - Math.exp(b * y) + Math.exp(b * x)) / b ** 2;
  const s = a + b;
  return -(Math.exp(a * x + b * y) - a / s * Math.exp(s * x) - b / s * Math.exp(s * y)) / (a * b);
}

/** log r, the α-mixture's: `(λ p^e + (1 − λ) q^e)^(1/e)`, normalised, with its limits. */
function assistantOf(
  teacher: readonly number[],
  student: readonly number[],
  { assistant, temperature = 1 }: AmidLossSpecification,
): number[] {
  const { alpha, lambda } = assistant!;
  const [p, q] = [teacher, student].map((z) => logSoftmax(z.map((logit) => logit / temperature)));
  const e = (1 - alpha) / 2;
  const mixed = p.map((a, i) => {
    const b = q[i];
    if (lambda === 0 || lambda === 1) return lambda === 0 ? b : a;
    if (e === Infinity) return Math.max(a, b);
    if (e === -Infinity) return Math.min(a, b);
    // Below this the power means differ from the geometric one by less than double precision shows.
    if (Math.abs(e) < 1e-7) return lambda * a + (1 - lambda) * b + e * lambda * (1 - lambda) * (a - b) ** 2 / 2;
    const [s, t] = [Math.log(lambda) + e * a, Math.log(1 - lambda) + e * b];
    const most = Math.max(s, t);
    return (most + Math.log(Math.exp(s - most) + Math.exp(t - most))) / e;
  });
  return logSoftmax(mixed);
}

function logSoftmax(z: readonly number[]): number[] {
  const most = z.reduce((a, b) => Math.max(a, b), -Infinity);
  const total = Math.log(sum(z.map((logit) => Math.exp(logit - most)))) + most;
  return z.map((logit) => logit - total);
}

const sum = (values: readonly number[]): number => values.reduce((a, b) => a + b, 0);
