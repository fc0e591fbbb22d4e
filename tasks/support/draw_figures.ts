/**
 * The figures that task figures draws: those of the gallery, and the explorer.
 *
 * @module
 */
import { join } from "node:path";
import { gallery } from "../../lib/figures/gallery.ts";
import { openFigureBrowser } from "../../lib/figures/static_svg.ts";
import { writeAtomically } from "../../lib/files/atomic_write.ts";
import { suggestion } from "../../lib/text/nearest.ts";
import { buildExplorer, explorerPairs } from "../explorer/build.ts";
import { writeFigure, writePlotly } from "./figure_files.ts";
import { progress } from "./progress.ts";
import { UsageError } from "./usage_error.ts";

/** The explorer is no figure of the gallery, but has its name among them. */
const EXPLORER = "explorer";

/**
 * The names that were requested, joined by commas; all of them if absent.
 *
 * @throws {UsageError} If there is no such figure.
 */
export function chosenFigures(only: string | undefined): string[] {
  const names = [...Object.keys(gallery), EXPLORER];
  if (only === undefined) return names;
  const asked = only.split(",").map((name) => name.trim());
  for (const name of asked) {
    if (names.includes(name)) continue;
    throw new UsageError(
      `Cannot draw the figure ${JSON.stringify(name)}: the name is unknown${suggestion(name, names)}; ` +
        `--list prints all names`,
    );
  }
  return names.filter((name) => asked.includes(name));
}

/**
 * Draws figures; an engine must be in use.
 *
 * @param names Their names.
 * @param options Where the files go, the folder of the project, where models and recorded results are, and one for the
 * browser's profile.
 */
export async function drawFigures(
  names: readonly string[],
  { folder, root, temporaryFolder }: { folder: string; root: string; temporaryFolder: string },
): Promise<void> {
  await using browser = names.some((name) => name !== EXPLORER)
    ? await openFigureBrowser({ temporaryFolder })
    : undefined;
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
}
