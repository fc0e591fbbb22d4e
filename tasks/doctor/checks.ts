/**
 * All checks, in the order in which they run: what others rest on first, what takes longest last.
 *
 * @module
 */
import type { Check } from "./check.ts";
import { attention } from "./checks/attention.ts";
import { communicators } from "./checks/communicators.ts";
import { conformance } from "./checks/conformance.ts";
import { cudaCompile, cudaLoss, cudaOnProcessor } from "./checks/cuda_kernels.ts";
import { facts } from "./checks/facts.ts";
import { generation } from "./checks/generation.ts";
import { limits } from "./checks/limits.ts";
import { losses } from "./checks/losses.ts";
import { lossSpeed } from "./checks/loss_speed.ts";
import { memory } from "./checks/memory.ts";
import { models, storage } from "./checks/models.ts";
import { peerStep } from "./checks/peer_step.ts";
import { resume } from "./checks/resume.ts";
import { runs } from "./checks/runs.ts";

/** The checks. */
export const checks: readonly Check[] = [
  facts,
  ...conformance,
  attention,
  losses,
  cudaLoss,
  models,
  storage,
  generation,
  runs,
  resume,
  memory,
  limits,
  communicators,
  cudaCompile,
  cudaOnProcessor,
  lossSpeed,
  peerStep,
];
