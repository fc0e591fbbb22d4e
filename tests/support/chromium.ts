/** A browser for tests that look at pages and pictures; they skip, saying so, where there is none. */
import { testUnless } from "./mod.ts";
import { ChromiumUnavailableError, findChromium } from "../../lib/figures/chromium.ts";

/** What keeps a browser from being started, or nothing. */
function lacking(): string | undefined {
  try {
    findChromium();
    return undefined;
  } catch (error) {
    if (error instanceof ChromiumUnavailableError) return "there is no Chromium on the PATH or in CHROMIUM";
    if (error instanceof Deno.errors.NotCapable) return "the tests may not look for programs";
    throw error;
  }
}

/** Declares a test that starts a browser, and skips, saying so, where there is none. */
export function testWithChromium(name: string, fn: (context: Deno.TestContext) => void | Promise<void>): void {
  testUnless(lacking(), name, fn);
}
