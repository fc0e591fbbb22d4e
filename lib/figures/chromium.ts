/**
 * Where a browser is found that figures can be drawn in.
 *
 * @module
 */
import { delimiter, join } from "node:path";
import type { Browser, BrowserType } from "playwright-core";

/** No browser can be started here; the message names the remedy. */
export class ChromiumUnavailableError extends Error {
  /** The error's name. */
  override name = "ChromiumUnavailableError";

  /**
   * Makes the error.
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
 * @throws {ChromiumUnavailableError} If no Chromium is found.
 *
 * @example A path that is given must lead to a program
 * ```ts
 * import assert from "node:assert/strict";
 * import { ChromiumUnavailableError, findChromium } from "@amid/amid/figures";
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

/** Loads the driver of browsers: here, so that a program that draws no static figure does not need it. */
async function loadPlaywright(): Promise<BrowserType> {
  // On its way in it looks for Windows below Linux in /proc/sys, which Deno lets no program read that may not do
  // everything. This variable puts the look off.
  const variable = "__IS_WSL_TEST__";
  const before = Deno.env.get(variable);
  Deno.env.set(variable, "1");
  try {
    return (await import("playwright-core")).chromium;
  } finally {
    if (before === undefined) Deno.env.delete(variable);
    else Deno.env.set(variable, before);
  }
}

/**
 * Starts a browser without a window.
 *
 * @param program Its path.
 * @throws {ChromiumUnavailableError} If it does not start.
 */
export async function launchChromium(program: string): Promise<Browser> {
  const chromium = await loadPlaywright();
  // Glyphs at whole pixels and without hints are the same wherever a label stands.
  const args = ["--font-render-hinting=none", "--force-color-profile=srgb", "--disable-lcd-text"];
  try {
    return await chromium.launch({ executablePath: program, headless: true, args });
  } catch (error) {
    throw new ChromiumUnavailableError(`${program} does not start`, { cause: error });
  }
}
