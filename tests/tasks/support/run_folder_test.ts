import { assertEquals, assertRejects, assertThrows } from "../../support/mod.ts";
import { checkRunName, openRunFolder } from "../../../tasks/support/run_folder.ts";
import { UsageError } from "../../../tasks/support/usage_error.ts";

async function inFolder(body: (root: string) => Promise<void>): Promise<void> {
  const root = await Deno.makeTempDir();
  try {
    await body(root);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

Deno.test("checkRunName() takes plain names and refuses what could leave the folder", () => {
  for (const name of ["a", "gpt2-run.3", "größe_2"]) checkRunName(name);
  for (const name of ["", ".", "..", "a/b", "a\\b", "../a", ".a", "-a", "a.", "a b", "a\0", "a:b", "x".repeat(101)]) {
    assertThrows(() => checkRunName(name), UsageError, JSON.stringify(name));
  }
});

Deno.test("openRunFolder() makes the folder, and takes an empty one", () =>
  inFolder(async (root) => {
    assertEquals(await openRunFolder("a", { root: `${root}/runs` }), `${root}/runs/a`);
    assertEquals(await openRunFolder("a", { root: `${root}/runs` }), `${root}/runs/a`);
  }));

Deno.test("openRunFolder() refuses a run that exists, and says the ways out", () =>
  inFolder(async (root) => {
    const path = await openRunFolder("a", { root });
    await Deno.writeTextFile(`${path}/config.json`, "{}");
    for (const way of [path, "--resume", "--overwrite", "--name"]) {
      await assertRejects(() => openRunFolder("a", { root }), UsageError, way);
    }
    assertEquals(await Deno.readTextFile(`${path}/config.json`), "{}");
  }));

Deno.test("openRunFolder() goes on with a run, or empties it, when asked", () =>
  inFolder(async (root) => {
    const path = await openRunFolder("a", { root });
    await Deno.writeTextFile(`${path}/config.json`, "{}");
    assertEquals(await openRunFolder("a", { root, resume: true }), path);
    await openRunFolder("a", { root, overwrite: true });
    assertEquals([...Deno.readDirSync(path)], []);
  }));

Deno.test("openRunFolder() refuses to resume nothing, to overwrite what is no run, and to do both", () =>
  inFolder(async (root) => {
    await assertRejects(() => openRunFolder("a", { root, resume: true }), UsageError, "no run of that name");
    await Deno.mkdir(`${root}/b`);
    await Deno.writeTextFile(`${root}/b/thesis.txt`, "…");
    await Deno.writeTextFile(`${root}/c`, "…");
    await assertRejects(() => openRunFolder("b", { root, overwrite: true }), UsageError, "does not look like a run");
    await assertRejects(() => openRunFolder("c", { root }), UsageError, "it is a file");
    await assertRejects(() => openRunFolder("b", { root, overwrite: true, resume: true }), UsageError, "exclude");
    assertEquals(await Deno.readTextFile(`${root}/b/thesis.txt`), "…");
  }));
