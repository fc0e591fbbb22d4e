/**
 * How progress reads: pure formatting, nothing is drawn here.
 *
 * @module
 */

/** How far a run has come. */
export interface ProgressState {
  /** Steps done. */
  step: number;
  /** Steps there are. */
  total: number;
  /** The latest loss, if there is one. */
  loss?: number;
  tokensPerSecond?: number;
  /** Estimated seconds until the end. */
  secondsLeft?: number;
}

/** A span of time in at most two units: `8 s`, `2:05`, `1:02:00`. */
export function formatSeconds(seconds: number): string {
  const whole = Math.max(0, Math.round(seconds));
  if (whole < 60) return `${whole} s`;
  const two = (value: number) => String(value).padStart(2, "0");
  const [hours, minutes] = [Math.floor(whole / 3600), Math.floor(whole / 60) % 60];
  return hours > 0 ? `${hours}:${two(minutes)}:${two(whole % 60)}` : `${minutes}:${two(whole % 60)}`;
}

/** A count in at most four signs: `950`, `9.5k`, `12k`, `3.4M`. */
export function formatCount(count: number): string {
  const [value, unit] = count >= 999_500 ? [count / 1e6, "M"] : count >= 999.5 ? [count / 1e3, "k"] : [count, ""];
  return `${unit && value < 9.95 ? value.toFixed(1) : Math.round(value)}${unit}`;
}

/** The parts of the line that follow the bar, the most telling first. */
function parts({ step, total, loss, tokensPerSecond, secondsLeft }: ProgressState): string[] {
  const list = [`${String(step).padStart(String(total).length)}/${total}`];
  if (loss !== undefined) list.push(`loss ${loss.toFixed(3)}`);
  if (secondsLeft !== undefined) list.push(`${formatSeconds(secondsLeft)} left`);
  if (tokensPerSecond !== undefined) list.push(`${formatCount(tokensPerSecond)} tokens/s`);
  return list;
}

/** A plain line for logs: label, step, loss, time left, speed. */
export function formatPlainLine(label: string, state: ProgressState): string {
  return `${label}  ${parts(state).join("  ")}`;
}

function bar(share: number, width: number): string {
  const eighths = Math.round(Math.min(1, Math.max(0, share)) * width * 8);
  const [full, rest] = [Math.floor(eighths / 8), eighths % 8];
  return ("█".repeat(full) + (rest > 0 ? "▏▎▍▌▋▊▉"[rest - 1] : "")).padEnd(width, "░");
}

/**
 * Fits label, bar and figures into one line; where it is narrow, figures are left out from the end, then the bar.
 *
 * @param label What is going on.
 * @param state How far it has come.
 * @param width Columns there are.
 * @returns A line of at most `width` columns.
 */
export function formatProgressLine(label: string, state: ProgressState, width: number): string {
  const share = state.total > 0 ? state.step / state.total : 0;
  const list = parts(state);
  for (let shown = list.length; shown > 0; shown--) {
    const figures = list.slice(0, shown).join("  ");
    const room = Math.min(40, width - label.length - figures.length - 3);
    if (room >= 10) return `${label} ${bar(share, room)}  ${figures}`;
  }
  return `${label} ${list[0]}`.slice(0, Math.max(0, width));
}
