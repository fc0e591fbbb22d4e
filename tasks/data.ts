/**
 * Prepares a data set: tokenized once, on all cores, for `--data` of other tasks.
 *
 *     deno task data dolly --tokenizer openai-community/gpt2
 *     deno task data mine --input mine.jsonl
 */
import { join } from "node:path";
import { z } from "zod";
import { modelConfigOf } from "../lib/models/model_config_of.ts";
import { type InstructionPlan, prepareData, type TextPlan } from "../lib/datasets/prepare/prepare_data.ts";
import type { PreparedManifest, SplitName } from "../lib/datasets/prepare/manifest.ts";
import { onFirstRank } from "../lib/distributed/first_rank.ts";
import { exists } from "../lib/files/exists.ts";
import { modelFolder } from "../lib/hub/model_folder.ts";
import { readTokenizerFiles } from "../lib/text/tokenizer_files.ts";
import { DATA_SOURCES, type DataKind, type DataSource, fetchSource } from "./support/data_sources.ts";
import { downloadBars } from "./support/download_bars.ts";
import { inGroup, seedField } from "./support/field.ts";
import { absent, type Effect, type Settings, where } from "./support/effects.ts";
import type { TaskHelp } from "./support/help.ts";
import { onInterrupt } from "./support/interrupt.ts";
import { lengthFields, lengthsWithin } from "./support/length_fields.ts";
import { withFirst } from "./support/positional.ts";
import { progress } from "./support/progress.ts";
import { checkRunName } from "./support/run_folder.ts";
import { fieldsOf, longFields, nameFields, promptField } from "./support/row_fields.ts";
import { joinProcesses, ranksFields } from "./support/ranks.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { formatTable } from "./support/table.ts";
import { tokenizerFolderOf } from "./support/tokenizer_folder.ts";
import { UsageError } from "./support/usage_error.ts";

const names = Object.keys(DATA_SOURCES).join(", ");

const schema = z.strictObject({
  name: z.string().min(1).describe(`${names}, or a name of yours with --input; it may stand without its flag`),
  input: z.string().min(1).optional().describe(
    "file of JSON lines, as messages, instruction and output, or text for plain text; from the hub if absent",
  ),
  valid: z.string().min(1).optional().describe("file of the rows to validate on; held out of --input if absent"),
  test: z.string().min(1).optional().describe("file of the rows to be answered; held out of --input if absent"),
  kind: z.enum(["training", "evaluation", "text"]).optional().describe(
    "rows to learn from, rows to be answered only, or plain text; as the name says, training for other names",
  ),
  output: z.string().min(1).optional().describe("folder to make; prepared/<name> if absent"),
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
      "tokens that a prompt may have; if absent 256, or three quarters of a shorter context",
    ),
    maxLength: lengthFields.maxLength.describe(
      "tokens that prompt and response may have, of plain text a window; if absent 512, or the model's context where " +
        "that is less",
    ),
    ...longFields,
  }),
  ...inGroup("Rows held out", {
    validRows: z.int().min(0).optional().describe("rows held out for validation; a tenth, at most 1000, if absent"),
    testRows: z.int().min(0).optional().describe("rows held out for tests; a tenth, at most 500, if absent"),
    seed: seedField(1).describe("draws the rows that are held out"),
    firstRows: z.boolean().optional().describe("hold out the first rows, as the official code does with dolly"),
  }),
  ...inGroup("Names in the file", {
    ...nameFields,
  }),
  tokens: z.int().min(2).default(10_000_000).describe("tokens of plain text, at most"),
  workers: z.int().min(0).optional().describe("workers of each rank; as many as there are cores if absent"),
  ...ranksFields,
});

type Config = z.output<typeof schema>;

const sourceOf = (name: unknown): DataSource | undefined =>
  typeof name === "string" && Object.hasOwn(DATA_SOURCES, name) ? DATA_SOURCES[name] : undefined;
const kindOf = ({ kind, name }: Settings) => kind ?? sourceOf(name)?.kind ?? "training";
const ofKind = (...kinds: DataKind[]) =>
  where<keyof Config>(`--kind ${kinds.join(" or ")}`, ["name", "kind"], (settings) => {
    return kinds.includes(kindOf(settings) as DataKind);
  });
const holdsOut = where<keyof Config>("rows to be held out", ["valid", "test"], ({ valid, test }) => {
  return valid === undefined || test === undefined;
});
const drawsRows = where<keyof Config>("--no-first-rows", ["name", "firstRows"], ({ firstRows, name }) => {
  return !(firstRows ?? sourceOf(name)?.firstRows ?? false);
});

