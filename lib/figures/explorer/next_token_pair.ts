/**
 * What two models expect after a prompt, as a pair that the explorer shows.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { LanguageModel } from "../../models/language_model.ts";
import type { Tokenizer } from "../../text/tokenizer_interface.ts";
import type { ExplorerPair } from "./explorer_pair.ts";

/** Options for {@linkcode nextTokenPair}. */
export interface NextTokenPairOptions {
  /** The teacher. */
  teacher: LanguageModel;
  /** The student, of the same vocabulary. */
  student: LanguageModel;
  /** The tokenizer of both. */
  tokenizer: Tokenizer;
  /** What the next token is expected after. */
  prompt: string;
  /** How many tokens are shown; the probabilities of all others are one more. */
  count: number;
}

/** The probabilities of the token after these. */
function nextTokenProbs(model: LanguageModel, ids: number[]): Float32Array {
  return tf.tidy(() => {
    const logits = model.logits({ inputIds: [ids] });
    return tf.softmax(tf.slice(logits, [0, ids.length - 1, 0], [1, 1, -1])).dataSync() as Float32Array;
  });
}

/**
 * Computes the next-token distributions of teacher and student: the tokens that either finds most probable, by the
 * teacher's probability, and one place for all others. Four digits are kept, so that engines agree.
 *
 * @param options The models, the prompt and the number of tokens.
 * @returns The pair, its labels being the tokens as they are written.
 */
export function nextTokenPair(options: NextTokenPairOptions): ExplorerPair {
  const { teacher, student, tokenizer, prompt, count } = options;
  const ids = tokenizer.encode(prompt);
  const [p, q] = [nextTokenProbs(teacher, ids), nextTokenProbs(student, ids)];
  const tokens = [...p.keys()].sort((a, b) => Math.max(p[b], q[b]) - Math.max(p[a], q[a])).slice(0, count)
    .sort((a, b) => p[b] - p[a]);
  const shown = (probs: Float32Array): number[] => {
    const kept = tokens.map((token) => Number(probs[token].toPrecision(4)));
    const others = 1 - kept.reduce((sum, value) => sum + value, 0);
    return [...kept, Number(Math.max(1e-6, others).toPrecision(12))];
  };
  return {
    name: "next-token",
    title: "Next token of the built-in models",
    axis: "token",
    points: [...Array(tokens.length + 1).keys()],
    labels: [...tokens.map((token) => tokenizer.decode([token])), "all others"],
    teacher: shown(p),
    student: shown(q),
  };
}
