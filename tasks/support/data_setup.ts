/**
 * What the task data is set up from: its settings, the files, and what is to be made of them.
 *
 * @module
 */
import { join } from "node:path";
import { z } from "zod";
import type { PreparedManifest, SplitName } from "../../lib/datasets/prepare/manifest.ts";
import type { InstructionPlan, PrepareDataOptions, TextPlan } from "../../lib/datasets/prepare/prepare_options.ts";
import type { Communicator } from "../../lib/distributed/communicator.ts";
import { onFirstRank } from "../../lib/distributed/first_rank.ts";
import { exists } from "../../lib/files/exists.ts";
import type { HubOptions } from "../../lib/hub/download_repository.ts";
import { modelFolder } from "../../lib/hub/model_folder.ts";
import { modelConfigOf } from "../../lib/models/model_config_of.ts";
import { readTokenizerTexts } from "../../lib/text/tokenizer_texts.ts";
import { DATA_SOURCES, type DataKind, type DataSource, fetchSource } from "./data_sources.ts";
import { absent, type Effect, type Settings, where } from "./effects.ts";
import { inGroup, seedField } from "./field.ts";
import type { TaskHelp } from "./help.ts";
import { lengthFields, lengthsWithin } from "./length_fields.ts";
import { ranksFields } from "./ranks.ts";
import { countsTable } from "./ready_corpus.ts";
import { fieldsOf, longFields, nameFields, promptField } from "./row_fields.ts";
import { tokenizerFolderOf } from "./tokenizer_folder.ts";
import { UsageError } from "./usage_error.ts";

const names = Object.keys(DATA_SOURCES).join(", ");

/** The settings of the task data. */
const schema = z.strictObject({
  name: z.string().min(1).describe(`${names}, or your own name with --input; the flag may be omitted`),
  input: z.string().min(1).optional().describe(
    "file of JSON lines, as messages, instruction and output, or text for plain text; from the hub if absent",
  ),
  valid: z.string().min(1).optional().describe("file of the rows to validate on; held out of --input if absent"),
  test: z.string().min(1).optional().describe("file of the rows to be answered; held out of --input if absent"),
  kind: z.enum(["training", "evaluation", "text"]).optional().describe(
    "training rows, rows to be answered only, or plain text; set by known names, otherwise training",
  ),
  output: z.string().min(1).optional().describe("output folder; prepared/<name> if absent"),
  tokenizer: z.string().min(1).optional().describe(
    "folder or repository of the tokenizer; if absent the one beside --model, else data/tokenizer",
  ),
  revision: z.string().min(1).optional().describe("revision of the data set on the hub"),
  ...inGroup("Prompts and lengths", {
    ...promptField,
    model: z.string().min(1).optional().describe(
      "folder or repository of the model that will read the rows: lengths fit its context; if absent, one in the " +
        "tokenizer's folder",
    ),
    maxPromptLength: lengthFields.maxPromptLength.describe(
      "maximum prompt tokens; if absent 256, or three quarters of a shorter context",
    ),
    maxLength: lengthFields.maxLength.describe(
      "maximum tokens of prompt and response, or of a window of plain text; if absent 512, or the model's context if " +
        "that is less",
    ),
    ...longFields,
  }),
  ...inGroup("Rows held out", {
    validRows: z.int().min(0).optional().describe("rows held out for validation; a tenth, at most 1000, if absent"),
    testRows: z.int().min(0).optional().describe("rows held out for tests; a tenth, at most 500, if absent"),
    seed: seedField(1).describe("seed of the rows that are held out"),
    firstRows: z.boolean().optional().describe("hold out the first rows, as the official code does with dolly"),
  }),
  ...inGroup("Names in the file", {
    ...nameFields,
  }),
  tokens: z.int().min(2).default(10_000_000).describe("maximum tokens of plain text"),
  workers: z.int().min(0).optional().describe("workers per rank; the number of cores if absent"),
  ...ranksFields,
});

/** The settings, as they are parsed. */
export type DataConfig = z.output<typeof schema>;

/** The data set of a name, where it has one. */
const sourceOf = (name: unknown): DataSource | undefined =>
  typeof name === "string" && Object.hasOwn(DATA_SOURCES, name) ? DATA_SOURCES[name] : undefined;
const kindOf = ({ kind, name }: Settings) => kind ?? sourceOf(name)?.kind ?? "training";
const ofKind = (...kinds: DataKind[]) =>
  where<keyof DataConfig>(`--kind ${kinds.join(" or ")}`, ["name", "kind"], (settings) => {
    return kinds.includes(kindOf(settings) as DataKind);
  });
const holdsOut = where<keyof DataConfig>("rows to be held out", ["valid", "test"], ({ valid, test }) => {
  return valid === undefined || test === undefined;
});
const drawsRows = where<keyof DataConfig>("--no-first-rows", ["name", "firstRows"], ({ firstRows, name }) => {
  return !(firstRows ?? sourceOf(name)?.firstRows ?? false);
});

