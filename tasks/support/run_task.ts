/**
 * How a task ends: its exit status, and its message for an error.
 *
 * @module
 */
import { denoProblem } from "./deno_version.ts";
import { failTogether, leaveRanks } from "./joined_ranks.ts";
import { launchedRank } from "./launched.ts";
import { withRemedy } from "./refusal.ts";
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
 * Says what went wrong: the message, the messages of its causes that it does not repeat, and the stack if requested.
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
  if (!verbose && !(error instanceof UsageError)) lines.push("(--verbose shows the stack trace)");
  return lines.join("\n");
}

/** Options for {@linkcode runTask}. */
export interface RunTaskOptions {
  /**
   * The arguments; `--verbose` among them adds the stack of an error.
   *
   * @default {Deno.args}
   */
  args?: readonly string[];
  /** @default {Deno.exit} */
  exit?: (status: number) => void;
  /** @default {console.log} */
  print?: (text: string) => void;
  /** @default {console.error} */
  printError?: (text: string) => void;
}

/**
 * Runs a task's main function and ends the program: status 0, the status that it returns, or 1 after an error, which
 * goes to standard error. `--help` prints to standard output and ends with 0. Ranks of one run end together.
 *
 * @param main The task.
 * @param options The arguments, and where the ending goes.
 */
export async function runTask(
  main: (args: readonly string[]) => Promise<number | void>,
  options: RunTaskOptions = {},
): Promise<void> {
  const { args = Deno.args, exit = Deno.exit, print = console.log, printError = console.error } = options;
  try {
    const problem = denoProblem(Deno.version.deno);
    if (problem) throw new UsageError(problem);
    const status = await main(args) ?? 0;
    leaveRanks();
    exit(status);
  } catch (error) {
    if (error instanceof HelpRequest) {
      if (launchedRank() === 0) print(error.text);
      return exit(0);
    }
    const { error: shown, command } = withRemedy(error, { module: Deno.mainModule, args });
    const said = describeError(shown, { verbose: args.includes("--verbose") });
    const text = command === undefined ? said : `${said}\nto permit it, run in the project's folder:\n${command}`;
    await failTogether(error, (rank) => printError(rank + text));
    exit(1);
  }
}
