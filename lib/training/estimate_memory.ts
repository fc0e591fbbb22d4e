/**
 * How much memory a run will need, before it begins.
 *
 * Symbols: `P` numbers in the parameters, `S` positions, `K` kept ones, `B` rows, `T` the longest row, `V` vocabulary,
 * `H` hidden width, `A` heads, `L` blocks, `W` the widths in and out of a block's matrices, added up. All in float32.
 *
 * @module
 */
import { bytesPerNumber } from "../models/float_formats.ts";
import type { ModelConfig } from "../models/family.ts";
import type { LanguageModel } from "../models/language_model.ts";
import { CHUNK_SIZE } from "../objectives/chunked_loss.ts";
import type { BatchExtent } from "./batch_extent.ts";
import { stateFormats, type StateType } from "../teachers/state_store.ts";

/** A model, loaded or only described. */
export type DescribedModel = Pick<LanguageModel, "config" | "family"> & Partial<Pick<LanguageModel, "lora">>;

/** Options for {@linkcode estimateMemory}. */
export interface EstimateMemoryOptions {
  /** The model that is trained. */
  student: DescribedModel;
  /**
   * The model it is distilled from.
   *
   * @default {none}
   */
  teacher?: DescribedModel;
  /** The largest batch that is worked on at once. */
  batch: BatchExtent;
  /**
   * Response tokens whose logits exist at once.
   *
   * @default {192}
   */
  chunkSize?: number;
  /**
   * Whether a step is split, so that gradients are added up.
   *
   * @default {false}
   */
  microBatches?: boolean;
  /**
   * Response tokens of all rows whose teacher states are kept in memory.
   *
   * @default {0}
   */
  cachedTokens?: number;
  /**
   * How they are stored.
   *
   * @default {"float32"}
   */
  cachedType?: StateType;
  /**
   * Whether the student's blocks are computed again in the backward pass.
   *
   * @default {false}
   */
  recompute?: boolean;
  /**
   * Whether attention and the optimizer's step are single operations of the engine, in which no scores and no further
   * tensors are needed.
   *
   * @default {false}
   */
  fused?: boolean;
  /**
   * Numbers of state that the optimizer keeps for each number that is trained: the slots of its rule.
   *
   * @default {2, AdamW's moments}
   */
  optimizerSlots?: number;
  /**
   * Ranks over which the optimizer's state is divided.
   *
   * @default {1}
   */
  optimizerShards?: number;
}

/** Bytes, by what they are for. */
export interface MemoryEstimate {
  /** The student's parameters. */
  student: number;
  /** The teacher's parameters. */
  teacher: number;
  /** The optimizer's state: AdamW's two moments, for instance. */
  optimizer: number;
  /** The student's gradients. */
  gradients: number;
  /** What the student's forward pass leaves for the backward pass. */
  activations: number;
  /** What a block of the student needs while it is worked on; with `recompute`, its activations too. */
  block: number;
  /** Logits, probabilities and their like of a chunk, for student and teacher. */
  chunk: number;
  /** What a block of the teacher needs while it is worked on. */
  teacherBlock: number;
  /** What the optimizer's step needs on the way, for one parameter after another. */
  optimizerStep: number;
  /** The teacher's states that are kept over the epochs. */
  teacherCache: number;
  /** What is there at the worst moment; less than the sum, because not all of it is there at once. */
  peak: number;
}

const FLOAT = 4;
/** Tensors of a chunk's size that exist at once: 10 for `forward-kl`, 21 with an assistant, 79 for `alphanet`. */
const CHUNK_TENSORS = 24;
/** Tensors of a parameter's size that exist at once in its step of AdamW, beside those that last. */
const STEP_TENSORS = 15;
/**
 * Factors on `S·W`, `B·A·T²` and `B·T·H`: for what the forward pass of a block leaves behind, and for what a block needs
 * while it is worked on. A least-squares fit to the peaks of 90 shapes of GPT-2, off by a fifth at most on an engine of
 * plain operations, by less than a half with fused ones.
 */
const PLAIN = {
  saved: { widths: 2.6, scores: 2.6, layout: 9 },
  block: { widths: 1.4, scores: 3, layout: 10 },
};
const FUSED: typeof PLAIN = {
  saved: { widths: 1.3, scores: 0, layout: 8 },
  block: { widths: 1, scores: 0, layout: 3 },
};

/**
 * Estimates the memory of a run's training steps: what its tensors need, the runtime and the data not included.
 *
 * Parameters, the optimizer's state (AdamW's is `2P`), gradients (`P`, twice that with micro-batches) and the teacher's kept states are exact.
 * Activations are `a·S′·W + b·L·B·A·T² + c·L·B·T·H` with `S′ = (L − 1)·S + (S + 3K) / 4`, for in the last block only the
 * kept positions go on behind the attention; a block is `d·S·W + e·B·A·T² + f·B·T·H`, a chunk 24 tensors `[min(chunk, K), V]` and
 * the head's gradient. With `recompute`, activations are `L·S·H`, and a block has what it leaves, `a·S·W + b·B·A·T² + c·B·T·H`,
 * beside what it needs. The optimizer's step takes 15 tensors of the
 * largest parameter's size. At the worst moment there is, beside all that lasts, the larger of the optimizer's step and the
 * activations with the largest of a block of either model and a chunk.
 *
 * @param options Models, batch and settings.
 * @returns Bytes.
 * @throws {RangeError} If a size of the batch, or the chunk, is not a whole number from 1.
 *
 * @example A small student alone
 * ```ts
 * import { estimateMemory, initializeModel, useEngine } from "@amid/amid";
 *
 * await useEngine("wasm");
 * const json = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const student = initializeModel(json, { seed: 1 });
 * const batch = { rows: 4, longestRow: 8, positions: 32, keptTokens: 9 };
 * console.log(estimateMemory({ student, batch }).peak);
 * ```
 */
