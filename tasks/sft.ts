/**
 * Trains a model by next-token loss: a teacher, or the start of a student.
 *
 *     deno task sft --config tasks/configs/built_in/teacher.json
 */
import { join } from "node:path";
import { z } from "zod";
import { initializeModel } from "../lib/models/initialize_model.ts";
import { loadAdaptedModel } from "../lib/models/lora/load_adapted.ts";
import { loadTokenizer, type Tokenizer } from "../lib/text/tokenizer.ts";
import type { LanguageModel } from "../lib/models/language_model.ts";
import type { TrainerOptions } from "../lib/training/step/trainer.ts";
import { foreignFolder } from "./support/claimed_folder.ts";
import { corpusFields, plainTextOf } from "./support/corpus_fields.ts";
import { inSteps } from "./support/epochs.ts";
import { adapt, loraFields } from "./support/lora_fields.ts";
import { openSharedRunFolder } from "./support/run_folder.ts";
import { fieldsOf, inGroup } from "./support/field.ts";
import { readTexts, readyCorpus } from "./support/ready_corpus.ts";
import { joinRanks, ranksFields, shardFields } from "./support/ranks.ts";
import { plainSettings, type Recipe, runRecipe } from "./support/run_recipe.ts";
import { runTask } from "./support/run_task.ts";
import { tokenizerFolderOf } from "./support/tokenizer_folder.ts";
import { parseTask } from "./support/schema.ts";
import { dataFields, engineFields, optimizerFields, optimizerOptionsOf, runFields } from "./support/training_fields.ts";
import { sftEffects } from "./support/training_effects.ts";
import { limitTo } from "./support/limit_vocabulary.ts";

/** The settings of the task sft. */
export const sftSchema = z.strictObject({
  ...runFields("sft"),
  ...inGroup("Model", {
    model: z.string().optional().describe("folder of the model to begin with; a new one of the sizes below if absent"),
    layers: z.int().min(1).default(2).describe("blocks of a new model"),
    hiddenSize: z.int().min(1).default(96).describe("width of a new model"),
    heads: z.int().min(1).default(4).describe("attention heads of a new model"),
    contextLength: z.int().min(8).default(128).describe("longest row of a new model, in tokens"),
  }),
  ...loraFields,
  ...dataFields,
  ...corpusFields,
  ...inGroup("Data", { trainRows: z.int().min(1).default(20_000).describe("rows of the train split that are drawn") }),
  ...optimizerFields({ learningRate: 1e-3, steps: 500, batchSize: 32, warmupSteps: 50 }),
  ...engineFields,
  ...ranksFields,
  ...shardFields,
  ...inGroup("Run and checkpoints", {
    format: z.enum(["F32", "F16", "BF16"]).default("F16").describe("how the trained weights are stored"),
  }),
});

type Config = z.output<typeof sftSchema>;

/**
 * Runs the task.
 *
 * @param args The flags.
 * @param root Where run folders are made.
 * @returns The exit status: 0 at the end, 130 where it was stopped.
 */
export async function main(args: readonly string[], root = "runs"): Promise<number> {
  const { config: asked, origins } = await parseTask({
    name: "sft",
    description: "Train a model by next-token loss.",
    schema: sftSchema,
    args,
    effects: sftEffects,
    help: {
      first: [
        "name",
        "model",
        "data",
        "tokenizer",
        "steps",
        "epochs",
        "batchSize",
        "learningRate",
        "loraRank",
        "engine",
      ],
      examples: [
        "deno task sft --name teacher --layers 4 --hidden-size 256 --steps 1000",
        "deno task sft --model DIR --data DIR --tokenizer DIR --epochs 3",
        "deno task sft --model DIR --data DIR --tokenizer DIR --lora-rank 16",
      ],
    },
  });
  const ranks = await joinRanks(asked);
  const { communicator, first } = ranks;
  const given = { ...asked, tokenizer: await sftTokenizer(asked) };
  const tokenizer = await loadTokenizer(given.tokenizer);
  const path = join(root, given.name);
  await using folder = given.dryRun
    ? foreignFolder(path)
    : await openSharedRunFolder(given.name, { ...given, root, communicator });
  const say = first ? console.error : () => {};
  const student = await modelOf(given, tokenizer, origins);
  limitTo(student, tokenizer);
  const counts = { train: given.trainRows, valid: given.validRows, test: given.testRows };
  const texts = await readTexts(given, { counts, origins, say });
  const { contextLength } = student.config;
  const corpus = readyCorpus(texts, { settings: given, tokenizer, contextLength, say });
  const config = inSteps(given, { rows: corpus.train.length, origins });
  const plainText = await plainTextOf(config, { student, tokenizer });
  const { student: _student, ...options } = sftTrainerOptions(config, { student, plainText });
  const recipe: Recipe = {
    task: "sft",
    models: { student, tokenizer },
    data: {
      rows: corpus.train,
      validRows: corpus.valid,
      sampleRows: corpus.valid.slice(0, config.samples),
      corpusRows: plainText?.rows,
      corpusBatchSize: plainText?.batchSize,
    },
    training: { ...options, ...plainSettings(config) },
    report: { test: corpus.test, asking: corpus.asking },
  };
  const { status, result } = await runRecipe(recipe, {
    config,
    fields: fieldsOf(sftSchema),
    folder,
    ranks,
    weights: "model",
  });
  if (result) console.log(JSON.stringify(result, null, 2));
  return status;
}

/** Turns settings into the trainer's options. */
export function sftTrainerOptions(
  config: Config,
  { student, plainText }: { student: LanguageModel; plainText?: { weight: number } },
): TrainerOptions {
  const { steps: totalSteps, microBatchSize, recompute } = config;
  return {
    student,
    totalSteps,
    microBatchSize,
    recompute,
    corpusWeight: plainText?.weight,
    ...optimizerOptionsOf(config),
  };
}

/** The folder of the tokenizer: the one that is set, or lies beside the model to begin with. */
export const sftTokenizer = ({ tokenizer, model }: Pick<Config, "tokenizer" | "model">): Promise<string> =>
  tokenizerFolderOf(tokenizer, model === undefined ? [] : [model]);

/** The model to begin with. */
export async function modelOf(
  config: Config,
  tokenizer: Tokenizer,
  origins?: Readonly<Record<string, string>>,
) {
  if (config.model !== undefined) {
    const model = await loadAdaptedModel(config.model);
    await adapt(model, { settings: config, base: config.model, origins });
    return model;
  }
  const { layers, hiddenSize, heads, contextLength, seed } = config;
  return initializeModel({
    model_type: "gpt2",
    architectures: ["GPT2LMHeadModel"],
    activation_function: "gelu_new",
    vocab_size: tokenizer.vocabularySize,
    n_positions: contextLength,
    n_embd: hiddenSize,
    n_head: heads,
    n_layer: layers,
    bos_token_id: tokenizer.endToken,
    eos_token_id: tokenizer.endToken,
  }, { seed });
}

if (import.meta.main) await runTask(main);
