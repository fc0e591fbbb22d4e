/**
 * A run's estimate of memory as a table.
 *
 * @module
 */
import type { MemoryEstimate } from "../../lib/training/memory/estimate_memory.ts";
import { formatTable } from "./table.ts";

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
