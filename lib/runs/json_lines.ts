/**
 * A run's events as a file of JSON lines.
 *
 * @module
 */
import { basename, dirname } from "node:path";
import { aFunction, aText, checkArguments, optional } from "../arguments/check_arguments.ts";
import { type JsonLines, openJsonLines } from "../files/open_json_lines.ts";
import type { RecordedEvent, Recorder } from "./recorder.ts";
import { recoverLines } from "./recover_lines.ts";

/**
 * A line of `metrics.jsonl`: the event as it is, steps with the machine's figures in their metrics. Before them stands,
 * in a run that has a teacher, a line of the type `start` with its name.
 */
export type MetricsLine = Record<string, unknown> & { type: "start" | "step" | "validation" | "warning"; step: number };

/** Options for {@linkcode jsonLines}. */
export interface JsonLinesOptions {
  /**
   * The line that an event becomes, which must have the event's `step`; undefined for events that have none.
   *
   * @default {steps, validations and warnings, as they are, after a line with the names of teacher and reference}
   */
  line?: (event: RecordedEvent) => Readonly<Record<string, unknown>> & { step: number } | undefined;
}

/**
 * Writes events as JSON lines. When a run resumes, the lines of steps after its checkpoint are cut off; a damaged file
 * is set aside as `<name>.damaged-<n>.jsonl`, its good lines are kept, and a warning says so. Infinite numbers are
 * written as texts: `"inf"`, `"-inf"` and `"nan"`.
 *
 * @param path The file, `….jsonl`; its folder is made where it is missing.
 * @param options Which lines it holds.
 *
 * @example The validation losses alone
 * ```ts
 * import { jsonLines } from "@amid/amid/runs";
 *
 * const path = `${await Deno.makeTempDir()}/validation.jsonl`;
 * const recorder = jsonLines(path, { line: (event) => event.type === "validation" ? { ...event } : undefined });
 * ```
 */
export function jsonLines(path: string, options: JsonLinesOptions = {}): Recorder {
  const { line = metricsLine } = options;
  checkArguments("write JSON lines", { path: [path, aText], line: [line, optional(aFunction)] });
  let file: JsonLines | undefined;
  let kept = 0;
  const opened = (keep: number) => {
    Deno.mkdirSync(dirname(path), { recursive: true });
    return openJsonLines(path, { keep });
  };
  return {
    name: basename(path),
    async open({ step, offset, teacher, reference, warn }) {
      kept = offset ?? 0;
      const { keep, warning } = await recoverLines(path, { step, offset });
      if (warning !== undefined) warn(warning);
      kept = keep;
      if (keep > 0 || offset !== undefined) file = opened(keep);
      // A resumed run has the line from its start.
      if (step > 0 || keep > 0 || teacher === undefined || line !== metricsLine) return;
      file ??= opened(keep);
      file.append({ type: "start", step, teacher, ...reference !== undefined && { reference } });
    },
    event(event) {
      const value = line(event);
      if (value === undefined) return;
      file ??= opened(kept);
      file.append(writable(value));
    },
    get offset() {
      return file?.offset ?? kept;
    },
    flush: () => file?.flush(),
    close: () => file?.close(),
  };
}

const recorded: readonly string[] = ["step", "validation", "warning"] satisfies MetricsLine["type"][];

const metricsLine = (event: RecordedEvent) => recorded.includes(event.type) ? { ...event } : undefined;

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
