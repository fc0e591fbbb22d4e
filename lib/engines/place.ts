/**
 * Where something was computed, as results record it.
 *
 * @module
 */
import type { EngineInfo } from "./engine.ts";

/** The engine, the version of its library, its device and its precision. */
export interface Place {
  /** The engine's name. */
  engine: string;
  /** The version of its library. */
  version: string;
  /** Its device. */
  device: string;
  /** Its precision of storage and products. */
  precision: string;
}

/** The place where an engine computes. */
export function placeOf({ name, version, device, precision }: EngineInfo): Place {
  return { engine: name, version, device, precision };
}

/** What distinguishes the results of engines, which round differently: the name, and the precision if it is low. */
export function engineMark({ name, precision }: EngineInfo): string {
  return precision === "float32" ? name : `${name} in ${precision}`;
}
