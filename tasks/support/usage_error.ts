/**
 * The two ways in which a command line ends a task before it starts.
 *
 * @module
 */

/** A flag, a configuration file or a name that cannot be used; the message says which, and its value. */
export class UsageError extends Error {
  override name = "UsageError";
}

/**
 * Calls what checks settings of the command line: what it refuses is an error of usage, in its words.
 *
 * @param call What may throw an error of those kinds.
 * @param kinds The kinds, a `RangeError` and a `SyntaxError` if absent.
 * @throws {UsageError} If it does.
 */
export async function asUsage<Value>(
  call: () => Value | Promise<Value>,
  kinds: readonly ErrorConstructor[] = [RangeError, SyntaxError],
): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    throw usageOf(error, kinds);
  }
}

/** The same for a call that is done at once; only a `RangeError` is of usage. */
export function asUsageNow<Value>(call: () => Value): Value {
  try {
    return call();
  } catch (error) {
    throw usageOf(error, [RangeError]);
  }
}

function usageOf(error: unknown, kinds: readonly ErrorConstructor[]): unknown {
  if (!(error instanceof Error && kinds.some((kind) => error instanceof kind))) return error;
  return new UsageError(error.message, { cause: error });
}

/** `--help` was requested; `text` is what to print. */
export class HelpRequest extends Error {
  override name = "HelpRequest";

  /** @param text The help, ready to be printed. */
  constructor(readonly text: string) {
    super("help was requested");
  }
}
