/**
 * The thresholds that decide how the αβ-divergence is computed, and the coefficients of its series.
 *
 * @module
 */

/** Below this α, β or α + β is taken as 0: dividing by it would lose more in float32 than taking the limit. */
export const ZERO = 1e-4;
/** From here on the plain formulas have full float32 accuracy. */
export const SMALLEST_PLAIN = 0.05;

/** Terms of a series for arguments of magnitude up to 1; the next is below 1e-7 of the first. */
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
