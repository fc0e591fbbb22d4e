/**
 * Where a browser is found that figures can be drawn in.
 *
 * @module
 */
import { delimiter, join } from "node:path";
import process from "node:process";
import type { Browser } from "playwright-core";

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

/** Sets environment variables while some work is done. */
async function withVariables<Value>(
  variables: Readonly<Record<string, string>>,
  work: () => Promise<Value>,
): Promise<Value> {
  const before = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  try {
    return await work();
  } finally {
    for (const [name, value] of before) {
      if (value === undefined) Deno.env.delete(name);
      else Deno.env.set(name, value);
    }
  }
}

/** Options for {@linkcode launchChromium}. */
export interface LaunchChromiumOptions {
  /**
   * Where the browser's profile lies while it runs; one folder for all browsers of a program.
   *
   * @default {the system's folder of temporary files}
   */
  temporaryFolder?: string;
}

/**
 * Starts a browser without a window.
 *
 * @param program Its path.
 * @throws {ChromiumUnavailableError} If it does not start.
 */
export async function launchChromium(program: string, options: LaunchChromiumOptions = {}): Promise<Browser> {
  const { temporaryFolder } = options;
  // Glyphs at whole pixels and without hinting are the same wherever a label is.
  const args = ["--font-render-hinting=none", "--force-color-profile=srgb", "--disable-lcd-text"];
  const env = { ...process.env } as Record<string, string>; // the browser's own sockets need short paths
  // When it starts, the driver looks for WSL in /proc/sys, which Deno lets no program read that may not do
  // everything. The first variable puts the look off.
  const variables = { __IS_WSL_TEST__: "1", ...temporaryFolder !== undefined && { TMPDIR: temporaryFolder } };
  return await withVariables(variables, async () => {
    // Loaded here, so that a program that draws no static figure does not need it.
    const { chromium } = await import("playwright-core");
    try {
      return await chromium.launch({ executablePath: program, headless: true, args, env });
    } catch (error) {
      throw new ChromiumUnavailableError(`${program} does not start`, { cause: error });
    }
  });
}
