/**
 * The machine's memory, and a run's share of it.
 *
 * @module
 */
import type { MemoryEstimate } from "../../lib/training/memory/estimate_memory.ts";
import { formatTable } from "./table.ts";

/** Options for {@linkcode availableMemory}. */
export interface AvailableMemoryOptions {
  /**
   * Reads a file, for the limits of a container.
   *
   * @default {Deno.readTextFileSync}
   */
  read?: (path: string) => string;
  /**
   * What the system says it has.
   *
   * @default {Deno.systemMemoryInfo}
   */
  system?: () => { available: number };
}

/**
 * Asks how many bytes of memory there are for more: those of the system, or of the container if it has less.
 *
 * @returns Bytes; undefined if the program may not ask (`--allow-sys=systemMemoryInfo`).
 */
export function availableMemory(options: AvailableMemoryOptions = {}): number | undefined {
  const { read = Deno.readTextFileSync, system = Deno.systemMemoryInfo } = options;
  let available: number;
  try {
    available = system().available;
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) return undefined;
    throw error;
  }
  const [limit, used] = ["max", "current"].map((name) => readNumber(() => read(`/sys/fs/cgroup/memory.${name}`)));
  return limit !== undefined && used !== undefined ? Math.max(0, Math.min(available, limit - used)) : available;
}

/** A file's number; undefined if there is no such file, or it contains "max". */
function readNumber(read: () => string): number | undefined {
  try {
    const number = Number(read());
    return Number.isFinite(number) ? number : undefined;
  } catch {
    // Not Linux, no container, or a file that may not be read: the system's own number stands alone.
    return undefined;
  }
}

const rows: Record<keyof MemoryEstimate, string> = {
  student: "student",
  teacher: "teacher",
  reference: "reference",
  halfCopies: "their copies in bfloat16",
  optimizer: "optimizer moments",
  gradients: "gradients",
  activations: "activations",
  block: "a block of the student",
  chunk: "head and loss of a chunk",
  teacherBlock: "a block of the teacher",
  optimizerStep: "optimizer step",
  teacherCache: "cached teacher states",
  peak: "at the peak",
};

/** Lays an estimate out as a table, in megabytes; the available memory, where it is known, comes last. */
export function memoryTable(estimate: MemoryEstimate, available?: number): string {
  const megabytes = (bytes: number) => (bytes / 1e6).toFixed(1);
  const lines = Object.entries(rows).flatMap(([name, text]) => {
    const bytes = estimate[name as keyof MemoryEstimate];
    return bytes === undefined ? [] : [[text, megabytes(bytes)]];
  });
  if (available !== undefined) lines.push(["available", megabytes(available)]);
  const width = Math.max(...lines.map(([, value]) => value.length));
  return formatTable([
    ["memory", "MB".padStart(width)],
    ...lines.map(([text, value]) => [text, value.padStart(width)]),
  ]);
}
