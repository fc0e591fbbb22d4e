/**
 * The interface of an architecture family: it reads a configuration, lists the parameters and computes hidden states.
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
  /** The size of the vocabulary. */
  vocabularySize: number;
  /** The maximum length of a row in positions. */
  contextLength: number;
  /** The hidden width. */
  hiddenSize: number;
  /** Blocks. */
  layers: number;
  /** Heads of the query in a block's attention. */
  heads: number;
  /** The width of a head. */
  headSize: number;
  /** Heads of key and value if queries share them; otherwise as many as query heads. */
  keyValueHeads?: number;
  /** The width of a block's inner layer. */
  innerSize: number;
  /** The end tokens: those that config.json and generation_config.json name as `eos_token_id`. */
  endTokens: readonly number[];
  /** Logits become `logitSoftCap · tanh(logit / logitSoftCap)`, if the family caps them. */
  logitSoftCap?: number;
  /** The experts of a layer, in a mixture of experts. */
  expertCount?: number;
  /** The share of a layer's experts that process a position, in a mixture of experts. */
  expertShare?: number;
  /** Whether head and embedding are tied. */
  tiedHead: boolean;
  /** config.json as it was read; it is saved with the model. */
  json: Record<string, unknown>;
  /** generation_config.json as it was read, if there was one; it is saved too. */
  generation?: Record<string, unknown>;
}

/** How a parameter is initialized in a new model. */
export type Start = "zeros" | "ones" | { normal: number };

/**
 * What a parameter is for. Estimates of work and memory rely on it, never on names or shapes, which can coincide.
 *
 * - `tokens`: the table of tokens, `[V, width]`; also the head if the two are tied.
 * - `positions`: a position table, whose rows are looked up.
 * - `attention-input`: a projection to query, key or value, computed at every position in every block.
 * - `projection`: another projection of a block; in the last block it is computed at the kept positions only.
 * - `expert`: a projection of one of many experts, computed at the share `expertShare` of the positions.
 * - `before-blocks`, `behind-blocks`: a projection of the embeddings before the first block, or of the states after the
 *   last.
 * - `norm`: a gain or bias of a norm.
 * - `bias`: a bias of a projection.
 * - `head`: an untied head, `[V, width]`.
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

/** A width that can be pruned: its units are tokens, hidden dimensions, inner units, heads or experts. */
export type Width = "vocabulary" | "hidden" | "inner" | "heads" | "keyValueHeads" | "experts";

/**
 * The width that an axis belongs to: each unit has an equal share of the axis, in order. An axis of several parts has
 * them one after another, as in fused projections; there a head's share is its width. `"fixed"` belongs to none.
 */
export type ParameterAxis = Width | readonly Width[] | "fixed";

/** A parameter of a model. */
export interface ParameterSpec {
  /** Its extents. */
  shape: number[];
  /** The width along each axis of its shape. */
  axes: readonly ParameterAxis[];
  /** The block that it belongs to, from 0; absent outside blocks. */
  layer?: number;
  /** The expert of the block that it belongs to, from 0, if each expert has parameters of its own. */
  expert?: number;
  /** Its role. */
  role: ParameterRole;
  /** Its initialization. */
  start: Start;
  /**
   * For the weight of a projection that goes through `project()`, which of its axes comes first; absent for others,
   * including embeddings and heads.
   */
  projection?: "input-first" | "output-first";
}

/** A layer's attention: over the current rows in training, over a cache in generation. */
export type Attend = (
  layer: number,
  inputs: AttentionInputs,
  options: Omit<CausalAttentionOptions, "rowLengths">,
) => tf.Tensor;

/**
 * Observes a block's states while they are computed.
 *
 * @param layer The block, from 0.
 * @param states Before and after it, float32 `[S, H]`; they are freed after the call.
 */
export type BlockObserver = (layer: number, states: { before: tf.Tensor; behind: tf.Tensor }) => void;

