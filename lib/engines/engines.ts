/**
 * The list of engines.
 *
 * @module
 */
import type { Engine } from "./engine.ts";

/** The engines, the fastest first, each loaded when it is first used. */
const loaders = {
  torch: async (): Promise<Engine> => (await import("./torch/mod.ts")).torch,
  tensorflow: async (): Promise<Engine> => (await import("./tensorflow.ts")).tensorflow,
  webgpu: async (): Promise<Engine> => (await import("./webgpu.ts")).webgpu,
  wasm: async (): Promise<Engine> => (await import("./wasm/mod.ts")).wasm,
  cpu: async (): Promise<Engine> => (await import("./cpu.ts")).cpu,
} satisfies Record<string, () => Promise<Engine>>;

/** The name of an engine. `cpu` is the slow reference of the conformance suite. */
export type EngineName = keyof typeof loaders;

/** The names of all engines, the fastest first. */
export const ENGINE_NAMES: readonly EngineName[] = Object.keys(loaders) as EngineName[];

/** The engines by name, the fastest first. */
export const engines: ReadonlyMap<string, () => Promise<Engine>> = new Map(Object.entries(loaders));
