/**
 * The module of the kernels that are written here.
 *
 * @module
 */
import { ModuleBuilder } from "../assembler/module.ts";
import { addProductTask } from "./product.ts";
import { addTeam } from "./team.ts";

/** The kinds of jobs, by the numbers that jobs carry. */
export const KINDS = { product: 0 } as const;

/** What a module may use. */
export interface Features {
  /** Whether relaxed SIMD is there, whose multiply-add rounds once. */
  fused: boolean;
  /** Whether threads share the memory. */
  shared: boolean;
}

/** The functions of a module's instance; see `team.ts`. */
export interface KernelExports {
  alone(job: number, scratch: number): void;
  lead(job: number, scratch: number): void;
  work(job: number, scratch: number, number: number): void;
}

/** The bytes of the module. */
export function kernelBytes({ fused, shared }: Features): Uint8Array<ArrayBuffer> {
  const module = new ModuleBuilder();
  const kinds: Record<keyof typeof KINDS, { index: number }> = { product: addProductTask(module, fused) };
  const byNumber = Object.entries(KINDS).sort(([, a], [, b]) => a - b);
  addTeam(module, byNumber.map(([name]) => kinds[name as keyof typeof KINDS]));
  return module.bytes(shared);
}

/** Whether this runtime has relaxed SIMD: whether it takes a module with a multiply-add. */
export const hasRelaxedSimd = (): boolean => WebAssembly.validate(kernelBytes({ fused: true, shared: false }));
