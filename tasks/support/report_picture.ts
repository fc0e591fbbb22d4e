/**
 * The picture of a run's report in the README.
 *
 * @module
 */
import { pathToFileURL } from "node:url";
import { writeAtomically } from "../../lib/files/atomic_write.ts";
import { findChromium, launchChromium, type LaunchChromiumOptions } from "../../lib/figures/chromium.ts";
import { UsageError } from "./usage_error.ts";

/**
 * Photographs the upper part of a report.
 *
 * @param report The report's file.
 * @param picture The PNG to write.
 * @param options Where the browser keeps its profile.
 * @throws {UsageError} If there is no such file.
 */
export async function photographReport(report: string, picture: string, options: LaunchChromiumOptions): Promise<void> {
  try {
    await Deno.stat(report);
  } catch (cause) {
    throw new UsageError(`Cannot render ${report}: there is no such file; "deno task distill" writes one`, {
      cause,
    });
  }
  const browser = await launchChromium(findChromium(), options);
  try {
    const page = await browser.newPage({ offline: true, viewport: { width: 1100, height: 1240 } });
    await page.goto(pathToFileURL(report).href);
    await page.waitForSelector(".js-plotly-plot .main-svg");
    await page.waitForTimeout(500);
    await writeAtomically(picture, new Uint8Array(await page.screenshot()));
  } finally {
    await browser.close();
  }
}
