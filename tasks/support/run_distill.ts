/**
 * A run of the task distill, from its settings to its report.
 *
 * @module
 */
import { join } from "node:path";
import { onFirstRank } from "../../lib/distributed/first_rank.ts";
import { writeAtomically } from "../../lib/files/atomic_write.ts";
import type { RunResult } from "../../lib/figures/run_result.ts";
import { endTokensOf } from "../../lib/models/generation/end_tokens.ts";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import { teacherWarnings } from "../../lib/figures/run_words.ts";
import { writeReport } from "../../lib/figures/write_report.ts";
import { loadTokenizer, type Tokenizer } from "../../lib/text/tokenizer.ts";
import { runMemory } from "../../lib/training/memory/run_memory.ts";
import { beginRun, writeRecord } from "./begin_run.ts";
import { type ClaimedFolder, foreignFolder } from "./claimed_folder.ts";
import { plainTextOf } from "./corpus_fields.ts";
import {
  type DistillConfig,
  distillTokenizer,
  loadStudent,
  loadTeacher,
  mixtureOf,
  type ModelPair,
  objectiveText,
  trainerOptionsOf,
} from "./distill_setup.ts";
import { inSteps } from "./epochs.ts";
import { followRun } from "./follow_run.ts";
import { checkNewTokens } from "./length_fields.ts";
import { saveTrained } from "./lora_fields.ts";
import { availableMemory, memoryTable } from "./machine_memory.ts";
import { agreeOnVocabulary } from "./one_vocabulary.ts";
import { supplyOptionsOf } from "./policy_fields.ts";
import { openSharedRunFolder } from "./run_folder.ts";
import { constantScores, type ScoresAndAnswers, scoresOf } from "./scores.ts";
import { folderState, type SharedWork, unshared } from "./shared_work.ts";
import { engineMark } from "./task_engine.ts";
import { readTexts, type ReadyCorpus, readyCorpus } from "./ready_corpus.ts";
import { rowFields } from "./row_fields.ts";
import { decisiveSettings } from "./training_fields.ts";
import { endTokenBeside } from "./teacher_end.ts";
import { keepingTeacher } from "./teacher_cache_fields.ts";
import { placeOf } from "./place.ts";
import { type Joined, joinRanks, resumeHint } from "./ranks.ts";

/** Options for {@linkcode runDistill}. */
export interface RunDistillOptions {
  /** Where run folders are made. */
  root: string;
  /**
   * Where settings came from, by key: flags and files.
   *
   * @default {nowhere}
   */
  origins?: Readonly<Record<string, string>>;
  /**
   * What the progress bar calls the run.
   *
   * @default {"distill"}
   */
  label?: string;
  /**
   * Stops the run, instead of Ctrl-C.
   *
   * @default {Ctrl-C}
   */
  signal?: AbortSignal;
  /**
   * The message on how to resume a run that was stopped.
   *
   * @default {the task's command}
   */
  hint?: string;
  /**
   * Work that other runs have done.
   *
   * @default {nothing is shared}
   */
  shared?: SharedWork;
}

/** The outcome of a run: its result, or undefined if it was stopped or only planned. */
export interface RunOutcome {
  status: 0 | 130;
  folder: string;
  result?: RunResult;
}

/** What is loaded before a run begins. */
interface Loaded extends ModelPair, Joined {
  folder: ClaimedFolder;
  tokenizer: Tokenizer;
  corpus: ReadyCorpus;
}

/**
 * Runs to the end, or until the signal; the run's folder then holds what the task distill promises.
 *
 * @param given The settings.
 * @param options Where, and what is shared with other runs.
 * @throws {Error} If a setting is invalid, a file is missing or broken, or the run diverges.
 */
