/**
 * Makes every figure again: pages, SVG and PNG on light and on dark ground, and the explorer.
 *
 *     deno task figures --only next_token
 */
import { join, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { useEngine } from "../lib/engines/mod.ts";
import { gallery } from "../lib/figures/gallery.ts";
import { chosenFigures, drawFigures } from "./support/draw_figures.ts";
import { openFigureFolder, writeIndex } from "./support/figure_files.ts";
import { photographReport } from "./support/report_picture.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";

const schema = z.strictObject({
  only: z.string().optional().describe("names of figures, joined by commas; all of them and the explorer if absent"),
  out: z.string().default("figures").describe("output folder"),
  report: z.string().optional().describe("report.html of a run, to be rendered as report.png for the README"),
  list: z.boolean().default(false).describe("print the names of the figures and exit"),
});

/** The folder of the project, where models and recorded results are. */
const root = fileURLToPath(new URL("../", import.meta.url));

/** Runs the task. */
export async function main(args: readonly string[]): Promise<void> {
  const { config } = await parseTask({ name: "figures", description: "Redraw all figures.", schema, args });
  const names = chosenFigures(config.only);
  if (config.list) return console.log(names.join("\n"));
  const folder = await openFigureFolder(config.out);
  const temporaryFolder = resolve(await Deno.makeTempDir({ dir: folder, prefix: ".browser-" }));
  try {
    await useEngine("wasm");
    await drawFigures(names, { folder, root, temporaryFolder });
    if (config.only === undefined) await writeIndex(folder, gallery);
    if (config.report !== undefined) {
      await photographReport(config.report, join(folder, "report.png"), { temporaryFolder });
    }
  } finally {
    await Deno.remove(temporaryFolder, { recursive: true });
  }
  console.log(`${names.length} figures in ${folder}/`);
}

if (import.meta.main) await runTask(main);
