/**
 * Cuts a student's start out of a teacher: fewer blocks, narrower states, inner layers and heads.
 *
 *     deno task prune FOLDER --layers 12 --ffn 1024 --output runs/start
 */
import { z } from "zod";
import { exists } from "../lib/files/exists.ts";
import { writeFolderAtomically } from "../lib/files/atomic_folder.ts";
import type { LanguageModel } from "../lib/models/language_model.ts";
import { pruneModel } from "../lib/models/prune.ts";
import { widthsOfConfig } from "../lib/models/prune/cut_sizes.ts";
import { saveModel } from "../lib/models/save_model.ts";
import { loadTokenizer } from "../lib/text/tokenizer.ts";
import type { Tokenizer } from "../lib/text/tokenizer_interface.ts";
import { validationLoss } from "../lib/training/run/validation_loss.ts";
import { lockFolder } from "./support/claimed_folder.ts";
import { type Effect, given, is } from "./support/effects.ts";
import { flagOf, inGroup, seedField } from "./support/field.ts";
import type { TaskHelp } from "./support/help.ts";
import { limitTo } from "./support/limit_vocabulary.ts";
import { loadWhole } from "./support/load_whole.ts";
import { withFirst } from "./support/positional.ts";
import { progress } from "./support/progress.ts";
import { chosenLayers, layerChoices } from "./support/prune_layers.ts";
import { keptVocabulary } from "./support/prune_vocabulary.ts";
import { readTexts, readyCorpus } from "./support/ready_corpus.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { type Cell, formatTable } from "./support/table.ts";
import { useTaskEngine } from "./support/task_engine.ts";
import { tokenizerFolderOf } from "./support/tokenizer_folder.ts";
import { dataFields, engineFields } from "./support/training_fields.ts";
import { UsageError } from "./support/usage_error.ts";

const { testRows: _, ...splitFields } = dataFields;
const { precision: __, ...float32Fields } = engineFields;

/** The settings of the task. */
export const schema = z.strictObject({
  model: z.string().min(1).describe("folder or repository of the model that is cut; the first argument without a flag"),
  output: z.string().min(1).default("runs/start").describe("folder of the smaller model; it must not be there yet"),
  overwrite: z.boolean().default(false).describe("replace the folder of --output"),
  format: z.enum(["F32", "F16", "BF16"]).default("F32").describe("how the smaller model's weights are stored"),
  ...inGroup("Sizes, as they are if absent", {
    layers: z.string().min(1).optional().describe("blocks that are kept: a number, or their places such as 0,2,5"),
    chooseLayers: z.enum(layerChoices).default("influence").describe(
      "a number of blocks: at equal distances; those that turn states the most; or those that are left when the block " +
        "whose loss is the least is dropped again and again, which takes long",
    ),
    hidden: z.int().min(1).optional().describe("width of states"),
    ffn: z.int().min(1).optional().describe("width of inner layers"),
    heads: z.int().min(1).optional().describe("heads of the query; whole groups that share a key where it divides"),
    keyValueHeads: z.int().min(1).optional().describe("heads of key and value; what --heads leaves if absent"),
    vocabulary: z.string().min(1).optional().describe(
      "tokens that are kept: folder of a tokenizer whose tokens the model's has, or a file of tokens, a line each",
    ),
  }),
  ...splitFields,
  ...inGroup("Data", {
    rows: z.int().min(1).default(32).describe("rows of the train split that blocks and units are chosen by"),
    batchSize: z.int().min(1).default(8).describe("rows worked on at once"),
    seed: seedField(1).describe("decides the rows"),
  }),
  ...float32Fields,
});

type Config = z.output<typeof schema>;

const effects: readonly Effect<keyof Config>[] = [
  { of: ["chooseLayers"], needs: [given("layers")] },
  { of: ["kinds"], needs: [is("data", "wordnet")] },
];

const help: TaskHelp<keyof Config> = {
  first: ["model", "output", "layers", "chooseLayers", "hidden", "ffn", "heads", "data", "engine"],
  examples: [
    "deno task prune DIR --layers 12 --ffn 1024 --data DIR --engine torch",
    "deno task prune DIR --layers 0,1,2,5,8,11 --output runs/six",
    "deno task prune DIR --hidden 512 --heads 6 --ffn 1024 --data DIR",
  ],
};

