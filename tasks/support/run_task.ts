/**
 * How a task ends: its exit status, and what it says of an error.
 *
 * @module
 */
import { HelpRequest, UsageError } from "./usage_error.ts";

/** Options for {@linkcode describeError}. */
export interface DescribeErrorOptions {
  /**
   * Whether to add the stack.
   *
   * @default {false}
   */
  verbose?: boolean;
}

/**
 * Says what went wrong: the message, the messages of its causes that it does not repeat, and the stack if asked for.
 *
 * @param error What was thrown.
 * @returns Lines that begin with `error: `.
 */
export function describeError(error: unknown, options: DescribeErrorOptions = {}): string {
  const { verbose = false } = options;
  if (!(error instanceof Error)) return `error: ${String(error)}`;
  const lines = [`error: ${error.message || error.name}`];
  if (error instanceof UsageError && !verbose) return lines[0].replaceAll("\n", "\nerror: ");
  for (let cause = error.cause; cause instanceof Error; cause = cause.cause) {
    if (!lines.some((line) => line.includes((cause as Error).message))) lines.push(`  because: ${cause.message}`);
  }
  if (verbose && error.stack) lines.push(error.stack);
  if (!verbose && !(error instanceof UsageError)) lines.push("(--verbose shows where this arose)");
  return lines.join("\n");
}

/**
 * Runs a task's main function and ends the program: status 0, the status that it returns, or 1 after an error, which
 * goes to standard error. `--help` prints to standard output and ends with 0.
 *
 * @param main The task.
 * @param args The arguments; `--verbose` among them adds the stack of an error.
 */
export async function runTask(
  main: (args: readonly string[]) => Promise<number | void>,
  args: readonly string[] = Deno.args,
): Promise<never> {
  let status = 0;
  try {
    status = await main(args) ?? 0;
  } catch (error) {
    if (error instanceof HelpRequest) {
      console.log(error.text);
    } else {
      console.error(describeError(error, { verbose: args.includes("--verbose") }));
      status = 1;
    }
  }
  Deno.exit(status);
}
