/**
 * The numbers that decide how the αβ-divergence is computed, and the coefficients of its series.
 *
 * @module
 */

/** Below this α, β or α + β is taken as 0: the quotient by it would lose more in float32 than the limit. */
export const ZERO = 1e-4;
/** From here on the plain formulas keep what float32 has. */
export const SMALLEST_PLAIN = 0.05;

/** Terms of a series for arguments up to 1 in size; the next is below 1e-7 of the first. */
export const TERMS = 10;

/** `sign · c^k / (k+1)!` */
export function exponentialSeries(c: number, sign: number): number[] {
  const series = [sign];
  for (let k = 1; k < TERMS; k++) series.push(series[k - 1] * c / (k + 1));
  return series;
}

/** `Σ_j β^j (−α)^(k−j) / (k+2)!` */
export function termSeries(a: number, b: number): number[] {
  const series: number[] = [];
  for (let k = 0, power = 1, sum = 1, factorial = 2; k < TERMS; k++) {
    series.push(sum / factorial);
    power *= b;
    sum = power - a * sum; // Σ_j β^j (−α)^(k+1−j)
    factorial *= k + 3;
  }
  return series;
}
