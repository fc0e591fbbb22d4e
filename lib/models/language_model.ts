/**
 * A causal language model: a family, a configuration, and parameters on the engine in use.
 *
 * Shapes: `B` rows, `T` positions, `S` packed positions, `K` kept ones, `H` hidden width, `V` vocabulary.
 *
 * @module
 */
import { checkArguments, checkList, objectWith, tokenIds } from "../arguments/check_arguments.ts";
import * as tf from "@tensorflow/tfjs-core";
import type { StoragePrecision } from "../engines/engine.ts";
import { tensorMemory } from "../kernels/tensor_memory.ts";
import { type AuxiliaryLoss, auxiliarySums } from "./auxiliary_loss.ts";
import { causalAttention, softCap } from "../operations/mod.ts";
import type { Attend, ModelConfig, ModelFamily } from "./family.ts";
import type { Lora } from "./lora/lora.ts";
import { checkTokens, type PackedTokens, packTokens, positionCounts } from "../batches/packed_tokens.ts";
import { lengthsOfRows, withoutPrefixes } from "../batches/rows_of_tokens.ts";
import { sharesAcrossClasses } from "./length_classes.ts";
import type { ProjectionAdapter } from "./projection_adapter.ts";
import type { StatesOptions } from "./states_options.ts";

/** Options for {@linkcode LanguageModel.statesAndSums}. */
export interface StatesAndSumsOptions extends StatesOptions {
  /** Those of the model's auxiliary losses whose sums are requested. */
  losses: readonly AuxiliaryLoss[];
}

/**
 * A model that computes logits. Created by {@linkcode loadModel} or {@linkcode initializeModel}.
 *
 * @example The logits of two rows
 * ```ts
 * import assert from "node:assert/strict";
 * import { loadModel, loadTokenizer, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const model = await loadModel("data/teacher");
 * const tokenizer = await loadTokenizer("data/tokenizer");
 * const ids = tokenizer.encode("A heron is");
 * const logits = model.logits({ inputIds: [ids, ids] });
 * assert.deepEqual(logits.shape, [2, ids.length, model.vocabularySize]);
 * ```
 */
export class LanguageModel {
  /** The adapter that adds to the results of the model's projections; none at first. */
  adapter?: ProjectionAdapter;
  #vocabularySize: number;

  /** The model's low-rank adapters, if any; see `addLora`. */
  lora?: Lora;

  /**
   * Assembles a model.
   *
   * @param family The architecture.
   * @param config Its configuration.
   * @param parameters The variables by name; the model owns them.
   * @param precision How the engine stores its matrices.
   */
  constructor(
    readonly family: ModelFamily,
    readonly config: ModelConfig,
    readonly parameters: ReadonlyMap<string, tf.Variable>,
    readonly precision: StoragePrecision = "float32",
  ) {
    this.#vocabularySize = config.vocabularySize;
  }

  /** The name of the head's weight: the embedding's if they are tied. */
  get headName(): string {
    const { family, config } = this;
    return config.tiedHead ? family.embeddingName : family.headName;
  }

  /** The head's weight as stored, including padding, float32 `[config.vocabularySize, H]`. */
  get head(): tf.Variable {
    return this.#parameter(this.headName);
  }

  /**
   * The number of tokens that can have probability: the size of the head without the padding that
   * {@linkcode limitVocabulary} removes.
   */
  get vocabularySize(): number {
    return this.#vocabularySize;
  }

  /**
   * Removes padding: heads are often padded to a round size; from now on only the first `size` tokens can be read, have
   * logits, or be generated. The parameters are not changed, and a saved model keeps its padding.
   *
   * @param size The tokenizer's size.
   * @throws {RangeError} If the head is not that large.
   */
  limitVocabulary(size: number): void {
    const { vocabularySize } = this.config;
    if (!Number.isSafeInteger(size) || size < 1 || size > vocabularySize) {
      throw new RangeError(
        `Cannot limit the vocabulary: the size must be in 1..${vocabularySize}, the size of the head, current value is ${size}`,
      );
    }
    this.#vocabularySize = size;
  }

  /** Whether the head has padding. */
  get cutsHead(): boolean {
    return this.vocabularySize < this.head.shape[0];
  }

  /** The head's weight without padding, float32 `[V, H]`: the variable itself if it has no padding. */
  cutHead(): tf.Tensor2D {
    const head = this.head as tf.Tensor as tf.Tensor2D;
    return this.cutsHead ? tf.slice(head, [0, 0], [this.vocabularySize, head.shape[1]]) : head;
  }

  /**
   * Computes logits from states.
   *
   * @param states float32 `[S, H]`, as {@linkcode states} returns them.
   * @returns float32 `[S, V]`.
   */
  logitsOf(states: tf.Tensor2D): tf.Tensor2D {
    return tf.tidy(() =>
      softCap(tf.matMul(states, this.cutHead(), false, true), this.config.logitSoftCap)
    ) as tf.Tensor2D;
  }

