/**
 * The module of the kernels that are written here.
 *
 * @module
 */
import { type TimesPlus, timesPlus, timesThenPlus } from "../assembler/lanes.ts";
import { ModuleBuilder } from "../assembler/module.ts";
import { adamW } from "./adam_w.ts";
import { elementwise } from "./elementwise.ts";
import { gelu, geluGradient } from "./gelu.ts";
import { layerNorm, layerNormGradient } from "./layer_norm.ts";
import { addProductTask } from "./product.ts";
import { onRows } from "./rows.ts";
import { softmax } from "./softmax.ts";
import { columnSums, gatherRows, rowSums, segmentSums } from "./sums.ts";
import { addTeam } from "./team.ts";

/** What a module may use. */
export interface Features {
  /** Whether relaxed SIMD is there, whose multiply-add rounds once. */
  fused: boolean;
  /** Whether threads share the memory. */
  shared: boolean;
}

/** How each kind of job's function is added to a module; the place in the list is the kind's number. */
const adders = {
  product: (module: ModuleBuilder, timesPlus: TimesPlus) => addProductTask(module, timesPlus),
  adamW: (module: ModuleBuilder) => module.add(elementwise(adamW)),
  gelu: (module: ModuleBuilder, timesPlus: TimesPlus) => module.add(elementwise(gelu(timesPlus))),
  geluGradient: (module: ModuleBuilder, timesPlus: TimesPlus) => module.add(elementwise(geluGradient(timesPlus))),
  softmax: (module: ModuleBuilder, timesPlus: TimesPlus) => module.add(onRows(softmax(timesPlus))),
  layerNorm: (module: ModuleBuilder) => module.add(onRows(layerNorm)),
  layerNormGradient: (module: ModuleBuilder) => module.add(onRows(layerNormGradient)),
  rowSums: (module: ModuleBuilder) => module.add(onRows(rowSums)),
  columnSums: (module: ModuleBuilder) => module.add(onRows(columnSums)),
  segmentSums: (module: ModuleBuilder) => module.add(segmentSums),
  gatherRows: (module: ModuleBuilder) => module.add(gatherRows),
} as const;

/** A kind of job. */
export type Kind = keyof typeof adders;

/** The kinds of jobs, each at its number. */
export const KINDS = Object.keys(adders) as Kind[];

/** The functions of a module's instance; see `team.ts`. */
export interface KernelExports {
  alone(job: number, scratch: number): void;
  lead(job: number, scratch: number): void;
  work(job: number, scratch: number, number: number): void;
}

/** The bytes of the module. */
export function kernelBytes({ fused, shared }: Features): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  addTeam(module, KINDS.map((kind) => adders[kind](module, fused ? timesPlus : timesThenPlus)));
  return module.bytes(shared);
}

/** Whether this runtime has relaxed SIMD: whether it takes a module with a multiply-add. */
export const hasRelaxedSimd = (): boolean => WebAssembly.validate(kernelBytes({ fused: true, shared: false }));
