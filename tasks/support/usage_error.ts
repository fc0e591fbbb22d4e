/**
 * The two ways in which a command line ends a task before it starts.
 *
 * @module
 */

/** A flag, a configuration file or a name that cannot be used; the message says which, and its value. */
export class UsageError extends Error {
  override name = "UsageError";
}

/** `--help` was asked for; `text` is what to print. */
export class HelpRequest extends Error {
  override name = "HelpRequest";

  /** @param text The help, ready to be printed. */
  constructor(readonly text: string) {
    super("help was asked for");
  }
}
