/**
 * The arithmetic of a step of distillation, and the bytes that it moves.
 *
 * Symbols: `P` numbers in the parameters, `M` those of the blocks' matrices, `L` blocks, `S` positions, `K` kept ones,
 * `B` rows, `T` their mean length, `A` width of the attention, `V` vocabulary, `H` hidden width.
 *
 * @module
 */
import type { BatchExtent } from "../../training/batch_extent.ts";
import type { DescribedModel } from "../../training/estimate_memory.ts";

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

/** Options for {@linkcode stepWork}. */
export interface StepWorkOptions {
  /** The model that is trained. */
  student: DescribedModel;
  /** The model it is distilled from; none for next-token training. */
  teacher?: DescribedModel;
  /** What a device works on in a step. */
  batch: Omit<BatchExtent, "longestRow">;
  /**
   * Share of the rows whose teacher states are at hand.
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
 * A block's forward pass is `2 M/L` a position, in the last block only the kept positions going on behind the attention,
 * and `4 B T² A` for scores and sums, half of that where what is masked is left out; the backward pass is twice the
 * forward pass. A head is `2 K V H`; of the student's there is the gradient in states and in the head too.
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
  const forward = forwardFlops(student, batch, fused);
  const { vocabularySize } = student.config;
  const headOf = ({ config }: DescribedModel) => 2 * batch.keptTokens * config.vocabularySize * config.hiddenSize;
  return {
    teacher: teacher ? (1 - cached) * forwardFlops(teacher, batch, fused) : 0,
    forward,
    head: 3 * headOf(student) + (teacher ? headOf(teacher) : 0),
    backward: (recompute ? 3 : 2) * forward,
    lossBytes: FLOAT * LOSS_PASSES[fused ? "fused" : "plain"] * batch.keptTokens * vocabularySize,
    optimizerBytes: FLOAT * OPTIMIZER_PASSES * trainedCount(student),
  };
}

/** Numbers that are trained: of the adapters where there are some, else `P`. */
export function trainedCount({ family, config, lora }: DescribedModel): number {
  if (lora) return [...lora.parameters.values()].reduce((sum, { size }) => sum + size, 0);
  return [...family.parameters(config).values()].reduce((sum, { shape }) => sum + product(shape), 0);
}

/** Numbers of the tables whose gradient is complete only at the end of the backward pass: those of words and positions. */
export function lateCount({ family, config, lora }: DescribedModel): number {
  if (lora) return 0;
  const tables = [config.vocabularySize, config.contextLength];
  return [...family.parameters(config)]
    .filter(([name, { shape }]) => name !== family.headName && shape.length === 2 && tables.includes(shape[0]))
    .reduce((sum, [, { shape }]) => sum + product(shape), 0);
}

function forwardFlops(model: DescribedModel, batch: StepWorkOptions["batch"], fused: boolean): number {
  const { config: { layers } } = model;
  const { rows, positions, keptTokens } = batch;
  const places = (layers - 1) * positions + (positions + 3 * keptTokens) / 4;
  const pairs = positions ** 2 / rows; // B T²
  return 2 * matrixCount(model) / layers * places + layers * (fused ? 2 : 4) * pairs * attentionWidth(model);
}

/** `M`. */
function matrixCount({ family, config }: DescribedModel): number {
  return [...family.parameters(config).values()]
    .filter(({ projection }) => projection !== undefined)
    .reduce((sum, { shape }) => sum + product(shape), 0);
}

/** `A`: heads times their width, which is the hidden width where a family does not say. */
function attentionWidth({ config }: DescribedModel): number {
  const { heads, headSize } = config as { heads?: number; headSize?: number };
  return heads !== undefined && headSize !== undefined ? heads * headSize : config.hiddenSize;
}

const product = (shape: readonly number[]): number => shape.reduce((product, extent) => product * extent, 1);
