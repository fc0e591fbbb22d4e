/**
 * Bytes that a model's parameters take, and what is kept of it.
 *
 * @module
 */
import { bytesPerNumber } from "../../models/weights/float_formats.ts";
import { headWidth, numbersIn, parametersOf, sizeOf } from "../../models/parameter_counts.ts";
import { hiddenFormats, type HiddenType } from "../../teachers/hidden_store.ts";
import type { DescribedModel } from "./described_model.ts";

const FLOAT = 4;
const HALF = 2;

/** States that are cached in memory. */
export interface CachedStates {
  /** The response tokens that they are of. */
  tokens: number;
  /** How they are stored. */
  type: HiddenType;
}

/** Bytes of a model's cached states of these tokens. */
export function keptBytes(model: DescribedModel | undefined, kept: CachedStates | undefined): number {
  return model && kept ? bytesPerNumber[hiddenFormats[kept.type]] * headWidth(model) * kept.tokens : 0;
}

/** Numbers in a model's adapters. */
export function adapterCount({ parameters }: NonNullable<DescribedModel["lora"]>): number {
  return [...parameters.values()].reduce((sum, { size }) => sum + size, 0);
}

/** Bytes of a model's parameters: those that the engine holds in few bits, or else vectors are float32 in either precision. */
export function storedBytes(model: DescribedModel): number {
  if (model.packedBytes !== undefined) return model.packedBytes;
  if (model.precision !== "bfloat16") return FLOAT * numbersIn(model);
  return parametersOf(model).reduce((sum, spec) => sum + (spec.shape.length > 1 ? HALF : FLOAT) * sizeOf(spec), 0);
}

/** Bytes of the bfloat16 copies of a model in float32: of all factors of products. */
export function copyBytes(model: DescribedModel): number {
  if ((model.precision ?? "float32") !== "float32") return 0;
  return HALF *
    (numbersIn(model) - numbersIn(model, "positions", "norm", ...model.config.tiedHead ? [] : ["tokens"] as const));
}

/** Numbers in the largest of what is trained: a parameter, or an adapter where there are some. */
export function largestTrained(model: DescribedModel): number {
  const sizes = model.lora
    ? [...model.lora.parameters.values()].map(({ size }) => size)
    : parametersOf(model).map(sizeOf);
  return Math.max(...sizes);
}
