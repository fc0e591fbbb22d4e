import { assertEquals, assertRejects, assertThrows } from "../../support/mod.ts";
import { takeLock } from "../../../lib/files/file_lock.ts";
import type { ClaimedFolder } from "../../../tasks/support/claimed_folder.ts";
import { checkRunName, openRunFolder, type OpenRunFolderOptions } from "../../../tasks/support/run_folder.ts";
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

/** Opens a folder, does something with it, and leaves it. */
async function opened(
  name: string,
  options: OpenRunFolderOptions,
  body: (folder: ClaimedFolder) => Promise<void> | void = () => {},
): Promise<void> {
  await using folder = await openRunFolder(name, { say: () => {}, ...options });
  await body(folder);
}

/** A run that was begun, with a file of its own. */
async function runIn(root: string, name: string): Promise<string> {
  await opened(name, { root }, async (folder) => {
    await folder.begin();
    await Deno.writeTextFile(`${folder.path}/config.json`, `{"name":"${name}"}`);
    folder.keep();
  });
  return `${root}/${name}`;
}

const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

Deno.test("openRunFolder() makes the folder when the run begins, and takes an empty one", () =>
  inFolder(async (root) => {
    await opened("a", { root: `${root}/runs` }, async (folder) => {
      assertEquals(folder.path, `${root}/runs/a`);
      assertEquals(namesIn(`${root}/runs`), [".a.lock"]);
      await folder.begin();
      assertEquals(namesIn(`${root}/runs`), [".a.lock", "a"]);
      folder.keep();
    });
    await opened("a", { root: `${root}/runs` });
    assertEquals(namesIn(`${root}/runs`), ["a"]);
  }));

Deno.test("openRunFolder() refuses a run that exists, and reports the ways out", () =>
  inFolder(async (root) => {
    const path = await runIn(root, "a");
    for (const way of [path, "--resume", "--overwrite", "--name"]) {
      await assertRejects(() => openRunFolder("a", { root }), UsageError, way);
    }
    assertEquals(await Deno.readTextFile(`${path}/config.json`), '{"name":"a"}');
    assertEquals(namesIn(root), ["a"]);
  }));

Deno.test("openRunFolder() resumes a run that has its configuration, or a checkpoint alone", () =>
  inFolder(async (root) => {
    const path = await runIn(root, "a");
    await opened("a", { root, resume: true }, (folder) => folder.begin());
    assertEquals(namesIn(path), ["config.json"]);
    await Deno.mkdir(`${root}/b/checkpoints/step-00000003`, { recursive: true });
    for (const resume of [true, "auto"] as const) await opened("b", { root, resume });
    await opened("c", { root, resume: "auto" });
    await Deno.writeTextFile(`${path}/result.json`, "{}");
    for (const resume of [true, "auto"] as const) {
      await assertRejects(() => openRunFolder("a", { root, resume }), UsageError, "has no checkpoint to resume from");
    }
    // A result that is damaged is none.
    await Deno.writeTextFile(`${path}/result.json`, '{"seconds": 1');
    for (const resume of [true, "auto"] as const) await opened("a", { root, resume });
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
    assertEquals(namesIn(root), ["b", "c"]);
  }));

Deno.test("openRunFolder() moves what it overwrites aside when the run begins, and removes it when it has ended", () =>
  inFolder(async (root) => {
    const path = await runIn(root, "a");
    const said: string[] = [];
    await opened("a", { root, overwrite: true, say: (text) => said.push(text) }, async (folder) => {
      assertEquals(namesIn(path), ["config.json"]);
      await folder.begin();
      assertEquals([namesIn(path), namesIn(`${root}/.a.replaced-1`)], [[], ["config.json"]]);
      folder.keep();
      await folder.finish();
    });
    assertEquals(namesIn(root), ["a"]);
    assertEquals(said, [`the content of ${path} is kept as ${root}/.a.replaced-1 until the new run has finished`]);
  }));

Deno.test("openRunFolder() puts back what it overwrites if the run fails before its first step, and leaves it aside later", () =>
  inFolder(async (root) => {
    const path = await runIn(root, "a");
    const failing = async (body: (folder: ClaimedFolder) => Promise<void>) => {
      await assertRejects(
        () =>
          opened("a", { root, overwrite: true }, async (folder) => {
            await body(folder);
            throw new Error("no memory");
          }),
        Error,
        "no memory",
      );
    };
    await failing(() => Promise.resolve());
    await failing((folder) => folder.begin());
    assertEquals([namesIn(root), await Deno.readTextFile(`${path}/config.json`)], [["a"], '{"name":"a"}']);
    await failing(async (folder) => {
      await folder.begin();
      await Deno.mkdir(`${path}/failures`);
    });
    assertEquals([namesIn(root), namesIn(path)], [[".a.replaced-1", "a"], ["failures"]]);
    await Deno.writeTextFile(`${path}/config.json`, "{}");
    await failing(async (folder) => {
      await folder.begin();
      folder.keep();
    });
    assertEquals(namesIn(root), [".a.replaced-1", ".a.replaced-2", "a"]);
    await Deno.writeTextFile(`${path}/config.json`, "{}");
    await opened("a", { root, resume: true }, (folder) => folder.finish());
    assertEquals(namesIn(root), ["a"]);
  }));

Deno.test("openRunFolder() leaves no trace of a new run that fails before its first step", () =>
  inFolder(async (root) => {
    await opened("a", { root }, async (folder) => {
      await folder.begin();
      await Deno.writeTextFile(`${folder.path}/config.json`, "{}");
    });
    assertEquals(namesIn(root), []);
  }));

Deno.test("openRunFolder() refuses a run that another has open, whatever it is asked for, naming the process", () =>
  inFolder(async (root) => {
    await runIn(root, "a");
    await opened("a", { root, resume: true }, async () => {
      for (const options of [{ resume: true }, { resume: "auto" }, { overwrite: true }, {}] as const) {
        const part = `Cannot use ${root}/a: this same process (process ${Deno.pid}`;
        await assertRejects(() => openRunFolder("a", { root, ...options }), UsageError, part);
      }
    });
    await Deno.mkdir(`${root}/a/checkpoints`);
    using _lock = takeLock(`${root}/a/checkpoints/.lock`, { what: "its checkpoints" });
    await assertRejects(() => openRunFolder("a", { root, overwrite: true }), UsageError, `process ${Deno.pid}`);
  }));

Deno.test("openRunFolder() takes a folder that is a link, and refuses it under either name while the other is open", () =>
  inFolder(async (root) => {
    await runIn(root, "a");
    await Deno.symlink("a", `${root}/b`);
    for (const [open, other] of [["a", "b"], ["b", "a"]]) {
      await opened(open, { root, resume: true }, async () => {
        await assertRejects(
          () => openRunFolder(other, { root, resume: true }),
          UsageError,
          `Cannot use ${root}/${other}: this same process (process ${Deno.pid}`,
        );
      });
    }
    await opened("b", { root, resume: true });
    assertEquals(namesIn(root), ["a", "b"]);
  }));

Deno.test("openRunFolder() refuses a link that leads nowhere, whatever it is asked for, and leaves it there", () =>
  inFolder(async (root) => {
    await Deno.symlink("../absent", `${root}/a`);
    for (const options of [{}, { resume: "auto" }, { resume: true }, { overwrite: true }] as const) {
      await assertRejects(
        () => openRunFolder("a", { root, ...options }),
        UsageError,
        `Cannot use ${root}/a: it is a link to ../absent, which does not exist; make that folder, or choose another --name`,
      );
    }
    assertEquals(namesIn(root), ["a"]);
  }));
