/**
 * The settings of the task evaluate.
 *
 * @module
 */
import { z } from "zod";
import { TEMPLATES } from "../../lib/evaluation/compared_sets.ts";
import { absent, type Effect, given, is, where } from "./effects.ts";
import { inGroup, seedField } from "./field.ts";
import type { TaskHelp } from "./help.ts";
import { lengthFields } from "./length_fields.ts";
import { ranksFields } from "./ranks.ts";
import { repetitionFields } from "./repetition_fields.ts";
import { longPromptField, nameFields, promptField } from "./row_fields.ts";
import { dataFields, engineFields } from "./training_fields.ts";

/** What the comparison on sets takes. */
const setsFields = inGroup("Comparing models on sets, with --sets", {
  sets: z.string().min(1).optional().describe(
    "compare on these sets: name=path joined by commas, each a JSONL file or a folder with test.jsonl or valid.jsonl; " +
      "wordnet is the built-in corpus, 400 rows of it without --limit",
  ),
  models: z.string().min(1).optional().describe("with --sets: models to compare, name=folder joined by commas"),
  seeds: z.string().default("10,20,30,40,50").describe("with --sets: seeds of the draws, joined by commas"),
  template: z.enum(TEMPLATES).default("own").describe(
    "with --sets: the prompts: the files' own (Alpaca's if a line has none), Alpaca's, those of the tokenizer's chat " +
      "template, or auto, the chat template if there is one, otherwise the files' own",
  ),
  maxPromptLength: lengthFields.maxPromptLength.describe(`with --sets: ${lengthFields.maxPromptLength.description}`),
  maxLength: lengthFields.maxLength.describe(`with --sets: ${lengthFields.maxLength.description}`),
  batchSize: z.int().min(1).default(16).describe("with --sets: prompts answered at once; answers do not depend on it"),
  limit: z.int().min(1).optional().describe("with --sets: number of rows of each set, the first ones; all if absent"),
  name: z.string().default("evaluation").describe("with --sets: answers and tables go to runs/<name>/"),
});

/** What the score of one model on one corpus takes. */
const corpusFields = inGroup("One model on one corpus, without --sets", {
  data: dataFields.data,
  kinds: dataFields.kinds,
  validRows: dataFields.validRows,
  testRows: dataFields.testRows,
  ...promptField,
  ...nameFields,
  seed: seedField(1).describe("seed of the rows and the draws"),
  maxNewTokens: z.int().min(1).optional().describe(
    "maximum tokens of an answer; if absent 32, or half of the model's context if that is less",
  ),
  answers: z.string().optional().describe("output file with each prompt, its references and answer, as JSON lines"),
});

/** The settings of the task. */
export const evaluateSchema = z.strictObject({
  model: z.string().default("data/teacher").describe("folder of the model"),
  tokenizer: z.string().optional().describe(
    "folder of the tokenizer; if absent the one beside the model, or data/tokenizer for the built-in models",
  ),
  ...corpusFields,
  ...inGroup("Sampling", {
    temperature: z.number().min(0).optional().describe(
      "0 always takes the most probable token; if absent 1 with --sets, otherwise 0",
    ),
    topP: z.number().positive().max(1).default(1).describe("only the most probable tokens up to this probability"),
    topK: z.int().min(0).default(0).describe("number of most probable tokens to draw from; 0 for all"),
    ...repetitionFields,
  }),
  ...longPromptField,
  ...setsFields,
  ...engineFields,
  ...ranksFields,
});

/** The settings, as they are parsed. */
export type EvaluateConfig = z.output<typeof evaluateSchema>;

const keysOf = <Fields extends object>(fields: Fields) =>
  Object.keys(fields) as (keyof Fields & keyof EvaluateConfig)[];

const drawn = where<keyof EvaluateConfig>("--temperature above 0", ["temperature"], ({ temperature, sets }) => {
  return Number(temperature ?? (sets === undefined ? 0 : 1)) > 0;
});

/** Which settings count only beside others. */
const effects: readonly Effect<keyof EvaluateConfig>[] = [
  { of: keysOf(setsFields).filter((key) => key !== "sets"), needs: [given("sets")] },
  { of: keysOf(corpusFields), needs: [absent("sets")] },
  { of: ["kinds"], needs: [is("data", "wordnet")] },
  { of: ["model"], needs: [absent("models")] },
  { of: ["topP", "topK", "minP"], needs: [drawn], silent: [0] },
  {
    of: ["seeds"],
    needs: [drawn],
    reason: () => "greedy answers are the same with every seed",
    warn: true,
  },
];

/** How `--help` of the task starts. */
const help: TaskHelp<keyof EvaluateConfig> = {
  first: ["model", "data", "tokenizer", "testRows", "answers", "sets", "models", "seeds", "name", "engine"],
  examples: [
    "deno task evaluate --model runs/quickstart/student --test-rows 100",
    "deno task evaluate --models a=runs/a/student,b=runs/b/student --sets dolly=DIR",
  ],
};

/** The task, as its command line is read. */
export const evaluateTask = {
  name: "evaluate",
  description: "Score a model on held-out instructions, or compare models on sets of them.",
  schema: evaluateSchema,
  help,
  effects,
};
