/**
 * What the task reproduce carries out: a pipeline in a file, in one of its sizes.
 *
 * @module
 */
import { z } from "zod";
import { parseJson } from "../../../lib/files/parse_json.ts";
import { readText } from "../../../lib/files/read_text.ts";
import { UsageError } from "../usage_error.ts";

const word = z.string().regex(/^[\w.-]+$/);
const flags = z.array(z.string().startsWith("--"));
const numbers = z.array(z.string().regex(/^-?(\d|inf)/)).min(1);
const count = z.int().min(1);

const methodSchema = z.strictObject({
  name: word,
  title: z.string().min(1),
  /** Whether the method has α and λ, which a grid varies. */
  mixture: z.boolean().default(false),
  /** The rows it learns from: those of the corpus, or the teacher's answers. */
  data: z.enum(["corpus", "answers"]).default("corpus"),
  /** The method on the corpus whose learning rate it takes: the student writes responses. */
  rateOf: word.optional(),
});

const phaseSchema = z.discriminatedUnion("kind", [
  z.strictObject({ kind: z.literal("rates"), student: word }),
  z.strictObject({
    kind: z.literal("grid"),
    student: word,
    methods: z.array(word).min(1),
    alpha: numbers,
    lambda: numbers,
  }),
  z.strictObject({
    kind: z.literal("final"),
    student: word,
    ratesOf: word.optional(),
    seeds: z.array(count).min(1),
  }),
  z.strictObject({ kind: z.literal("on-policy"), student: word, seeds: z.array(count).min(1) }),
]);

const sizeSchema = z.strictObject({
  cuts: z.array(z.string().min(1)),
  model: z.string().min(1).optional(),
  data: z.strictObject({ dolly: count, gsm8k: count, valid: count, sets: count }),
  rates: numbers.optional(),
  methods: z.array(word).min(1).optional(),
  phases: z.array(phaseSchema).optional(),
  flags: z.partialRecord(
    z.enum([
      "all",
      "precise",
      "prune",
      "teacher",
      "start",
      "answers",
      "distill",
      "policy",
      "final",
      "select",
      "evaluate",
    ]),
    flags,
  ).default({}),
  minutes: z.record(z.string(), z.number().positive()).default({}),
});

const fileSchema = z.strictObject({
  title: z.string().min(1),
  folder: z.string().min(1),
  teacher: z.string().min(1),
  students: z.record(word, z.strictObject({ prune: z.string().min(1), start: z.string().min(1) })),
  answers: z.string().min(1),
  evaluate: z.string().min(1),
  rates: numbers,
  methods: z.array(methodSchema).min(1),
  phases: z.array(phaseSchema).min(1),
  sizes: z.record(word, sizeSchema),
});

/** A method that is compared. */
export type Method = z.output<typeof methodSchema>;
/** A part of the grid of runs. */
export type Phase = z.output<typeof phaseSchema>;
/** What may have flags of its own in a size. */
export type FlagGroup = keyof z.output<typeof sizeSchema>["flags"];

/** A pipeline in one size. */
export interface Recipe extends Omit<z.output<typeof fileSchema>, "sizes"> {
  /** The size. */
  size: z.output<typeof sizeSchema>;
}

/**
 * Reads a pipeline.
 *
 * @param path The file.
 * @param size The name of one of its sizes.
 * @throws {UsageError} If the file is no pipeline, or has no such size.
 */
export async function readRecipe(path: string, size: string): Promise<Recipe> {
  let file: z.output<typeof fileSchema>;
  try {
    file = fileSchema.parse(parseJson(await readText(path), { name: path, uniqueKeys: true }));
  } catch (cause) {
    throw new UsageError(`Cannot reproduce ${path}: ${(cause as Error).message}`, { cause });
  }
  const { sizes, ...common } = file;
  const chosen = sizes[size];
  if (!chosen) {
    const names = Object.keys(sizes).join(", ");
    throw new UsageError(`Cannot use --size: one of ${names} is needed, current value is ${JSON.stringify(size)}`);
  }
  const known = chosen.methods ?? common.methods.map(({ name }) => name);
  const methods = common.methods.filter(({ name }) => known.includes(name));
  const phases = chosen.phases ?? common.phases;
  checkNames({ ...common, methods, phases }, [
    ...known,
    ...phases.flatMap((phase) => phase.kind === "grid" ? phase.methods : []),
  ]);
  return { ...common, methods, phases, rates: chosen.rates ?? common.rates, size: chosen };
}

function checkNames(recipe: Pick<Recipe, "methods" | "phases" | "students">, named: readonly string[]): void {
  const methods = new Set(recipe.methods.map(({ name }) => name));
  const of = recipe.methods.flatMap(({ rateOf }) => rateOf ?? []);
  const students = recipe.phases.flatMap((phase) => [
    phase.student,
    ...phase.kind === "final" && phase.ratesOf !== undefined ? [phase.ratesOf] : [],
  ]);
  const unknown = [
    ...[...named, ...of].filter((name) => !methods.has(name)),
    ...students.filter((name) => !(name in recipe.students)),
  ];
  if (unknown.length > 0) throw new UsageError(`Cannot reproduce: the pipeline has no ${unknown.join(", no ")}`);
}

/** The flags of some groups, in order. */
export const flagsOf = ({ size }: Recipe, ...groups: FlagGroup[]): string[] =>
  groups.flatMap((group) => size.flags[group] ?? []);