/** Which settings count only beside others. */
const effects: readonly Effect<keyof DataConfig>[] = [
  { of: ["tokens"], needs: [ofKind("text")] },
  {
    of: ["prompt", "maxPromptLength", "longPrompts", "instructionField", "inputField", "outputField"],
    needs: [ofKind("training", "evaluation")],
  },
  { of: ["longRows", "testRows"], needs: [ofKind("training")], silent: [0] },
  { of: ["validRows"], needs: [ofKind("training", "text"), absent("valid")], silent: [0] },
  { of: ["testRows"], needs: [absent("test")], silent: [0] },
  { of: ["seed", "firstRows"], needs: [ofKind("training"), holdsOut] },
  { of: ["seed"], needs: [drawsRows] },
  { of: ["revision"], needs: [absent("input")] },
];

/** How `--help` of the task starts. */
const help: TaskHelp<keyof DataConfig> = {
  first: ["name", "input", "valid", "test", "kind", "output", "tokenizer", "maxPromptLength", "maxLength"],
  examples: [
    "deno task data dolly --tokenizer openai-community/gpt2",
    "deno task data mine --input mine.jsonl",
    "deno task data books --input books.jsonl --kind text",
  ],
};

/** The task, as its command line is read. */
export const dataTask = {
  name: "data",
  description: "Prepare a data set: rows of tokens with an index, and their texts.",
  schema,
  help,
  effects,
};

/**
 * The data set that is fetched where no file is given.
 *
 * @throws {UsageError} If the name is that of none.
 */
function known(source: DataSource | undefined, name: string): DataSource {
  if (source) return source;
  throw new UsageError(`Cannot prepare ${name}: --input must name its file, unless it is one of ${names}`);
}

/**
 * The files that are given; undefined if none is.
 *
 * @throws {UsageError} If they do not go together.
 */
function inputsOf(
  { input, valid, test }: DataConfig,
  kind: DataKind,
): Partial<Record<SplitName, string>> | undefined {
  if (input === undefined && valid === undefined && test === undefined) return undefined;
  if (kind !== "training" && (valid !== undefined || test !== undefined)) {
    throw new UsageError(`Cannot use --${valid ? "valid" : "test"}: there is only one file, --input, of kind ${kind}`);
  }
  if (input === undefined) throw new UsageError("Cannot use --valid or --test: --input is needed");
  if (kind === "evaluation") return { test: input };
  return { train: input, ...(valid && { valid }), ...(test && { test }) };
}

/** The context of the model that will read the rows; nothing binds them where none is known. */
async function contextFor({ model }: DataConfig, tokenizerFolder: string): Promise<number> {
  if (model !== undefined) return (await modelConfigOf(model)).contextLength;
  if (!await exists(join(tokenizerFolder, "config.json"))) return Infinity;
  return (await modelConfigOf(tokenizerFolder)).contextLength;
}

/** What is to be made of the rows. */
function planOf(
  config: DataConfig,
  { kind, source, contextLength }: { kind: DataKind; source: DataSource | undefined; contextLength: number },
): InstructionPlan | TextPlan {
  const { longPrompts, longRows, validRows, testRows, tokens } = config;
  const { maxPromptLength, maxLength } = lengthsWithin(config, contextLength);
  if (kind === "text") return { kind, window: maxLength, tokens, validRows: validRows ?? 0 };
  const first = config.firstRows ?? source?.firstRows ?? false;
  return {
    kind: "instructions",
    maxPromptLength,
    maxLength,
    longPrompts,
    longRows,
    validRows,
    testRows,
    ...(first ? {} : { seed: config.seed }),
    style: config.prompt,
    fields: fieldsOf(config),
  };
}

/**
 * What is prepared, from which files: they are fetched where they are not given.
 *
 * @throws {UsageError} If the settings do not go together.
 */
export async function preparationOf(
  config: DataConfig,
  { communicator, hub }: { communicator: Communicator; hub: HubOptions },
): Promise<Pick<PrepareDataOptions, "name" | "inputs" | "plan" | "tokenizer" | "workers">> {
  const { name, model, revision, workers = navigator.hardwareConcurrency } = config;
  const source = sourceOf(name);
  const kind = config.kind ?? source?.kind ?? "training";
  const named = await tokenizerFolderOf(config.tokenizer, model === undefined ? [] : [model]);
  const folder = await onFirstRank(communicator, () => modelFolder(named, { wanted: "tokenizer", hub }));
  const plan = planOf(config, { kind, source, contextLength: await contextFor(config, folder) });
  const tokenizer = { ...await readTokenizerTexts(folder), name: folder };
  const inputs = inputsOf(config, kind) ??
    await onFirstRank(communicator, () => fetchSource(known(source, name), { ...hub, revision }));
  return { name, inputs, plan, tokenizer, workers };
}

/** What became of each split's rows. */
export function splitsTable({ splits }: PreparedManifest): string {
  return countsTable(
    Object.entries(splits).map(([split, { rows, tokens, responseTokens: learnt, cut, dropped }]) => {
      const leftOut = dropped.prompts + dropped.rows + dropped.empty;
      const counts = { rows, tokens, learnt, promptsCut: cut.prompts, responsesCut: cut.responses, leftOut };
      return { split: split as SplitName, ...counts };
    }),
  );
}
