/**
 * What a check of `deno task doctor` is, and what it finds.
 *
 * A check consists of cases, which run in a process of their own, one after another: a case that throws fails alone, and
 * one that ends the process, or takes too long, fails alone too, since a new process continues behind it.
 *
 * @module
 */
import type { EngineName, Precision } from "../../lib/engines/mod.ts";

/** Where and how the checks compute. */
export interface Place {
  /** The engine. */
  engine: EngineName;
  /** Its device, as `--device` names it: `cpu`, `cuda`, `cuda:0`. */
  device: string;
  /** Steps of the check of memory. */
  leakSteps: number;
  /** The Python that peers and the device's facts are asked of, if there is one. */
  python?: string;
  /** The folder for files that are gone afterwards. */
  folder: string;
}

/** How a case, or a whole check, ended. */
export type Status = "ok" | "not ok" | "skipped";

/** What a case found. */
export interface Finding {
  /** Whether what is claimed is so; a case that cannot be carried out here says why in `reason` instead. */
  status: Status;
  /** What was measured, with its unit, in a few words. */
  figure?: string;
  /** Why it failed or was skipped. */
  reason?: string;
  /** The numbers, for the JSON file. */
  values?: Record<string, unknown>;
  /** Text that the Markdown file shows as it is: a drawing, a list. */
  detail?: string;
}

/** A case that has ended. */
export interface CaseResult extends Finding {
  name: string;
  seconds: number;
}

/** One thing that is tried. */
export interface Case {
  name: string;
  run(): Finding | Promise<Finding>;
}

/** A line of the result. */
export interface Check {
  /** A short name without blanks, by which `--only` selects it. */
  name: string;
  /** The heading it stands under. */
  group: string;
  /** What it shows, a sentence without a full stop. */
  about: string;
  /** The seconds that one case may take. */
  seconds: number;
  /**
   * Programs that its process starts; "any" for what it compiles itself.
   *
   * @default {none}
   */
  runs?: (place: Place) => readonly string[] | "any";
  /**
   * Whether it needs no engine, and so is tried where that does not start.
   *
   * @default {false}
   */
  withoutEngine?: boolean;
  /** Why it is not for a place; undefined if it is. Asked before a process is started. */
  skip?(place: Place): string | undefined;
  /** Its cases. Called in the check's own process, where no engine is in use yet. */
  cases(place: Place): Case[] | Promise<Case[]>;
  /**
   * Whether each case has a line of its own.
   *
   * @default {false}
   */
  expanded?: boolean;
  /** What the figures of all cases have in common; the default counts those that are ok. */
  summary?(results: readonly CaseResult[]): string;
}

/** Whether a place is a CUDA device. */
export const onCuda = ({ device }: Place): boolean => device.startsWith("cuda");

/** The precisions that an engine computes in. */
export const precisionsOf = ({ engine }: Place): readonly Precision[] =>
  engine === "torch" ? ["float32", "bfloat16"] : ["float32"];

/** All is as claimed. */
export const ok = (figure: string, more: Omit<Finding, "status" | "figure"> = {}): Finding => ({
  status: "ok",
  figure,
  ...more,
});

/** It is not as claimed. */
export const notOk = (reason: string, more: Omit<Finding, "status" | "reason"> = {}): Finding => ({
  status: "not ok",
  reason,
  ...more,
});

/** It could not be tried here. */
export const skipped = (reason: string): Finding => ({ status: "skipped", reason });

/** Compares an error with what is allowed. */
export function within(error: number, allowed: number, more: Omit<Finding, "status" | "figure"> = {}): Finding {
  const figure = `largest error ${error.toExponential(1)}`;
  // A NaN is not within anything.
  if (error <= allowed) return { status: "ok", figure, ...more };
  return { status: "not ok", figure, reason: `at most ${allowed.toExponential(1)} is allowed`, ...more };
}

/** The largest absolute difference, relative where the wanted numbers are large; equal infinities do not differ. */
export function largestError(actual: ArrayLike<number>, wanted: ArrayLike<number>, scale?: number): number {
  if (actual.length !== wanted.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < wanted.length; i++) {
    if (Object.is(actual[i], wanted[i]) || actual[i] === wanted[i]) continue;
    const error = Math.abs(actual[i] - wanted[i]) / (scale ?? Math.max(1, Math.abs(wanted[i])));
    if (!(error <= largest)) largest = Number.isNaN(error) ? Infinity : error;
  }
  return largest;
}
