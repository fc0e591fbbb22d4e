/**
 * Command-line flags from the fields of a schema.
 *
 * @module
 */
import { Command, CommanderError, Option } from "commander";
import { type Field, readNumber } from "./field.ts";
import { HelpRequest, UsageError } from "./usage_error.ts";

/** Options for {@linkcode readFlags}. */
export interface ReadFlagsOptions {
  /** The task's name, for the help. */
  name: string;
  /** What it does, a sentence. */
  description: string;
  /** The arguments, without the program's name. */
  args: readonly string[];
  /**
   * Columns of the help.
   *
   * @default {100}
   */
  width?: number;
}

/** What the flags said. */
export interface Flags {
  /** The values given, by key; defaults are not among them. */
  values: Record<string, unknown>;
  /** The configuration file that `--config` named. */
  config?: string;
}

const epilogue = `
A configuration file is JSON with the same names in camel case ("batchSize"). Flags override the file, the file
overrides the defaults; "extends" in a file names another one, beside it, whose values it inherits.`;

const placeholders = { integer: "integer", number: "number", text: "text", choice: "choice", switch: "", boolean: "" };

function shownDefault({ defaultValue }: Field): string {
  return typeof defaultValue === "string" ? JSON.stringify(defaultValue) : String(defaultValue).replace("inity", "");
}

function optionsOf(field: Field): Option[] {
  const { flag, kind, infinite, defaultValue, choices, description } = field;
  const about = infinite ? `${description}, or inf, -inf` : description;
  if (kind === "boolean") {
    const yes = new Option(flag, about).default(defaultValue, shownDefault(field));
    return [yes, new Option(flag.replace("--", "--no-")).hideHelp()];
  }
  if (kind === "switch") {
    const on = new Option(`${flag} [${choices!.join("|")}]`, about).default(defaultValue, shownDefault(field));
    return [on, new Option(flag.replace("--", "--no-")).hideHelp()];
  }
  const option = new Option(`${flag} <${placeholders[kind]}>`, about);
  if (defaultValue !== undefined && defaultValue !== null) option.default(defaultValue, shownDefault(field));
  if (choices) option.description += ` (choices: ${choices.join(", ")})`;
  return [option];
}

function commandFor(fields: readonly Field[], { name, description, width = 100 }: ReadFlagsOptions): Command {
  const command = new Command(name).description(description).exitOverride().allowExcessArguments();
  // Everything commander would ask of the process is answered here, so that no permission is needed for it.
  command.configureOutput({
    writeOut: () => {},
    writeErr: () => {},
    getOutHelpWidth: () => width,
    getErrHelpWidth: () => width,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
  const booleans = new Set(fields.filter(({ kind }) => kind === "boolean").map(({ flag }) => flag));
  command.configureHelp({
    optionTerm: ({ flags }) => booleans.has(flags) ? flags.replace("--", "--[no-]") : flags,
  });
  command.helpOption("-h, --help", "show this help");
  command.option("--config <file>", "read settings from a JSON file");
  command.option("--verbose", "show where in the program an error arose");
  for (const field of fields) optionsOf(field).forEach((option) => command.addOption(option));
  return command;
}

function valueOf({ flag, kind, infinite }: Field, given: unknown): unknown {
  if (kind === "switch" && (given === "true" || given === "false")) return given === "true";
  if (kind !== "number" && kind !== "integer") return given;
  const number = readNumber(String(given), { infinite });
  if (number !== undefined) return number;
  const needed = kind === "integer" ? "an integer" : infinite ? "a number, inf or -inf" : "a number";
  throw new UsageError(`Cannot use ${flag}: ${needed} is needed, current value is ${JSON.stringify(given)}`);
}

/**
 * Reads the arguments of a task: a `--flag <value>` for each field, `--flag` and `--no-flag` for a boolean, `--config`
 * and `--help`.
 *
 * @param fields The fields of the task's schema.
 * @param options The task's name and description, and the arguments.
 * @returns The values given, numbers read but not yet checked against the schema.
 * @throws {UsageError} If a flag is unknown (the nearest is suggested), lacks its value, or is no number where it must be.
 * @throws {HelpRequest} If `--help` is among the arguments.
 */
export function readFlags(fields: readonly Field[], options: ReadFlagsOptions): Flags {
  const { name, args } = options;
  const command = commandFor(fields, options);
  try {
    command.parse(args, { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    if (error.code === "commander.helpDisplayed") throw new HelpRequest(command.helpInformation() + epilogue);
    const reason = error.message.replace(/^error: /, "").replace(/\s*\n\(D(.*)\)$/, " (d$1)");
    throw new UsageError(`Cannot run ${name}: ${reason}`);
  }
  if (command.args.length > 0) {
    throw new UsageError(
      `Cannot run ${name}: settings are flags, current argument is ${JSON.stringify(command.args[0])}`,
    );
  }
  const given = fields.filter(({ key }) => command.getOptionValueSource(key) === "cli");
  const values = Object.fromEntries(given.map((field) => [field.key, valueOf(field, command.opts()[field.key])]));
  return { values, config: command.opts().config };
}
