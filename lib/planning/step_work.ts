/**
 * The arithmetic of a step of distillation, and the bytes that it moves.
 *
 * Symbols: `P` numbers in the parameters, `Q` those of a block's matrices for query, key and value, `M` those of its
 * other matrices, `L` blocks, `S` positions, `K` kept ones, `B` rows, `T` the length of a row, `A` heads times their
 * width, `V` vocabulary, `H` width of the head.
 *
 * @module
 */
import type { BatchExtent } from "../batches/batch_extent.ts";
import { headWidth, numbersIn } from "../models/parameter_counts.ts";
import type { DescribedModel } from "../training/memory/described_model.ts";

/** Multiplications and additions of the parts of a step. */
export interface StepWork {
  /** The teacher's blocks. */
  teacher: number;
  /** The student's blocks, forward. */
  forward: number;
  /** Both heads, and the gradient of the student's. */
  head: number;
  /** The student's blocks, backward; with recomputation their second forward pass too. */
  backward: number;
  /** Bytes read and written by the loss. */
  lossBytes: number;
  /** Bytes read and written by gradient norm and AdamW, all parameters taken together. */
  optimizerBytes: number;
}

/** What a step's work depends on. */
export interface WorkExtent extends Omit<BatchExtent, "longestRow"> {
  /**
   * Positions of the longest row, to which rows are padded where attention is made of plain operations.
   *
   * @default {the mean}
   */
  longestRow?: number;
  /**
   * The squares of the rows' lengths, added up; of a row that begins as another does, less the square of what they
   * share.
   *
   * @default {as of rows of the mean length}
   */
  squares?: number;
}

/** Options for {@linkcode stepWork}. */
export interface StepWorkOptions {
  /** The model that is trained. */
  student: DescribedModel;
  /** The model it is distilled from; none for next-token training. */
  teacher?: DescribedModel;
  /** The work of a device in a step. */
  batch: WorkExtent;
  /**
   * Share of the rows whose teacher states are cached.
   *
   * @default {0}
   */
  cached?: number;
  /**
   * Whether each block's forward pass is computed again in the backward pass.
   *
   * @default {false}
   */
  recompute?: boolean;
  /**
   * Whether attention leaves out what is masked and the loss is one pass over the logits.
   *
   * @default {false}
   */
  fused?: boolean;
}

/** Passes over `[K, V]` numbers of float32: of plain operations with an assistant, and of one operation. */
const LOSS_PASSES = { plain: 48, fused: 3 };
const FLOAT = 4;
/** AdamW reads parameter, gradient and two moments and writes three of them; the norm reads the gradient once more. */
const OPTIMIZER_PASSES = 8;

/**
 * Counts a step's work.
 *
 * A block's forward pass is `2 (Q + M) S`, in the last block `2 (Q S + M K)`, because only the kept positions continue after
 * the attention, and `4 A Σ T²` for scores and sums, half of that where what is masked is left out. The backward pass
 * is twice the forward pass, for adapters without the gradients in the matrices, which are frozen. A head is `2 K V H`;
 * of the student's there is the gradient in states and, where it is trained, in the head too.
 *
 * @param options Models, batch and settings.
 * @returns Floating-point operations and bytes.
 * @throws {RangeError} If `cached` is not a share.
 *
 * Source of the factors: J. Kaplan et al., "Scaling laws for neural language models", 2020, section 2.1.
 */
export function stepWork(options: StepWorkOptions): StepWork {
  const { student, teacher, batch, cached = 0, recompute = false, fused = false } = options;
  if (!(cached >= 0 && cached <= 1)) {
    throw new RangeError(`Cannot count a step's work: cached must be from 0 to 1, current value is ${cached}`);
  }
  const total = ({ matrices, adapters, attention }: ReturnType<typeof forwardFlops>) => matrices + adapters + attention;
  const parts = forwardFlops(student, batch, fused);
  const forward = total(parts);
  const { vocabularySize } = student.config;
  const headOf = (model: DescribedModel) => 2 * batch.keptTokens * model.config.vocabularySize * headWidth(model);
  const frozen = student.lora !== undefined;
  return {
    teacher: teacher ? (1 - cached) * total(forwardFlops(teacher, batch, fused)) : 0,
    forward,
    head: (frozen ? 2 : 3) * headOf(student) + (teacher ? headOf(teacher) : 0),
    backward: (recompute ? forward : 0) + 2 * forward - (frozen ? parts.matrices : 0),
    lossBytes: FLOAT * LOSS_PASSES[fused ? "fused" : "plain"] * batch.keptTokens * vocabularySize,
    optimizerBytes: FLOAT * OPTIMIZER_PASSES * trainedCount(student),
  };
}

/** Numbers that are trained: of the adapters where there are some, else `P`. */
export const trainedCount = (model: DescribedModel): number => model.lora ? adapterCount(model) : numbersIn(model);

/**
 * Numbers of the tables whose gradient is complete only at the end of the backward pass: those of tokens and positions.
 */
export const lateCount = (model: DescribedModel): number => model.lora ? 0 : numbersIn(model, "tokens", "positions");

function adapterCount({ lora }: DescribedModel): number {
  return lora ? [...lora.parameters.values()].reduce((sum, { size }) => sum + size, 0) : 0;
}

/** A model's forward pass without its head: products with its matrices, and attention. */
function forwardFlops(model: DescribedModel, batch: StepWorkOptions["batch"], fused: boolean) {
  const { layers, heads, headSize, expertShare = 0 } = model.config;
  const { positions, keptTokens } = batch;
  const places = ((layers - 1) * positions + keptTokens) / layers;
  const matrices = 2 * (numbersIn(model, "attention-input", "before-blocks") * positions +
    (numbersIn(model, "projection") + expertShare * numbersIn(model, "expert")) * places +
    numbersIn(model, "behind-blocks") * keptTokens);
  const adapters = 2 * adapterCount(model) * positions;
  return { matrices, adapters, attention: layers * (fused ? 2 : 4) * squares(batch, fused) * heads * headSize };
}

/** `Σ T²`: of the rows as they are where what is masked is left out, else of rows as long as the longest. */
function squares({ rows, positions, longestRow, squares }: StepWorkOptions["batch"], fused: boolean): number {
  if (!fused && longestRow !== undefined) return rows * longestRow ** 2;
  return squares ?? positions ** 2 / rows;
}
