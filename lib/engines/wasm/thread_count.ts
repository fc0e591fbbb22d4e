/**
 * How many threads the engine may use.
 *
 * @module
 */

/** The variable that says how many threads the engine uses at most; where it says 1, no memory is shared. */
export const THREADS_VARIABLE = "AMID_WASM_THREADS";

/** Threads by default at most: what a step does between products keeps one busy whatever the number of others. */
const USUAL_MOST = 8;

/** How many threads there are, and why there are no more. */
export interface ThreadCount {
  /** At least 1. */
  threads: number;
  /** Why there is one only, other than that one was asked for or that the machine has one processor. */
  reason?: string;
}

/** Threads by what was asked for, or by what the machine has; {@linkcode THREADS_VARIABLE} says how many at most. */
export function threadCount(asked: number | undefined, most: ThreadCount): ThreadCount {
  if (asked !== undefined && !(Number.isInteger(asked) && asked >= 1)) {
    throw new RangeError(
      `Cannot use the engine "wasm": threads must be a positive integer, current value is ${asked}`,
    );
  }
  const usual = Math.min(navigator.hardwareConcurrency, USUAL_MOST);
  const threads = Math.min(asked ?? usual, most.threads);
  return { threads, reason: threads < (asked ?? usual) ? most.reason : undefined };
}

/**
 * How many threads there may be: as many as {@linkcode THREADS_VARIABLE} says, where the program may read it; one where no
 * memory can be shared.
 *
 * @throws {RangeError} If the variable is not a whole number from 1.
 */
export function threadsAtMost(): ThreadCount {
  const said = variable();
  if (said !== undefined && !/^[1-9][0-9]{0,2}$/.test(said)) {
    throw new RangeError(
      `Cannot use the engine "wasm": ${THREADS_VARIABLE} must be a whole number from 1 to 999, current value is ${said}`,
    );
  }
  if (typeof SharedArrayBuffer !== "function") return { threads: 1, reason: "no SharedArrayBuffer" };
  return said === undefined ? { threads: Infinity } : { threads: Number(said), reason: `${THREADS_VARIABLE}=${said}` };
}

function variable(): string | undefined {
  const { state } = Deno.permissions.querySync({ name: "env", variable: THREADS_VARIABLE });
  return state === "granted" ? Deno.env.get(THREADS_VARIABLE) || undefined : undefined;
}
