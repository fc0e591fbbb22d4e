/**
 * How much memory a run will need.
 *
 * Symbols: `P` numbers in the parameters, `K` kept positions, `V` vocabulary.
 *
 * @module
 */
import { anObject, checkArguments, objectWith } from "../../arguments/check_arguments.ts";
import type { AttentionKind, Precision } from "../../engines/engine.ts";
import { headWidth, numbersIn } from "../../models/parameter_counts.ts";
import { CHUNK_SIZE } from "../../objectives/chunked_loss.ts";
import { activationBytes, blockBytes } from "./activation_memory.ts";
import type { BatchExtent } from "../../batches/batch_extent.ts";
import type { HiddenType } from "../../teachers/hidden_store.ts";
import type { DescribedModel } from "./described_model.ts";
import { adapterCount, type CachedStates, copyBytes, keptBytes, largestTrained, storedBytes } from "./model_bytes.ts";

export type { CachedStates } from "./model_bytes.ts";

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
  /**
   * Further teachers, and their states that are cached in memory.
   *
   * @default {none}
   */
  otherTeachers?: readonly { model: DescribedModel; cached?: CachedStates }[];
  /**
   * The objective's reference model.
   *
   * @default {none}
   */
  reference?: DescribedModel;
  /** The largest batch that is processed at once. */
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
   * Response tokens of all rows whose teacher states are cached in memory.
   *
   * @default {0}
   */
  cachedTokens?: number;
  /**
   * How they are stored.
   *
   * @default {"float32"}
   */
  cachedType?: HiddenType;
  /**
   * The reference's states that are cached in memory.
   *
   * @default {none}
   */
  cachedReference?: CachedStates;
  /**
   * Whether the student's blocks are computed again in the backward pass.
   *
   * @default {false}
   */
  recompute?: boolean;
  /**
   * Whether the optimizer's step, and attention unless it is given, are single operations of the engine, which need no
   * further tensors and no scores.
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
   * How the engine attends.
   *
   * @default {"laid-out" where fused, else "composed"}
   */
  attention?: AttentionKind;
  /**
   * How the engine stores the results of products, and so what the forward pass leaves behind.
   *
   * @default {"float32"}
   */
  precision?: Precision;
  /**
   * Whether parameters in float32 also have a copy in bfloat16, which products use.
   *
   * @default {false}
   */
  halfCopies?: boolean;
  /**
   * Ranks over which the optimizer's state is divided.
   *
   * @default {1}
   */
  optimizerShards?: number;
}

/** Bytes, by what they are for. */
export interface MemoryEstimate {
  /** The student's parameters, in float32. */
  student: number;
  /** The teacher's parameters, as they are stored, or those of all teachers. */
  teacher: number;
  /** The reference's parameters, as they are stored, where there is one. */
  reference?: number;
  /** The bfloat16 copies of these models. */
  halfCopies: number;
  /** The optimizer's state: AdamW's two moments, for instance. */
  optimizer: number;
  /** The student's gradients. */
  gradients: number;
  /** What the student's forward pass leaves for the backward pass. */
  activations: number;
  /** What a block of the student needs while it is computed; with `recompute`, its activations too. */
  block: number;
  /** Logits, probabilities and their like of a chunk, for student and teacher. */
  chunk: number;
  /** What a block of the teacher, or of the reference, needs while it is computed. */
  teacherBlock: number;
  /** What the optimizer's step needs temporarily, for one parameter after another. */
  optimizerStep: number;
  /** The teacher's states, and the reference's, that are kept over the epochs. */
  teacherCache: number;
  /** The peak; less than the sum, because not all parts exist at once. */
  peak: number;
}

const FLOAT = 4;
/** Tensors of a chunk's size that exist at once: 10 for `forward-kl`, 21 with an assistant, 79 for `alphanet`. */
const CHUNK_TENSORS = 24;
/** Temporary tensors of a parameter's size that exist at once in its step of AdamW. */
const STEP_TENSORS = 15;

