/**
 * Scores a model on held-out instructions, or several models on several sets in one table.
 *
 *     deno task evaluate --model runs/quickstart/student --test-rows 700
 *     deno task evaluate --models teacher=runs/teacher/model,amid=runs/amid/student --sets dolly=data/dolly --seeds 10,20
 */
import { join } from "node:path";
import { z } from "zod";
import { onFirstRank } from "../lib/distributed/first_rank.ts";
import { compareOnSets } from "../lib/evaluation/compare_on_sets.ts";
import { TEMPLATES } from "../lib/evaluation/compared_sets.ts";
import { evaluate } from "../lib/evaluation/evaluate.ts";
import { validationLoss } from "../lib/training/run/validation_loss.ts";
import { writeAtomically } from "../lib/files/atomic_write.ts";
import { modelConfigOf } from "../lib/models/model_config_of.ts";
import { loadAdaptedModel } from "../lib/models/lora/load_adapted.ts";
import { placeOf } from "../lib/engines/place.ts";
import { constantScores } from "../lib/runs/scores.ts";
import { loadTokenizer } from "../lib/text/tokenizer.ts";
import { absent, type Effect, given, is, where } from "./support/effects.ts";
import { inGroup, seedField } from "./support/field.ts";
import type { TaskHelp } from "./support/help.ts";
import { checkNewTokens, lengthFields, lengthsWithin } from "./support/length_fields.ts";
import { limitTo } from "./support/limit_vocabulary.ts";
import { parseNamedPaths, parseSeeds } from "./support/named_paths.ts";
import { checkRunName } from "./support/run_folder.ts";
import { readTexts, readyCorpus } from "./support/ready_corpus.ts";
import { longPromptField, nameFields, promptField } from "./support/row_fields.ts";
import { joinRanks, ranksFields } from "./support/ranks.ts";
import { lockFolder } from "./support/claimed_folder.ts";
import { totalProgress } from "./support/counted_progress.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { dataFields, engineFields } from "./support/training_fields.ts";
import { tokenizerFolderOf } from "./support/tokenizer_folder.ts";

/** What the comparison on sets takes. */
const setsFields = inGroup("Comparing models on sets, with --sets", {
  sets: z.string().min(1).optional().describe(
    "compare on these sets: name=path joined by commas, each a JSONL file or a folder with test.jsonl or valid.jsonl; " +
      "wordnet is the built-in corpus, 400 rows of it without --limit",
  ),
  models: z.string().min(1).optional().describe("with --sets: models to compare, name=folder joined by commas"),
  seeds: z.string().default("10,20,30,40,50").describe("with --sets: seeds of the draws, joined by commas"),
  template: z.enum(TEMPLATES).default("own").describe(
    "with --sets: the prompts, the files' own (Alpaca's where a line has none), Alpaca's, those of the tokenizer's chat " +
      "template, or auto, the chat template where there is one and else the files' own",
  ),
  maxPromptLength: lengthFields.maxPromptLength.describe(`with --sets: ${lengthFields.maxPromptLength.description}`),
  maxLength: lengthFields.maxLength.describe(`with --sets: ${lengthFields.maxLength.description}`),
  batchSize: z.int().min(1).default(16).describe("with --sets: prompts answered together; answers do not depend on it"),
  limit: z.int().min(1).optional().describe("with --sets: rows of each set, its first ones; all if absent"),
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
  seed: seedField(1).describe("decides the rows and the draws"),
  maxNewTokens: z.int().min(1).optional().describe(
    "the longest answer, in tokens; if absent 32, or half of the model's context where that is less",
  ),
  answers: z.string().optional().describe("file that takes each prompt with its references and answer, as JSON lines"),
});

/** The settings of the task. */
export const schema = z.strictObject({
  model: z.string().default("data/teacher").describe("folder of the model"),
  tokenizer: z.string().optional().describe(
    "folder of the tokenizer; if absent the one beside the model, or data/tokenizer for the built-in models",
  ),
  ...corpusFields,
  ...inGroup("How answers are drawn", {
    temperature: z.number().min(0).optional().describe(
      "0 takes the most probable token each time; if absent 1 with --sets, else 0",
    ),
    topP: z.number().positive().max(1).default(1).describe("only the most probable tokens up to this probability"),
    topK: z.int().min(0).default(0).describe("number of most probable tokens to draw from; 0 for all"),
  }),
  ...longPromptField,
  ...setsFields,
  ...engineFields,
  ...ranksFields,
});

type Config = z.output<typeof schema>;

const keysOf = <Fields extends object>(fields: Fields) => Object.keys(fields) as (keyof Fields & keyof Config)[];

const drawn = where<keyof Config>("--temperature above 0", ["temperature"], ({ temperature, sets }) => {
  return Number(temperature ?? (sets === undefined ? 0 : 1)) > 0;
});

