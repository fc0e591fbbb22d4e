/**
 * A step with a number that is not finite, and why.
 *
 * @module
 */
import type { Communicator } from "../../distributed/communicator.ts";
import { gatherValues } from "../../distributed/messages.ts";
import { findCulprit, NOTHING_FOUND } from "./find_culprit.ts";
import { NonFiniteLossError } from "./non_finite_loss_error.ts";
import type { StepResult } from "./step_result.ts";

/** Options for {@linkcode nonFiniteStep}. */
export interface NonFiniteStepOptions {
  /** The steps taken before. */
  step: number;
  /** The ranks. */
  communicator: Communicator;
  /** Where the culprit is looked for. */
  parties: Parameters<typeof findCulprit>[0];
}

/**
 * Looks for a number that is not finite, and for its culprit. All ranks find the same number; they may see different
 * culprits where each keeps a part of the gradient, and all report the same.
 *
 * @returns The error to throw; undefined where all numbers are finite.
 */
export async function nonFiniteStep(
  result: StepResult,
  { step, communicator, parties }: NonFiniteStepOptions,
): Promise<NonFiniteLossError | undefined> {
  const bad = (["lmLoss", "distillLoss", "textLoss", "gradNorm", "loss"] as const)
    .find((part) => result[part] !== undefined && !Number.isFinite(result[part]));
  if (bad === undefined) return undefined;
  const own = await findCulprit(parties);
  const reasons = await gatherValues(communicator, own);
  const reason = reasons.find((reason) => reason !== NOTHING_FOUND) ?? own;
  return new NonFiniteLossError(step, `${bad} is ${result[bad]}: ${reason}`);
}
