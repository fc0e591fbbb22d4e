/**
 * Settings that training tasks share.
 *
 * @module
 */
import { z } from "zod";
import { ENGINE_NAMES } from "../../lib/engines/engines.ts";
import type { WordNetKind } from "../../lib/datasets/wordnet_kinds.ts";
import { SCHEDULE_DEFAULTS } from "../../lib/training/optimizer/learning_rate.ts";
import { type OptimizerName, optimizerNames } from "../../lib/training/optimizer/rules.ts";
import { DISTILL_DEFAULTS } from "../../lib/training/run/distill_options.ts";
import { epochFields } from "./epochs.ts";
import { everyField, inGroup, seedField, switchWith } from "./field.ts";
import { rowFields } from "./row_fields.ts";
import { servedFields } from "./served_fields.ts";
import { tailFields } from "./tail_fields.ts";
import { measureFields, watchFields } from "./watch_fields.ts";

/** Where and how fast a task computes. */
export const engineFields = inGroup("Engine and devices", {
  engine: z.enum(["auto", ...ENGINE_NAMES]).default("wasm").describe(
    "the engine; wasm only needs npm packages",
  ),
  device: z.string().optional().describe(
    "the engine's device, such as cpu or cuda:0; its fastest if absent; with several GPUs, cuda assigns one to each rank",
  ),
  precision: z.enum(["float32", "bfloat16"]).default("float32").describe(
    "precision of storage and products; bfloat16 only on torch, trained weights stay in float32 too",
  ),
});

/** The run's folder, and how it is begun, saved and resumed. */
export const runFields = (name: string) => ({
  ...inGroup("Run and checkpoints", {
    name: z.string().default(name).describe("the run's name: its folder is runs/<name>/"),
    overwrite: z.boolean().default(false).describe(
      "replace a run of that name, which is removed when this one has finished",
    ),
    resume: switchWith(["auto"]).default(false).describe(
      "resume the run of that name from its last checkpoint, also with more steps than before; auto starts it if it does " +
        "not exist yet, and skips a broken checkpoint",
    ),
    stopAfter: z.int().min(1).optional().describe(
      "stop after this step, as with Ctrl-C; schedules still span --steps",
    ),
    saveEvery: everyField().default(DISTILL_DEFAULTS.saveEvery).describe(
      "steps between checkpoints; --resume can extend a run from one at its end; one is saved when interrupted",
    ),
    keepLast: z.int().min(1).default(DISTILL_DEFAULTS.keepLast).describe("number of last checkpoints to keep"),
    keepBest: z.boolean().default(DISTILL_DEFAULTS.keepBest).describe(
      "save and keep a checkpoint at each new lowest validation loss",
    ),
  }),
  ...watchFields,
});

/** What is trained and evaluated on. */
export const dataFields = {
  ...inGroup("Data", {
    tokenizer: z.string().optional().describe(
      "folder of the tokenizer; if absent the one beside the model, or data/tokenizer for the built-in models",
    ),
    data: z.string().default("wordnet").describe(
      '"wordnet", the built-in corpus; a folder with train.jsonl, valid.jsonl and test.jsonl; or a file of JSON lines, ' +
        "which is split",
    ),
    kinds: z.string().optional().describe("kinds of questions of the built-in corpus, joined by commas; all if absent"),
    validRows: z.int().min(1).default(320).describe("number of rows for the validation loss"),
    testRows: z.int().min(1).default(400).describe("number of rows answered at the end"),
  }),
  ...rowFields,
};

/** The kinds that a setting names; they are checked where rows are made. */
export const kindsOf = (kinds: string | undefined) => kinds?.split(",").map((kind) => kind.trim() as WordNetKind);

/** Where tasks differ in their defaults. */
type OptimizerDefaults = Record<"learningRate" | "steps" | "batchSize" | "warmupSteps", number>;

