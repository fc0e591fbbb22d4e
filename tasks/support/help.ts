/**
 * The help of a task: its flags in groups, those that are needed most in front, in the columns of the terminal.
 *
 * @module
 */
import type { Command, Help, Option } from "commander";
import type { Field } from "./field.ts";

/** What the help of a task says beside its flags. */
export interface TaskHelp<Key extends string = string> {
  /** The settings that are needed most, in order; the help starts with them. */
  first?: readonly Key[];
  /** Commands to begin with; a comment may follow each behind `#`. */
  examples?: readonly string[];
}

/** The heading of the settings that are needed most. */
const FIRST = "Needed most";
/** The heading of settings without a group, in a task that has groups and in one that has none. */
const [OTHERS, ALL] = ["Others", "Flags"];

/** Terms that are longer stand on a line of their own. */
const TERM = 28;

const epilogue = `
A configuration file is JSON with the same names in camel case ("batchSize"), by
themselves or in the sections models, data, training, recording and engine.
Flags override the file, the file overrides the defaults; "extends" in a file
names another one, beside it, whose values it inherits. A flag that has no
effect in the run is refused; a value in a file may wait for another run.`;

/**
 * Orders fields as the help shows them, each with its heading.
 *
 * @param fields The fields, in the order of the schema.
 * @param first The keys of those that are needed most.
 */
export function helpOrder(fields: readonly Field[], first: readonly string[] = []): [heading: string, Field[]][] {
  const front = first.map((key) => fields.find((field) => field.key === key)!);
  const rest = fields.filter((field) => !front.includes(field));
  const plain = rest.some(({ group }) => group !== undefined) || front.length > 0 ? OTHERS : ALL;
  const groups = Map.groupBy(rest, ({ group = plain }) => group);
  const others = groups.get(OTHERS);
  groups.delete(OTHERS);
  return [
    ...(front.length > 0 ? [[FIRST, front] as [string, Field[]]] : []),
    ...groups,
    ...(others ? [[OTHERS, others] as [string, Field[]]] : []),
  ];
}

/** The columns that help may take: those of the terminal from 60 to 100, or 80 without a terminal. */
export function helpWidth(): number {
  try {
    return Math.min(100, Math.max(60, Deno.consoleSize().columns));
  } catch {
    return 80;
  }
}

/**
 * Sets a command's help up.
 *
 * @param command The command.
 * @param options The task's name, what its help says beside the flags, and the columns.
 */
export function configureHelp(command: Command, { name, width }: { name: string; width: number }): void {
  command.name(`deno task ${name}`).usage("[flags]");
  // Everything commander would ask of the process is answered here, so that no permission is needed for it.
  command.configureOutput({
    writeOut: () => {},
    writeErr: () => {},
    getOutHelpWidth: () => width,
    getErrHelpWidth: () => width,
    getOutHasColors: () => false,
    getErrHasColors: () => false,
  });
  command.configureHelp({
    optionTerm: ({ flags, defaultValue }: Option) => defaultValue === true ? flags.replace("--", "--[no-]") : flags,
    optionDescription: ({ description }: Option) => description,
    padWidth: () => TERM,
    formatItem(this: Help, term: string, _pad: number, description: string, helper: Help): string {
      const text = helper.boxWrap(description, (helper.helpWidth ?? 80) - TERM - 4).split("\n");
      const beside = term.length <= TERM ? [`  ${term.padEnd(TERM)}  ${text.shift()}`] : [`  ${term}`];
      return [...beside, ...text.map((line) => " ".repeat(TERM + 4) + line)].join("\n");
    },
  });
}

/** The help of a command whose flags have their headings. */
export function helpText(command: Command, examples: readonly string[] = []): string {
  const shown = examples.length === 0 ? "" : `\nExamples:\n${examples.map((line) => `  ${line}\n`).join("")}`;
  return command.helpInformation() + shown + epilogue;
}

/** The help text of a field: what it is for, its possible values, and its default. */
export function aboutField({ kind, description, choices, infinite, defaultValue }: Field): string {
  const values = kind === "choice" ? ` (${choices!.join(", ")})` : infinite ? ", or inf, -inf" : "";
  // That a switch is off is understood.
  const silent = defaultValue === undefined || defaultValue === null || defaultValue === false || defaultValue === "";
  const shown = defaultValue === true ? "on" : String(defaultValue).replace("Infinity", "inf");
  return `${description}${values}${silent ? "" : ` (default: ${shown})`}`;
}