export function estimateMemory(options: EstimateMemoryOptions): MemoryEstimate {
  const { student, teacher, batch, chunkSize = CHUNK_SIZE, microBatches = false } = options;
  const { cachedTokens = 0, cachedType = "float32", recompute = false } = options;
  const { optimizerSlots = 2, optimizerShards = 1 } = options;
  for (const [name, value] of Object.entries({ ...batch, chunkSize, optimizerShards })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`Cannot estimate memory: ${name} must be a whole number from 1, current value is ${value}`);
    }
  }
  const factors = options.fused ? FUSED : PLAIN;
  const { hiddenSize, vocabularySize } = student.config;
  const parameters = FLOAT * parameterCount(student);
  const trained = student.lora ? FLOAT * adapterCount(student.lora) : parameters;
  const estimate = {
    student: parameters,
    teacher: teacher ? FLOAT * parameterCount(teacher) : 0,
    optimizer: Math.ceil(optimizerSlots * trained / optimizerShards),
    gradients: (microBatches ? 2 : 1) * trained,
    activations: FLOAT * (recompute ? inputCount(student, batch) : savedCount(student, batch, factors)),
    block: FLOAT * (blockCount(student, batch, factors) + (recompute ? savedOfBlock(student, batch, factors) : 0)),
    chunk: FLOAT * vocabularySize * (CHUNK_TENSORS * Math.min(chunkSize, batch.keptTokens) + hiddenSize),
    teacherBlock: teacher ? FLOAT * blockCount(teacher, batch, factors) : 0,
    optimizerStep: options.fused ? 0 : STEP_TENSORS * FLOAT * largestTrained(student),
    teacherCache: teacher ? bytesPerNumber[stateFormats[cachedType]] * teacher.config.hiddenSize * cachedTokens : 0,
  };
  const { activations, block, chunk, teacherBlock, optimizerStep, ...lasting } = estimate;
  const moment = Math.max(activations + Math.max(block, chunk, teacherBlock), optimizerStep);
  return { ...estimate, peak: moment + Object.values(lasting).reduce((sum, bytes) => sum + bytes, 0) };
}

/** Numbers in a model's adapters. */
function adapterCount({ parameters }: NonNullable<DescribedModel["lora"]>): number {
  return [...parameters.values()].reduce((sum, { size }) => sum + size, 0);
}

/** Numbers in a model's parameters. */
function parameterCount({ family, config }: DescribedModel): number {
  return [...family.parameters(config).values()].reduce((sum, { shape }) => sum + product(shape), 0);
}

/** Numbers in the largest of what is trained: a parameter, or an adapter where there are some. */
function largestTrained({ family, config, lora }: DescribedModel): number {
  if (lora) return Math.max(...[...lora.parameters.values()].map(({ size }) => size));
  return Math.max(...[...family.parameters(config).values()].map(({ shape }) => product(shape)));
}

/** `W`: of the matrices of all blocks, divided by the blocks. Tables of words or positions and the head are none. */
function blockWidths({ family, config }: DescribedModel): number {
  const tables = [config.vocabularySize, config.contextLength];
  const matrices = [...family.parameters(config).values()]
    .filter(({ shape }) => shape.length === 2 && !tables.includes(shape[0]));
  return matrices.reduce((sum, { shape: [from, to] }) => sum + from + to, 0) / config.layers;
}

/** `a·places·W + repeats·(b·B·A·T² + c·B·T·H)`. */
function count(
  model: DescribedModel,
  { rows, longestRow }: BatchExtent,
  { factors, places, repeats }: { factors: typeof PLAIN.block; places: number; repeats: number },
): number {
  const { hiddenSize } = model.config;
  const attention = factors.scores * headsOf(model.config) * longestRow + factors.layout * hiddenSize;
  return factors.widths * places * blockWidths(model) + repeats * rows * longestRow * attention;
}

function savedCount(model: DescribedModel, batch: BatchExtent, { saved }: typeof PLAIN): number {
  const { layers } = model.config;
  const { positions, keptTokens } = batch;
  const places = (layers - 1) * positions + (positions + 3 * keptTokens) / 4;
  return count(model, batch, { factors: saved, places, repeats: layers });
}

/** What a single block leaves. */
function savedOfBlock(model: DescribedModel, batch: BatchExtent, { saved }: typeof PLAIN): number {
  return count(model, batch, { factors: saved, places: batch.positions, repeats: 1 });
}

/** The states before each block. */
function inputCount({ config: { layers, hiddenSize } }: DescribedModel, { positions }: BatchExtent): number {
  return layers * positions * hiddenSize;
}

function blockCount(model: DescribedModel, batch: BatchExtent, { block }: typeof PLAIN): number {
  return count(model, batch, { factors: block, places: batch.positions, repeats: 1 });
}

/** Heads of the attention; 64 wide where a family's configuration does not say. */
function headsOf(config: ModelConfig): number {
  return "heads" in config ? config.heads as number : Math.max(1, Math.round(config.hiddenSize / 64));
}

const product = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);
