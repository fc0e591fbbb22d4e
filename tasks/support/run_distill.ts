/**
 * A run of the task distill, from its settings to its report.
 *
 * @module
 */
import { join } from "node:path";
import { onFirstRank } from "../../lib/distributed/first_rank.ts";
import type { RunResult, TeacherStorage } from "../../lib/figures/run_result.ts";
import { LanguageModel } from "../../lib/models/language_model.ts";
import { type SharedWork, unshared } from "../../lib/runs/shared_work.ts";
import { teacherOf } from "../../lib/teachers/local_teacher.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { foreignFolder } from "./claimed_folder.ts";
import { corpusKey, distillRecipe, type Loaded, teacherKey } from "./distill_recipe.ts";
import {
  type DistillConfig,
  distillSchema,
  distillTokenizer,
  loadStudent,
  loadTeacher,
  mixtureOf,
} from "./distill_setup.ts";
import { inSteps } from "./epochs.ts";
import { warnOfEpochs } from "./length_effects.ts";
import { fieldsOf } from "./field.ts";
import { checkNewTokens } from "./length_fields.ts";
import { agreeOnVocabulary } from "./one_vocabulary.ts";
import { joinRanks } from "./ranks.ts";
import { readTexts, readyCorpus } from "./ready_corpus.ts";
import { openSharedRunFolder } from "./run_folder.ts";
import { runRecipe } from "./run_recipe.ts";
import { teacherStorage } from "./stored_teacher.ts";

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
  const say = ranks.first ? (text: string) => console.error(text) : () => {};
  const warn = (text: string) => say(`warning: ${text}`);
  const teacher = await shared.once("teacher", teacherKey(config), () => loadTeacher(config, { tokenizer, say: warn }));
  const student = await loadStudent(config, origins);
  try {
    await agreeOnVocabulary(tokenizer, { student, teacher }, config);
    const contextLength = Math.min(student.config.contextLength, teacherOf(teacher).contextLength ?? Infinity);
    if (config.policy !== "off" && "maxNewTokens" in origins) checkNewTokens(config, contextLength);
    const counts = { train: config.trainRows, valid: config.validRows, test: config.testRows };
    const texts = await shared.once("texts", corpusKey(config), () => readTexts(config, { counts, origins, say }));
    const corpus = readyCorpus(texts, { settings: config, tokenizer, contextLength, say });
    const inAll = inSteps(config, { rows: corpus.train.length, origins });
    warnOfEpochs(inAll, { schema: distillSchema, given: config, origins });
    return await runLoaded(inAll, { ranks, folder, tokenizer, teacher, student, corpus }, { ...options, began });
  } finally {
    student.dispose();
  }
}

async function runLoaded(
  config: DistillConfig & { tokenizer: string },
  loaded: Loaded,
  options: RunDistillOptions & { began: number },
): Promise<RunOutcome> {
  const { ranks, folder, student, teacher } = loaded;
  const { label, signal, hint, shared = unshared } = options;
  const { size } = ranks.communicator;
  let storage: TeacherStorage | undefined;
  if (ranks.first && !config.dryRun) {
    const where = `engine ${ranks.engine.name} on ${ranks.engine.device}${size > 1 ? ` of ${size} ranks` : ""}`;
    const taught = teacher instanceof LanguageModel ? millions(teacher) : teacher.name;
    console.error(`${where}; teacher ${taught}, student ${millions(student)}`);
    if (teacher instanceof LanguageModel) {
      storage = await shared.once("teacher's storage", teacherKey(config) + corpusKey(config), () => {
        const { teacher: path, teacherAdapter: adapter } = config;
        return teacherStorage(teacher, {
          path,
          adapter,
          rows: loaded.corpus.train,
          say: (text) => console.error(text),
        });
      });
    }
  }
  const recipe = await distillRecipe(config, { ...loaded, ...options, shared, teacherStorage: storage });
  // The states that this run keeps for itself lie in its folder, which must be its own when the teacher opens them.
  const keepsOwn = config.teacherCache === "disk" && config.teacherCacheFolder === undefined && !shared.folder;
  if (config.overwrite && keepsOwn && !config.dryRun) await onFirstRank(ranks.communicator, () => folder.begin());
  const { status, result } = await runRecipe(recipe, {
    config,
    fields: fieldsOf(distillSchema),
    folder,
    ranks,
    label,
    signal,
    hint,
  });
  return { status, folder: folder.path, result: result && "teacher" in result ? result : undefined };
}

const millions = ({ parameterCount }: { parameterCount: number }): string => `${(parameterCount / 1e6).toFixed(2)} M`;
