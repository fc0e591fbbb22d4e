/**
 * A causal language model: a family, a configuration, and parameters on the engine in use.
 *
 * Shapes: `B` rows, `T` positions, `S` packed positions, `K` kept ones, `H` hidden width, `V` vocabulary.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { causalAttention } from "../operations/mod.ts";
import type { Attend, ModelConfig, ModelFamily } from "./family.ts";
import type { Lora } from "./lora.ts";
import { checkTokens, type PackedTokens, packTokens } from "./packed_tokens.ts";
import type { ProjectionAdapter } from "./projection.ts";

/** Options for {@linkcode LanguageModel.states}. */
export interface StatesOptions {
  /**
   * Indices of the packed positions whose states are wanted; the last block then works on these alone.
   *
   * @default {all}
   */
  keep?: ArrayLike<number>;
  /**
   * How layers attend.
   *
   * @default {causally, each row to itself}
   */
  attend?: Attend;
}

/** A model that gives logits. Made by {@linkcode loadModel} or {@linkcode initializeModel}. */
export class LanguageModel {
  /** What is added to the results of the model's projections, wherever its states are computed: nothing at first. */
  adapter?: ProjectionAdapter;

  /** The model's low-rank adapters, where it has some; see `addLora`. */
  lora?: Lora;

  /**
   * Puts a model together.
   *
   * @param family The architecture.
   * @param config Its configuration.
   * @param parameters The variables by name; the model owns them.
   */
  constructor(
    readonly family: ModelFamily,
    readonly config: ModelConfig,
    readonly parameters: ReadonlyMap<string, tf.Variable>,
  ) {}

  /** The head's weight, float32 `[V, H]`. */
  get head(): tf.Variable {
    return this.#parameter(this.family.headName(this.config));
  }

  /** What training changes, by name: the adapters' parameters where the model has some, else its own. */
  get trainable(): ReadonlyMap<string, tf.Variable> {
    return this.lora?.parameters ?? this.parameters;
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
    const { keep, attend = rowsAlone(tokens) } = options;
    checkTokens(tokens, this.config);
    return tf.tidy(() =>
      this.family.states(this.config, {
        ids: tf.tensor1d(tokens.ids, "int32"),
        positions: tf.tensor1d(tokens.positions, "int32"),
        parameter: (name) => this.#parameter(name),
        attend,
        adapter: this.adapter,
        keep: keep && tf.tensor1d(Int32Array.from(keep), "int32"),
      })
    ) as tf.Tensor2D;
  }

  /**
   * Computes the logits of every position.
   *
   * @param inputs Rows of token ids, all of one length.
   * @returns float32 `[B, T, V]`.
   * @throws {RangeError} If the rows' lengths differ, an id is outside the vocabulary or a row longer than the context.
   */
  logits({ inputIds }: { inputIds: number[][] }): tf.Tensor3D {
    const tokens = packTokens(inputIds);
    const [length] = tokens.rowLengths;
    const other = tokens.rowLengths.find((other) => other !== length);
    if (other !== undefined) {
      throw new RangeError(`Cannot compute logits: rows must be of one length, there are ${length} and ${other}`);
    }
    return tf.tidy(() => {
      const logits = tf.matMul(this.states(tokens), this.head as tf.Tensor2D, false, true);
      return tf.reshape(logits, [inputIds.length, length, this.config.vocabularySize]);
    });
  }

  /** Frees the parameters, the adapters' too. */
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

function rowsAlone({ rowLengths, prefixLength }: PackedTokens): Attend {
  return (_layer, inputs, options) => causalAttention(inputs, { ...options, rowLengths, prefixLength });
}
