/**
 * What a run leaves behind while it goes on: `metrics.jsonl`, `samples.jsonl` and, on request, TensorBoard's event files.
 *
 * @module
 */
import { join } from "node:path";
import { memory } from "@tensorflow/tfjs-core";
import type { DistillEvent } from "../../lib/training/run/distill.ts";
import { openEventFile } from "../../lib/training/run/tensorboard.ts";
import { openJsonLines } from "./json_lines.ts";
import { recoverLines } from "./recover_lines.ts";

/** A line of `metrics.jsonl`: the event as it was, with what the machine says beside it. */
export type MetricsLine = Record<string, unknown> & { type: "step" | "validation" | "warning"; step: number };

/** A prompt and what the student made of it. */
export interface Sample {
  prompt: string;
  /** What it wrote, without the token that ends it. */
  response: string;
  /** Whether it came to its end; false where it reached the longest length before. */
  ended: boolean;
}

/** Options for {@linkcode openRunRecords}. */
export interface OpenRunRecordsOptions {
  /** The step after which the run goes on; what the files hold of later steps is cut off. */
  step: number;
  /** The bytes of the metrics that belong to that step. */
  metricsOffset: number;
  /** Whether event files are wanted. */
  tensorboard: boolean;
  /**
   * Told what is wrong with a file.
   *
   * @default {console.error}
   */
  warn?: (text: string) => void;
}

/** The files, open for more. */
export interface RunRecords {
  /** The bytes of the metrics so far, all of them on the disk. */
  metricsOffset(): number;
  /** Takes down what happened. */
  add(event: DistillEvent & { type: MetricsLine["type"] }): void;
  /** Takes down samples. */
  addSamples(step: number, samples: readonly Sample[]): void;
  close(): void;
}

/**
 * Opens the files of a run's folder. Records are never in the way of the run: what cannot be read is set aside, what cannot
 * be written is left out, and both are said once.
 *
 * @param folder The folder.
 * @param options Where the run goes on, and what is wanted.
 */
export async function openRunRecords(folder: string, options: OpenRunRecordsOptions): Promise<RunRecords> {
  const { step, metricsOffset, tensorboard, warn = (text) => console.error(`warning: ${text}`) } = options;
  const failed = new Set<string>();
  const failure = (name: string, error: unknown) => {
    if (failed.has(name)) return;
    failed.add(name);
    warn(`${name} gets no more lines: ${(error as Error).message}; the run goes on without them`);
  };
  const guarded = <Value>(name: string, work: () => Value): Value | undefined => {
    if (failed.has(name)) return undefined;
    try {
      return work();
    } catch (error) {
      failure(name, error);
      return undefined;
    }
  };
  const open = async (name: string, offset?: number) => {
    const path = join(folder, name);
    try {
      const { keep, warning } = await recoverLines(path, { step, offset });
      if (warning !== undefined) warn(warning);
      return keep > 0 || offset !== undefined ? openJsonLines(path, { keep }) : undefined;
    } catch (error) {
      failure(name, error);
      return undefined;
    }
  };
  const metrics = await open(METRICS, metricsOffset);
  let samples = await open(SAMPLES);
  const events = tensorboard
    ? await openEventFile(folder, { step }).catch((error) => void failure(EVENTS, error))
    : undefined;
  return {
    metricsOffset() {
      guarded(METRICS, () => metrics?.flush());
      return metrics?.offset ?? metricsOffset;
    },
    add(event) {
      const line = event.type === "step" ? { ...event, metrics: { ...event.metrics, ...machineOf(event) } } : event;
      guarded(METRICS, () => metrics?.append(writable(line)));
      guarded(EVENTS, () => events?.add(line.type === "step" ? { ...line, ...line.metrics } : { ...line }));
    },
    addSamples(step, list) {
      guarded(SAMPLES, () => {
        samples ??= openJsonLines(join(folder, SAMPLES));
        samples.append({ step, samples: list });
      });
    },
    close() {
      for (const [name, file] of [[METRICS, metrics], [SAMPLES, samples], [EVENTS, events]] as const) {
        try {
          file?.close();
        } catch (error) {
          failure(name, error);
        }
      }
    },
  };
}

const [METRICS, SAMPLES, EVENTS] = ["metrics.jsonl", "samples.jsonl", "the event file of TensorBoard"];

/** Speed and memory: tokens a second, bytes of all tensors, bytes of the process that are in memory. */
function machineOf({ tokens, seconds }: { tokens: number; seconds: number }): Record<string, number> {
  const speed: Record<string, number> = seconds > 0 ? { tokensPerSecond: tokens / seconds } : {};
  return { ...speed, tensorBytes: memory().numBytes, residentBytes: Deno.memoryUsage().rss };
}

/** JSON has no infinities; a measure that is one is written as configurations write it. */
function writable(value: object): Record<string, unknown> {
  return Object.fromEntries(
    Object.entries(value).map(([key, value]) => {
      if (typeof value === "number" && !Number.isFinite(value)) {
        return [key, String(value).replace("inity", "").toLowerCase()];
      }
      return [key, typeof value === "object" && value !== null && !Array.isArray(value) ? writable(value) : value];
    }),
  );
}
