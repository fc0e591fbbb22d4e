/**
 * Low-rank adapters: a few trainable numbers added to frozen projections.
 *
 * Shapes: `S` positions, `I` inputs and `O` outputs of a projection, `R` the rank.
 *
 * Source: E. J. Hu et al., "LoRA: low-rank adaptation of large language models", 2022.
 *
 * @module
 */
import { aList, aModel, checkArguments, optional } from "../../arguments/check_arguments.ts";
import * as tf from "@tensorflow/tfjs-core";
import { hashText, randomStream } from "../../random/random.ts";
import { linear } from "../../operations/mod.ts";
import type { LanguageModel } from "../language_model.ts";
import type { DropoutPass, ProjectionAdapter } from "../blocks/projection.ts";
import { toVariable } from "../weights/to_variable.ts";
import type { SplitStart } from "./lora_start.ts";
import { dropoutMask } from "./lora_dropout.ts";
import { adaptable, matchTargets } from "./lora_targets.ts";

/** Options for {@linkcode addLora}. */
export interface LoraOptions {
  /**
   * Inner width of the adapters.
   *
   * @default {16}
   */
  rank?: number;
  /**
   * What an adapter adds is scaled by `alpha / rank`.
   *
   * @default {64}
   */
  alpha?: number;
  /**
   * Share of an adapter's inputs that are zeroed during training, in `[0, 1)`; the others are scaled up.
   *
   * @default {0}
   */
  dropout?: number;
  /**
   * The projections that have an adapter: by the end of their name, such as `q_proj`, or `all-linear`.
   *
   * @default {"q_proj" and "v_proj", or "c_attn" for GPT-2}
   */
  targets?: readonly string[];
  /**
   * Decides the starting numbers and what is dropped.
   *
   * @default {0}
   */
  seed?: number;
  /** What the adapter's files name as the model it belongs to: a folder or a repository. */
  base?: string;
}

/** What a model's adapters are like. */
export interface LoraSettings extends Readonly<Required<Omit<LoraOptions, "base">>> {
  /** What their files name as the model they belong to. */
  readonly base?: string;
  /** The revision of that repository. */
  readonly revision?: string;
  /** What an adapter adds is multiplied by it. */
  readonly scale: number;
  /** The start that took a part out of the model's weights, where they had one; see {@linkcode loadLora}. */
  readonly start?: SplitStart;
}

/** The adapter of one projection. It adds `scale · B A x`. */
export interface LoraPair {
  /** float32 `[R, I]`. */
  a: tf.Variable;
  /** float32 `[O, R]`. */
  b: tf.Variable;
}

/**
 * The adapters of a model.
 *
 * @example What is trained
 * ```ts
 * import { addLora, loadModel, type Lora, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const lora: Lora = addLora(await loadModel("data/student-start"), { rank: 4, targets: ["c_attn"] });
 * for (const [name, { shape }] of lora.parameters) console.log(name, shape);
 * ```
 */
export class Lora {
  /**
   * Puts adapters together.
   *
   * @param pairs The adapters by the name of their projection, without `.weight`.
   * @param settings Rank and the like.
   */
  constructor(
    readonly pairs: ReadonlyMap<string, LoraPair>,
    readonly settings: LoraSettings,
  ) {}

  /** What is trained, by name: `<projection>.lora_A.weight` and `<projection>.lora_B.weight`. */
  get parameters(): ReadonlyMap<string, tf.Variable> {
    return new Map(
      [...this.pairs].flatMap(([name, { a, b }]) => [
        [`${name}.lora_A.weight`, a],
        [`${name}.lora_B.weight`, b],
      ]),
    );
  }

  /** What is added to a projection's result, float32 `[S, O]`; nothing for projections without an adapter. */
  readonly add: ProjectionAdapter = (weightName, x, pass) => {
    const name = weightName.replace(/\.weight$/, "");
    const pair = this.pairs.get(name);
    if (!pair) return undefined;
    const { dropout, seed, scale } = this.settings;
    return tf.tidy(() => {
      const kept = pass && dropout > 0
        ? tf.mul(x, dropoutMask(x.shape, { dropout, stream: dropoutStream(name, seed, pass) }))
        : x;
      const inner = linear(kept, pair.a, { transposeWeight: true });
      return tf.mul(linear(inner, pair.b, { transposeWeight: true }), scale);
    });
  };

