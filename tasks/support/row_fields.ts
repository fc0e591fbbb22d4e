/**
 * Settings of how texts become rows of tokens: the form of prompts, the names of fields, the lengths.
 *
 * @module
 */
import { z } from "zod";
import type { InstructionFields } from "../../lib/datasets/instruction_row.ts";
import { flagOf, inGroup } from "./field.ts";
import { UsageError } from "./usage_error.ts";

/** How prompts are rendered. */
export const promptField = inGroup("Prompts and lengths", {
  prompt: z.enum(["auto", "chat", "alpaca"]).default("auto").describe(
    "form of prompts: the tokenizer's chat template, Alpaca, or the first of these that is available",
  ),
});

/** What files call the parts of a row. */
export const nameFields = inGroup("Prompts and lengths", {
  instructionField: z.string().min(1).optional().describe("the file's key for the instruction, if not a usual one"),
  inputField: z.string().min(1).optional().describe("the file's key for the input, if not a usual one"),
  outputField: z.string().min(1).optional().describe("the file's key for the response, or the list of them"),
});

/** What becomes of prompts and rows that are too long. */
export const longFields = inGroup("Prompts and lengths", {
  longPrompts: z.enum(["cut", "drop", "first"]).default("cut").describe(
    "longer prompts: truncate the user's text and keep the template, drop the row, or keep the first tokens as the official " +
      "code does; they are counted",
  ),
  longRows: z.enum(["cut", "drop"]).default("cut").describe(
    "longer rows: truncate the response, or drop the row; they are counted",
  ),
});

/** What becomes of prompts that are answered: none can be left out. */
export const longPromptField = {
  longPrompts: z.enum(["cut", "first"]).default("cut").describe(
    "longer prompts: truncate the user's text and keep the template, or keep the first tokens as the official code does",
  ),
};

/** All of them, for tasks that train. */
export const rowFields = {
  ...promptField,
  ...inGroup("Prompts and lengths", {
    maxPromptLength: z.int().min(1).optional().describe(
      "maximum prompt tokens; if absent, what the response leaves, at least half of the row, at most 256",
    ),
    maxLength: z.int().min(2).optional().describe(
      "maximum tokens of prompt and response; if absent, the models' context, at most 512",
    ),
  }),
  ...longFields,
  ...nameFields,
};

/** The settings of {@linkcode rowFields}, as they are parsed. */
export type RowSettings = z.output<z.ZodObject<typeof rowFields>>;

/** The names of fields that are set. */
export function fieldsOf(
  settings: Partial<RowSettings> & { teacherField?: string; teacherPromptField?: string },
): InstructionFields {
  const { instructionField: instruction, inputField: input, outputField: output, teacherField } = settings;
  const { teacherPromptField: teacherPrompt } = settings;
  const more = teacherField === undefined ? undefined : [teacherField];
  const names = Object.entries({ instruction, input, output, more, teacherPrompt }).filter(([, name]) =>
    name !== undefined
  );
  return Object.fromEntries(names);
}

/**
 * Refuses flags that have no effect on the data in use.
 *
 * @param origins Where settings came from; values of files may wait for other data.
 * @param data The data: the built-in corpus has prompts of its own, a prepared folder its rows too.
 * @throws {UsageError} If there is such a flag; the message names it.
 */
export function checkRowFlags(
  origins: Readonly<Record<string, string>>,
  { data, isPrepared }: { data: string; isPrepared: boolean },
): void {
  const own = ["teacherField", "teacherPromptField"];
  const names = [...Object.keys(promptField), ...Object.keys(nameFields), ...own];
  const idle = data === "wordnet" ? names : isPrepared ? [...Object.keys(rowFields), ...own] : [];
  const culprit = idle.find((key) => origins[key]?.startsWith("--"));
  if (culprit === undefined) return;
  const reason = isPrepared
    ? `${data} is already prepared; it is an option of deno task data`
    : "the built-in corpus has its own prompts";
  throw new UsageError(`Cannot use ${flagOf(culprit)}: ${reason}`);
}