/**
 * Runs the task.
 *
 * @param args The flags.
 */
export async function main(args: readonly string[]): Promise<void> {
  const description = "Cut a student's start out of a teacher: fewer blocks, narrower states, inner layers and heads.";
  const flags = withFirst(args, "--model");
  const { config, origins } = await parseTask({ name: "prune", description, schema, args: flags, help, effects });
  const { output, model: path } = config;
  using _lock = await lockFolder(output);
  if (!config.overwrite && await exists(output)) {
    throw new UsageError(
      `Cannot write ${output}: it is there already; --overwrite replaces it, --output names another`,
    );
  }
  await useTaskEngine(config.engine, { device: config.device });
  const folder = await tokenizerFolderOf(config.tokenizer, [path]);
  const tokenizer = await loadTokenizer(folder);
  const model = limitTo(await loadWhole(path), tokenizer);
  const vocabulary = await keptVocabulary(config.vocabulary, { tokenizer, folder });
  const texts = await readTexts(config, { counts: { train: config.rows, valid: config.validRows }, origins, say });
  const { contextLength } = model.config;
  const rowsBy = (tokenizer: Tokenizer) => readyCorpus(texts, { settings: config, tokenizer, contextLength, say });
  const { train, valid } = rowsBy(tokenizer);

  const layers = await chosenLayers(model, { ...config, rows: train });
  if (layers) say(`layers that are kept: ${layers.join()}`);
  const rows = train.map(({ ids }) => ids);
  const smaller = limitTo(await cut(model, { config, layers, vocabulary: vocabulary.ids, rows }), vocabulary.tokenizer);
  const validAfter = vocabulary.ids ? rowsBy(vocabulary.tokenizer).valid : valid;
  const { batchSize } = config;
  const losses = [
    await validationLoss(model, valid, { batchSize }),
    await validationLoss(smaller, validAfter, { batchSize }),
  ];
  await writeFolderAtomically(output, async (folder) => {
    await saveModel(smaller, folder, { format: config.format });
    await vocabulary.tokenizer.save(folder);
  });
  const lines = [model, smaller].map((each, index) => [["before", "after"][index], ...sizesOf(each), losses[index]]);
  console.log(`${formatTable([head, ...lines], { decimals: 4 })}\n\n${output}`);
}

const head = ["", "layers", "hidden", "ffn", "heads", "key heads", "tokens", "parameters", "valid loss"];

/** A model's cells of the table. */
function sizesOf({ config, parameterCount }: LanguageModel): Cell[] {
  const { hidden, inner, heads, keyValueHeads, vocabulary } = widthsOfConfig(config);
  return [config.layers, hidden, inner, heads, keyValueHeads, vocabulary, parameterCount];
}

const say = (text: string) => console.error(text);

interface CutSettings {
  config: Config;
  layers?: readonly number[];
  vocabulary?: readonly number[];
  rows: readonly (readonly number[])[];
}

/** What the library's sizes are called by flags. */
const names = {
  layers: flagOf("layers"),
  hiddenSize: flagOf("hidden"),
  innerSize: flagOf("ffn"),
  heads: flagOf("heads"),
  keyValueHeads: flagOf("keyValueHeads"),
};

async function cut(model: LanguageModel, { config, layers, vocabulary, rows }: CutSettings): Promise<LanguageModel> {
  const { hidden: hiddenSize, ffn: innerSize, heads, keyValueHeads, batchSize } = config;
  const bar = progress({ label: "activations", total: rows.length });
  const onRows = (step: number) => bar.update({ step });
  try {
    const sizes = { layers, hiddenSize, innerSize, heads, keyValueHeads, vocabulary, names };
    return await pruneModel(model, { ...sizes, rows, batchSize, onRows });
  } catch (cause) {
    if (!(cause instanceof RangeError)) throw cause;
    throw new UsageError(cause.message, { cause });
  } finally {
    bar.done();
  }
}

if (import.meta.main) await runTask(main);
