/**
 * Where the answers of teacher, student and rows end, and the warning when they end differently.
 *
 * @module
 */
import { endTokensOf } from "../../models/generation/end_tokens.ts";
import { teacherOf } from "../../teachers/local_teacher.ts";
import type { Tokenizer } from "../../text/tokenizer_interface.ts";
import type { DistillOptions } from "../run/distill_options.ts";
import type { ResponseOptions } from "./student_responses.ts";

/** The options of a run that decide where answers end. */
export type AnswerEndsOptions = Pick<
  DistillOptions,
  "student" | "teacher" | "tokenizer" | "teacherTokenizer" | "responses"
>;

/**
 * How the student writes in a run: its answers end at its own end tokens and at that of the tokenizer that made the
 * rows, unless `stopTokens` are given.
 */
export function responsesWithEnds({ student, tokenizer, responses }: AnswerEndsOptions): ResponseOptions | undefined {
  if (!tokenizer) return responses;
  const stopTokens = responses?.stopTokens ?? endTokensOf({ model: student, tokenizer });
  return { ...responses, stopTokens };
}

/**
 * Compares where the teacher, the student and the rows end. A model that names no end token, and has no
 * tokenizer of its own, is not compared.
 *
 * @returns The warning; undefined if they agree.
 */
export function endTokenWarning(options: AnswerEndsOptions): string | undefined {
  const { student, teacher, tokenizer, teacherTokenizer, responses } = options;
  const ofTeacher = [
    ...teacher && teacherOf(teacher).endTokens || [],
    ...teacherTokenizer ? [teacherTokenizer.endToken] : [],
  ];
  const parties = [
    { name: "the teacher's answers", ends: [...new Set(ofTeacher)] },
    { name: "the student's", ends: [...student.config.endTokens] },
    { name: "the rows", ends: tokenizer ? [tokenizer.endToken] : [] },
  ].filter(({ ends }) => ends.length > 0);
  const sorted = ({ ends }: { ends: number[] }) => ends.toSorted((a, b) => a - b).join();
  if (new Set(parties.map(sorted)).size < 2) return undefined;
  const listed = (ends: readonly number[]) => ends.map((id) => show(id, tokenizer)).join(" or ");
  const where = parties.map(({ name, ends }) => `${name} end with token ${listed(ends)}`).join(", ");
  const stops = responsesWithEnds({ student, tokenizer, responses })?.stopTokens ?? student.config.endTokens;
  const written = stops.length > 0 ? `the student's responses end with ${listed(stops)}` : "the student never ends";
  return `end tokens differ: ${where}; ${written}`;
}

function show(id: number, tokenizer: Pick<Tokenizer, "decode" | "vocabularySize"> | undefined): string {
  return tokenizer && id < tokenizer.vocabularySize ? `${id} ${JSON.stringify(tokenizer.decode([id]))}` : String(id);
}
