/**
 * Where a browser is found that figures can be drawn in.
 *
 * @module
 */
import { delimiter, join } from "node:path";

/** No browser can be started here; the message says what mends it. */
export class ChromiumUnavailableError extends Error {
  /** The error's name, as stacks show it. */
  override name = "ChromiumUnavailableError";

  /**
   * Says what is missing.
   *
   * @param reason What is missing.
   */
  constructor(reason: string, options?: ErrorOptions) {
    super(
      `Cannot draw figures: ${reason}; install it, with "apt-get install chromium" for instance, or give its path in ` +
        "the environment variable CHROMIUM",
      options,
    );
  }
}

/** What browsers of this kind are called, the first that is found being taken. */
const programs = ["chromium", "chromium-browser", "google-chrome-stable", "google-chrome", "chrome"];

/** Options for {@linkcode findChromium}. */
export interface FindChromiumOptions {
  /**
   * Looks up an environment variable.
   *
   * @default {Deno.env.get}
   */
  environment?: (name: string) => string | undefined;
}

function isFile(path: string): boolean {
  try {
    return Deno.statSync(path).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotADirectory) return false;
    throw error;
  }
}

/**
 * Finds Chromium or Chrome: the program that the environment variable `CHROMIUM` names, else one on the `PATH`.
 *
 * @param options The environment.
 * @returns The program's path.
 * @throws {ChromiumUnavailableError} If there is none.
 *
 * @example A path that is given must lead to a program
 * ```ts
 * import assert from "node:assert/strict";
 * import { ChromiumUnavailableError, findChromium } from "@amid/amid";
 *
 * const environment = (name: string) => name === "CHROMIUM" ? "/nowhere/chromium" : undefined;
 * assert.throws(() => findChromium({ environment }), ChromiumUnavailableError);
 * ```
 */
export function findChromium(options: FindChromiumOptions = {}): string {
  const { environment = (name: string) => Deno.env.get(name) } = options;
  const named = environment("CHROMIUM");
  if (named) {
    if (isFile(named)) return named;
    throw new ChromiumUnavailableError(`CHROMIUM is ${named}, which is no file`);
  }
  const folders = (environment("PATH") ?? "").split(delimiter).filter((folder) => folder !== "");
  const suffix = Deno.build.os === "windows" ? ".exe" : "";
  for (const program of programs) {
    for (const folder of folders) {
      const path = join(folder, program + suffix);
      if (isFile(path)) return path;
    }
  }
  throw new ChromiumUnavailableError("Chromium is needed and is not on the PATH");
}
