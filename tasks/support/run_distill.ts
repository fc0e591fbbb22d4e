/**
 * A run of the task distill, from its settings to its report.
 *
 * @module
 */
import { join } from "node:path";
import type { ReadyRows } from "../../lib/datasets/ready_rows.ts";
import { onFirstRank } from "../../lib/distributed/first_rank.ts";
import type { RunResult, TeacherStorage } from "../../lib/figures/run_result.ts";
import { alignmentLine } from "../../lib/figures/run_words.ts";
import { LanguageModel } from "../../lib/models/language_model.ts";
import { type SharedWork, unshared } from "../../lib/runs/shared_work.ts";
import { teacherOf } from "../../lib/teachers/local_teacher.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import type { Tokenizer } from "../../lib/text/tokenizer_interface.ts";
import { type ClaimedFolder, foreignFolder } from "./claimed_folder.ts";
import { type DistillConfig, distillSchema, distillTokenizer, loadStudent } from "./distill_setup.ts";
import { corpusKey, scoresBefore, sharedStorage, sharedTeacher, teacherKey } from "./distill_shared.ts";
import { inSteps } from "./epochs.ts";
import { warnOfEpochs } from "./length_effects.ts";
import { fieldsOf } from "./field.ts";
import { checkNewTokens } from "./length_fields.ts";
import { type LoadedTeacher, loadTeachers } from "./load_teacher.ts";
import { checkTeacherParts } from "./teacher_parts.ts";
import { agreeOnVocabulary } from "./one_vocabulary.ts";
import { supplyOptionsOf } from "./policy_fields.ts";
import { type Joined, joinRanks } from "./ranks.ts";
import { readTexts, readyCorpus, type ReadyCorpusOptions } from "./ready_corpus.ts";
import { openSharedRunFolder } from "./run_folder.ts";
import { dataOf, plainSettings, type Recipe, runRecipe } from "./run_recipe.ts";
import { checkTail, withTailOf } from "./tail_fields.ts";
import { endTokenBeside } from "./teacher_end.ts";
import { teacherPlace } from "./teacher_place.ts";
import { plainTextOf } from "./text_fields.ts";
import { mixtureOf, trainerOptionsOf } from "./trainer_options.ts";

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

/** What is loaded before a run begins. */
interface Loaded {
  student: LanguageModel;
  teachers: readonly LoadedTeacher[];
  ranks: Joined;
  folder: ClaimedFolder;
  tokenizer: Tokenizer;
  corpus: ReadyRows;
}

/** What else the recipe needs. */
interface RecipeContext extends Loaded {
  /** Work that other runs have done. */
  shared: SharedWork;
  /** When the run began, by `performance.now()`. */
  began: number;
  /** How teachers are stored, those that are in few bits. */
  teacherStorage: readonly TeacherStorage[];
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
  checkTail(given, mixtureOf(given).objective!);
  checkTeacherParts(given);
  const ranks = await joinRanks(given);
  const config = { ...given, tokenizer: await distillTokenizer(given) };
  const { root } = options;
  await using folder = config.dryRun
    ? foreignFolder(join(root, config.name))
    : await openSharedRunFolder(config.name, { ...config, root, communicator: ranks.communicator });
  const tokenizer = await shared.once("tokenizer", config.tokenizer, () => loadTokenizer(config.tokenizer));
  const say = ranks.first ? (text: string) => console.error(text) : () => {};
  const warn = (text: string) => say(`warning: ${text}`);
  const loadAll = () => loadTeachers(config, { tokenizer, say: warn });
  const { parts } = await shared.once("teacher", teacherKey(config), loadAll);
  const student = await loadStudent(config, origins);
  try {
    const teachers = await agreeOnVocabulary(tokenizer, { student, teachers: parts }, config);
    const { contextLength, ...ofTeacher } = contextsOf(config, { student, teachers });
    if (config.policy !== "off" && "maxNewTokens" in origins) checkNewTokens(config, contextLength);
    const counts = { train: config.trainRows, valid: config.validRows, test: config.testRows };
    const texts = await shared.once("texts", corpusKey(config), () => readTexts(config, { counts, origins, say }));
    const corpus = readyCorpus(texts, { settings: config, tokenizer, contextLength, teacher: ofTeacher, say });
    const inAll = inSteps(config, { rows: corpus.train.length, origins });
    warnOfEpochs(inAll, { schema: distillSchema, given: config, origins });
    return await runLoaded(inAll, { ranks, folder, tokenizer, teachers, student, corpus }, { ...options, began });
  } finally {
    student.dispose();
  }
}

