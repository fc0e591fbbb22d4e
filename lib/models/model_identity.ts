/**
 * What distinguishes models.
 *
 * @module
 */
import { createHash } from "node:crypto";
import * as tf from "@tensorflow/tfjs-core";
import { hashText } from "../random/random.ts";
import type { LanguageModel } from "./language_model.ts";

/** How many values of each parameter {@linkcode modelHash} uses. */
const SAMPLED = 64;

/** The configuration without the fields about weight storage, and the parameters' names and shapes. */
export function architecture({ config, parameters }: LanguageModel): Record<string, unknown> {
  const { dtype: _dtype, torch_dtype: _torch, ...json } = config.json;
  const shapes = [...parameters].map(([name, { shape }]) => `${name} [${shape}]`).join();
  return { ...json, parameters: `${parameters.size} of hash ${hashText(shapes).toString(16)}` };
}

/**
 * Describes a model cheaply: architecture, and a hash of the first values of each parameter.
 *
 * @param model The model.
 * @param weights The parameters to include; by default all, with adapters.
 */
export async function modelHash(
  model: LanguageModel,
  weights: ReadonlyMap<string, tf.Variable> = allWeights(model),
): Promise<Record<string, unknown>> {
  const sample = tf.tidy(() =>
    tf.concat(
      [...weights.values()].map((parameter) =>
        tf.slice(tf.reshape(parameter, [-1]), 0, Math.min(SAMPLED, parameter.size))
      ),
    )
  );
  const numbers = await sample.data();
  sample.dispose();
  return { ...architecture(model), weights: `of hash ${hashText(numbers.join()).toString(16)}` };
}

/**
 * Hashes everything that determines a model's states: its configuration and all values of its parameters and adapters,
 * as the engine holds them. It takes about a second for 400 million parameters.
 *
 * @param model The model.
 * @returns SHA-256, hexadecimal.
 */
export async function modelDigest(model: LanguageModel): Promise<string> {
  const hash = createHash("sha256");
  hash.update(JSON.stringify([architecture(model), model.lora?.settings.scale ?? null]));
  for (const [name, weight] of allWeights(model)) {
    const { buffer, byteOffset, byteLength } = await weight.data() as Float32Array<ArrayBuffer>;
    hash.update(`\0${name}\0${byteLength}\0`).update(new Uint8Array(buffer, byteOffset, byteLength));
  }
  return hash.digest("hex");
}

const allWeights = ({ parameters, trainable }: LanguageModel): ReadonlyMap<string, tf.Variable> =>
  new Map([...parameters, ...trainable]);
