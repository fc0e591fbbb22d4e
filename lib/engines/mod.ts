/**
 * The interface to the hardware: {@linkcode useEngine} activates a tensorflow.js backend.
 *
 * A new engine is a file in this folder and a line in `engines.ts`.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type EngineInfo, type EngineOptions, EngineUnavailableError } from "./engine.ts";
import { setCurrentEngine } from "./current_engine.ts";
import { type EngineName, engines } from "./engines.ts";
import { checkShapes } from "./shape_checks.ts";

export { currentEngine } from "./current_engine.ts";
export {
  type AttentionKind,
  type EngineAbilities,
  type EngineInfo,
  type EngineOptions,
  EngineUnavailableError,
  type Precision,
  type StoragePrecision,
} from "./engine.ts";
export type { EngineName } from "./engines.ts";
export { openCommunicator } from "./open_communicator.ts";
export type { NcclCommunicator, NcclOptions } from "./torch/nccl/nccl.ts";

/** An engine that {@linkcode useEngine} skipped before the one it started. */
export interface PassedOver {
  /** The engine. */
  name: EngineName;
  /** Why it was skipped. */
  reason: string;
}

/**
 * Makes an engine the backend of tensorflow.js. Tensors created on another engine stay readable.
 *
 * `"auto"` takes the fastest engine available, and never fails because a faster one is missing or broken: skipped
 * engines and the reasons are in `passedOver`. `"cpu"`, the reference, is only used by name.
 *
 * @param name The engine, or `"auto"`.
 * @returns The engine now in use.
 * @throws {RangeError} If the name is unknown, or the engine cannot honour an option.
 * @throws {EngineUnavailableError} If something the engine needs is missing; the message names it.
 *
 * @example Use the engine that needs only npm packages
 * ```ts
 * import { useEngine } from "@amid/amid";
 *
 * const engine = await useEngine("wasm");
 * console.log(engine.name, engine.device);
 * ```
 */
export async function useEngine(
  name: EngineName | "auto" = "auto",
  options: EngineOptions = {},
): Promise<EngineInfo & { passedOver: PassedOver[] }> {
  const passedOver: PassedOver[] = [];
  if (name !== "auto") return { ...await start(name, options), passedOver };
  for (const candidate of engines.keys() as Iterable<EngineName>) {
    if (candidate === "cpu") continue;
    try {
      const unfit = await (await engines.get(candidate)!()).unfitForAuto?.();
      if (unfit === undefined) return { ...await start(candidate, options), passedOver };
      passedOver.push({ name: candidate, reason: unfit });
    } catch (error) {
      passedOver.push({ name: candidate, reason: error instanceof Error ? error.message : String(error) });
    }
  }
  const reasons = passedOver.map(({ name, reason }) => `${name}: ${reason}`).join("; ");
  throw new EngineUnavailableError("wasm", `no engine could be started (${reasons})`);
}

async function start(name: EngineName, options: EngineOptions): Promise<EngineInfo> {
  const load = engines.get(name);
  if (!load) {
    throw new RangeError(
      `Cannot use an engine: its name must be one of auto, ${[...engines.keys()].join(", ")}, current value is ${name}`,
    );
  }
  await import("@tensorflow/tfjs"); // registers the gradients of every operation; loading it takes as long as help does
  const engine = await load();
  const info = await engine.start(options);
  await tf.ready();
  checkShapes(tf.getBackend());
  setCurrentEngine(info);
  return info;
}