async function runLoaded(
  config: DistillConfig & { tokenizer: string },
  loaded: Loaded,
  options: RunDistillOptions & { began: number },
): Promise<RunOutcome> {
  const { ranks, folder, student, teachers } = loaded;
  const { label, signal, hint, began, shared = unshared } = options;
  const { size } = ranks.communicator;
  let storage: readonly TeacherStorage[] = [];
  if (ranks.first && !config.dryRun) {
    const where = `engine ${ranks.engine.name} on ${ranks.engine.device}${size > 1 ? ` of ${size} ranks` : ""}`;
    const taught = teachers.map(({ name, teacher }) =>
      (name === undefined ? "" : `${name}: `) + (teacher instanceof LanguageModel ? millions(teacher) : teacher.name)
    );
    const all = `teacher${taught.length > 1 ? "s" : ""} ${taught.join(", ")}`;
    console.error(`${where}; ${all}, student ${millions(student)}`);
    storage = await sharedStorage(config, { teachers, rows: loaded.corpus.train, shared });
  }
  const recipe = await distillRecipe(config, { ...loaded, shared, began, teacherStorage: storage });
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

/** The recipe of `trainRun()` that settings and loaded models stand for. */
async function distillRecipe(
  config: DistillConfig & { tokenizer: string },
  { ranks, folder, tokenizer, teachers, student, corpus, shared, began, teacherStorage }: RecipeContext,
): Promise<Recipe> {
  const plainText = await plainTextOf(config, { student, tokenizer });
  const kept = await sharedTeacher(config, { teachers, rowTokenizer: tokenizer, run: folder.path, shared });
  const taught = withTailOf(kept, config, (text) => ranks.first && console.error(`warning: ${text}`));
  const says = taught.measures?.(corpus.train.slice(0, SHOWN_ROWS));
  if (says?.alignedTokens !== undefined && ranks.first) console.error(alignmentLine(says));
  return {
    task: "distill",
    models: { student, teacher: taught, tokenizer },
    data: dataOf(corpus, { samples: config.samples, plainText }),
    training: {
      ...trainerOptionsOf(config, plainText),
      ...supplyOptionsOf(config),
      ...plainSettings(config),
      teacherTokenizer: await endTokenOf(teachers, tokenizer),
    },
    report: {
      test: corpus.test,
      asking: corpus.asking,
      config,
      began,
      before: scoresBefore(config, { teachers, ranks, corpus, shared }),
      ...teacherStorage.length > 0 && {
        teacherStorage: teacherStorage.length === 1 ? teacherStorage[0] : teacherStorage,
      },
    },
  };
}

/** Rows that are aligned before a run to say what share of their tokens is. */
const SHOWN_ROWS = 256;

/** The contexts of rows: of a teacher with other tokens only its own prompts depend. */
function contextsOf(
  { teacherField }: DistillConfig,
  { student, teachers }: { student: LanguageModel; teachers: readonly LoadedTeacher[] },
): { contextLength: number } & NonNullable<ReadyCorpusOptions["teacher"]> {
  const contextOf = ({ teacher }: LoadedTeacher) => teacherOf(teacher).contextLength ?? Infinity;
  const alike = teachers.filter(({ tokenizer }) => tokenizer === undefined);
  const contextLength = Math.min(student.config.contextLength, ...alike.map(contextOf));
  const named = (fields: Readonly<Record<string, unknown>> = {}) =>
    teacherField === undefined ? teachers[0] : teachers.find(({ name }) => name === fields[teacherField]);
  const teacherContext = Math.min(...teachers.map(contextOf));
  return { contextLength, teacherContext, teacherTokenizer: ({ fields }) => named(fields)?.tokenizer };
}

/** The end token of the tokenizers beside the teachers, where all have the same. */
async function endTokenOf(
  teachers: readonly LoadedTeacher[],
  tokenizer: Tokenizer,
): Promise<Pick<Tokenizer, "endToken"> | undefined> {
  const models = teachers.filter(({ place, tokenizer: own }) => !own && teacherPlace(place) === "model");
  const ends = await Promise.all(models.map(({ place }) => endTokenBeside(place, tokenizer)));
  return ends.every((end) => end?.endToken === ends[0]?.endToken) ? ends[0] : undefined;
}

const millions = ({ parameterCount }: { parameterCount: number }): string => `${(parameterCount / 1e6).toFixed(2)} M`;
