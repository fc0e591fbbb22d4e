/**
 * The engine of a task, and its errors by the names of flags.
 *
 * @module
 */
import {
  type EngineInfo,
  type EngineName,
  type EngineOptions,
  EngineUnavailableError,
  useEngine,
} from "../../lib/engines/mod.ts";
import { UsageError } from "./usage_error.ts";

/** The engines that compute in bfloat16. */
const inBfloat16: readonly string[] = ["torch"];

/**
 * Starts a task's engine.
 *
 * @param name `--engine`.
 * @param options `--device`, `--precision` and threads.
 * @throws {UsageError} If the engine, or with `auto` every engine there is, does not compute in that precision.
 * @throws {EngineUnavailableError} If something that the engine needs is missing.
 */
export async function useTaskEngine(name: EngineName | "auto", options: EngineOptions): Promise<EngineInfo> {
  const { precision } = options;
  if (precision !== "bfloat16") return await useEngine(name, options);
  if (name === "auto") {
    try {
      return await useEngine(name, options);
    } catch (cause) {
      if (!(cause instanceof EngineUnavailableError)) throw cause;
      throw new UsageError(`Cannot use --precision bfloat16: ${cause.reason}`, { cause });
    }
  }
  if (inBfloat16.includes(name)) return await useEngine(name, options);
  throw new UsageError(
    `Cannot use --precision bfloat16: the engine ${name} computes in float32 only, ` +
      `--engine ${inBfloat16.join(" or ")} in bfloat16 too`,
  );
}
