/**
 * What an architecture family is: one file that reads its configuration, lists its parameters and computes its states.
 *
 * Shapes: `S` packed positions, `K` kept ones, `H` hidden width, `V` vocabulary.
 *
 * @module
 */
import type * as tf from "@tensorflow/tfjs-core";
import type { AttentionInputs, CausalAttentionOptions } from "../operations/mod.ts";
import type { FieldRules } from "./config/field_rules.ts";
import type { AuxiliaryInputs, AuxiliaryLoss } from "./auxiliary_loss.ts";
import type { DropoutPass, ProjectionAdapter } from "./projection_adapter.ts";

/** The fields that the configurations of all families share. */
export interface ModelConfig {
  /** `model_type` of config.json. */
  modelType: string;
  /** Tokens of the vocabulary. */
  vocabularySize: number;
  /** Positions a row may have. */
  contextLength: number;
  /** Width of a state. */
  hiddenSize: number;
  /** Blocks. */
  layers: number;
  /** Heads of the query in a block's attention. */
  heads: number;
  /** The width of a head. */
  headSize: number;
  /** Heads of key and value, where queries share them; else there are as many as of the query. */
  keyValueHeads?: number;
  /** The width of a block's inner layer. */
  innerSize: number;
  /** Tokens that end a text: those that config.json and generation_config.json name as `eos_token_id`. */
  endTokens: readonly number[];
  /** Logits become `logitSoftCap · tanh(logit / logitSoftCap)`, where the family caps them. */
  logitSoftCap?: number;
  /** The share of a layer's experts that a position goes through, in a mixture of experts. */
  expertShare?: number;
  /** Whether the head is the embedding. */
  tiedHead: boolean;
  /** config.json as it was read; it is written back with the model. */
  json: Record<string, unknown>;
  /** generation_config.json as it was read, where there was one; it is written back too. */
  generation?: Record<string, unknown>;
}

/** How a parameter starts when a model is made from nothing. */
export type Start = "zeros" | "ones" | { normal: number };

/**
 * What a parameter is for. Counts of work and memory go by it, never by names or shapes: a projection's width may well
 * be the context's length.
 *
 * - `tokens`: the table of tokens, `[V, width]`; the head too where the two are tied.
 * - `positions`: a table of positions, of which rows are looked up.
 * - `attention-input`: a projection to query, key or value, of which every position has need in every block.
 * - `projection`: another projection of a block; in the last block only the kept positions go through it.
 * - `expert`: a projection of one of many experts, through which the share `expertShare` of the positions goes.
 * - `before-blocks`, `behind-blocks`: a projection of the embeddings before the first block, of the states behind the
 * last.
 * - `norm`: a gain or bias of a norm.
 * - `bias`: a bias of a projection.
 * - `head`: a head of its own, `[V, width]`.
 */
export type ParameterRole =
  | "tokens"
  | "positions"
  | "attention-input"
  | "projection"
  | "expert"
  | "before-blocks"
  | "behind-blocks"
  | "norm"
  | "bias"
  | "head";

/** A size of a model that can be cut: its units are tokens, states' dimensions, inner units, heads. */
export type Width = "vocabulary" | "hidden" | "inner" | "heads" | "keyValueHeads";

/**
 * What the numbers along an axis belong to: each unit of a width has an equal share of them, in order. An axis of
 * several parts has them one after another, as fused projections do; there a head's share is its width. `"fixed"`
 * belongs to none.
 */
export type ParameterAxis = Width | readonly Width[] | "fixed";

/** A parameter of a model. */
export interface ParameterSpec {
  /** Its extents. */
  shape: number[];
  /** What lies along each axis of its shape. */
  axes: readonly ParameterAxis[];
  /** The block that it belongs to, from 0; absent outside blocks. */
  layer?: number;
  /** What it is for. */
  role: ParameterRole;
  /** How it starts. */
  start: Start;
  /**
   * For the weight of a projection that goes through `project()`, which of its axes comes first; nothing for the
   * others, embeddings and heads among them.
   */
  projection?: "input-first" | "output-first";
}

