/**
 * Command-line flags from the fields of a schema.
 *
 * @module
 */
import { Command, CommanderError, Option } from "commander";
import { type Field, readNumber } from "./field.ts";
import { aboutField, configureHelp, helpOrder, helpText, helpWidth, type TaskHelp } from "./help.ts";
import { suggestion } from "../../lib/text/nearest.ts";
import { replacement } from "./retired.ts";
import { HelpRequest, UsageError } from "./usage_error.ts";

/** Options for {@linkcode readFlags}. */
export interface ReadFlagsOptions {
  /** The task's name, for the help. */
  name: string;
  /** What it does, a sentence. */
  description: string;
  /** The arguments, without the program's name. */
  args: readonly string[];
  /** What the help says besides. */
  help?: TaskHelp;
  /**
   * Columns of the help.
   *
   * @default {those of the terminal, at most 100, or 80}
   */
  width?: number;
}

/** What the flags said. */
export interface Flags {
  /** The values given, by key; defaults are not among them. */
  values: Record<string, unknown>;
  /** The configuration file that `--config` named. */
  config?: string;
  /** What is odd about them, a sentence each. */
  warnings: string[];
}

const placeholders = {
  every: "steps|end|never",
  integer: "integer",
  number: "number",
  text: "text",
  texts: "text",
  choice: "choice",
};

function optionsOf(field: Field): Option[] {
  const { flag, kind, choices } = field;
  if (kind === "boolean" || kind === "switch") {
    const on = new Option(kind === "boolean" ? flag : `${flag} [${choices!.join("|")}]`);
    return [on, new Option(flag.replace("--", "--no-"))];
  }
  return [new Option(`${flag} <${placeholders[kind]}>`)];
}

function commandFor(fields: readonly Field[], { name, description, help, width }: ReadFlagsOptions): Command {
  const command = new Command().description(description).exitOverride().allowExcessArguments();
  configureHelp(command, { name, width: width ?? helpWidth() });
  command.helpOption(false);
  for (const [heading, group] of helpOrder(fields, help?.first)) {
    for (const field of group) {
      const [option, off] = optionsOf(field);
      option.helpGroup(`${heading}:`).default(field.defaultValue).description = aboutField(field);
      command.addOption(option);
      if (off) command.addOption(off.hideHelp());
    }
  }
  command.optionsGroup("Flags of every task:");
  command.option("--config <file>", "read settings from a JSON file");
  command.option("--verbose", "show the stack trace of an error");
  command.option("-h, --help", "show this help");
  return command;
}

/** Spells `--flag=true` and `--flag=false` of a boolean `--flag` and `--no-flag`. */
function plainBooleans(args: readonly string[], fields: readonly Field[]): string[] {
  return args.map((arg) => {
    const [, flag, value] = /^(--[^=]+)=(.*)$/s.exec(arg) ?? [];
    const field = fields.find((field) => field.kind === "boolean" && field.flag === flag);
    if (!field) return arg;
    if (value === "true") return field.flag;
    if (value === "false") return field.flag.replace("--", "--no-");
    throw new UsageError(`Cannot use ${flag}: true or false is needed, current value is ${JSON.stringify(value)}`);
  });
}

