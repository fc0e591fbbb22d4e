/**
 * Settings of what is learned of the tokens that a teacher's sparse answers do not name.
 *
 * @module
 */
import { z } from "zod";
import type { LanguageModel } from "../../lib/models/language_model.ts";
import type { Objective } from "../../lib/objectives/objective.ts";
import { sampledTail } from "../../lib/teachers/sampled_tail.ts";
import { sparse } from "../../lib/teachers/sparse.ts";
import type { Teacher } from "../../lib/teachers/teacher.ts";
import { TAIL_EFFECTS, withTail } from "../../lib/teachers/with_tail.ts";
import { inGroup } from "./field.ts";
import { UsageError } from "./usage_error.ts";

/** What is learned of a teacher's tail. */
export const tailFields = inGroup("Tail of a teacher's answers", {
  teacherTail: z.enum(["bucket", "renormalize", "drop", "sample"]).default("bucket").describe(
    "what is learned of the tokens that an answer does not name: their total probability; renormalize or drop it, which " +
      "changes the loss; or sample them from a local teacher, for forward KL",
  ),
  teacherSamples: z.int().min(1).default(32).describe("sample: tokens drawn for each token of a row"),
});

/** The settings of {@linkcode tailFields}, as they are parsed, and what else decides the answers. */
export type TailSettings = z.output<z.ZodObject<typeof tailFields>> & { teacherTopK: number; seed: number };

/**
 * Checks that an objective can learn from a sampled tail.
 *
 * @throws {UsageError} If it cannot; the message names the flags.
 */
export function checkTail(
  { teacherTail }: Pick<TailSettings, "teacherTail">,
  { name, linearInTeacher }: Objective,
): void {
  if (teacherTail !== "sample" || linearInTeacher) return;
  throw new UsageError(
    `Cannot use --teacher-tail sample with --objective ${name}: only an objective that is linear in the teacher's ` +
      "probabilities learns from samples without bias, such as --objective forward-kl",
  );
}

/**
 * A teacher whose tail is treated as the settings ask.
 *
 * @param teacher The teacher.
 * @param settings The settings.
 * @param say Receives a warning about what a treatment means.
 * @throws {UsageError} If the teacher has no such tail; the message names the flag.
 */
export function withTailOf<Given extends LanguageModel | Teacher>(
  teacher: Given,
  { teacherTail: tail, teacherSamples: samples, teacherTopK: topK, seed }: TailSettings,
  say: (text: string) => void,
): Given | Teacher {
  if (tail === "bucket") return teacher;
  const answersSparsely = "topK" in teacher && teacher.topK !== undefined;
  try {
    if (tail === "sample") return sampledTail(teacher, { topK, samples, seed });
    say(`--teacher-tail ${tail}: ${TAIL_EFFECTS[tail]}`);
    return withTail(answersSparsely ? teacher as Teacher : sparse(teacher, { topK }), tail);
  } catch (cause) {
    if (!(cause instanceof TypeError || cause instanceof RangeError)) throw cause;
    throw new UsageError(`${cause.message} (--teacher-tail ${tail}, --teacher-top-k ${topK})`, { cause });
  }
}