/**
 * Observes where a mixture of experts sends positions.
 *
 * @param layer The block, from 0.
 * @param loads The number of positions that each expert processes, `[E]`.
 */
export type ExpertObserver = (layer: number, loads: readonly number[]) => void;

/** The sizes of a pruned model. */
export interface CutSizes extends Readonly<Record<Width, number>> {
  /** The kept blocks, in order. */
  layers: readonly number[];
}

/** The inputs of a family's states. */
export interface ForwardInputs {
  /** int32 `[S]`. */
  ids: tf.Tensor1D;
  /** The position of each id in its row, `[S]`. */
  positions: Int32Array;
  /** The length of each id's row, `[S]`; in generation, its current length. */
  lengths: Int32Array;
  /** The parameter of that name; the name must be one that the family lists. */
  parameter: (name: string) => tf.Tensor;
  /** The layers' attention. */
  attend: Attend;
  /** The adapter that adds to the results of projections. */
  adapter?: ProjectionAdapter;
  /** The pass of training in which the adapter drops inputs. */
  pass?: DropoutPass;
  /** Receives the sums of auxiliary losses, if requested. */
  auxiliary?: AuxiliaryInputs;
  /** Receives the states before and after each block. */
  onBlock?: BlockObserver;
  /** Receives the loads of experts. */
  onExperts?: ExpertObserver;
  /** Positions whose final state is needed, int32 `[K]`; all of them if absent. */
  keep?: tf.Tensor1D;
  /**
   * The trained parameters, if blocks are recomputed for the gradient; activations are then not kept.
   */
  recompute?: ReadonlySet<tf.Tensor>;
}

/** An architecture family. To add one, write a file in this folder and a line in families.ts. */
export interface ModelFamily<Config extends ModelConfig = ModelConfig> {
  /** `model_type` of the config.json files it reads. */
  readonly modelType: string;
  /** Its class in the Python library transformers; saved models name it if their config.json does not. */
  readonly architecture: string;
  /**
   * The class of the same model without a head.
   *
   * @default {the same name ending in `Model`}
   */
  readonly headless?: string;
  /** The rules for its config.json fields, except those shared by every family. */
  readonly fields: FieldRules;
  /**
   * Methods of config.json's `quantization_config` whose weights the family dequantises while reading; the field is
   * then dropped from the configuration's `json`.
   *
   * @default {none}
   */
  readonly dequantized?: readonly string[];
  /**
   * Reads a config.json.
   *
   * @throws {RangeError | TypeError} If a field is missing, of the wrong kind, or unsupported.
   */
  readConfig(json: Record<string, unknown>): Config;
  /**
   * Makes the config.json of a pruned model.
   *
   * @param config The original configuration.
   * @param sizes The kept sizes.
   * @throws {RangeError} If the family cannot have these sizes; the message explains why.
   */
  cutConfig(config: Config, sizes: CutSizes): Record<string, unknown>;
  /** Parameters by their names in the file, in the order in which they are saved. */
  parameters(config: Config): Map<string, ParameterSpec>;
  /** The parameter's name for a tensor's name in a file; null for a tensor that is deliberately skipped. */
  parameterName(tensorName: string): string | null;
  /** The name of the embedding, `[V, H]`; also the head if the configuration ties them. */
  readonly embeddingName: string;
  /** The name of an untied head, `[V, H]`. */
  readonly headName: string;
  /**
   * The class of a row's length. Rows of different classes are computed differently from their first position on, so
   * they share no prefix, and keys and values are recomputed when a growing row changes class.
   *
   * @default {one class for all lengths}
   */
  lengthClass?(config: Config, length: number): string;
  /** The auxiliary losses that the family adds to the objective's, if any. */
  auxiliaryLosses?(config: Config): readonly AuxiliaryLoss[];
  /** The states after the last norm, `[S, H]` or `[K, H]`; the sums of auxiliary losses are passed to `inputs`. */
  states(config: Config, inputs: ForwardInputs): tf.Tensor;
}
