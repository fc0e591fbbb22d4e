/**
 * All kernels of the engine. A new one is an entry in the file of its group, or a file and a line here.
 *
 * @module
 */
import type { KernelGroup } from "../kernel.ts";
import { activationKernels } from "./activation.ts";
import { attentionKernels } from "./attention.ts";
import { binaryKernels } from "./binary.ts";
import { chooseTokensKernels } from "./choose_tokens.ts";
import { coarseLogitsKernels } from "./coarse_logits.ts";
import { createKernels } from "./create.ts";
import { crossEntropyKernels } from "./cross_entropy.ts";
import { decoderKernels } from "./decoder.ts";
import { fusedKernels } from "./fused.ts";
import { gatherKernels } from "./gather.ts";
import { hostKernels } from "./host.ts";
import { matmulKernels } from "./matmul.ts";
import { optimizerKernels } from "./optimizer.ts";
import { packedKernels } from "./packed.ts";
import { randomKernels } from "./random.ts";
import { readyWeightKernels } from "./ready_weight.ts";
import { reduceKernels } from "./reduce.ts";
import { shapeKernels } from "./shape.ts";
import { slotAttentionKernels } from "./slot_attention.ts";
import { unaryKernels } from "./unary.ts";

/** All kernels by the names that tensorflow.js gives them. */
export const kernels: KernelGroup = {
  ...unaryKernels,
  ...activationKernels,
  ...binaryKernels,
  ...reduceKernels,
  ...shapeKernels,
  ...createKernels,
  ...gatherKernels,
  ...matmulKernels,
  ...randomKernels,
  ...hostKernels,
  ...fusedKernels,
  ...crossEntropyKernels,
  ...chooseTokensKernels,
  ...coarseLogitsKernels,
  ...decoderKernels,
  ...slotAttentionKernels,
  ...optimizerKernels,
  ...packedKernels,
};

/** Those that only the processor has; CUDA devices have others in their place. */
export const processorKernels: KernelGroup = { ...attentionKernels, ...readyWeightKernels };
