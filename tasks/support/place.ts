/** Where something was computed, as results record it. */
import type { EngineInfo } from "../../lib/engines/mod.ts";

/** The engine, the version of its library, its device and its precision. */
export interface Place {
  engine: string;
  version: string;
  device: string;
  precision: string;
}

/** The place that an engine computes at. */
export function placeOf({ name, version, device, precision }: EngineInfo): Place {
  return { engine: name, version, device, precision };
}
