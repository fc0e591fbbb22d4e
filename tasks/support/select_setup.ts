/**
 * The settings of the task select, and the table that it prints.
 *
 * @module
 */
import { z } from "zod";
import type { CandidateScore } from "../../lib/runs/selection/select_checkpoint.ts";
import { above, type Effect, is } from "./effects.ts";
import { seedField } from "./field.ts";
import type { TaskHelp } from "./help.ts";
import { lengthFields } from "./length_fields.ts";
import { repetitionFields } from "./repetition_fields.ts";
import { formatTable } from "./table.ts";
import { dataFields, engineFields } from "./training_fields.ts";

/** The settings of the task. */
const schema = z.strictObject({
  run: z.string().min(1).default("runs/quickstart").describe("folder of the run"),
  by: z.enum(["rouge-l", "loss"]).default("rouge-l").describe("highest ROUGE-L, or lowest loss, on the valid split"),
  data: z.string().optional().describe("data with the valid split; the run's if absent"),
  tokenizer: z.string().optional().describe("folder of the tokenizer; the run's if absent"),
  validRows: dataFields.validRows.describe("rows of the valid split"),
  seed: seedField(10).describe("seed of the rows and the draws"),
  temperature: z.number().min(0).default(1).describe("0 always takes the most probable token"),
  topP: z.number().positive().max(1).default(1).describe("only the most probable tokens up to this probability"),
  ...repetitionFields,
  ...lengthFields,
  batchSize: z.int().min(1).default(16).describe("prompts answered at once; answers do not depend on it"),
  ...engineFields,
});

/** The settings, as they are parsed. */
export type SelectConfig = z.output<typeof schema>;

const repetitionKeys = Object.keys(repetitionFields) as (keyof typeof repetitionFields)[];

/** Which settings count only beside others. */
const effects: readonly Effect<keyof SelectConfig>[] = [
  { of: ["temperature", "topP", ...repetitionKeys], needs: [is("by", "rouge-l")] },
  { of: ["maxPromptLength", "maxLength", "batchSize"], needs: [is("by", "rouge-l")], warn: true },
  { of: ["topP", "minP"], needs: [above("temperature", 0)] },
];

/** How `--help` of the task starts. */
const help: TaskHelp<keyof SelectConfig> = {
  first: ["run", "by", "data", "tokenizer", "validRows", "engine"],
  examples: ["deno task select --run runs/quickstart", "deno task select --run runs/quickstart --by loss"],
};

/** The task, as its command line is read. */
export const selectTask = {
  name: "select",
  description: "Pick the best checkpoint of a run, and copy its weights to the run's folder best/.",
  schema,
  help,
  effects,
};

/** The candidates with their scores, the best one marked. */
export function selectTable(
  { best, candidates }: { best: string; candidates: readonly CandidateScore[] },
  by: SelectConfig["by"],
): string {
  const head = ["checkpoint", ...(by === "loss" ? ["valid loss"] : ["ROUGE-L", "exact match", "unfinished"]), ""];
  const rows = candidates.map(({ name, score, exactMatch, unfinished }) => {
    return [name, score, ...(by === "loss" ? [] : [exactMatch, unfinished]), name === best ? "best" : ""];
  });
  return formatTable([head, ...rows], { decimals: by === "loss" ? 4 : 2 });
}
