/**
 * The settings of the task pseudo-targets, and how responses are drawn by them.
 *
 * @module
 */
import { z } from "zod";
import { definedOptions } from "../../lib/arguments/defined_options.ts";
import { repetitionFields, repetitionOf } from "./repetition_fields.ts";
import { modelConfigOf } from "../../lib/models/model_config_of.ts";
import type { PseudoTargetsOptions } from "../../lib/runs/pseudo_targets.ts";
import { above, type Effect } from "./effects.ts";
import { seedField } from "./field.ts";
import type { TaskHelp } from "./help.ts";
import { lengthFields, lengthsWithin } from "./length_fields.ts";
import { longPromptField, nameFields, promptField } from "./row_fields.ts";
import { engineFields } from "./training_fields.ts";

/** The settings of the task. */
const schema = z.strictObject({
  name: z.string().default("pseudo-targets").describe("the run's name: its folder is runs/<name>/"),
  teacher: z.string().default("data/teacher").describe("folder or repository of the teacher"),
  tokenizer: z.string().optional().describe(
    "folder or repository of the tokenizer; if absent the one beside the teacher, or data/tokenizer for the built-in one",
  ),
  data: z.string().min(1).describe(
    "folder with train.jsonl, prepared or not; valid.jsonl and test.jsonl are taken over; or a file, which is split",
  ),
  rows: z.int().min(1).optional().describe("number of rows to answer, the first ones; all if absent"),
  ...lengthFields,
  ...longPromptField,
  ...promptField,
  ...nameFields,
  temperature: z.number().min(0).default(1).describe("0 always takes the most probable token"),
  topP: z.number().positive().max(1).default(1).describe("only the most probable tokens up to this probability"),
  topK: z.int().min(0).default(0).describe("number of most probable tokens to draw from; 0 for all"),
  ...repetitionFields,
  batchSize: z.int().min(1).default(32).describe("prompts processed at once"),
  seed: seedField(1).describe("seed of the draws"),
  ...engineFields,
});

/** The settings, as they are parsed. */
export type PseudoTargetsConfig = z.output<typeof schema>;

/** Which settings count only beside others. */
const effects: readonly Effect<keyof PseudoTargetsConfig>[] = [
  { of: ["topP", "topK", "minP"], needs: [above("temperature", 0)], silent: [0] },
  { of: ["seed"], needs: [above("temperature", 0)], warn: true },
];

/** How `--help` of the task starts. */
const help: TaskHelp<keyof PseudoTargetsConfig> = {
  first: ["name", "teacher", "tokenizer", "data", "rows", "engine"],
  examples: [
    "deno task pseudo-targets --teacher DIR --tokenizer DIR --data prepared/dolly",
    "deno task distill --data runs/pseudo-targets --teacher DIR --tokenizer DIR",
  ],
};

/** The task, as its command line is read. */
export const pseudoTargetsTask = {
  name: "pseudo-targets",
  description: "Have a teacher write the responses to train a student on.",
  schema,
  help,
  effects,
};

/**
 * How responses are drawn.
 *
 * @throws {UsageError} If a length exceeds the teacher's context.
 */
export async function drawingOf(
  config: PseudoTargetsConfig,
): Promise<Omit<PseudoTargetsOptions, "folder" | "teacher" | "tokenizer">> {
  const { teacher, longPrompts, temperature, topP, topK, seed, batchSize } = config;
  const { maxPromptLength, maxLength } = lengthsWithin(config, (await modelConfigOf(teacher)).contextLength);
  const drawing = { temperature, topP, topK, ...definedOptions(repetitionOf(config)), seed, batchSize };
  return { longPrompts, maxPromptLength, maxLength, ...drawing };
}
