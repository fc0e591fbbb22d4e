/**
 * A run on the terminal: its progress, validation losses, samples and warnings on standard error.
 *
 * @module
 */
import type { Recorder } from "../../lib/runs/recorder.ts";
import { decodedSamples, type SampleOptions } from "../../lib/runs/samples.ts";
import { type Progress, progress } from "./progress.ts";

/** Options for {@linkcode terminal}. */
export interface TerminalOptions extends SampleOptions {
  /** What the progress bar calls the run. */
  label: string;
  /** How to resume the run when it was stopped. */
  hint: string;
}

/** The recorder, which can show a line of its own beside the progress bar. */
export interface Terminal extends Recorder {
  /** Shows a line while the run goes on; returns whether it could. */
  log(line: string): boolean;
}

/** Shows a run on standard error. */
export function terminal({ label, hint, ...samples }: TerminalOptions): Terminal {
  let bar: Progress | undefined;
  const log = (line: string) => {
    bar?.log(line);
    return bar !== undefined;
  };
  return {
    name: "the terminal",
    log,
    open({ step, totalSteps }) {
      bar = progress({ label, total: totalSteps, start: step });
      if (step > 0) log(`resuming after step ${step}`);
    },
    event(event) {
      const { type, step } = event;
      if (type === "step") {
        bar?.update({ step, loss: event.loss, tokens: event.tokens });
      } else if (type === "validation") {
        const { validLoss, averageValidLoss: average } = event;
        const beside = average === undefined ? "" : `, of the averaged weights ${average.toFixed(4)}`;
        log(`step ${step}: validation loss ${validLoss.toFixed(4)}${beside}`);
      } else if (type === "sample") {
        for (const { prompt, response, ended } of decodedSamples(event, samples)) {
          log(`  … ${tailOf(prompt)} → ${JSON.stringify(response)}${ended ? "" : " (truncated, no end token)"}`);
        }
      } else if (type === "warning") {
        log(`warning: ${event.message}`);
      }
    },
    close({ status, step }) {
      if (status !== "failed") bar?.done();
      bar = undefined;
      if (status === "stopped") console.error(`Stopped after step ${step}. To continue: ${hint}`);
    },
  };
}

/** The end of a prompt, on one line. */
const tailOf = (prompt: string): string => JSON.stringify(prompt.replace(/\s+/g, " ").trim().slice(-60));
