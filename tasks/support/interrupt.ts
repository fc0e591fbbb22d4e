/**
 * Ctrl-C that lets a run save itself.
 *
 * @module
 */

/** Options for {@linkcode onInterrupt}. */
export interface OnInterruptOptions {
  /** Called at the first signal, to say what happens now. */
  announce?: (signal: Deno.Signal) => void;
  /**
   * Called at the second one.
   *
   * @default {Deno.exit}
   */
  exit?: (status: number) => void;
  /** @default {SIGINT, SIGTERM and SIGUSR2, on Windows SIGINT and SIGBREAK} */
  signals?: readonly Deno.Signal[];
  /**
   * What signals are received from.
   *
   * @default {Deno}
   */
  source?: SignalSource;
}

/** What signals are received from, Deno itself except in tests. */
export interface SignalSource {
  addSignalListener(signal: Deno.Signal, listener: () => void): void;
  removeSignalListener(signal: Deno.Signal, listener: () => void): void;
}

/** Signals being handled. */
export interface Interrupt extends Disposable {
  /** Aborted at the first signal. */
  readonly signal: AbortSignal;
  /** Gives the signals back to the system. */
  stop(): void;
}

const numbers: Partial<Record<Deno.Signal, number>> = { SIGINT: 2, SIGTERM: 15, SIGBREAK: 21 };

/**
 * Handles signals: the first aborts `signal`, so that the run can end its step, save a checkpoint and say how
 * to go on; the second ends the program at once, with status 128 + the signal's number. SIGUSR2, which schedulers send
 * ahead of time and launchers hand on, more than once at that, asks for the former and never for the latter.
 *
 * Signals arrive between turns of the event loop: a loop of awaited promises alone receives none, so let it await a
 * timer (`setTimeout` of 0) once per step.
 *
 * @param options What to call.
 * @returns The abort signal; dispose of it, or call `stop()`, at the end.
 */
export function onInterrupt(options: OnInterruptOptions = {}): Interrupt {
  const { announce = () => {}, exit = Deno.exit, source = Deno } = options;
  const { signals = Deno.build.os === "windows" ? ["SIGINT", "SIGBREAK"] : ["SIGINT", "SIGTERM", "SIGUSR2"] } = options;
  const controller = new AbortController();
  const listeners = signals.map((signal) => {
    const listener = () => {
      if (controller.signal.aborted) return signal === "SIGUSR2" ? undefined : exit(128 + (numbers[signal] ?? 0));
      controller.abort(signal);
      announce(signal);
    };
    source.addSignalListener(signal, listener);
    return [signal, listener] as const;
  });
  const stop = () => {
    for (const [signal, listener] of listeners.splice(0)) source.removeSignalListener(signal, listener);
  };
  return { signal: controller.signal, stop, [Symbol.dispose]: stop };
}
