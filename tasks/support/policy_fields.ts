/**
 * Settings of the data policy: who writes the responses that the student learns from.
 *
 * @module
 */
import { z } from "zod";
import type { RowSupplyOptions } from "../../lib/training/policy/row_supply.ts";
import { inGroup } from "./field.ts";

/** The policy, the replay buffer, and how the student writes. */
export const policyFields = inGroup("Who writes the responses", {
  policy: z.enum(["off", "on", "mixed", "adaptive"]).default("off").describe(
    "who writes the responses: off: the corpus; on: the student; mixed: both; adaptive: the student more when the loss rises",
  ),
  policyProbability: z.number().min(0).max(1).default(0.5).describe("mixed: share of steps on the student's responses"),
  replaySchedule: z.enum(["none", "decreasing", "constant", "increasing"]).optional().describe(
    "schedule of the share of fresh among the student's responses, the rest is replayed; decreasing for adaptive " +
      "if absent, otherwise none",
  ),
  replayCapacity: z.int().min(1).default(1000).describe("capacity of the replay buffer in rows"),
  threshold: z.number().min(0).max(1).default(0).describe("adaptive: initial share of the student's responses"),
  thresholdRise: z.number().min(0).max(1).default(0.1).describe("adaptive: increment of that share"),
  lossTolerance: z.number().min(0).default(0.1).describe("adaptive: rise of the validation loss that raises the share"),
  lossReference: z.enum(["previous", "raised"]).default("previous").describe(
    "adaptive: the reference of a validation loss: the previous one or that of the last increment",
  ),
  maxNewTokens: z.int().min(1).default(256).describe(
    "maximum tokens of the student's responses; fewer if the prompt leaves less of the context",
  ),
  responseTemperature: z.number().min(0).default(1).describe("sampling temperature of the student"),
  responseTopP: z.number().gt(0).max(1).default(1).describe(
    "the student draws from the most probable tokens up to this probability",
  ),
  responseTopK: z.int().min(0).default(0).describe("number of most probable tokens the student draws from; 0 for all"),
});

/** The settings of {@linkcode policyFields}, as they are parsed. */
export type PolicySettings = z.output<z.ZodObject<typeof policyFields>>;

/** Turns settings into a run's options. */
export function supplyOptionsOf(settings: PolicySettings): RowSupplyOptions {
  const { policy: name, policyProbability: probability, replaySchedule: replay, replayCapacity } = settings;
  const { threshold, thresholdRise, lossTolerance: tolerance, lossReference: reference } = settings;
  const { maxNewTokens, responseTemperature: temperature, responseTopP: topP, responseTopK: topK } = settings;
  return {
    policy: { name, probability, replay, threshold, thresholdRise, tolerance, reference },
    responses: { maxNewTokens, temperature, topP, topK },
    replayCapacity,
  };
}
