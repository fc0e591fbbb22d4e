/**
 * The settings of the task prune.
 *
 * @module
 */
import { z } from "zod";
import type { PruneSizes } from "../../lib/models/prune/cut_sizes.ts";
import { type Effect, given, is } from "./effects.ts";
import { flagOf, inGroup, seedField } from "./field.ts";
import type { TaskHelp } from "./help.ts";
import { layerChoices } from "./prune_layers.ts";
import { dataFields, engineFields } from "./training_fields.ts";

const { testRows: _, ...splitFields } = dataFields;
const { precision: __, ...float32Fields } = engineFields;

/** The settings of the task. */
const schema = z.strictObject({
  model: z.string().min(1).describe("folder or repository of the model to prune; the first argument without a flag"),
  output: z.string().min(1).default("runs/start").describe("folder of the smaller model; it must not exist yet"),
  overwrite: z.boolean().default(false).describe("replace the folder of --output"),
  format: z.enum(["F32", "F16", "BF16"]).default("F32").describe("how the smaller model's weights are stored"),
  ...inGroup("Sizes, unchanged if absent", {
    layers: z.string().min(1).optional().describe("blocks to keep: a number, or their indices such as 0,2,5"),
    chooseLayers: z.enum(layerChoices).default("influence").describe(
      "for a number of blocks: evenly spaced ones; those that change the states the most; or those that remain after " +
        "repeatedly dropping the block with the least effect on the loss, which takes long",
    ),
    hidden: z.int().min(1).optional().describe("hidden width"),
    ffn: z.int().min(1).optional().describe("width of inner layers"),
    heads: z.int().min(1).optional().describe("query heads; whole groups that share a key if the number allows it"),
    keyValueHeads: z.int().min(1).optional().describe("key and value heads; as follows from --heads if absent"),
    experts: z.int().min(1).optional().describe("experts of each block: those that the most positions are sent to"),
    vocabulary: z.string().min(1).optional().describe(
      "tokens to keep: folder of a tokenizer whose tokens the model's has, or a file with one token per line",
    ),
  }),
  ...splitFields,
  ...inGroup("Data", {
    rows: z.int().min(1).default(32).describe("rows of the train split used to choose blocks and units"),
    batchSize: z.int().min(1).default(8).describe("rows processed at once"),
    seed: seedField(1).describe("seed of the rows"),
  }),
  ...float32Fields,
});

/** The settings, as they are parsed. */
export type PruneConfig = z.output<typeof schema>;

/** Which settings count only beside others. */
const effects: readonly Effect<keyof PruneConfig>[] = [
  { of: ["chooseLayers"], needs: [given("layers")] },
  { of: ["kinds"], needs: [is("data", "wordnet")] },
];

/** How `--help` of the task starts. */
const help: TaskHelp<keyof PruneConfig> = {
  first: ["model", "output", "layers", "chooseLayers", "hidden", "ffn", "heads", "data", "engine"],
  examples: [
    "deno task prune DIR --layers 12 --ffn 1024 --data DIR --engine torch",
    "deno task prune DIR --layers 0,1,2,5,8,11 --output runs/six",
    "deno task prune DIR --hidden 512 --heads 8 --ffn 1024 --data DIR",
  ],
};

/** The task, as its command line is read. */
export const pruneTask = {
  name: "prune",
  description:
    "Cut a student's start out of a teacher: fewer blocks, hidden dimensions, inner units, heads and experts.",
  schema,
  help,
  effects,
};

/** What the library's sizes are called by flags. */
const names = {
  layers: flagOf("layers"),
  hiddenSize: flagOf("hidden"),
  innerSize: flagOf("ffn"),
  heads: flagOf("heads"),
  keyValueHeads: flagOf("keyValueHeads"),
  experts: flagOf("experts"),
};

/** The sizes of the smaller model, except for blocks and tokens. */
export function sizesOf(
  { hidden: hiddenSize, ffn: innerSize, heads, keyValueHeads, experts }: PruneConfig,
): PruneSizes {
  return { hiddenSize, innerSize, heads, keyValueHeads, experts, names };
}