  /** The trainable parameters by name: the adapters' if the model has some, otherwise its own. */
  get trainable(): ReadonlyMap<string, tf.Variable> {
    return this.lora?.parameters ?? this.parameters;
  }

  /** The bytes that the parameters take, where the engine in use stores them in blocks or in few bits. */
  get packedBytes(): number | undefined {
    const memory = tensorMemory();
    if (!memory || ["float32", "bfloat16"].includes(this.precision)) return undefined;
    return [...this.parameters.values()].reduce((sum, parameter) => sum + memory.bytesOf(parameter), 0);
  }

  /** How many numbers the parameters hold. */
  get parameterCount(): number {
    return [...this.parameters.values()].reduce((sum, { size }) => sum + size, 0);
  }

  /**
   * Computes the states from which the head predicts the next token.
   *
   * @param tokens Packed rows.
   * @returns float32 `[S, H]`, or `[K, H]` with `keep`.
   * @throws {RangeError} If an id is outside the vocabulary or a row longer than the context.
   */
  states(tokens: PackedTokens, options: StatesOptions = {}): tf.Tensor2D {
    return this.statesAndSums(tokens, { ...options, losses: [] }).states;
  }

  /** The auxiliary losses of training, with the weights of the configuration. */
  get auxiliaryLosses(): readonly AuxiliaryLoss[] {
    return this.family.auxiliaryLosses?.(this.config) ?? [];
  }

  /**
   * Computes the states as {@linkcode states} does, and the sums over all positions, regardless of `keep`, for the
   * auxiliary losses.
   *
   * @param tokens Packed rows.
   * @returns The states, and for each of the losses float32 `[M]`.
   * @throws {RangeError} If an id is outside the vocabulary or a row longer than the context.
   */
  statesAndSums(
    tokens: PackedTokens,
    options: StatesAndSumsOptions,
  ): { states: tf.Tensor2D; sums: tf.Tensor1D[] } {
    const { keep, attend = rowsAlone(tokens), recompute = false, pass, losses, onBlock, onExperts } = options;
    if (options.attend === undefined && sharesAcrossClasses(this, tokens)) {
      const { tokens: apart, places } = withoutPrefixes(tokens);
      const kept = keep ? Array.from(keep, (place) => places[place]) : places;
      return this.statesAndSums(apart, { ...options, keep: kept });
    }
    checkTokens(tokens, { vocabularySize: this.vocabularySize, contextLength: this.config.contextLength });
    return tf.tidy(() => {
      const auxiliary = losses.length > 0 ? auxiliarySums(losses, positionCounts(tokens)) : undefined;
      const states = this.family.states(this.config, {
        ids: tf.tensor1d(tokens.ids, "int32"),
        positions: tokens.positions,
        lengths: lengthsOfRows(tokens),
        parameter: (name) => this.#parameter(name),
        attend,
        adapter: this.adapter,
        pass,
        auxiliary: auxiliary?.inputs,
        onBlock,
        onExperts,
        recompute: recompute ? new Set(this.trainable.values()) : undefined,
        keep: keep && tf.tensor1d(Int32Array.from(keep), "int32"),
      }) as tf.Tensor2D;
      return { states, sums: auxiliary?.sums() ?? [] };
    });
  }

  /**
   * Computes the logits of every position.
   *
   * @param inputs Rows of token ids of equal length.
   * @returns float32 `[B, T, V]`.
   * @throws {RangeError} If the rows' lengths differ, an id is outside the vocabulary or a row longer than the context.
   */
  logits(inputs: { inputIds: number[][] }): tf.Tensor3D {
    checkArguments("compute logits", { inputs: [inputs, objectWith("inputIds")] });
    const { inputIds } = inputs;
    checkList("compute logits", { inputIds }, tokenIds);
    const tokens = packTokens(inputIds);
    const [length] = tokens.rowLengths;
    const other = tokens.rowLengths.find((other) => other !== length);
    if (other !== undefined) {
      throw new RangeError(
        `Cannot compute logits: rows must have equal lengths, current lengths are ${length} and ${other}`,
      );
    }
    return tf.tidy(() => {
      return tf.reshape(this.logitsOf(this.states(tokens)), [inputIds.length, length, this.vocabularySize]);
    });
  }

  /** Frees the parameters and adapters. */
  dispose(): void {
    this.lora?.dispose();
    for (const parameter of this.parameters.values()) parameter.dispose();
  }

  #parameter(name: string): tf.Variable {
    const parameter = this.parameters.get(name);
    if (!parameter) throw new ReferenceError(`Cannot compute states: the model has no parameter "${name}"`);
    return parameter;
  }
}

function rowsAlone({ rowLengths, prefixes }: PackedTokens): Attend {
  return (_layer, inputs, options) => causalAttention(inputs, { ...options, rowLengths, prefixes });
}
