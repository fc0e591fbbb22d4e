/**
 * The scores around a run, and the report that shows them: models answer held-out texts before it and after it.
 *
 * @module
 */
import { basename, join } from "node:path";
import type { Communicator } from "../distributed/communicator.ts";
import { currentEngine } from "../engines/current_engine.ts";
import { writeAtomically } from "../files/atomic_write.ts";
import type { AnswerScores, ModelScores, RunResult, TeacherScores, TeacherStorage } from "../figures/run_result.ts";
import { teacherWarnings } from "../figures/run_words.ts";
import type { LanguageModel } from "../models/language_model.ts";
import { teacherOf } from "../teachers/local_teacher.ts";
import { footprintsOf, type Teacher } from "../teachers/teacher.ts";
import { teacherLoss } from "../teachers/teacher_loss.ts";
import { objectiveText } from "./objective_text.ts";
import { type Place, placeOf } from "../engines/place.ts";
import { type Asking, constantScores, type HeldOutText, scoreModel, type ScoresAndAnswers } from "./scores.ts";
import type { RunData, RunModels, RunTraining } from "./run_parts.ts";
import { writeReport } from "./write_report.ts";

/** What a run's report is made from. */
export interface RunReport {
  /** Held-out texts that the models answer. */
  test: readonly HeldOutText[];
  /**
   * How they are answered.
   *
   * @default {as evaluate() does, greedily}
   */
  asking?: Asking;
  /**
   * The settings that the page lists, its title among them.
   *
   * @default {the name of the folder}
   */
  config?: Readonly<Record<string, unknown>> & { name: string };
  /**
   * Returns scores that are known before the run; runs with the same teacher and start can share them.
   *
   * @default {they are computed}
   */
  before?: (who: "teacher" | "start", compute: () => Promise<ScoresAndAnswers>) => Promise<ScoresAndAnswers>;
  /**
   * How the teacher is stored, or several are, which the result keeps.
   *
   * @default {in floats}
   */
  teacherStorage?: TeacherStorage | readonly TeacherStorage[];
  /**
   * When the run began, by `performance.now()`.
   *
   * @default {when trainRun() is called}
   */
  began?: number;
}

/** `result.json` of a run without a teacher. */
export interface FineTuningResult extends Place {
  /** How long the run took. */
  seconds: number;
  /** Parameters of the model. */
  parameters: number;
  /** The scores of the trained model. */
  model: ModelScores;
  /** The scores of the best constant answers. */
  constant: AnswerScores;
}

/** A run as its report sees it. */
export interface ReportedRun {
  models: RunModels;
  data: RunData;
  training: RunTraining;
  /** The run's folder. */
  folder: string;
  /** Receives warnings: problems that do not end the run. */
  warn: (message: string) => void;
}

/** A report whose run has not ended. */
export interface OpenReport {
  /** Scores the trained model, and writes `report.html` and `result.json`; only the first rank has the result. */
  finish(): Promise<RunResult | FineTuningResult | undefined>;
}

/**
 * Scores teacher and start, where there is a teacher. A teacher that is not a model has only a loss, no answers.
 *
 * @throws {RangeError} If there are no texts or no rows to validate on.
 */
export async function openReport(report: RunReport, run: ReportedRun): Promise<OpenReport> {
  const { began = performance.now(), test, asking, before = (_who, compute) => compute() } = report;
  const { models, data, training, folder, warn } = run;
  const { student, tokenizer } = models;
  const { communicator } = training;
  const valid = data.validRows ?? [];
  for (const [name, list] of Object.entries({ "report.test": test, "data.validRows": valid })) {
    if (list.length === 0) throw new RangeError(`Cannot report: ${name} needs at least one row, current count is 0`);
  }
  const scored = (model: LanguageModel) => scoreModel(model, { valid, test, asking }, { tokenizer, communicator });
  const scoredTeacher = async (teacher: Teacher): Promise<{ scores: TeacherScores; answers?: string[] }> => {
    // Behind its own prompts it is not the model that answers the texts.
    const told = valid.some(({ teacherPrompt }) => teacherPrompt !== undefined);
    const { model } = told ? {} : footprintsOf(teacher).find(({ answers = true }) => answers) ?? {};
    if (model) return await before("teacher", () => scored(model));
    return { scores: { validLoss: await teacherLoss(teacher, valid, { communicator }) } };
  };
  const first = isFirst(communicator);
  const asked = models.teacher && teacherOf(models.teacher);
  const teacher = asked && await scoredTeacher(asked);
  const start = asked && await before("start", () => scored(student));
  const constant = constantScores(test);
  if (teacher && start && first) {
    teacherWarnings({ teacher: teacher.scores, start: start.scores, constant }).forEach(warn);
  }
  const around = () => ({ ...placeOf(currentEngine()!), seconds: (performance.now() - began) / 1000 });
  const finish = async () => {
    const after = await scored(student);
    if (!first) return undefined;
    if (!teacher || !start) {
      const { rougeL, exactMatch } = constant;
      const parameters = student.parameterCount;
      const result = { ...around(), parameters, model: after.scores, constant: { rougeL, exactMatch } };
      await writeResult(folder, result);
      return result;
    }
    const { teacherStorage } = report;
    const teacherMeasures = asked.measures?.(valid);
    const scores = { teacher: teacher.scores, start: start.scores, constant, student: after.scores };
    const result: RunResult = {
      ...around(),
      ...teacherStorage && { teacherStorage },
      ...teacherMeasures && { teacherMeasures },
      ...asked.retries ? { teacherRetries: asked.retries } : {},
      ...scores,
    };
    const answers = { teacher: teacher.answers, start: start.answers, student: after.answers };
    const { config = { name: basename(folder) } } = report;
    const objective = objectiveText(training) ?? "next-token loss";
    try {
      await writeReport(folder, { config, result, test, answers, objective, teacher: asked.name, tokenizer });
    } catch (error) {
      warn(`the report could not be written: ${(error as Error).message}`);
    }
    await writeResult(folder, result);
    return result;
  };
  return { finish };
}

/** Last of all, because a folder with a result counts as a run that is done. */
async function writeResult(folder: string, result: object): Promise<void> {
  await writeAtomically(join(folder, "result.json"), JSON.stringify(result, null, 2) + "\n");
}

const isFirst = (communicator?: Communicator): boolean => (communicator?.rank ?? 0) === 0;