  /** Frees the adapters. */
  dispose(): void {
    for (const { a, b } of this.pairs.values()) tf.dispose([a, b]);
  }
}

const dropoutStream = (name: string, seed: number, { step, part }: DropoutPass) =>
  randomStream(hashText(`${name} ${step} ${part}`, seed));

/**
 * Gives a model adapters. From then on only these are trained: the model's own parameters stay as they are. At first
 * they add nothing, since all B are zero; A is uniform within ±1/√I.
 *
 * @param model The model; it has no adapters yet.
 * @param options Rank, scale, dropout, targets and seed.
 * @returns The adapters; `model.lora` from now on.
 * @throws {RangeError} If a number is not in its range, a target is no projection of the model, or it has adapters.
 *
 * @example A thirtieth of the numbers is trained
 * ```ts
 * import assert from "node:assert/strict";
 * import { addLora, loadModel, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const model = await loadModel("data/student-start");
 * addLora(model, { rank: 4, targets: ["c_attn"] });
 * const trained = [...model.trainable.values()].reduce((sum, { size }) => sum + size, 0);
 * assert(trained < model.parameterCount / 30);
 * ```
 */
export function addLora(model: LanguageModel, options: LoraOptions = {}): Lora {
  checkArguments("adapt the model", { model: [model, aModel], targets: [options.targets, optional(aList)] });
  const { rank = 16, alpha = 64, dropout = 0, targets, seed = 0, base } = options;
  checkNumbers({ rank, alpha, dropout });
  const projections = adaptable(model);
  const chosen = matchTargets(projections, targets);
  const random = randomStream(seed);
  const pairs = new Map<string, LoraPair>();
  for (const name of chosen.names) {
    const { inputs, outputs } = projections.get(name)!;
    const bound = 1 / Math.sqrt(inputs);
    const numbers = Float32Array.from({ length: rank * inputs }, () => bound * (2 * random.uniform() - 1));
    pairs.set(name, {
      a: toVariable(numbers, [rank, inputs]),
      b: toVariable(new Float32Array(outputs * rank), [outputs, rank]),
    });
  }
  const settings = { rank, alpha, dropout, targets: chosen.targets, seed, base, scale: alpha / rank };
  return attachLora(model, new Lora(pairs, settings));
}

/**
 * Puts adapters on a model.
 *
 * @throws {RangeError} If it has some already; they are then freed.
 */
export function attachLora(model: LanguageModel, lora: Lora): Lora {
  if (model.lora) {
    lora.dispose();
    throw new RangeError("Cannot adapt the model: it must have no adapters yet, merge or free them first");
  }
  model.lora = lora;
  model.adapter = lora.add;
  return lora;
}

/**
 * Adds the adapters to the weights of their projections, `W + scale · B A`, and takes them off.
 *
 * @param model The model; without adapters it stays as it is.
 *
 * @example A model like any other
 * ```ts
 * import assert from "node:assert/strict";
 * import { addLora, loadModel, mergeLora, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const model = await loadModel("data/student-start");
 * addLora(model);
 * mergeLora(model);
 * assert.equal(model.lora, undefined);
 * ```
 */
export function mergeLora(model: LanguageModel): void {
  checkArguments("merge adapters", { model: [model, aModel] });
  const { lora } = model;
  if (!lora) return;
  const projections = adaptable(model);
  for (const [name, { a, b }] of lora.pairs) {
    const weight = model.parameters.get(`${name}.weight`)!;
    tf.tidy(() => {
      const product = tf.mul(tf.matMul(b as tf.Tensor2D, a as tf.Tensor2D), lora.settings.scale);
      weight.assign(tf.add(weight, projections.get(name)!.inputFirst ? tf.transpose(product) : product));
    });
  }
  lora.dispose();
  model.lora = undefined;
  model.adapter = undefined;
}

function checkNumbers({ rank, alpha, dropout }: Record<"rank" | "alpha" | "dropout", number>): void {
  if (!(Number.isInteger(rank) && rank >= 1)) {
    throw new RangeError(`Cannot adapt the model: rank must be a whole number from 1, current value is ${rank}`);
  }
  if (!(alpha > 0 && alpha < Infinity)) {
    throw new RangeError(`Cannot adapt the model: alpha must be a number above 0, current value is ${alpha}`);
  }
  if (!(dropout >= 0 && dropout < 1)) {
    throw new RangeError(`Cannot adapt the model: dropout must be in [0, 1), current value is ${dropout}`);
  }
}
