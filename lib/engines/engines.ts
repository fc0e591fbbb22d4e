/**
 * The list of engines.
 *
 * @module
 */
import type { Engine } from "./engine.ts";

/** The name of an engine. `cpu` is the slow reference of the conformance suite. */
export type EngineName = "torch" | "tensorflow" | "webgpu" | "wasm" | "cpu";

/** The engines, the fastest first, each loaded when it is first used. */
const loaders: Record<EngineName, () => Promise<Engine>> = {
  torch: async () => (await import("./torch/mod.ts")).torch,
  tensorflow: async () => (await import("./tensorflow.ts")).tensorflow,
  webgpu: async () => (await import("./webgpu.ts")).webgpu,
  wasm: async () => (await import("./wasm/mod.ts")).wasm,
  cpu: async () => (await import("./cpu.ts")).cpu,
};

/** The names of all engines, the fastest first. */
export const ENGINE_NAMES: readonly EngineName[] = Object.keys(loaders) as EngineName[];

/** The engines by name, the fastest first. */
export const engines: ReadonlyMap<string, () => Promise<Engine>> = new Map(Object.entries(loaders));
