/**
 * A task's configuration from one typed schema: defaults, then a file, then flags.
 *
 * @module
 */
import type { z } from "zod";
import { type ConfigFile, readConfigFile } from "./config_file.ts";
import { type ConfigSchema, type Field, type FieldKind, fieldsOf, flagOf } from "./field.ts";
import { checkEffects, type Effect } from "./effects.ts";
import { readFlags } from "./flags.ts";
import type { TaskHelp } from "./help.ts";
import { suggestion } from "../../lib/text/nearest.ts";
import { UsageError } from "./usage_error.ts";
import { warnOnce } from "./warn_once.ts";

/** Options for {@linkcode parseTask}. */
export interface ParseTaskOptions<S extends ConfigSchema> {
  /** The task's name. */
  name: string;
  /** What it does, a sentence. */
  description: string;
  /** The schema; each field with `.describe()`, most with `.default()`. */
  schema: S;
  /** The arguments, `Deno.args` for instance. */
  args: readonly string[];
  /** What `--help` shows first, and examples. */
  help?: TaskHelp<keyof z.output<S> & string>;
  /** Which settings count only where others have certain values. */
  effects?: readonly Effect<keyof z.output<S> & string>[];
  /**
   * Is given what is odd but not wrong, a sentence each.
   *
   * @default {prints it to standard error, on the first rank}
   */
  warn?: (text: string) => void;
}

/** A task's configuration, checked. */
export interface ParsedTask<S extends ConfigSchema> {
  config: z.output<S>;
  /** Where each value that is not a default came from: a flag or a file, by key. */
  origins: Record<string, string>;
}

const nouns: Record<FieldKind, string> = {
  integer: "an integer",
  number: "a number",
  text: "a text",
  texts: "a text, or a list of texts, none of them empty,",
  choice: "a text",
  boolean: "true or false",
  switch: "true or false",
  every: "a positive whole number, end or never",
};

/** The requirement that a value failed, and a suggestion where there is one. */
function requirement(issue: z.core.$ZodIssue, { kind, choices }: Field, value: unknown): string {
  if (kind === "every") return `${nouns.every} is needed${value === 0 ? "; use end for only at the end" : ""}`;
  switch (issue.code) {
    case "invalid_type":
      return `${nouns[kind]} is needed`;
    case "invalid_union":
      if (kind === "texts") return `${nouns.texts} is needed`;
      if (kind === "switch") return `true, false or ${choices!.join(" or ")} is needed`;
      return "a number, inf or -inf is needed";
    case "invalid_value": {
      const values = issue.values.map(String);
      return `one of ${values.join(", ")} is needed${suggestion(String(value), values)}`;
    }
    case "too_small":
    case "too_big": {
      const [bound, than] = issue.code === "too_small" ? [issue.minimum, "more"] : [issue.maximum, "less"];
      const limit = issue.inclusive ? `at ${than === "more" ? "least" : "most"} ${bound}` : `${than} than ${bound}`;
      if (kind === "texts") return `${nouns.texts} is needed`;
      if (issue.origin === "string") return `a string of ${limit} character${bound === 1 ? "" : "s"} is needed`;
      return `it must be ${limit}`;
    }
    default:
      return issue.message;
  }
}

/** What was given, and where. */
interface Given {
  fields: readonly Field[];
  values: Record<string, unknown>;
  origins: Record<string, string>;
  /** Where values of files stand in them. */
  places: Record<string, string>;
}

function explain(issue: z.core.$ZodIssue, { fields, values, origins, places }: Given): string {
  const field = fields.find(({ key }) => key === issue.path[0]);
  if (!field) return issue.message;
  const { key } = field;
  const where = origins[key]?.startsWith("--") || !(key in origins)
    ? flagOf(key)
    : `"${places[key]}" in ${origins[key]}`;
  if (!(key in values)) return `Cannot do without ${where}: ${requirement(issue, field, undefined)}`;
  const value = values[key];
  const shown = typeof value === "number" ? String(value) : JSON.stringify(value);
  return `Cannot use ${where}: ${requirement(issue, field, value)}, current value is ${shown}`;
}

/** No text may be empty, but one that is so by default. */
const tooShort = ({ key }: Field): z.core.$ZodIssue => ({
  code: "too_small",
  origin: "string",
  minimum: 1,
  inclusive: true,
  path: [key],
  input: "",
  message: "",
});

/**
 * Reads a task's configuration from its arguments and the file that `--config` names.
 *
 * @param options The task's name, description and schema, and the arguments.
 * @returns The configuration, and where its values came from.
 * @throws {UsageError} If a flag or key is unknown, or a value does not satisfy the schema; the message names it.
 * @throws {HelpRequest} If `--help` is among the arguments.
 *
 * @example Flags override defaults
 * ```ts
 * import assert from "node:assert/strict";
 * import { z } from "zod";
 *
 * const schema = z.strictObject({ batchSize: z.int().min(1).default(16).describe("rows per step") });
 * const { config } = await parseTask({ name: "demo", description: "…", schema, args: ["--batch-size", "8"] });
 * assert.equal(config.batchSize, 8);
 * ```
 */
export async function parseTask<S extends ConfigSchema>(options: ParseTaskOptions<S>): Promise<ParsedTask<S>> {
  const { schema, effects = [], warn = warnOnce } = options;
  const fields = fieldsOf(schema);
  const flags = readFlags(fields, options);
  const none: ConfigFile = { values: {}, origins: {}, places: {} };
  const file = flags.config === undefined ? none : await readConfigFile(flags.config, fields);
  const values = { ...file.values, ...flags.values };
  const fromFlags = Object.keys(flags.values).map((key) => [key, flagOf(key)]);
  const origins = { ...file.origins, ...Object.fromEntries(fromFlags) };
  const empty = fields.filter(({ key, kind, defaultValue }) => {
    return kind.startsWith("text") && typeof values[key] === "string" && values[key].trim() === "" &&
      defaultValue !== "";
  });
  const { places } = file;
  const given = { fields, values, origins, places };
  if (empty.length > 0) throw new UsageError(empty.map((field) => explain(tooShort(field), given)).join("\n"));
  const checked = schema.safeParse(values);
  if (checked.success) {
    const { errors, warnings } = checkEffects(checked.data, { fields, effects, origins, places });
    if (errors.length > 0) throw new UsageError(errors.join("\n"));
    [...flags.warnings, ...warnings].forEach(warn);
    return { config: checked.data, origins };
  }
  // Of several limits that a value exceeds, the last one is the narrowest.
  const issues = new Map(checked.error.issues.map((issue) => [issue.path.join(), issue]));
  const problems = [...issues.values()].map((issue) => explain(issue, given));
  throw new UsageError(problems.join("\n"));
}
