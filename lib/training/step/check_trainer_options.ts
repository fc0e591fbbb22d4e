/**
 * Checks of what a trainer is made from.
 *
 * @module
 */
import {
  aModel,
  anObjective,
  aNumber,
  aTeacher,
  checkArguments,
  objectWith,
  optional,
} from "../../arguments/check_arguments.ts";
import type { Schedule } from "../../assistants/schedules.ts";
import type { LanguageModel } from "../../models/language_model.ts";
import type { Objective } from "../../objectives/objective.ts";
import { withMixture } from "../../objectives/with_mixture.ts";
import type { Teacher } from "../../teachers/teacher.ts";
import { checkEvery } from "../every.ts";
import { refuseRetired } from "../retired_names.ts";
import { checkSchedule } from "../optimizer/learning_rate.ts";
import type { TrainerOptions } from "./trainer_options.ts";

/**
 * Checks what schedules and optimizer do not check themselves.
 *
 * @throws {RangeError} If an option is invalid, or the vocabularies differ.
 * @throws {TypeError} If the weight asks for a teacher or an objective that is not given, the objective needs a
 * reference that is not given, or α or λ is set that the objective's mixture does not leave open.
 */
export function checkTrainerOptions(options: TrainerOptions): void {
  checkKinds(options);
  refuseRetired("train", options);
  const { student, teacher, objective, totalSteps, microBatchSize, chunkSize, schedule = {} } = options;
  const { distillWeight = teacher ? 1 : 0, textWeight = 0, lambda = 0, temperature = 1 } = options;
  checkEnds("distillWeight", distillWeight, { inRange: (value) => value >= 0 && value <= 1, range: "in 0..1" });
  checkEnds("lambda", lambda, { inRange: (value) => value >= 0 && value <= 1, range: "in 0..1" });
  checkEnds("textWeight", textWeight, { inRange: (value) => value >= 0 && value < Infinity, range: "from 0" });
  checkEnds("temperature", temperature, { inRange: (value) => value > 0 && value < Infinity, range: "above 0" });
  if (ends(distillWeight).some((weight) => weight > 0) && !(teacher && objective)) {
    const absent = teacher ? "an objective" : "a teacher";
    throw new TypeError(`Cannot train: distillWeight ${ends(distillWeight)[0]} needs ${absent}, which is not given`);
  }
  checkObjective(options);
  checkSparse(options);
  for (const [name, value] of Object.entries({ totalSteps, microBatchSize, chunkSize })) {
    if (value !== undefined && !(Number.isInteger(value) && value >= 1)) {
      throw new RangeError(`Cannot train: ${name} must be a positive whole number, current value is ${value}`);
    }
  }
  if (options.measureEvery !== undefined) checkEvery("measureEvery", options.measureEvery);
  checkSchedule(schedule);
  if (teacher) checkVocabularies(student, teacher);
  if (options.reference) checkVocabularies(student, options.reference, "reference");
}

/** The objective with the mixture that its first step has, which shows whether it can be set. */
export function firstObjective(
  { objective, alpha, lambda }: Pick<TrainerOptions, "objective" | "alpha" | "lambda">,
): Objective | undefined {
  const first = (value: number | Schedule | undefined) => typeof value === "object" ? value.from : value;
  return objective && withMixture(objective, { alpha: first(alpha), lambda: first(lambda) });
}

/** Refuses objectives that need whole distributions where the teacher names the best tokens alone. */
function checkSparse(options: TrainerOptions): void {
  const { teacher, objective } = options;
  if (!teacher || !objective || !("topK" in teacher) || teacher.topK === undefined) return;
  const { name, topK, vocabularySize } = teacher;
  if (!(Number.isInteger(topK) && topK >= 1 && topK <= vocabularySize)) {
    throw new RangeError(
      `Cannot train: the topK of the teacher "${name}" must be a whole number from 1 to ${vocabularySize}, current value ` +
        `is ${topK}`,
    );
  }
  if (teacher.estimates) checkLinear(teacher, options);
  if (objective.comparesDistributions) return;
  throw new TypeError(
    `Cannot train: the teacher "${name}" provides ${topK} tokens and the mass of the rest, and the objective ` +
      `${objective.name} may look up others by their ids; one that only compares distributions, whatever their support, ` +
      "must have comparesDistributions: true",
  );
}

