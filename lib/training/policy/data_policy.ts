/**
 * Data policies: who writes the responses that the student is trained on.
 *
 * All four are one rule. A number u is drawn in 0..1 for each step; the step's responses are the student's where
 * u < share, and then new where u < share · fresh, else taken from the replay buffer. Until the buffer is full
 * they are always new.
 *
 * Source: J. Ko et al., "DistiLLM: Towards Streamlined Distillation for Large Language Models", 2024, algorithm 1.
 *
 * @module
 */
import type { RandomStream } from "../../random/random.ts";
import { plainOptions } from "../../objectives/recipe.ts";
import type { NamedOptions } from "../../objectives/recipe_types.ts";

/** Who wrote a step's responses: the corpus, the student just now, or the student earlier. */
export type RowSource = "corpus" | "student" | "buffer";

/** What a policy decides from. */
export interface PolicyContext {
  /** The step, from 0. */
  step: number;
  /** The total number of steps of the run. */
  totalSteps: number;
  /** Whether the replay buffer has as many rows as it can hold. */
  bufferFull: boolean;
  /** The source of the draw; it is advanced once. */
  random: RandomStream;
}

/** The state of a policy in a checkpoint. */
export interface PolicyState {
  /** The probability that a step's responses are the student's. */
  share: number;
  /** The validation loss that the next one is compared with, if there is one. */
  reference?: number;
}

/** Decides who writes. */
export interface DataPolicy {
  /** The name in reports. */
  readonly name: string;
  /** The current probability that a step's responses are the student's. */
  readonly share: number;
  /** Whether {@linkcode observe} must receive validation losses, the first one before the first step. */
  readonly needsValidation: boolean;
  /** Whether steps may take rows from a buffer. */
  readonly replays: boolean;
  /** Decides a step's source. */
  source(context: PolicyContext): RowSource;
  /** Receives a validation loss. */
  observe(validLoss: number): void;
  /** The state for a checkpoint. */
  state(): PolicyState;
  /** Restores the state of a checkpoint. */
  restore(state: PolicyState): void;
  /**
   * Its identity as plain data; a resumed run must have the same. Without it, the source
   * text of `source` and `observe` stands for a policy of your own.
   */
  readonly recipe?: NamedOptions;
}

/**
 * How the share of fresh responses among the student's changes over a run: from 1 to 0, ½, from 0 to 1, or always 1, so
 * that nothing is replayed.
 */
export type ReplaySchedule = "decreasing" | "constant" | "increasing" | "none";

/** Options for {@linkcode dataPolicy}. */
export interface DataPolicyOptions {
  /**
   * `"off"`: the corpus; `"on"`: the student; `"mixed"`: the student with `probability`; `"adaptive"`: the student with
   * a probability that rises when the validation loss does.
   *
   * @default {"off"}
   */
  name?: "off" | "on" | "mixed" | "adaptive";
  /**
   * `mixed`: the share of steps on the student's responses, 0 to 1.
   *
   * @default {0.5}
   */
  probability?: number;
  /**
   * Which share of the student's responses is fresh, over the run.
   *
   * @default {"decreasing" for adaptive, "none" for the others}
   */
  replay?: ReplaySchedule;
  /**
   * `adaptive`: the share at the start, 0 to 1.
   *
   * @default {0}
   */
  threshold?: number;
  /**
   * `adaptive`: by how much the share is raised each time, up to 1.
   *
   * @default {0.1}
   */
  thresholdRise?: number;
  /**
   * `adaptive`: the share is raised if the validation loss exceeds its reference by more than this, in nats.
   *
   * @default {0.1}
   */
  tolerance?: number;
  /**
   * `adaptive`: what a validation loss is compared with: the one before, or the one at which the share was last raised
   * (at first the one before training), which is what the paper's code does.
   *
   * @default {"previous"}
   */
  reference?: "previous" | "raised";
}

const freshShares: Record<ReplaySchedule, (progress: number) => number> = {
  decreasing: (progress) => 1 - progress,
  constant: () => 0.5,
  increasing: (progress) => progress,
  none: () => 1,
};

const startShares = {
  off: () => 0,
  on: () => 1,
  mixed: ({ probability = 0.5 }: DataPolicyOptions) => probability,
  adaptive: ({ threshold = 0 }: DataPolicyOptions) => threshold,
};

/**
 * Makes a data policy.
 *
 * @param options The policy's name and what it takes.
 * @throws {RangeError} If there is no policy or replay of that name, or a number is not in its range.
 *
 * @example The threshold rises with the validation loss
 * ```ts
 * import assert from "node:assert/strict";
 * import { dataPolicy } from "@amid/amid/training";
 *
 * const policy = dataPolicy({ name: "adaptive" });
 * for (const validLoss of [2, 1.9, 2.1, 2.15]) policy.observe(validLoss);
 * assert.equal(policy.share, 0.1);
 * ```
 */
export function dataPolicy(options: DataPolicyOptions = {}): DataPolicy {
  const { name = "off", replay = name === "adaptive" ? "decreasing" : "none" } = options;
  const { thresholdRise = 0.1, tolerance = 0.1, reference: compared = "previous" } = options;
  check(options, { name, replay, compared });
  let share = startShares[name](options);
  let reference: number | undefined;
  const { name: _name, ...given } = options;
  return {
    name,
    recipe: { name, options: plainOptions({ ...given, replay }) },
    get share() {
      return share;
    },
    needsValidation: name === "adaptive",
    replays: replay !== "none" && name !== "off",
    source({ step, totalSteps, bufferFull, random }) {
      const drawn = random.uniform();
      if (drawn >= share) return "corpus";
      const fresh = freshShares[replay](step / totalSteps);
      return drawn < share * fresh || replay === "none" || !bufferFull ? "student" : "buffer";
    },
    observe(validLoss) {
      if (name !== "adaptive") return;
      const raised = reference !== undefined && validLoss > reference + tolerance;
      // Rounded, so that ten increments of a tenth are 1.
      if (raised) share = Math.min(1, Math.round((share + thresholdRise) * 1e9) / 1e9);
      if (raised || reference === undefined || compared === "previous") reference = validLoss;
    },
    state: () => ({ share, reference }),
    restore: (state) => ({ share, reference } = state),
  };
}

function check(options: DataPolicyOptions, chosen: Record<"name" | "replay" | "compared", string>): void {
  const choices = { name: startShares, replay: freshShares, compared: { previous: 0, raised: 0 } };
  for (const [key, known] of Object.entries(choices)) {
    const value = chosen[key as keyof typeof chosen];
    if (!Object.hasOwn(known, value)) {
      const what = { name: "name", replay: "replay", compared: "reference" }[key];
      throw new RangeError(
        `Cannot make a data policy: ${what} must be one of ${Object.keys(known).join(", ")}, current value is ${value}`,
      );
    }
  }
  for (const name of ["probability", "threshold", "thresholdRise"] as const) {
    const value = options[name];
    if (value !== undefined && !(value >= 0 && value <= 1)) {
      throw new RangeError(`Cannot make a data policy: ${name} must be in 0..1, current value is ${value}`);
    }
  }
  const { tolerance = 0 } = options;
  if (!(tolerance >= 0 && tolerance < Infinity)) {
    throw new RangeError(
      `Cannot make a data policy: tolerance must be a non-negative number, current value is ${tolerance}`,
    );
  }
}
