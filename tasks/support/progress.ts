/**
 * Progress on standard error: a line redrawn on a terminal, plain lines elsewhere.
 *
 * @module
 */
import { formatPlainLine, formatProgressLine, type ProgressState } from "./progress_line.ts";

/** Where progress is drawn. */
export interface ProgressSurface {
  write(text: string): void;
  /** Columns of the terminal, asked before each line; undefined if it is not a terminal. */
  columns(): number | undefined;
}

/** Options for {@linkcode progress}. */
export interface ProgressOptions {
  /** What is going on, a word or two. */
  label: string;
  /** Steps there are. */
  total: number;
  /**
   * Steps done before, by a run that is resumed.
   *
   * @default {0}
   */
  start?: number;
  /**
   * Seconds between two plain lines at least, where it is not a terminal.
   *
   * @default {10}
   */
  plainInterval?: number;
  /** @default {standard error} */
  surface?: ProgressSurface;
  /**
   * The time, in milliseconds.
   *
   * @default {performance.now}
   */
  now?: () => number;
}

/** What is known after a step. */
export interface ProgressUpdate {
  /** Steps done. */
  step: number;
  loss?: number;
  /** Tokens of the steps since the last update. */
  tokens?: number;
}

/** Progress being shown. */
export interface Progress {
  /** Takes note of a step; draws at most ten times per second. */
  update(update: ProgressUpdate): void;
  /** Writes a line of its own, above the bar. */
  log(line: string): void;
  /** Draws the last state for good and ends the line. */
  done(): void;
}

function columnsOfTerminal(): number | undefined {
  if (!Deno.stderr.isTerminal()) return undefined;
  try {
    return Deno.consoleSize().columns || 80;
  } catch {
    // Standard error is a terminal but no stream reports its size.
    return 80;
  }
}

const standardError: ProgressSurface = {
  write(text) {
    const bytes = new TextEncoder().encode(text);
    for (let written = 0; written < bytes.length;) written += Deno.stderr.writeSync(bytes.subarray(written));
  },
  columns: columnsOfTerminal,
};

/** Speed over the last half minute, so that a slow start does not weigh for ever. */
class Pace {
  #marks: { time: number; step: number; tokens: number }[] = [];

  add(time: number, step: number, tokens: number): void {
    this.#marks.push({ time, step, tokens: (this.#marks.at(-1)?.tokens ?? 0) + tokens });
    while (this.#marks.length > 2 && this.#marks[1].time < time - 30_000) this.#marks.shift();
  }

  /** Steps and tokens per second, or undefined before two marks. */
  rates(): { steps: number; tokens: number } | undefined {
    const [first, last] = [this.#marks[0], this.#marks.at(-1)];
    const seconds = first && last ? (last.time - first.time) / 1000 : 0;
    if (!first || !last || seconds <= 0) return undefined;
    return { steps: (last.step - first.step) / seconds, tokens: (last.tokens - first.tokens) / seconds };
  }
}

/**
 * Starts to show progress.
 *
 * @param options Label and number of steps.
 * @returns What takes the updates; call `done()` at the end, after an error too.
 */
export function progress(options: ProgressOptions): Progress {
  const { label, total, start = 0, plainInterval = 10, surface = standardError, now = () => performance.now() } =
    options;
  const pace = new Pace();
  pace.add(now(), start, 0);
  let state: ProgressState = { step: start, total };
  let drawn = -Infinity;
  let shown: ProgressState | undefined;

  const draw = () => {
    const columns = surface.columns();
    const ended = columns === undefined ? "\n" : "";
    const line = columns === undefined ? formatPlainLine(label, state) : formatProgressLine(label, state, columns - 1);
    surface.write(`${columns === undefined ? "" : "\r\x1b[K"}${line}${ended}`);
    [drawn, shown] = [now(), state];
  };

  return {
    update({ step, loss = state.loss, tokens = 0 }) {
      pace.add(now(), step, tokens);
      const rates = pace.rates();
      state = {
        step,
        total,
        loss,
        tokensPerSecond: rates && rates.tokens > 0 ? rates.tokens : undefined,
        secondsLeft: rates && rates.steps > 0 ? (total - step) / rates.steps : undefined,
      };
      const interval = surface.columns() === undefined ? plainInterval * 1000 : 100;
      if (now() - drawn >= interval) draw();
    },
    log(line) {
      if (surface.columns() === undefined) return surface.write(`${line}\n`);
      surface.write(`\r\x1b[K${line}\n`);
      if (shown) draw();
    },
    done() {
      if (state !== shown && state.step > start) draw();
      if (shown && surface.columns() !== undefined) surface.write("\n");
    },
  };
}
