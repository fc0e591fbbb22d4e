/**
 * Progress of work that is counted under several names, a bar for each.
 *
 * @module
 */
import { onInterrupt } from "./interrupt.ts";
import { type Progress, progress } from "./progress.ts";

/** Bars, one at a time. */
export interface CountedProgress extends Disposable {
  /** Adds to what is done under a name. */
  update(name: string, count: number): void;
}

/**
 * Shows how much is done under the name that was last given.
 *
 * @param total How much there is to do under each name.
 */
export function countedProgress(total: number): CountedProgress {
  let shown: { name: string; bar: Progress; done: number } | undefined;
  return {
    update(name, count) {
      if (shown?.name !== name) {
        shown?.bar.done();
        shown = { name, bar: progress({ label: name, total }), done: 0 };
      }
      shown.bar.update({ step: shown.done += count });
    },
    [Symbol.dispose]: () => shown?.bar.done(),
  };
}

/** A bar whose total is known with its first update. */
export interface TotalProgress extends Disposable {
  /** Takes note of how much is done, of how much. */
  update(done: number, total: number): void;
  /** Writes a line of its own. */
  log(line: string): void;
}

/**
 * Shows how much of a total is done.
 *
 * @param label What is going on, a word or two.
 */
export function totalProgress(label: string): TotalProgress {
  let bar: Progress | undefined;
  return {
    update: (step, total) => (bar ??= progress({ label, total })).update({ step }),
    log: (line) => bar ? bar.log(line) : console.error(line),
    [Symbol.dispose]: () => bar?.done(),
  };
}

/** What work done in batches is given. */
export interface Watching {
  /** Aborted by Ctrl-C. */
  signal: AbortSignal;
  /** Shows how much is done, of how much. */
  onProgress: (done: number, total: number) => void;
}

/**
 * Does work in batches, with a bar, until it is done or Ctrl-C stops it after a batch.
 *
 * @param label What is going on, a word or two.
 * @param work The work.
 */
export async function stoppable<Result>(
  label: string,
  work: (watching: Watching) => Promise<Result>,
): Promise<Result> {
  using bar = totalProgress(label);
  using interrupt = onInterrupt({
    announce: () => bar.log("stopping after this batch; press again to stop immediately"),
  });
  return await work({ signal: interrupt.signal, onProgress: bar.update });
}
