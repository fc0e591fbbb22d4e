/**
 * How much memory a run will need, before it begins.
 *
 * Symbols: `P` numbers in the parameters, `S` positions, `K` kept ones, `B` rows, `T` the longest row, `V` vocabulary,
 * `H` hidden width, `A` heads, `L` blocks, `W` the widths in and out of a block's matrices, added up. All in float32.
 *
 * @module
 */
import type { ModelConfig } from "../models/family.ts";
import type { LanguageModel } from "../models/language_model.ts";
import type { BatchExtent } from "./batch_extent.ts";

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
   * @default {128}
   */
  chunkSize?: number;
  /**
   * Whether a step is split, so that gradients are added up.
   *
   * @default {false}
   */
  microBatches?: boolean;
  /**
   * Response tokens of all rows whose teacher states are kept.
   *
   * @default {0}
   */
  cachedTokens?: number;
  /**
   * Whether the engine has attention as one operation, in which no scores are kept.
   *
   * @default {false}
   */
  fusedAttention?: boolean;
}

/** Bytes, by what they are for. */
export interface MemoryEstimate {
  /** The student's parameters. */
  student: number;
  /** The teacher's parameters. */
  teacher: number;
  /** The optimizer's two moments. */
  optimizer: number;
  /** The student's gradients. */
  gradients: number;
  /** What the student's forward pass leaves for the backward pass, and the gradients of all that. */
  activations: number;
  /** Logits, probabilities and their like of a chunk, for student and teacher. */
  chunk: number;
  /** What a block of the teacher's forward pass needs. */
  teacherForward: number;
  /** The teacher's states that are kept over the epochs. */
  teacherCache: number;
  /** What is there at the worst moment; less than the sum, because not all of it is there at once. */
  peak: number;
}

const FLOAT = 4;
/** Tensors of a chunk's size that exist at once: 10 for `forward-kl`, 21 with an assistant, 79 for `alphanet`. */
const CHUNK_TENSORS = 24;
/**
 * Factors on `L·S·W`, `L·B·A·T²` and `L·B·T·H`: a least-squares fit to the peaks of 60 shapes of GPT-2, off by a fifth at
 * most on an engine of plain operations, by a third with fused ones. tensorflow.js keeps the gradient of each activation
 * to the end of the backward pass, so that of all activations about a third is what the forward pass saved.
 */
const PLAIN = { widths: 6.3, scores: 6.7, layout: 38, saved: 1 / 2.8, forward: 2.8 };
const FUSED = { widths: 1.9, scores: 0, layout: 18, saved: 1 / 2.8, forward: 1.4 };

/**
 * Estimates the memory of a run's training steps: what its tensors need, the runtime and the data not included.
 *
 * Parameters, moments (`2P`), gradients (`P`, twice that with micro-batches) and the teacher's kept states are exact.
 * Activations are `a·L′·W + b·L·B·A·T² + c·L·B·T·H` with `L′ = (L − 1)·S + (S + 3K) / 4`, for in the last block only the
 * kept positions go on behind the attention; a chunk is 24 tensors `[min(chunk, K), V]` and the head's gradient. At the
 * worst moment there is either all of the activations, or what the forward pass saved beside the teacher's pass or the
 * chunk.
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
  const { student, teacher, batch, chunkSize = 128, microBatches = false, cachedTokens = 0 } = options;
  for (const [name, value] of Object.entries({ ...batch, chunkSize })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(`Cannot estimate memory: ${name} must be a whole number from 1, current value is ${value}`);
    }
  }
  const factors = options.fusedAttention ? FUSED : PLAIN;
  const { hiddenSize, vocabularySize } = student.config;
  const parameters = FLOAT * parameterCount(student);
  const trained = student.lora ? FLOAT * adapterCount(student.lora) : parameters;
  const estimate = {
    student: parameters,
    teacher: teacher ? FLOAT * parameterCount(teacher) : 0,
    optimizer: 2 * trained,
    gradients: (microBatches ? 2 : 1) * trained,
    activations: FLOAT * activationCount(student, batch, factors),
    chunk: FLOAT * vocabularySize * (CHUNK_TENSORS * Math.min(chunkSize, batch.keptTokens) + hiddenSize),
    teacherForward: teacher ? FLOAT * forwardCount(teacher, batch, factors) : 0,
    teacherCache: teacher ? FLOAT * teacher.config.hiddenSize * cachedTokens : 0,
  };
  const { activations, chunk, teacherForward } = estimate;
  const moment = Math.max(activations, factors.saved * activations + Math.max(chunk, teacherForward));
  const lasting = parameters + estimate.teacher + estimate.optimizer + estimate.teacherCache;
  return { ...estimate, peak: lasting + estimate.gradients + moment };
}

/** Numbers in a model's adapters. */
function adapterCount({ parameters }: NonNullable<DescribedModel["lora"]>): number {
  return [...parameters.values()].reduce((sum, { size }) => sum + size, 0);
}

/** Numbers in a model's parameters. */
function parameterCount({ family, config }: DescribedModel): number {
  return [...family.parameters(config).values()].reduce((sum, { shape }) => sum + product(shape), 0);
}

/** `W`: of the matrices of all blocks, divided by the blocks. Tables of words or positions and the head are none. */
function blockWidths({ family, config }: DescribedModel): number {
  const tables = [config.vocabularySize, config.contextLength];
  const matrices = [...family.parameters(config).values()]
    .filter(({ shape }) => shape.length === 2 && !tables.includes(shape[0]));
  return matrices.reduce((sum, { shape: [from, to] }) => sum + from + to, 0) / config.layers;
}

function activationCount(model: DescribedModel, batch: BatchExtent, factors: typeof PLAIN): number {
  const { layers, hiddenSize } = model.config;
  const { rows, longestRow, positions, keptTokens } = batch;
  const places = (layers - 1) * positions + (positions + 3 * keptTokens) / 4;
  return factors.widths * places * blockWidths(model) +
    layers * rows * longestRow * (factors.scores * headsOf(model.config) * longestRow + factors.layout * hiddenSize);
}

function forwardCount(model: DescribedModel, batch: BatchExtent, factors: typeof PLAIN): number {
  const { rows, longestRow, positions } = batch;
  const scores = factors.scores > 0 ? 1.6 * rows * headsOf(model.config) * longestRow ** 2 : 0;
  return factors.forward * positions * blockWidths(model) + scores;
}

/** Heads of the attention; 64 wide where a family's configuration does not say. */
function headsOf(config: ModelConfig): number {
  return "heads" in config ? config.heads as number : Math.max(1, Math.round(config.hiddenSize / 64));
}

const product = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);
