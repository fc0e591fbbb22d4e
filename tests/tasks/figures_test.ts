import { gallery } from "../../lib/figures/gallery.ts";
import { main } from "../../tasks/figures.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { testWithChromium } from "../support/chromium.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";

/** The files of a folder with their bytes, by name. */
async function filesOf(folder: string): Promise<Map<string, Uint8Array>> {
  const names = [...Deno.readDirSync(folder)].map(({ name }) => name).sort();
  return new Map(
    await Promise.all(names.map(async (name) => [name, await Deno.readFile(`${folder}/${name}`)] as const)),
  );
}

testWithChromium(
  "task figures writes the same files twice: a page, SVG and PNG on both grounds, the explorer",
  async () => {
    const folders = [await Deno.makeTempDir(), await Deno.makeTempDir()];
    for (const folder of folders) await main(["--only", "comparison_gap, alpha_line,explorer", "--out", folder]);
    const [first, second] = await Promise.all(folders.map(filesOf));
    const kinds = ["dark.png", "dark.svg", "html", "light.png", "light.svg"];
    assertEquals([...first.keys()], [
      ...kinds.map((kind) => `alpha_line.${kind}`),
      ...kinds.map((kind) => `comparison_gap.${kind}`),
      "explorer.html",
      "plotly.js",
    ]);
    assertEquals([...second.keys()], [...first.keys()]);
    for (const [name, bytes] of first) {
      assert(bytes.length > 1000 && bytes.length === second.get(name)!.length, name);
      assert(bytes.every((byte, i) => byte === second.get(name)![i]), `${name} differs`);
    }
  },
);

Deno.test("task figures names a figure that is not there, and the nearest that is", async () => {
  await assertRejects(() => main(["--only", "alpha_lin"]), UsageError, "did you mean alpha_line?");
  await assertRejects(() => main(["--only", ""]), UsageError, '""');
});

Deno.test("task figures reports how to fix a folder that cannot be written", async () => {
  const file = await Deno.makeTempFile();
  const out = `${file}/figures`;
  await assertRejects(
    () => main(["--only", "alpha_line", "--out", out]),
    UsageError,
    `Cannot write figures into ${out}`,
  );
  await assertRejects(() => main(["--only", "alpha_line", "--out", out]), UsageError, "another folder by --out");
});

Deno.test("task figures reports how to get a browser if there is none", async () => {
  const before = Deno.env.get("CHROMIUM");
  Deno.env.set("CHROMIUM", "/nowhere/chromium");
  try {
    const out = await Deno.makeTempDir();
    await assertRejects(() => main(["--only", "alpha_line", "--out", out]), Error, "apt-get install chromium");
  } finally {
    if (before === undefined) Deno.env.delete("CHROMIUM");
    else Deno.env.set("CHROMIUM", before);
  }
});

Deno.test("the folder of figures holds those of the gallery on both grounds, and no others", () => {
  const committed = [...Deno.readDirSync("figures")].map(({ name }) => name).filter((name) => name.endsWith(".svg"))
    .sort();
  assertEquals(committed, Object.keys(gallery).flatMap((name) => [`${name}.dark.svg`, `${name}.light.svg`]).sort());
});