/** Refuses what would learn from estimates of probabilities with a bias. */
function checkLinear({ name }: Teacher, { objective, temperature = 1 }: TrainerOptions): void {
  const linear = objective!.linearInTeacher && ends(temperature).every((value) => value === 1);
  if (linear) return;
  const what = objective!.linearInTeacher
    ? `a temperature of ${ends(temperature)}`
    : `the objective ${objective!.name}`;
  throw new TypeError(
    `Cannot train: the teacher "${name}" estimates probabilities by sampling, which only an objective that is linear in ` +
      `them learns from without bias, such as forward-kl at temperature 1; current one is ${what}`,
  );
}

function checkObjective({ student, objective, reference, alpha, lambda }: TrainerOptions): void {
  if (!objective && (alpha !== undefined || lambda !== undefined)) {
    throw new TypeError("Cannot train: alpha and lambda set the mixture of an objective, which is not given");
  }
  firstObjective({ objective, alpha, lambda });
  if (objective?.needs?.reference && !reference) {
    throw new TypeError(`Cannot train: the objective ${objective.name} needs a reference, which is not given`);
  }
  if (reference && !objective?.needs?.reference) {
    throw new TypeError("Cannot train: the reference must be used by the objective, which does not need one");
  }
  if (typeof reference === "object" && "topK" in reference && reference.topK !== undefined) {
    throw new TypeError(
      `Cannot train: a reference must provide whole distributions, "${reference.name}" names ${reference.topK} tokens`,
    );
  }
  if (reference === student) {
    throw new TypeError("Cannot train: the reference must be a different model from the student, which changes");
  }
}

/** The kinds of what must be there, and that nothing that is there would be left unused. */
function checkKinds(options: TrainerOptions): void {
  checkArguments("train", { options: [options, objectWith("student", "totalSteps", "optimizer")] });
  const { student, teacher, reference, objective, totalSteps, optimizer, distillWeight } = options;
  if (typeof objective === "function") {
    throw new TypeError(
      "Cannot train: objective must be an objective, as objective() makes it, current value is a function; alpha and " +
        "lambda, or their schedules, set the mixture of an objective that is made",
    );
  }
  checkArguments("train", {
    student: [student, aModel],
    teacher: [teacher, optional(aTeacher)],
    objective: [objective, optional(anObjective)],
    reference: [reference, optional(aTeacher)],
    totalSteps: [totalSteps, aNumber],
    optimizer: [optimizer, objectWith("learningRate")],
  });
  checkArguments("train", { "optimizer.learningRate": [optimizer.learningRate, aNumber] });
  if (objective !== undefined && teacher === undefined && distillWeight === undefined) {
    throw new TypeError("Cannot train: the objective needs a teacher, which is not given");
  }
}

const ends = (value: number | Schedule): number[] =>
  typeof value === "number" ? [value] : [value.from, value.to ?? value.from];

function checkEnds(
  name: string,
  value: number | Schedule,
  { inRange, range }: { inRange: (value: number) => boolean; range: string },
): void {
  const culprit = ends(value).find((end) => !inRange(end));
  if (culprit === undefined) return;
  throw new RangeError(`Cannot train: ${name} must be ${range}, current value is ${culprit}`);
}

/**
 * Checks that a student can be compared with a teacher, or with a reference.
 *
 * @param student The student.
 * @param teacher The other model.
 * @param name What the message calls it.
 * @throws {RangeError} If their vocabularies are not of one size; the message gives both.
 */
export function checkVocabularies(
  student: Pick<LanguageModel, "vocabularySize">,
  teacher: Pick<Teacher, "vocabularySize">,
  name = "teacher",
): void {
  const [ours, theirs] = [student.vocabularySize, teacher.vocabularySize];
  if (ours !== theirs) {
    throw new RangeError(
      `Cannot train: vocabularies must have the same size, the student's is ${ours}, the ${name}'s ${theirs}; ` +
        "if heads are padded, use limitVocabulary()",
    );
  }
}