/** How a layer attends: over the current rows in training, over a cache in generation. */
export type Attend = (
  layer: number,
  inputs: AttentionInputs,
  options: Omit<CausalAttentionOptions, "rowLengths">,
) => tf.Tensor;

/**
 * Looks at a block's states while they are computed.
 *
 * @param layer The block, from 0.
 * @param states Before and behind it, float32 `[S, H]`; they are freed after the call.
 */
export type BlockObserver = (layer: number, states: { before: tf.Tensor; behind: tf.Tensor }) => void;

/** The sizes of a model that is cut out of another. */
export interface CutSizes extends Readonly<Record<Width, number>> {
  /** The blocks that it keeps, in order. */
  layers: readonly number[];
}

/** What a family computes its states from. */
export interface ForwardInputs {
  /** int32 `[S]`. */
  ids: tf.Tensor1D;
  /** The place of each id in its row, `[S]`. */
  positions: Int32Array;
  /** The length of each id's row, `[S]`; in generation, of as much of it as there is. */
  lengths: Int32Array;
  /** The parameter of that name; the name must be one that the family lists. */
  parameter: (name: string) => tf.Tensor;
  /** How layers attend. */
  attend: Attend;
  /** What is added to the results of projections. */
  adapter?: ProjectionAdapter;
  /** The pass of training in which the adapter drops inputs. */
  pass?: DropoutPass;
  /** What takes the sums of auxiliary losses, where they are wanted. */
  auxiliary?: AuxiliaryInputs;
  /** Receives the states before and after each block. */
  onBlock?: BlockObserver;
  /** Positions whose last state is wanted, int32 `[K]`; all of them where absent. */
  keep?: tf.Tensor1D;
  /**
   * The parameters that are trained, where blocks are to be computed again for the gradient; no activations stay then.
   */
  recompute?: ReadonlySet<tf.Tensor>;
}

/** An architecture family. A new one is a file in this folder and a line in families.ts. */
export interface ModelFamily<Config extends ModelConfig = ModelConfig> {
  /** `model_type` of the config.json files it reads. */
  readonly modelType: string;
  /** Its class in the Python library transformers; saved models name it where their config.json does not. */
  readonly architecture: string;
  /**
   * The class of the same model without its head.
   *
   * @default {the same name with `Model` at its end}
   */
  readonly headless?: string;
  /** How the fields of its config.json are treated, apart from those that mean the same in every family. */
  readonly fields: FieldRules;
  /**
   * Methods of config.json's `quantization_config` of which the family's weights are dequantised as they are read; the field
   * is then no part of the configuration's `json`.
   *
   * @default {none}
   */
  readonly dequantized?: readonly string[];
  /**
   * Reads a config.json.
   *
   * @throws {RangeError | TypeError} If a field is missing, of the wrong kind, or asks for what is not supported.
   */
  readConfig(json: Record<string, unknown>): Config;
  /**
   * Makes the config.json of a model that keeps some of another's blocks and units.
   *
   * @param config The other's configuration.
   * @param sizes What it keeps.
   * @throws {RangeError} If the family has no model of these sizes; the message says what it needs.
   */
  cutConfig(config: Config, sizes: CutSizes): Record<string, unknown>;
  /** Parameters by their names in the file, in the order in which they are written. */
  parameters(config: Config): Map<string, ParameterSpec>;
  /** The parameter's name for a tensor's name in a file; null for a tensor that a reader leaves out on purpose. */
  parameterName(tensorName: string): string | null;
  /** The name of the embedding, `[V, H]`; it is the head too where the configuration ties them. */
  readonly embeddingName: string;
  /** The name of a head of its own, `[V, H]`. */
  readonly headName: string;
  /**
   * The class of a row's length. Rows of different classes are computed differently from their first position on, so
   * that they share no prefix, and keys and values are computed again once a growing row is of another class.
   *
   * @default {one class for all lengths}
   */
  lengthClass?(config: Config, length: number): string;
  /** The losses that the family adds to the objective's, in families that have some. */
  auxiliaryLosses?(config: Config): readonly AuxiliaryLoss[];
  /** The states after the last norm, `[S, H]` or `[K, H]`; the sums of auxiliary losses go to where the inputs say. */
  states(config: Config, inputs: ForwardInputs): tf.Tensor;
}
