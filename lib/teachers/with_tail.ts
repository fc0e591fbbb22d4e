/**
 * What a student learns of the tokens that a sparse answer does not name, other than their total probability.
 *
 * @module
 */
import { aTeacher, checkArguments } from "../arguments/check_arguments.ts";
import type { SparseAnswer } from "../distributions/sparse_answer.ts";
import type { SparseTargets, Teacher } from "./teacher.ts";

/** What becomes of the tail, the tokens that are not named: its probability is given to the others, or it is left out. */
export type TailOption = "renormalize" | "drop";

/** What learning by each of them means, for warnings. */
export const TAIL_EFFECTS: Readonly<Record<TailOption, string>> = {
  renormalize:
    "the teacher's probabilities of the named tokens are divided by their sum, so that the student learns to " +
    "give no other token any probability, and divergences such as the reverse KL are infinite",
  drop:
    "tokens that are not named are left out of both distributions, so that a loss of 0 does not mean that they are " +
    "equal: whatever probability the student gives to those tokens costs nothing",
};

/**
 * Treats the tail of a teacher's sparse answers as other software for distillation does, for comparison. Neither loss is
 * a bound of the one on whole distributions, as that with the total probability of the tail is.
 *
 * - `"renormalize"`: the teacher's probabilities are divided by the sum over the named tokens, and those of the others
 *   are 0. The student's distribution stays as it is.
 * - `"drop"`: objectives compare both distributions given that the token is one of the named.
 *
 * @param teacher A teacher with sparse answers.
 * @param tail What becomes of the tail.
 * @throws {TypeError} If the teacher has whole distributions, or answers for several tokens at once.
 * @throws {RangeError} If there is no such option.
 *
 * @example Only the ratios of the named tokens count
 * ```ts
 * import assert from "node:assert/strict";
 * import { initializeModel, objective, Trainer, useEngine } from "@amid/amid";
 * import { sparse, withTail } from "@amid/amid/teachers";
 *
 * await useEngine("wasm");
 * const json = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const [student, model] = [1, 2].map((seed) => initializeModel(json, { seed }));
 * const teacher = withTail(sparse(model, { topK: 4 }), "drop");
 * const options = { totalSteps: 1, optimizer: { learningRate: 1e-3 } };
 * const trainer = new Trainer({ student, teacher, objective: objective("reverse-kl"), ...options });
 * assert((await trainer.step([{ ids: [1, 2, 3, 4], promptLength: 2 }])).loss >= 0);
 * ```
 */
export function withTail(teacher: Teacher, tail: TailOption): Teacher & { readonly topK: number } {
  checkArguments("treat the tail of answers", { teacher: [teacher, aTeacher] });
  if (!Object.hasOwn(TAIL_EFFECTS, tail)) {
    throw new RangeError(
      `Cannot treat the tail of answers: tail must be one of ${
        Object.keys(TAIL_EFFECTS).join(", ")
      }, current value is ` +
        tail,
    );
  }
  const { name, topK } = teacher;
  if (topK === undefined) {
    throw new TypeError(`Cannot treat the tail of answers: the teacher must have a topK, "${name}" has none`);
  }
  if (teacher.alignsSpans) {
    throw new TypeError(
      `Cannot treat the tail of answers: they must be of single tokens, those of "${name}" are of spans of text`,
    );
  }
  const treated = tail === "drop"
    ? (answer: SparseAnswer): SparseAnswer => ({ ...answer, excludesRest: true })
    : renormalized;
  return {
    name: `${name}, tail ${tail === "drop" ? "dropped" : "renormalized"}`,
    topK,
    vocabularySize: teacher.vocabularySize,
    estimates: teacher.estimates,
    endTokens: teacher.endTokens,
    keepsRows: teacher.keepsRows,
    worksBeside: teacher.worksBeside,
    footprint: teacher.footprint,
    get contextLength() {
      return teacher.contextLength;
    },
    get retries() {
      return teacher.retries;
    },
    async identity() {
      const { settings, digest, ...others } = await teacher.identity();
      return { ...others, settings: { ...settings, tail }, digest: async () => `${await digest()}-${tail}` };
    },
    open: (plan) => teacher.open?.(plan) ?? Promise.resolve(),
    async prepare(batch): Promise<SparseTargets> {
      const targets = await teacher.prepare(batch) as SparseTargets;
      const labelsOf = (start: number, size: number) => batch.labels.subarray(start, start + size);
      return {
        answer: (start, size) => treated(targets.answer(start, size), labelsOf(start, size)),
        dispose: () => targets.dispose(),
      };
    },
  };
}

/** Divides the probabilities of the named tokens by their sum. */
function renormalized({ ids, logProbs, own, ...others }: SparseAnswer, labels: Int32Array): SparseAnswer {
  const k = ids.length / own.length;
  const logs = own.map((logProb, place) => {
    const named = logProbs.subarray(place * k, (place + 1) * k);
    const listed = ids.subarray(place * k, (place + 1) * k).includes(labels[place]);
    const largest = named.reduce((most, each) => Math.max(most, each), listed ? -Infinity : logProb);
    const sum = named.reduce((sum, each) => sum + Math.exp(each - largest), listed ? 0 : Math.exp(logProb - largest));
    return largest + Math.log(sum);
  });
  return {
    ...others,
    ids,
    logProbs: logProbs.map((logProb, at) => logProb - logs[Math.floor(at / k)]),
    own: own.map((logProb, place) => logProb - logs[place]),
    rest: new Float32Array(own.length).fill(-Infinity),
  };
}
