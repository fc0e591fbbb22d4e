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
 * @param call What may throw a `RangeError` or a `SyntaxError`.
 * @throws {UsageError} If it does.
 */
export async function asUsage<Value>(call: () => Value | Promise<Value>): Promise<Value> {
  try {
    return await call();
  } catch (error) {
    if (!(error instanceof RangeError || error instanceof SyntaxError)) throw error;
    throw new UsageError(error.message, { cause: error });
  }
}

/** `--help` was asked for; `text` is what to print. */
export class HelpRequest extends Error {
  override name = "HelpRequest";

  /** @param text The help, ready to be printed. */
  constructor(readonly text: string) {
    super("help was asked for");
  }
}
