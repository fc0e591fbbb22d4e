/**
 * The engine in use, for code that queries its abilities without starting one.
 *
 * @module
 */
import { type EngineAbilities, type EngineInfo, PLAIN_ABILITIES } from "./engine.ts";

let current: EngineInfo | undefined;

/** The engine in use, or undefined before the first {@linkcode useEngine}. */
export function currentEngine(): EngineInfo | undefined {
  return current;
}

/** Records which engine is in use. */
export function setCurrentEngine(info: EngineInfo): void {
  current = info;
}

/** The abilities of the engine in use; before one is started, those that every engine has. */
export function currentAbilities(): EngineAbilities {
  return current?.abilities ?? PLAIN_ABILITIES;
}