/**
 * Estimates the memory of a run's training steps: what its tensors need, without the runtime and the data.
 *
 * Parameters, the optimizer's state (AdamW's is `2P`), gradients (`P`, twice that with micro-batches) and the teacher's
 * kept states are exact. Activations and what a block needs are those of {@linkcode activationBytes} and {@linkcode
 * blockBytes}; a chunk is 24 tensors `[min(chunk, K), V]` and the head's gradient. The optimizer's step takes 15
 * tensors of the largest parameter's size. At the peak there is, in addition to everything persistent, the larger of
 * the optimizer's step and the activations together with the largest of a block of either model and a chunk.
 *
 * @param options Models, batch and settings.
 * @returns Bytes.
 * @throws {RangeError} If a size of the batch, or the chunk, is not a whole number from 1.
 *
 * @example A small student alone
 * ```ts
 * import { initializeModel, useEngine } from "@amid/amid";
 * import { estimateMemory } from "@amid/amid/training";
 *
 * await useEngine("wasm");
 * const json = { model_type: "gpt2", vocab_size: 11, n_positions: 8, n_embd: 8, n_head: 2, n_layer: 1 };
 * const student = initializeModel(json, { seed: 1 });
 * const batch = { rows: 4, longestRow: 8, positions: 32, keptTokens: 9 };
 * console.log(estimateMemory({ student, batch }).peak);
 * ```
 */
export function estimateMemory(options: EstimateMemoryOptions): MemoryEstimate {
  checkArguments("estimate memory", { options: [options, objectWith("student", "batch")] });
  checkArguments("estimate memory", { student: [options.student, anObject], batch: [options.batch, anObject] });
  const { student, teacher, otherTeachers = [], reference, batch, chunkSize = CHUNK_SIZE, microBatches = false } =
    options;
  const { cachedTokens = 0, cachedType = "float32", cachedReference, recompute = false } = options;
  const { optimizerSlots = 2, optimizerShards = 1 } = options;
  const { precision = "float32", halfCopies = false } = options;
  for (const [name, value] of Object.entries({ ...batch, chunkSize, optimizerShards })) {
    if (!Number.isInteger(value) || value < 1) {
      throw new RangeError(
        `Cannot estimate memory: ${name} must be a positive whole number, current value is ${value}`,
      );
    }
  }
  const { fused = false, attention = fused ? "laid-out" : "composed" } = options;
  const all = [teacher, ...otherTeachers.map(({ model }) => model)].flatMap((model) => model ?? []);
  const teachers = [...new Set(all)];
  const others = [...teachers, reference].flatMap((model) => model ?? []);
  const form = { attention, precision, recompute };
  const { vocabularySize } = student.config;
  const parameters = FLOAT * numbersIn(student);
  const trained = student.lora ? FLOAT * adapterCount(student.lora) : parameters;
  const estimate = {
    student: parameters,
    teacher: sum(teachers.map(storedBytes)),
    ...reference && { reference: storedBytes(reference) },
    halfCopies: halfCopies ? sum([student, ...others].map(copyBytes)) : 0,
    optimizer: Math.ceil(optimizerSlots * trained / optimizerShards),
    gradients: (microBatches ? 2 : 1) * trained,
    activations: activationBytes(student, batch, form),
    block: blockBytes(student, batch, form),
    chunk: FLOAT * vocabularySize * (CHUNK_TENSORS * Math.min(chunkSize, batch.keptTokens) + headWidth(student)),
    teacherBlock: Math.max(0, ...others.map((model) => blockBytes(model, batch, { ...form, recompute: false }))),
    optimizerStep: fused ? 0 : STEP_TENSORS * FLOAT * largestTrained(student),
    teacherCache: keptBytes(teacher, { tokens: cachedTokens, type: cachedType }) +
      keptBytes(reference, cachedReference) + sum(otherTeachers.map(({ model, cached }) => keptBytes(model, cached))),
  };
  const { activations, block, chunk, teacherBlock, optimizerStep, ...lasting } = estimate;
  const moment = Math.max(activations + Math.max(block, chunk, teacherBlock), optimizerStep);
  return { ...estimate, peak: moment + sum(Object.values(lasting)) };
}

const sum = (bytes: readonly number[]): number => bytes.reduce((total, each) => total + each, 0);