/** The optimizer and its schedule. */
export const optimizerFields = ({ learningRate, steps, batchSize, warmupSteps }: OptimizerDefaults) =>
  inGroup("Optimizer and length", {
    steps: z.int().min(1).default(steps).describe("optimizer steps"),
    ...epochFields,
    batchSize: z.int().min(1).default(batchSize).describe("rows per step"),
    microBatchSize: z.int().min(1).optional().describe("rows processed at once; all of a step's if absent"),
    recompute: z.boolean().default(false).describe(
      "recompute each block in the backward pass: less memory, more work, the same result",
    ),
    optimizer: z.enum(optimizerNames).default("adamw").describe(
      "update rule; lion needs a 3 to 10 times smaller learning rate and a correspondingly larger weight decay",
    ),
    learningRate: z.number().positive().default(learningRate).describe("peak of the learning rate"),
    schedule: z.enum(["cosine", "constant", "noam", "polynomial"]).default(SCHEDULE_DEFAULTS.name).describe(
      "learning rate schedule after the warm-up",
    ),
    schedulePower: z.number().positive().default(SCHEDULE_DEFAULTS.power).describe(
      "polynomial: its exponent; 1 is a straight line",
    ),
    minimumLearningRate: z.number().min(0).default(SCHEDULE_DEFAULTS.minimum).describe(
      "the lowest learning rate after the warm-up",
    ),
    warmupSteps: z.int().min(0).default(warmupSteps).describe("steps over which the learning rate rises"),
    weightDecay: z.number().min(0).default(0.01).describe("weight decay of matrices; biases and norms are not decayed"),
    clipNorm: z.number().min(0).default(1).describe("maximum gradient norm; 0 for no clipping"),
    ema: z.number().min(0).lt(1).optional().describe(
      "decay of a moving average of the weights, which is also validated and saved; none if absent",
    ),
    maxSkippedSteps: z.int().min(0).default(0).describe(
      "number of steps with a non-finite loss or gradient to skip before one ends the run",
    ),
    validateEvery: everyField().default(DISTILL_DEFAULTS.validateEvery).describe("steps between validations"),
    seed: seedField(DISTILL_DEFAULTS.seed).describe("seed of the rows, their order and all other draws"),
  });

/** The settings of {@linkcode optimizerFields}, as they are parsed. */
export interface OptimizerSettings {
  optimizer: OptimizerName;
  learningRate: number;
  minimumLearningRate: number;
  warmupSteps: number;
  weightDecay: number;
  clipNorm: number;
  schedule: "cosine" | "constant" | "noam" | "polynomial";
  schedulePower: number;
  ema?: number;
}

/** Turns settings into the trainer's options. */
export function optimizerOptionsOf(settings: OptimizerSettings) {
  const { learningRate, minimumLearningRate: minimum, warmupSteps, weightDecay, clipNorm } = settings;
  const { optimizer: rule, schedule: name, schedulePower: power, ema } = settings;
  return {
    optimizer: { rule, learningRate, weightDecay, clipNorm },
    schedule: { name, minimum, warmupSteps, power },
    averageDecay: ema,
  };
}

/** Settings of a run's folder and of what is written beside its result. */
export const recordingSettings: ReadonlySet<string> = new Set([
  "name",
  "overwrite",
  "resume",
  "stopAfter",
  "saveEvery",
  "keepLast",
  "keepBest",
  ...Object.keys(watchFields),
]);

/**
 * Settings that do not decide what a run ends in: a checkpoint may be resumed with others. The precision does, but
 * is compared as part of the engine's identity.
 */
const free = new Set([
  ...recordingSettings,
  "format",
  // A checkpoint itself knows its run's length, and whether another one is possible.
  "steps",
  "epochs",
  ...Object.keys(measureFields),
  "loraMerge",
  "engine",
  "device",
  "precision",
  "microBatchSize",
  "validateEvery",
  "validRows",
  "testRows",
  "recompute",
  "teacherCache",
  "teacherCacheFolder",
  "teacherCacheType",
  "teacherCacheBits",
  // The teacher itself says what of these decides.
  ...Object.keys(servedFields),
  ...Object.keys(tailFields),
  "distributed",
  "shardOptimizer",
  // Folders may be moved: models, rows and what they are made with are compared by content.
  "teacher",
  "teacherWeights",
  "teacherAlpha",
  "teacherField",
  "teacherPromptField",
  "crossTokenizer",
  "student",
  "teacherAdapter",
  "studentAdapter",
  "model",
  "tokenizer",
  "data",
  "text",
  ...Object.keys(rowFields),
]);

/** The settings that decide what a run ends in. */
export function decisiveSettings(config: Readonly<Record<string, unknown>>): Record<string, unknown> {
  return Object.fromEntries(Object.entries(config).filter(([key]) => !free.has(key)));
}