/** A number as people also write it, `1_000` or `0,5`, as it is to be written. */
function meant(text: string, field: Field): string {
  const plain = text.trim().replace(/(?<=\d)[_' ](?=\d)/g, "").replace(/^([+-]?\d+),(\d{1,2})$/, "$1.$2");
  const number = /^0[xob]\w+$/i.test(plain) ? Number(plain) : readNumber(plain, field);
  return number === undefined || Number.isNaN(number) ? "" : ` (did you mean ${number}?)`;
}

function valueOf(field: Field, given: unknown): unknown {
  const { flag, kind, infinite } = field;
  if (kind === "switch" && (given === "true" || given === "false")) return given === "true";
  if (kind === "every" && field.choices!.includes(String(given))) return given;
  if (kind !== "number" && kind !== "integer" && kind !== "every") return given;
  const number = readNumber(String(given), { infinite });
  if (number !== undefined) return number;
  const needed = kind === "every"
    ? "a positive whole number, end or never"
    : kind === "integer"
    ? "an integer"
    : infinite
    ? "a number, inf or -inf"
    : "a number";
  throw new UsageError(
    `Cannot use ${flag}: ${needed} is needed, current value is ${JSON.stringify(given)}${meant(String(given), field)}`,
  );
}

/** Notes what each flag is given, and refuses a flag in the place of a value. */
function watch(command: Command, fields: readonly Field[]): Map<string, unknown[]> {
  const given = new Map<string, unknown[]>();
  const flags = new Set(command.options.map(({ long }) => long));
  for (const { flag } of [...fields, { flag: "--config" }]) {
    const note = (value: unknown) => given.set(flag, [...given.get(flag) ?? [], value]);
    command.on(`option:${flag.slice(2)}`, (value: string | null) => {
      if (value !== null && flags.has(value)) {
        throw new UsageError(`Cannot use ${flag}: a value is needed, the next argument is the flag ${value}`);
      }
      note(value ?? true);
    });
    command.on(`option:no-${flag.slice(2)}`, () => note(false));
  }
  return given;
}

function unknownFlag(flag: string, fields: readonly Field[]): string {
  if (replacement(flag) !== "") return `there is no flag ${flag}${replacement(flag)}`;
  const own = fields.flatMap(({ flag, kind }) => {
    return kind === "boolean" || kind === "switch" ? [flag, flag.replace("--", "--no-")] : [flag];
  });
  const near = suggestion(flag, [...own, "--config", "--help", "--verbose"]);
  // A name that is nowhere near may still end in the right word, as --renyi-order does.
  const last = flag.slice(flag.lastIndexOf("-"));
  const alike = own.filter((one) => one.endsWith(last) && !one.startsWith("--no-"));
  const other = near === "" && alike.length > 0 && alike.length < 4 ? ` (did you mean ${alike.join(" or ")}?)` : near;
  return `there is no flag ${flag}${other}`;
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
  const { name, args, help } = options;
  const command = commandFor(fields, options);
  if (args.includes("--help") || args.includes("-h")) throw new HelpRequest(helpText(command, help?.examples));
  const given = watch(command, fields);
  try {
    command.parse(plainBooleans(args, fields), { from: "user" });
  } catch (error) {
    if (!(error instanceof CommanderError)) throw error;
    const [, flag] = /'(-[^'= ]+)/.exec(error.message)!;
    const unknown = error.code === "commander.unknownOption";
    throw new UsageError(`Cannot run ${name}: ${unknown ? unknownFlag(flag, fields) : `${flag} needs a value`}`);
  }
  if (command.args.length > 0) {
    throw new UsageError(`Cannot run ${name}: ${strayArgument(command.args[0], args, fields)}`);
  }
  if ((given.get("--config")?.length ?? 0) > 1) {
    throw new UsageError('Cannot use --config twice: "extends" in one file includes another');
  }
  const values = fields.flatMap((field): [string, unknown][] => {
    const all = given.get(field.flag) ?? [];
    if (all.length === 0) return [];
    return [[field.key, field.kind === "texts" && all.length > 1 ? all : valueOf(field, all.at(-1))]];
  });
  const once = new Map(
    [...given].filter(([flag]) => fields.every((field) => field.flag !== flag || field.kind !== "texts")),
  );
  return { values: Object.fromEntries(values), config: command.opts().config, warnings: repeated(once) };
}

function strayArgument(argument: string, args: readonly string[], fields: readonly Field[]): string {
  const before = args[args.indexOf(argument) - 1];
  const field = fields.find(({ flag, kind }) => flag === before && kind === "boolean");
  const reason = field
    ? `${before} takes no value, ${before.replace("--", "--no-")} turns it off`
    : "settings are flags";
  return `${reason}, current argument is ${JSON.stringify(argument)}`;
}

function repeated(given: ReadonlyMap<string, readonly unknown[]>): string[] {
  const several = [...given].filter(([, values]) => new Set(values).size > 1);
  return several.map(([flag, values]) => {
    const shown = values.map((value) => typeof value === "boolean" ? value ? "on" : "off" : String(value));
    return `${flag} is given ${values.length} times, ${shown.join(", then ")}: the last value is used`;
  });
}
