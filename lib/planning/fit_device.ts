/**
 * A device's rate from measured steps.
 *
 * @module
 */
import type { DeviceRates } from "./cluster.ts";
import type { StepWork } from "./step_work.ts";

/** A measured step. */
export interface StepTiming {
  /** What it computed. */
  work: StepWork;
  /** Seconds that it took. */
  seconds: number;
}

/**
 * Fits `seconds = step overhead + operations / rate + bytes / memory bandwidth` to steps of one device, the memory's
 * bandwidth given, by least squares of the relative errors.
 *
 * @param timings Steps; of one alone the rate is fitted without an overhead.
 * @param memoryBandwidth Bytes per second.
 * @returns Rate and overhead.
 * @throws {RangeError} If there is no step, or one took less than its bytes alone.
 */
export function fitDevice(
  timings: readonly StepTiming[],
  memoryBandwidth: number,
): Pick<DeviceRates, "flops" | "stepOverhead"> {
  if (timings.length === 0) {
    throw new RangeError("Cannot fit a device: at least one measured step is needed, current count is 0");
  }
  const rows = timings.map(({ work, seconds }) => {
    const { lossBytes, optimizerBytes, teacher, forward, head, backward } = work;
    const left = seconds - (lossBytes + optimizerBytes) / memoryBandwidth;
    if (!(left > 0 && left < Infinity)) {
      throw new RangeError(
        `Cannot fit a device: a step must take longer than its bytes at ${memoryBandwidth} bytes per second, ` +
          `current value is ${seconds} s`,
      );
    }
    return { x: 1 / left, y: (teacher + forward + head + backward) / left };
  });
  const [stepOverhead, inverse] = rows.length === 1 ? [0, 1 / rows[0].y] : leastSquares(rows);
  if (!(inverse > 0)) {
    throw new RangeError("Cannot fit a device: larger steps must take longer, current ones do not");
  }
  return { flops: 1 / inverse, stepOverhead };
}

/** Non-negative `a`, `b` for which `a x + b y` comes closest to 1, by squares. */
function leastSquares(rows: readonly { x: number; y: number }[]): [number, number] {
  const total = (value: (row: { x: number; y: number }) => number) => rows.reduce((sum, row) => sum + value(row), 0);
  const [xx, xy, yy] = [total(({ x }) => x * x), total(({ x, y }) => x * y), total(({ y }) => y * y)];
  const [sx, sy] = [total(({ x }) => x), total(({ y }) => y)];
  const determinant = xx * yy - xy * xy;
  if (!(determinant > 1e-12 * xx * yy)) return [0, sy / yy];
  const a = (sx * yy - sy * xy) / determinant, b = (sy * xx - sx * xy) / determinant;
  if (a < 0) return [0, sy / yy];
  return b < 0 ? [sx / xx, 0] : [a, b];
}
