/**
 * Runs that have finished.
 *
 * @module
 */
import { join } from "node:path";

/** Whether a run has finished: its `result.json` exists and is readable. */
export function hasResult(folder: string): boolean {
  try {
    return typeof JSON.parse(Deno.readTextFileSync(join(folder, "result.json"))) === "object";
  } catch (error) {
    const none = [Deno.errors.NotFound, Deno.errors.NotADirectory, Deno.errors.IsADirectory, SyntaxError];
    if (none.some((kind) => error instanceof kind)) return false;
    throw error;
  }
}
