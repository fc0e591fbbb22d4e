/**
 * Which engine is in use, for those who ask what it can do without starting one.
 *
 * @module
 */
import { type EngineAbilities, type EngineInfo, PLAIN_ABILITIES } from "./engine.ts";

let current: EngineInfo | undefined;

/** The engine in use, or nothing before the first {@linkcode useEngine}. */
export function currentEngine(): EngineInfo | undefined {
  return current;
}

/** Notes which engine is in use. */
export function setCurrentEngine(info: EngineInfo): void {
  current = info;
}

/** What the engine in use can do; before one is started, what every engine can. */
export function currentAbilities(): EngineAbilities {
  return current?.abilities ?? PLAIN_ABILITIES;
}