export async function runDistill(given: DistillConfig, options: RunDistillOptions): Promise<RunOutcome> {
  const { shared = unshared, origins = {} } = options;
  const began = performance.now();
  mixtureOf(given);
  const ranks = await joinRanks(given);
  const config = { ...given, tokenizer: await distillTokenizer(given) };
  const { root } = options;
  await using folder = config.dryRun
    ? foreignFolder(join(root, config.name))
    : await openSharedRunFolder(config.name, { ...config, root, communicator: ranks.communicator });
  const tokenizer = await shared.once("tokenizer", config.tokenizer, () => loadTokenizer(config.tokenizer));
  const teacher = await shared.once("teacher", teacherKey(config), () => loadTeacher(config));
  const student = await loadStudent(config, origins);
  try {
    await agreeOnVocabulary(tokenizer, { student, teacher }, config);
    const contextLength = Math.min(...[student, teacher].map(({ config }) => config.contextLength));
    if (config.policy !== "off" && "maxNewTokens" in origins) checkNewTokens(config, contextLength);
    const counts = { train: config.trainRows, valid: config.validRows, test: config.testRows };
    const say = ranks.first ? (text: string) => console.error(text) : () => {};
    const texts = await shared.once("texts", corpusKey(config), () => readTexts(config, { counts, origins, say }));
    const corpus = readyCorpus(texts, { settings: config, tokenizer, contextLength, say });
    const inAll = inSteps(config, { rows: corpus.train.length, origins });
    return await runLoaded(inAll, { ...ranks, folder, tokenizer, teacher, student, corpus }, { ...options, began });
  } finally {
    student.dispose();
  }
}

const teacherKey = (config: DistillConfig): string => {
  const { teacher, teacherAdapter, engine, device, precision, teacherPrecision = precision } = config;
  return JSON.stringify([teacher, teacherAdapter, engine, device, precision, teacherPrecision]);
};
const corpusKey = (config: DistillConfig): string => {
  const { data, trainRows, validRows, testRows, seed, kinds } = config;
  const settings = Object.keys(rowFields).map((key) => config[key as keyof DistillConfig]);
  return JSON.stringify([data, trainRows, validRows, testRows, seed, kinds, settings]);
};

