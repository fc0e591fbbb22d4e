import { removeFolder, sweepFolder, writeFolderAtomically } from "../../lib/files/atomic_folder.ts";
import { checkManifest, MANIFEST } from "../../lib/files/manifest.ts";
import { assertEquals, assertRejects } from "../support/mod.ts";

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

async function written(root: string): Promise<string> {
  const folder = `${root}/folder`;
  await writeFolderAtomically(folder, async (partial) => {
    await Deno.mkdir(`${partial}/inner`);
    await Deno.writeTextFile(`${partial}/inner/a.txt`, "heron");
    await Deno.writeTextFile(`${partial}/b.txt`, "ibis");
  });
  return folder;
}

Deno.test("checkManifest() finds a whole folder whole, and names a file that is short, changed or missing", async () => {
  const cases: [(folder: string) => Promise<void>, string][] = [
    [(folder) => Deno.writeTextFile(`${folder}/inner/a.txt`, "hero"), "a.txt: it must have 5 bytes, it has 4"],
    [(folder) => Deno.writeTextFile(`${folder}/inner/a.txt`, "heros"), "a.txt: its content is not what was written"],
    [(folder) => Deno.remove(`${folder}/b.txt`), "b.txt: it is missing"],
    [(folder) => Deno.remove(`${folder}/${MANIFEST}`), "manifest.json: it is missing"],
    [(folder) => Deno.writeTextFile(`${folder}/${MANIFEST}`, "{"), "manifest.json: it is not JSON"],
    [(folder) => Deno.writeTextFile(`${folder}/${MANIFEST}`, "[]"), "must list files"],
    [
      (folder) => Deno.writeTextFile(`${folder}/${MANIFEST}`, '{"../b.txt": {"bytes": 4, "sha256": ""}}'),
      "must list files",
    ],
  ];
  for (const [spoil, part] of cases) {
    const folder = await written(await Deno.makeTempDir());
    await checkManifest(folder);
    await spoil(folder);
    await assertRejects(() => checkManifest(folder), SyntaxError, part);
  }
});

Deno.test("writeFolderAtomically() replaces a folder whole, or leaves it as it was", async () => {
  const root = await Deno.makeTempDir();
  const folder = await written(root);
  const failing = writeFolderAtomically(folder, async (partial) => {
    await Deno.writeTextFile(`${partial}/c.txt`, "stork");
    throw new RangeError("no");
  });
  await assertRejects(() => failing, RangeError, "no");
  assertEquals([namesIn(root), namesIn(folder)], [["folder"], ["b.txt", "inner", MANIFEST]]);
  await writeFolderAtomically(folder, (partial) => Deno.writeTextFile(`${partial}/c.txt`, "stork"));
  assertEquals([namesIn(root), namesIn(folder)], [["folder"], ["c.txt", MANIFEST]]);
});

Deno.test("sweepFolder() clears what is half written or half deleted; removeFolder() bears a folder that is absent", async () => {
  const root = await Deno.makeTempDir();
  await written(root);
  for (const name of ["a.partial", "b.removed"]) await Deno.mkdir(`${root}/${name}/inner`, { recursive: true });
  await sweepFolder(root);
  assertEquals(namesIn(root), ["folder"]);
  await removeFolder(`${root}/folder`);
  await removeFolder(`${root}/folder`);
  assertEquals(namesIn(root), []);
});
