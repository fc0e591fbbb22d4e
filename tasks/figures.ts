/**
 * Makes every figure again: pages, SVG and PNG on light and on dark ground, and the explorer.
 *
 *     deno task figures --only next_token
 */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { z } from "zod";
import { useEngine } from "../lib/engines/mod.ts";
import { gallery } from "../lib/figures/gallery.ts";
import { writeAtomically } from "../lib/files/atomic_write.ts";
import { openFigureBrowser } from "../lib/figures/static_svg.ts";
import { buildExplorer, explorerPairs } from "./explorer/build.ts";
import { openFigureFolder, writeFigure, writeIndex, writePlotly } from "./support/figure_files.ts";
import { suggestion } from "./support/nearest.ts";
import { progress } from "./support/progress.ts";
import { photographReport } from "./support/report_picture.ts";
import { runTask } from "./support/run_task.ts";
import { parseTask } from "./support/schema.ts";
import { UsageError } from "./support/usage_error.ts";

const schema = z.strictObject({
  only: z.string().optional().describe("names of figures, joined by commas; all of them and the explorer if absent"),
  out: z.string().default("figures").describe("folder that takes the files"),
  report: z.string().optional().describe("report.html of a run, to be photographed as report.png for the README"),
  list: z.boolean().default(false).describe("print the names of the figures, and end"),
});

/** The folder of the project, where models and recorded results are. */
const root = fileURLToPath(new URL("../", import.meta.url));

/** The explorer is no figure of the gallery, but has its name among them. */
const EXPLORER = "explorer";

function chosen(only: string | undefined): string[] {
  const names = [...Object.keys(gallery), EXPLORER];
  if (only === undefined) return names;
  const asked = only.split(",").map((name) => name.trim());
  for (const name of asked) {
    if (names.includes(name)) continue;
    throw new UsageError(
      `Cannot draw the figure ${JSON.stringify(name)}: there is none of that name${suggestion(name, names)}; ` +
        `--list tells which there are`,
    );
  }
  return names.filter((name) => asked.includes(name));
}

/** Runs the task. */
export async function main(args: readonly string[]): Promise<void> {
  const { config } = await parseTask({ name: "figures", description: "Make every figure again.", schema, args });
  const names = chosen(config.only);
  if (config.list) return console.log(names.join("\n"));
  const folder = await openFigureFolder(config.out);
  const figures = names.filter((name) => name !== EXPLORER);
  await using browser = figures.length > 0 ? await openFigureBrowser() : undefined;
  await useEngine("wasm");
  const bar = progress({ label: "figures", total: names.length });
  try {
    if (browser) await writePlotly(folder);
    for (const [done, name] of names.entries()) {
      if (name === EXPLORER) {
        await writeAtomically(join(folder, "explorer.html"), await buildExplorer(await explorerPairs(root)));
      } else {
        const { caption, make } = gallery[name];
        await writeFigure(folder, { name, caption, figure: await make({ root }), browser: browser! });
      }
      bar.update({ step: done + 1 });
    }
  } finally {
    bar.done();
  }
  if (config.only === undefined) await writeIndex(folder, gallery);
  if (config.report !== undefined) await photographReport(config.report, join(folder, "report.png"));
  console.log(`${names.length} figures in ${folder}/`);
}

if (import.meta.main) await runTask(main);
