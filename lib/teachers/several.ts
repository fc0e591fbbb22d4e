/**
 * What teachers that are made of several have in common.
 *
 * @module
 */
import { aTeacher, checkArguments } from "../arguments/check_arguments.ts";
import type { LanguageModel } from "../models/language_model.ts";
import { teacherOf } from "./local_teacher.ts";
import { footprintsOf, type Teacher, type TeacherIdentity, type TeacherTargets } from "./teacher.ts";

/** The members that follow from the parts. */
export type SharedMembers = Pick<
  Teacher,
  "contextLength" | "endTokens" | "estimates" | "footprint" | "keepsRows" | "worksBeside"
>;

/**
 * Takes models and teachers as teachers.
 *
 * @param deed What cannot be done otherwise, for messages.
 * @param parts Models and teachers, by what messages call them.
 * @throws {RangeError} If there is none, or their vocabularies differ; the message names both.
 */
export function teachersOf(
  deed: string,
  parts: Readonly<Record<string, LanguageModel | Teacher>>,
): Record<string, Teacher> {
  checkArguments(deed, Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, [part, aTeacher]])));
  const teachers = Object.fromEntries(Object.entries(parts).map(([name, part]) => [name, teacherOf(part)]));
  const all = Object.values(teachers);
  if (all.length === 0) throw new RangeError(`Cannot ${deed}: at least one teacher is needed, current count is 0`);
  const other = all.find(({ vocabularySize }) => vocabularySize !== all[0].vocabularySize);
  if (!other) return teachers;
  throw new RangeError(
    `Cannot ${deed}: all teachers must have the same vocabulary, current sizes are ${all[0].vocabularySize} ` +
      `("${all[0].name}") and ${other.vocabularySize} ("${other.name}")`,
  );
}

/** What holds for all of the parts. */
export function sharedMembers(teachers: readonly Teacher[]): SharedMembers {
  const lengths = teachers.flatMap(({ contextLength }) => contextLength ?? []);
  const ends = new Set(teachers.map(({ endTokens }) => endTokens?.join()));
  return {
    contextLength: lengths.length > 0 ? Math.min(...lengths) : undefined,
    endTokens: ends.size === 1 ? teachers[0].endTokens : undefined,
    footprint: teachers.flatMap(footprintsOf).map((each) => teachers.length > 1 ? { ...each, answers: false } : each),
    keepsRows: teachers.some(({ keepsRows }) => keepsRows),
    worksBeside: teachers.some(({ worksBeside }) => worksBeside),
    estimates: teachers.some(({ estimates }) => estimates),
  };
}

/** What all teachers prepare; where one fails, that of the others is freed. */
export async function allPrepared(prepared: readonly Promise<TeacherTargets>[]): Promise<TeacherTargets[]> {
  const outcomes = await Promise.allSettled(prepared);
  const failed = outcomes.find((outcome) => outcome.status === "rejected");
  const targets = outcomes.flatMap((outcome) => outcome.status === "fulfilled" ? [outcome.value] : []);
  if (!failed) return targets;
  for (const each of targets) each.dispose();
  throw failed.reason;
}

/**
 * The identity of a teacher of several.
 *
 * @param settings What else decides its distributions.
 * @param teachers Its parts, by name.
 */
export async function joinedIdentity(
  settings: Readonly<Record<string, unknown>>,
  teachers: Readonly<Record<string, Teacher>>,
): Promise<TeacherIdentity> {
  const named = await Promise.all(
    Object.entries(teachers).map(async ([name, teacher]) => [name, await teacher.identity()] as const),
  );
  return {
    settings: { ...settings, parts: Object.fromEntries(named.map(([name, { settings }]) => [name, settings])) },
    rounding: Object.fromEntries(named.flatMap(([name, { rounding }]) => rounding ? [[name, rounding]] : [])),
    async digest() {
      const digests = await Promise.all(named.map(async ([name, { digest }]) => `${name} ${await digest()}`));
      const text = JSON.stringify([settings, digests]);
      const hash = await crypto.subtle.digest("SHA-256", new TextEncoder().encode(text));
      return [...new Uint8Array(hash)].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    },
  };
}
