/**
 * The fields of a configuration schema, as flags and files see them.
 *
 * @module
 */
import { z } from "zod";

/** A schema of a task's configuration: a flat object of numbers, texts, choices and booleans. */
export type ConfigSchema = z.ZodObject<z.ZodRawShape>;

/**
 * What values a field takes; a switch is on, off, or one of some choices, an interval a number of steps or a word; texts
 * are one, or several where the flag is given several times.
 */
export type FieldKind = "boolean" | "choice" | "every" | "integer" | "number" | "switch" | "text" | "texts";

/** One field of a schema. */
export interface Field {
  /** Its key in the schema and in configuration files, camel case. */
  key: string;
  /** Its flag, kebab case: `--batch-size`. */
  flag: string;
  kind: FieldKind;
  /** Whether a number may be `inf` or `-inf`. */
  infinite: boolean;
  /** The values of a choice. */
  choices?: string[];
  defaultValue?: unknown;
  description: string;
  /** The heading that it stands under in the help; those of {@linkcode inGroup}. */
  group?: string;
}

/**
 * A schema for a real number or ±∞, which `z.number()` refuses. JSON knows no infinity: files and flags write `"inf"`
 * and `"-inf"`.
 */
export function extendedNumber(): z.ZodUnion<[z.ZodNumber, z.ZodLiteral<number>, z.ZodLiteral<number>]> {
  return z.union([z.number(), z.literal(Infinity), z.literal(-Infinity)]);
}

/** A schema for what is on, off, or on in one of some ways. */
export function switchWith<Choice extends string>(
  choices: [Choice, ...Choice[]],
): z.ZodUnion<[z.ZodBoolean, z.ZodEnum<z.core.util.ToEnum<Choice>>]> {
  return z.union([z.boolean(), z.enum(choices)]);
}

/** A schema for how often something is done in a run. */
export function everyField(): z.ZodUnion<[z.ZodInt, z.ZodEnum<z.core.util.ToEnum<"end" | "never">>]> {
  return z.union([z.int().min(1), z.enum(["end", "never"])]);
}

/** A schema for a seed, the same range for every task. */
export function seedField(byDefault: number): z.ZodDefault<z.ZodInt> {
  return z.int().min(0).max(2 ** 32 - 1).default(byDefault);
}

/** Rows that are drawn at most: as many as memory holds with their tokens. */
const MOST_ROWS = 2_000_000;

/** The number of training rows; beyond those of the built-in corpus they repeat. */
export function trainRowsField(byDefault: number): z.ZodDefault<z.ZodInt> {
  return z.int().min(1).max(MOST_ROWS).default(byDefault).describe("number of rows drawn from the train split");
}

/** Strips defaults and the like from a schema; the outermost description and default count. */
function unwrap(schema: unknown): Pick<Partial<Field>, "description" | "defaultValue" | "group"> & { inner: unknown } {
  if (!(schema instanceof z.ZodType)) return { inner: schema };
  const own = { description: schema.description, group: schema.meta()?.group as string | undefined };
  const within = (inside: ReturnType<typeof unwrap>) => ({
    ...inside,
    description: own.description ?? inside.description,
    group: own.group ?? inside.group,
  });
  if (schema instanceof z.ZodDefault) {
    return { ...within(unwrap(schema.def.innerType)), defaultValue: schema.def.defaultValue };
  }
  if (schema instanceof z.ZodOptional || schema instanceof z.ZodNullable) return within(unwrap(schema.unwrap()));
  return { inner: schema, ...own };
}

/**
 * Puts fields under a heading of the help.
 *
 * @param group The heading, without a colon.
 * @param fields The fields, each with its description; a heading that one has already is replaced.
 */
export function inGroup<Shape extends Record<string, z.ZodType>>(group: string, fields: Shape): Shape {
  const grouped = Object.entries(fields).map(([key, field]) => [key, field.meta({ ...field.meta(), group })]);
  return Object.fromEntries(grouped) as Shape;
}

function kindOf(schema: unknown): Pick<Field, "kind" | "infinite" | "choices"> | undefined {
  if (schema instanceof z.ZodBoolean) return { kind: "boolean", infinite: false };
  if (schema instanceof z.ZodString) return { kind: "text", infinite: false };
  if (schema instanceof z.ZodEnum) return { kind: "choice", infinite: false, choices: schema.options.map(String) };
  if (schema instanceof z.ZodNumber) return { kind: schema.isInt ? "integer" : "number", infinite: false };
  if (!(schema instanceof z.ZodUnion)) return undefined;
  if (schema.options[0] instanceof z.ZodBoolean && schema.options[1] instanceof z.ZodEnum) {
    return { kind: "switch", infinite: false, choices: schema.options[1].options.map(String) };
  }
  if (schema.options[0] instanceof z.ZodNumber && schema.options[1] instanceof z.ZodEnum) {
    return { kind: "every", infinite: false, choices: schema.options[1].options.map(String) };
  }
  if (schema.options[0] instanceof z.ZodString && schema.options[1] instanceof z.ZodArray) {
    return { kind: "texts", infinite: false };
  }
  const [number, ...others] = schema.options;
  const infinite = others.every((other) => other instanceof z.ZodLiteral && !Number.isFinite(other.value));
  return number instanceof z.ZodNumber && infinite ? { kind: "number", infinite: true } : undefined;
}

/**
 * Lists the fields of a schema in their order.
 *
 * @param schema The schema; each field has a description and is a number, a text, a choice or a boolean.
 * @returns A field for each key.
 * @throws {TypeError} If a field has no description, is of another kind, or starts with "no" and a capital.
 */
export function fieldsOf(schema: ConfigSchema): Field[] {
  return Object.entries(schema.shape).map(([key, value]) => {
    const { inner, description, defaultValue, group } = unwrap(value);
    const kind = kindOf(inner);
    if (!kind) {
      throw new TypeError(`Cannot offer "${key}" as a flag: a number, text, choice or boolean is needed`);
    }
    if (!description) throw new TypeError(`Cannot offer "${key}" as a flag: a description is needed`);
    if (/^no[A-Z]/.test(key)) {
      throw new TypeError(`Cannot offer "${key}" as a flag: --no-… is the opposite of another flag`);
    }
    return { key, flag: flagOf(key), ...kind, defaultValue, description, group };
  });
}

/** The flag of a key: `batchSize` → `--batch-size`. */
export function flagOf(key: string): string {
  return `--${key.replace(/[A-Z]/g, (letter) => `-${letter.toLowerCase()}`)}`;
}

/**
 * Reads a number as strictly as JSON does, leading `+`, `.5` and `5.` allowed; `inf`, `-inf`, `Infinity` where the field
 * takes them.
 *
 * @returns The number, or undefined if the text is not one.
 */
export function readNumber(text: string, { infinite }: Pick<Field, "infinite">): number | undefined {
  const endless = /^([+-]?)inf(inity)?$/i.exec(text);
  if (endless) return infinite ? (endless[1] === "-" ? -Infinity : Infinity) : undefined;
  if (!/^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d+)?$/i.test(text)) return undefined;
  const value = Number(text);
  return Number.isFinite(value) ? value : undefined;
}
