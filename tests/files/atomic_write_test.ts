import { assertEquals, assertRejects } from "../support/mod.ts";
import { writeAtomically } from "../../lib/files/atomic_write.ts";

async function inFolder(body: (folder: string) => Promise<void>): Promise<void> {
  const folder = await Deno.makeTempDir();
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const names = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("writeAtomically() writes text, bytes and pieces, and leaves nothing beside them", () =>
  inFolder(async (folder) => {
    await writeAtomically(`${folder}/a`, "é");
    await writeAtomically(`${folder}/b`, new Uint8Array([1, 2]));
    await writeAtomically(`${folder}/c`, [new Uint8Array([1]), new Uint8Array(), new Uint8Array([2, 3])]);
    assertEquals(await Deno.readTextFile(`${folder}/a`), "é");
    assertEquals([...await Deno.readFile(`${folder}/b`)], [1, 2]);
    assertEquals([...await Deno.readFile(`${folder}/c`)], [1, 2, 3]);
    assertEquals(names(folder), ["a", "b", "c"]);
  }));

Deno.test("writeAtomically() leaves the old file whole when the new one breaks off", () =>
  inFolder(async (folder) => {
    await writeAtomically(`${folder}/a`, "old");
    function* pieces() {
      yield new Uint8Array(1000);
      throw new RangeError("no more");
    }
    await assertRejects(() => writeAtomically(`${folder}/a`, pieces()), Error, `Cannot write ${folder}/a: no more`);
    assertEquals(await Deno.readTextFile(`${folder}/a`), "old");
    assertEquals(names(folder), ["a"]);
  }));

Deno.test("writeAtomically() names a file whose folder is not there", async () => {
  await assertRejects(() => writeAtomically("/nowhere/a", "x"), Error, "Cannot write /nowhere/a");
});