const effects: readonly Effect<keyof Config>[] = [
  { of: keysOf(setsFields).filter((key) => key !== "sets"), needs: [given("sets")] },
  { of: keysOf(corpusFields), needs: [absent("sets")] },
  { of: ["kinds"], needs: [is("data", "wordnet")] },
  { of: ["model"], needs: [absent("models")] },
  { of: ["topP", "topK"], needs: [drawn], silent: [0] },
  {
    of: ["seeds"],
    needs: [drawn],
    reason: () => "answers that are not drawn are the same with every seed",
    warn: true,
  },
];

const help: TaskHelp<keyof Config> = {
  first: ["model", "data", "tokenizer", "testRows", "answers", "sets", "models", "seeds", "name", "engine"],
  examples: [
    "deno task evaluate --model runs/quickstart/student --test-rows 100",
    "deno task evaluate --models a=runs/a/student,b=runs/b/student --sets dolly=DIR",
  ],
};

/**
 * Runs the task.
 *
 * @param args The flags.
 * @param root Where run folders are made.
 */
export async function main(args: readonly string[], root = "runs"): Promise<void> {
  const description = "Score a model on held-out instructions, or compare models on sets of them.";
  const { config, origins } = await parseTask({ name: "evaluate", description, schema, args, help, effects });
  if (config.sets === undefined) return await evaluateCorpus(config, origins);
  checkRunName(config.name);
  const named = parseNamedPaths(config.models ?? config.model, config.models ? "--models" : "--model");
  const sets = parseNamedPaths(config.sets, "--sets");
  const seeds = parseSeeds(config.seeds, "--seeds");
  const { communicator, engine, first } = await joinRanks(config);
  const contexts = await Promise.all(named.map(async ({ path }) => (await modelConfigOf(path)).contextLength));
  const lengths = lengthsWithin(config, Math.min(...contexts));
  const models = await Promise.all(named.map(async (model) => {
    return { ...model, tokenizer: await tokenizerFolderOf(config.tokenizer, [model.path]) };
  }));
  const folder = join(root, config.name);
  using _lock = await lockFolder(folder, communicator);
  await onFirstRank(communicator, async () => {
    await Deno.mkdir(folder, { recursive: true });
    await writeAtomically(join(folder, "engine.json"), JSON.stringify(placeOf(engine), null, 2) + "\n");
  });
  using bar = totalProgress("evaluate");
  const { temperature = 1, template, limit, topP, topK, longPrompts, batchSize } = config;
  const drawing = { temperature, topP, topK, longPrompts, batchSize, seeds };
  const watching = { onAnswers: bar.update, say: bar.log };
  const markdown = await compareOnSets({
    models,
    sets,
    folder,
    template,
    limit,
    communicator,
    ...lengths,
    ...drawing,
    ...watching,
  });
  if (!first) return;
  console.log(
    `${markdown}\ntable: ${["md", "csv", "html"].map((ending) => join(folder, `table.${ending}`)).join(" ")}`,
  );
}

async function evaluateCorpus(config: Config, origins: Readonly<Record<string, string>>): Promise<void> {
  const { communicator, engine, first } = await joinRanks(config);
  const tokenizer = await loadTokenizer(await tokenizerFolderOf(config.tokenizer, [config.model]));
  const model = limitTo(await loadAdaptedModel(config.model, { precision: engine.precision }), tokenizer);
  checkNewTokens(config, model.config.contextLength);
  const counts = { valid: config.validRows, test: config.testRows };
  const { contextLength } = model.config;
  const say = first ? console.error : () => {};
  const { longPrompts, maxNewTokens, temperature = 0, topP, topK, seed } = config;
  const settings = { ...config, maxPromptLength: undefined, maxLength: undefined };
  const texts = await readTexts(settings, { counts, origins, say });
  const { valid, test } = readyCorpus(texts, { settings, tokenizer, contextLength, say });
  const validLoss = await validationLoss(model, valid, { communicator });
  const generation = { maxNewTokens, temperature, topP, topK, seed, communicator, longPrompts };
  const { answers, ...scores } = await evaluate(model, test, { tokenizer, ...generation });
  if (!first) return;
  if (config.answers !== undefined) {
    const lines = test.map(({ kind, prompt, outputs }, index) =>
      JSON.stringify({ kind, prompt, outputs, answer: answers[index] }) + "\n"
    );
    await writeAtomically(config.answers, lines.join(""));
  }
  const { rougeL, exactMatch } = constantScores(test);
  console.log(JSON.stringify({ ...placeOf(engine), validLoss, ...scores, constant: { rougeL, exactMatch } }, null, 2));
}

if (import.meta.main) await runTask(main);
