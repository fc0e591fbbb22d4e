import type { DistillEvent } from "../../lib/training/run/distill.ts";

/** Runs a run to its end: all its events. */
export const eventsOf = (run: AsyncIterable<DistillEvent>): Promise<DistillEvent[]> => Array.fromAsync(run);
