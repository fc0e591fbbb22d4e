/**
 * Where the time of a step goes.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import type { StepPhase } from "../../lib/training/mod.ts";
import { median } from "./shared.ts";

/** Seconds of the parts of a step. */
export interface StepSplit {
  teacher: number;
  forward: number;
  /** Both heads, the loss, and its gradients in the student's states and head. */
  headAndLoss: number;
  backward: number;
  /** With the gradient's norm. */
  optimizer: number;
}

const names: Record<StepPhase, keyof StepSplit> = {
  teacher: "teacher",
  forward: "forward",
  loss: "headAndLoss",
  backward: "backward",
  optimizer: "optimizer",
};

/** Options for {@linkcode StepClock}. */
export interface StepClockOptions {
  /** Waits until the engine has done all queued work. */
  settle?: () => void;
  /** The time in milliseconds. */
  now?: () => number;
}

/** Notes when the phases of steps end; `onPhase` goes to the trainer. Micro-batches are added up. */
export class StepClock {
  readonly #steps: StepSplit[] = [];
  readonly #options: Required<StepClockOptions>;
  #last = 0;

  constructor({ settle = () => {}, now = () => performance.now() }: StepClockOptions = {}) {
    this.#options = { settle, now };
  }

  /** A step begins. */
  begin(): void {
    this.#steps.push({ teacher: 0, forward: 0, headAndLoss: 0, backward: 0, optimizer: 0 });
    this.#last = this.#options.now();
  }

  /** Forgets the steps so far. */
  reset(): void {
    this.#steps.length = 0;
  }

  /** A phase has ended. */
  readonly onPhase = (phase: StepPhase): void => {
    const step = this.#steps.at(-1);
    if (!step) return;
    this.#options.settle();
    const now = this.#options.now();
    step[names[phase]] += (now - this.#last) / 1000;
    this.#last = now;
  };

  /** The middle of all steps for each phase. */
  get split(): StepSplit {
    const keys = Object.values(names);
    return Object.fromEntries(
      keys.map((key) => [key, median(this.#steps.map((step) => step[key]))]),
    ) as unknown as StepSplit;
  }
}

/** Reads a number, which waits for all work queued on the engine before. */
export function settle(): void {
  tf.tidy(() => tf.add(tf.scalar(0), 1).dataSync());
}
