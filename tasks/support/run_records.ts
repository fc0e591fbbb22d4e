/**
 * What a run leaves behind while it goes on: `metrics.jsonl`, `samples.jsonl` and, on request, TensorBoard's event files.
 *
 * @module
 */
import { join } from "node:path";
import { memory } from "@tensorflow/tfjs-core";
import type { DistillEvent } from "../../lib/training/distill.ts";
import { type EventFile, openEventFile } from "../../lib/training/tensorboard.ts";
import { type JsonLines, openJsonLines } from "./json_lines.ts";

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
 * Opens the files of a run's folder.
 *
 * @param folder The folder.
 * @param options Where the run goes on, and what is wanted.
 */
export async function openRunRecords(folder: string, options: OpenRunRecordsOptions): Promise<RunRecords> {
  const { step, metricsOffset, tensorboard } = options;
  const metrics = openJsonLines(join(folder, "metrics.jsonl"), { keep: metricsOffset });
  const samplesFile = join(folder, "samples.jsonl");
  let samples: JsonLines | undefined;
  let events: EventFile | undefined;
  try {
    const keep = await bytesUpTo(samplesFile, step);
    if (keep !== undefined) samples = openJsonLines(samplesFile, { keep });
    if (tensorboard) events = await openEventFile(folder, { step });
  } catch (error) {
    for (const file of [metrics, samples]) file?.close();
    throw error;
  }
  return {
    metricsOffset() {
      metrics.flush();
      return metrics.offset;
    },
    add(event) {
      const line = event.type === "step" ? { ...event, metrics: { ...event.metrics, ...machineOf(event) } } : event;
      metrics.append(writable(line));
      events?.add(line.type === "step" ? { ...line, ...line.metrics } : { ...line });
    },
    addSamples(step, list) {
      samples ??= openJsonLines(samplesFile);
      samples.append({ step, samples: list });
    },
    close() {
      for (const file of [metrics, samples, events]) file?.close();
    },
  };
}

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

/** The bytes of the lines up to a step; nothing where there is no such file. */
async function bytesUpTo(file: string, step: number): Promise<number | undefined> {
  let text: string;
  try {
    text = await Deno.readTextFile(file);
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return undefined;
    throw error;
  }
  let end = 0;
  for (let next = text.indexOf("\n"); next >= 0; next = text.indexOf("\n", end)) {
    if ((JSON.parse(text.slice(end, next)) as { step: number }).step > step) break;
    end = next + 1;
  }
  return new TextEncoder().encode(text.slice(0, end)).length;
}
