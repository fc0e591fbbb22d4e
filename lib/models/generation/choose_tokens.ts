/**
 * The choice of the next token of several rows, on the engine where it has a kernel for that.
 *
 * Kernel an engine may offer: `ChooseTokens { logits } ChoiceAttributes → [tokens]`, int32 `[B]`, with `scored` also
 * their log-probabilities, float32 `[B]`. A row whose logits allow no choice gets −1. Its result is that of
 * `adjustLogits()` and `sampleToken()`, which the other engines' logits go through in JavaScript.
 *
 * Shapes: `B` rows, `V` vocabulary.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { ChoiceAttributes } from "../../kernels/choice_attributes.ts";
import { hasKernel, runKernel } from "../../kernels/fused.ts";
import { uniformAt } from "../../random/philox.ts";
import { adjustLogits, checkBias, completions } from "./adjust_logits.ts";
import { sampleToken } from "./sample_token.ts";
import type { SamplingOptions } from "./sampling_options.ts";

/** A row whose next token is chosen. */
export interface ChoosingRow {
  /** Prompt and answer so far. */
  tokens: readonly number[];
  /** The seed of its draws. */
  seed: number;
}

/** A chosen token. */
export interface ChosenToken {
  token: number;
  /** Its log-probability by the model, before any option of sampling; only where asked for. */
  logProbability?: number;
}

/** Options for {@linkcode chooseTokens}. */
export interface ChooseTokensOptions extends SamplingOptions {
  /**
   * Whether log-probabilities are wanted.
   *
   * @default {false}
   */
  scored?: boolean;
}

/**
 * Chooses each row's next token. The draw depends on the row's seed and length alone.
 *
 * @param logits float32 `[B, V]`; they stay the caller's.
 * @param rows The rows.
 * @throws {NonFiniteLogitsError} If a logit is NaN or +∞, or no token of a row may be chosen.
 */
export async function chooseTokens(
  logits: tf.Tensor2D,
  rows: readonly ChoosingRow[],
  options: ChooseTokensOptions,
): Promise<ChosenToken[]> {
  const [, width] = logits.shape;
  checkBias(options, width);
  if (hasKernel("ChooseTokens")) {
    const outputs = runKernel<tf.Tensor[]>("ChooseTokens", { logits }, { ...attributesOf(rows, width, options) });
    try {
      const [tokens, scores] = await Promise.all(outputs.map((output) => output.data()));
      if (!tokens.includes(-1)) {
        return rows.map((_, row) => ({ token: tokens[row], ...scores && { logProbability: scores[row] } }));
      }
    } finally {
      tf.dispose(outputs);
    }
    // A row has no choice: the rule below says what is wrong with which token.
  }
  const numbers = await logits.data() as Float32Array;
  return rows.map((row, index) => chosen(numbers.subarray(index * width, (index + 1) * width), row, options));
}

function chosen(logits: Float32Array, { tokens, seed }: ChoosingRow, options: ChooseTokensOptions): ChosenToken {
  const uniform = uniformAt(seed, tokens.length);
  const token = sampleToken(adjustLogits(logits, tokens, options), uniform, options);
  return options.scored ? { token, logProbability: logProbabilityOf(logits, token) } : { token };
}

function logProbabilityOf(logits: Float32Array, token: number): number {
  let largest = -Infinity, sum = 0;
  for (let i = 0; i < logits.length; i++) if (logits[i] > largest) largest = logits[i];
  for (let i = 0; i < logits.length; i++) sum += Math.exp(logits[i] - largest);
  return logits[token] - largest - Math.log(sum);
}

function attributesOf(rows: readonly ChoosingRow[], width: number, options: ChooseTokensOptions): ChoiceAttributes {
  const { temperature = 1, topP = 1, topK = 0, minP = 0, repetitionPenalty = 1, noRepeatNgramSize = 0 } = options;
  const { logitBias = new Map<number, number>(), scored = false } = options;
  const places = (tokensOf: (row: ChoosingRow) => Iterable<number>) =>
    Int32Array.from(rows.flatMap((row, index) => Array.from(tokensOf(row), (token) => index * width + token)));
  // The head may be cut to fewer tokens than a prompt's template names.
  const within = (tokens: Iterable<number>) => [...new Set(tokens)].filter((token) => token < width);
  return {
    temperature,
    topP,
    topK,
    minP,
    uniforms: Float64Array.from(rows, ({ seed, tokens }) => uniformAt(seed, tokens.length)),
    penalized: places(({ tokens }) => repetitionPenalty === 1 ? [] : within(tokens)),
    penalty: Math.fround(repetitionPenalty),
    banned: places(({ tokens }) => within(completions(tokens, noRepeatNgramSize))),
    biased: places(() => logitBias.keys()),
    biases: Float32Array.from(rows.flatMap(() => [...logitBias.values()])),
    scored,
  };
}
