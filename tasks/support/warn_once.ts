/**
 * Warnings of a task, which its first rank alone prints.
 *
 * @module
 */
import { launchedRank } from "./launched.ts";

/** Prints a warning to standard error, on the first rank of those that a launcher started. */
export function warnOnce(text: string): void {
  if (launchedRank() === 0) console.error(`warning: ${text}`);
}
