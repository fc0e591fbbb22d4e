/**
 * Generation for the prompts of one batch.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type PackedTokens, packTokens } from "../../batches/packed_tokens.ts";
import { packedPlaces } from "../../operations/mod.ts";
import type { LanguageModel } from "../language_model.ts";
import { lengthClassOf } from "../length_classes.ts";
import { chooseTokens, type ChooseTokensOptions, type ChosenToken } from "./choose_tokens.ts";
import { KeyValueCache } from "./key_value_cache.ts";

/** Options for {@linkcode generateBatch}. */
export interface BatchOptions extends ChooseTokensOptions {
  maxNewTokens: number;
  /** Tokens that end an answer. */
  stopTokens: readonly number[];
}

/** A prompt with its answer so far and the seed of its draws. */
export interface Job {
  tokens: number[];
  seed: number;
  /** The log-probability of each token of the answer, where asked for. */
  logProbabilities: number[];
}

/** Continues prompts together, to the end of each; their jobs receive the new tokens. */
export async function generateBatch(
  model: LanguageModel,
  batch: Job[],
  options: BatchOptions,
): Promise<void> {
  const { maxNewTokens, stopTokens } = options;
  let running = batch;
  let tokens = packRows(model, running);
  let cache = new KeyValueCache(tokens);
  let first = true;
  try {
    for (let step = 0; step < maxNewTokens; step++) {
      const chosen = await nextTokens(model, running, { tokens, cache, first, sampling: options });
      chosen.forEach(({ token, logProbability }, row) => {
        running[row].tokens.push(token);
        if (logProbability !== undefined) running[row].logProbabilities.push(logProbability);
      });
      const going = [...running.keys()].filter((row) => !stopTokens.includes(chosen[row].token));
      if (going.length === 0 || step === maxNewTokens - 1) break;
      if (going.length < running.length) cache.select(going);
      running = going.map((row) => running[row]);
      first = running.some((job) => changesClass(model, job));
      if (first) {
        cache.dispose();
        tokens = packRows(model, running);
        cache = new KeyValueCache(tokens);
      } else {
        tokens = packTokens(going.map((row) => [chosen[row].token]), { offsets: cache.nextPositions });
      }
    }
  } finally {
    cache.dispose();
  }
}

/** Packs rows up to their current length; those of one length class share prefixes. */
function packRows(model: LanguageModel, jobs: readonly Job[]): PackedTokens {
  const rows = jobs.map(({ tokens }) => tokens);
  const classes = new Set(rows.map(({ length }) => lengthClassOf(model, length)));
  return packTokens(rows, { shareable: classes.size === 1 ? rows.map(() => Infinity) : undefined });
}

/** Whether a row's last token moved it to another length class, in which its keys and values differ. */
function changesClass(model: LanguageModel, { tokens: { length } }: Job): boolean {
  return lengthClassOf(model, length) !== lengthClassOf(model, length - 1);
}

interface Pass {
  tokens: PackedTokens;
  cache: KeyValueCache;
  /** Whether this is a pass over whole rows, which fills the cache. */
  first: boolean;
  sampling: ChooseTokensOptions;
}

async function nextTokens(
  model: LanguageModel,
  jobs: Job[],
  { tokens, cache, first, sampling }: Pass,
): Promise<ChosenToken[]> {
  const logits = tf.tidy(() => {
    const states = first
      ? model.states(tokens, { attend: cache.attendPrompts, keep: lastPositions(tokens) })
      : model.states(tokens, { attend: cache.attendNext });
    return model.logitsOf(states);
  });
  if (!first) cache.advance();
  try {
    return await chooseTokens(logits, jobs, sampling);
  } finally {
    logits.dispose();
  }
}

function lastPositions(tokens: PackedTokens): number[] {
  return packedPlaces(tokens).map((places) => places.at(-1)!);
}