const effects: readonly Effect<keyof Config>[] = [
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

const help: TaskHelp<keyof Config> = {
  first: ["name", "input", "valid", "test", "kind", "output", "tokenizer", "maxPromptLength", "maxLength"],
  examples: [
    "deno task data dolly --tokenizer openai-community/gpt2",
    "deno task data mine --input mine.jsonl",
    "deno task data books --input books.jsonl --kind text",
  ],
};

/**
 * Runs the task.
 *
 * @param args The flags.
 * @returns The exit status.
 */
export async function main(args: readonly string[]): Promise<number> {
  const description = "Prepare a data set: rows of tokens with an index, and their texts.";
  const { config } = await parseTask({
    name: "data",
    description,
    schema,
    args: withFirst(args, "--name"),
    help,
    effects,
  });
  const { name, output = join("prepared", name), workers = navigator.hardwareConcurrency } = config;
  checkRunName(name);
  const source = sourceOf(name);
  const kind = config.kind ?? source?.kind ?? "training";
  const communicator = await joinProcesses(config);
  const first = communicator.rank === 0;
  const bars = downloadBars();
  using interrupt = onInterrupt({ announce: () => bars.log("stopping; nothing is left half done") });
  const { signal } = interrupt;
  const hub = { onProgress: bars.update, signal };
  try {
    const named = await tokenizerFolderOf(config.tokenizer, config.model === undefined ? [] : [config.model]);
    const folder = await onFirstRank(communicator, () => modelFolder(named, { wanted: "tokenizer", hub }));
    const plan = planOf(config, { kind, source, contextLength: await contextFor(config, folder) });
    const tokenizer = { ...await readTokenizerFiles(folder), name: folder };
    const inputs = inputsOf(config, kind) ??
      await onFirstRank(communicator, () => fetchSource(known(source, name), { ...hub, revision: config.revision }));
    bars.done();
    const began = performance.now();
    let bar: ReturnType<typeof progress> | undefined;
    const onProgress = (step: number, total: number) => {
      if (!first) return;
      bar ??= progress({ label: `${name} ${kind === "text" ? "tokens" : "rows"}`, total });
      bar.update({ step });
    };
    const { manifest, fresh } = await prepareData({
      name,
      output,
      inputs,
      plan,
      tokenizer,
      workers,
      communicator,
      onProgress,
      onWait: (holder) =>
        bars.log(`waiting for ${holder ? `process ${holder.pid}` : "another process"}, which prepares ${output}`),
      signal,
    });
    bar?.done();
    if (!first) return 0;
    const seconds = (performance.now() - began) / 1000;
    console.log(summary(manifest));
    console.log(fresh ? `\n${output} made in ${seconds.toFixed(1)} s` : `\n${output} is up to date; nothing was done`);
    return 0;
  } catch (error) {
    bars.done();
    if (signal.aborted) return 130;
    throw error;
  }
}

function known(source: DataSource | undefined, name: string): DataSource {
  if (source) return source;
  throw new UsageError(`Cannot prepare ${name}: --input must name its file, unless it is one of ${names}`);
}

function inputsOf({ input, valid, test }: Config, kind: DataKind): Partial<Record<SplitName, string>> | undefined {
  if (input === undefined && valid === undefined && test === undefined) return undefined;
  if (kind !== "training" && (valid !== undefined || test !== undefined)) {
    throw new UsageError(`Cannot use --${valid ? "valid" : "test"}: there is only one file, --input, of kind ${kind}`);
  }
  if (input === undefined) throw new UsageError("Cannot do without --input where --valid or --test is given");
  if (kind === "evaluation") return { test: input };
  return { train: input, ...(valid && { valid }), ...(test && { test }) };
}

/** The context of the model that will read the rows; nothing binds them where none is known. */
async function contextFor({ model }: Config, tokenizerFolder: string): Promise<number> {
  if (model !== undefined) return (await modelConfigOf(model)).contextLength;
  if (!await exists(join(tokenizerFolder, "config.json"))) return Infinity;
  return (await modelConfigOf(tokenizerFolder)).contextLength;
}

function planOf(
  config: Config,
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

function summary({ splits }: PreparedManifest): string {
  const head = ["", "rows", "tokens", "learnt", "prompts cut", "responses cut", "left out"];
  const lines = Object.entries(splits).map(([name, { rows, tokens, responseTokens, cut, dropped }]) => {
    const out = dropped.prompts + dropped.rows + dropped.empty;
    return [name, rows, tokens, responseTokens, cut.prompts, cut.responses, out];
  });
  return formatTable([head, ...lines]);
}

if (import.meta.main) await runTask(main);