async function runLoaded(
  config: DistillConfig & { tokenizer: string },
  loaded: Loaded,
  options: RunDistillOptions & { began: number },
): Promise<RunOutcome> {
  const { communicator, engine, first, folder, tokenizer, teacher, student, corpus } = loaded;
  const say = first ? (text: string) => console.error(text) : () => {};
  const { label = "distill", signal, shared = unshared, began } = options;
  const plainText = await plainTextOf(config, { student, tokenizer });
  const { path } = folder;
  const place = { run: path, shared: shared.folder, key: teacherKey(config) };
  // Runs that share the teacher and the order of the rows share what it has of them in memory, too.
  const { tokenizer: tokens, batchSize, microBatchSize, teacherCache, teacherCacheType } = config;
  const order = JSON.stringify([tokens, batchSize, microBatchSize, teacherCache, teacherCacheType]);
  const taught = await shared.once(
    "teacher's states",
    teacherKey(config) + corpusKey(config) + order,
    () => keepingTeacher(teacher, config, place),
  );
  const planned = {
    ...trainerOptionsOf(config, { student, teacher: taught, plainText }),
    ...supplyOptionsOf(config),
    tokenizer,
    teacherTokenizer: await endTokenBeside(config.teacher, tokenizer),
    ...runSettings(config),
    rows: corpus.train,
    communicator,
    shardOptimizer: config.shardOptimizer,
    availableMemory: engine.device === "cpu" ? availableMemory() : undefined,
  };
  if (config.dryRun) {
    if (first) console.log(memoryTable(runMemory(planned), planned.availableMemory));
    return { status: 0, folder: path };
  }
  const { size } = communicator;
  say(
    `engine ${engine.name} on ${engine.device}${size > 1 ? ` of ${size} ranks` : ""}; teacher ${
      millions(teacher)
    }, student ${millions(student)}`,
  );
  const before = await scoresBefore(config, loaded, { shared, say });
  if (signal?.aborted) return { status: 130, folder: path };
  const constant = constantScores(corpus.test);
  const scores = { teacher: before.teacher.scores, start: before.start.scores, constant };
  for (const warning of teacherWarnings(scores)) say(`warning: ${warning}`);
  const validRows = corpus.valid;
  const run = {
    models: { student, teacher: taught, tokenizer },
    data: {
      rows: corpus.train,
      validRows,
      sampleRows: validRows.slice(0, config.samples),
      corpusRows: plainText?.rows,
      corpusBatchSize: plainText?.batchSize,
    },
    training: { ...planned, settings: decisiveSettings(config), replaySettings: { task: "distill", ...config } },
  };
  const { stopAfter, tensorboard } = config;
  const { hint = resumeHint("distill", { folder: path, communicator }) } = options;
  const watching = {
    folder,
    label,
    hint,
    signal,
    stopAfter,
    tensorboard,
    save: (model: LanguageModel, at: string) => saveTrained(model, at, { format: config.format, settings: config }),
    begin: (at: { step: number; totalSteps: number }) =>
      beginRun(folder, { config, ...at, warn: (text) => say(`warning: ${text}`) }),
    decode: (ids: number[]) => tokenizer.decode(ids),
    endTokens: endTokensOf({ model: student, tokenizer }),
  };
  // The states that this run keeps for itself lie in its folder, which must be its own when the teacher opens them.
  const keepsOwn = config.teacherCache === "disk" && config.teacherCacheFolder === undefined && !shared.folder;
  if (config.overwrite && keepsOwn) await onFirstRank(communicator, () => folder.begin());
  if (!await followRun(run, watching)) return { status: 130, folder: path };

  const after = await scoresOf(student, corpus, { tokenizer, communicator });
  if (!first) return { status: 0, folder: path };
  const result: RunResult = {
    ...placeOf(engine),
    seconds: (performance.now() - began) / 1000,
    ...scores,
    student: after.scores,
  };
  const answers = { teacher: before.teacher.answers, start: before.start.answers, student: after.answers };
  const report = { config, result, test: corpus.test, answers, objective: objectiveText(planned), tokenizer };
  await writeRecord("the report", () => writeReport(path, report));
  // Last of all, because a folder with a result counts as a run that is done.
  await writeAtomically(join(path, "result.json"), JSON.stringify(result, null, 2) + "\n");
  await folder.finish();
  return { status: 0, folder: path, result };
}

async function scoresBefore(
  config: DistillConfig & { tokenizer: string },
  { communicator, engine, tokenizer, corpus, teacher, student }: Loaded,
  { shared, say }: { shared: SharedWork; say: (text: string) => void },
): Promise<Record<"teacher" | "start", ScoresAndAnswers>> {
  const scored = async (name: "teacher" | "student") => {
    const model = { teacher, student }[name];
    const adapter = config[`${name}Adapter`];
    const states = [
      ...adapter === undefined ? [] : [await folderState(adapter)],
      await folderState(config[name]),
      await folderState(config.tokenizer),
      await folderState(config.data),
    ];
    const key = [`answers, scores and ends on ${engineMark(engine)}`, corpusKey(config), ...states].join("\n");
    return await shared.saved(key, () => {
      const what = name === "teacher" ? "teacher" : "the student's start";
      say(`scoring ${what} on ${corpus.test.length} held-out questions …`);
      return scoresOf(model, corpus, { tokenizer, communicator });
    });
  };
  return { teacher: await scored("teacher"), start: await scored("student") };
}

function runSettings(config: DistillConfig) {
  const { batchSize, seed, validateEvery, saveEvery, resume, keepLast, keepBest, maxSkippedSteps } = config;
  const { sampleEvery, sampleTemperature, saveAtEnd } = config;
  const saving = { saveEvery, saveAtEnd, resume, keepLast, keepBest };
  return { batchSize, seed, validateEvery, ...saving, maxSkippedSteps, sampleEvery, sampleTemperature };
}

const millions = ({ parameterCount }: { parameterCount: number }): string => `${(parameterCount / 1e6).toFixed(2)} M`;
