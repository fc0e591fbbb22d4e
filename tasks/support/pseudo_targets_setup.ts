/**
 * The settings of the task pseudo-targets.
 *
 * @module
 */
import { z } from "zod";
import { above, type Effect } from "./effects.ts";
import { seedField } from "./field.ts";
import type { TaskHelp } from "./help.ts";
import { lengthFields } from "./length_fields.ts";
import { longPromptField, nameFields, promptField } from "./row_fields.ts";
import { engineFields } from "./training_fields.ts";

/** The settings of the task. */
export const targetsSchema = z.strictObject({
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
  batchSize: z.int().min(1).default(32).describe("prompts processed at once"),
  seed: seedField(1).describe("seed of the draws"),
  ...engineFields,
});

/** The settings, as they are parsed. */
export type TargetsConfig = z.output<typeof targetsSchema>;

/** Which settings count only beside others. */
export const targetsEffects: readonly Effect<keyof TargetsConfig>[] = [
  { of: ["topP", "topK"], needs: [above("temperature", 0)], silent: [0] },
  { of: ["seed"], needs: [above("temperature", 0)], warn: true },
];

/** How `--help` of the task starts. */
export const targetsHelp: TaskHelp<keyof TargetsConfig> = {
  first: ["name", "teacher", "tokenizer", "data", "rows", "engine"],
  examples: [
    "deno task pseudo-targets --teacher DIR --tokenizer DIR --data prepared/dolly",
    "deno task distill --data runs/pseudo-targets --teacher DIR --tokenizer DIR",
  ],
};
