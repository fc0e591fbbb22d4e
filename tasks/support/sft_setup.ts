/**
 * What the task sft is set up from: its settings, the initial model, the trainer's options.
 *
 * @module
 */
import { z } from "zod";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import type { Tokenizer } from "../../lib/text/tokenizer_interface.ts";
import type { TrainerOptions } from "../../lib/training/step/trainer.ts";
import { textFields } from "./text_fields.ts";
import { inGroup, trainRowsField } from "./field.ts";
import type { TaskHelp } from "./help.ts";
import { adapt, loraFields } from "./lora_fields.ts";
import { ranksFields, shardFields } from "./ranks.ts";
import { tokenizerFolderOf } from "./tokenizer_folder.ts";
import { dataFields, engineFields, optimizerFields, optimizerOptionsOf, runFields } from "./training_fields.ts";

/** The settings of the task sft. */
export const sftSchema = z.strictObject({
  ...runFields("sft"),
  ...inGroup("Model", {
    model: z.string().optional().describe("folder of the initial model; a new one with the sizes below if absent"),
    layers: z.int().min(1).default(2).describe("blocks of a new model"),
    hiddenSize: z.int().min(1).default(96).describe("hidden width of a new model"),
    heads: z.int().min(1).default(4).describe("attention heads of a new model"),
    contextLength: z.int().min(8).default(128).describe("context length of a new model, in tokens"),
  }),
  ...loraFields,
  ...dataFields,
  ...textFields,
  ...inGroup("Data", {
    trainRows: trainRowsField(20_000),
  }),
  ...optimizerFields({ learningRate: 1e-3, steps: 500, batchSize: 32, warmupSteps: 50 }),
  ...engineFields,
  ...ranksFields,
  ...shardFields,
  ...inGroup("Run and checkpoints", {
    format: z.enum(["F32", "F16", "BF16"]).default("F16").describe("how the trained weights are stored"),
  }),
});

/** The settings, as they are parsed. */
export type SftConfig = z.output<typeof sftSchema>;

/** How `--help` of the task sft starts. */
export const sftHelp = {
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
} satisfies TaskHelp<keyof typeof sftSchema.shape>;

/** Turns settings into the trainer's options. */
export function sftTrainerOptions(
  config: SftConfig,
  plainText?: { weight: number },
): Omit<TrainerOptions, "student"> {
  const { steps: totalSteps, microBatchSize, recompute } = config;
  return {
    totalSteps,
    microBatchSize,
    recompute,
    textWeight: plainText?.weight,
    ...optimizerOptionsOf(config),
  };
}

/** The folder of the tokenizer: the one that is set, or the one beside the initial model. */
export const sftTokenizer = ({ tokenizer, model }: Pick<SftConfig, "tokenizer" | "model">): Promise<string> =>
  tokenizerFolderOf(tokenizer, model === undefined ? [] : [model]);

/** The initial model. */
export async function modelOf(
  config: SftConfig,
  tokenizer: Tokenizer,
  origins?: Readonly<Record<string, string>>,
) {
  if (config.model !== undefined) {
    const model = await loadModel(config.model);
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
