/**
 * Runs a test on every engine there is, one after another in one process.
 *
 * @module
 */
import { testUnless } from "../support/mod.ts";
import { type EngineName, EngineUnavailableError, useEngine } from "../../lib/engines/mod.ts";
import { engines } from "../../lib/engines/engines.ts";

/** Why an engine cannot be started here; nothing where it can. */
const absent = new Map<EngineName, string>();
for (const name of engines.keys() as Iterable<EngineName>) {
  try {
    await useEngine(name);
  } catch (error) {
    if (!(error instanceof EngineUnavailableError)) throw error;
    absent.set(name, error.reason);
  }
}
await useEngine("cpu");

/** Options for {@linkcode testOnEngines}. */
export interface OnEnginesOptions {
  /**
   * Engines that the test is not for.
   *
   * @default {none}
   */
  except?: EngineName[];
}

/**
 * Declares a test for each engine; those that are absent skip and say why.
 *
 * @param name What is tested, after the engine's name.
 * @param body The test; the engine is in use when it is called.
 */
export function testOnEngines(
  name: string,
  body: (engine: EngineName) => void | Promise<void>,
  options: OnEnginesOptions = {},
): void {
  const { except = [] } = options;
  for (const engine of engines.keys() as Iterable<EngineName>) {
    if (except.includes(engine)) continue;
    testUnless(absent.get(engine), `${engine}: ${name}`, async () => {
      await useEngine(engine);
      await body(engine);
    });
  }
}
