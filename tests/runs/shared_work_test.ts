import { folderFingerprint, sharedWork, unshared } from "../../lib/runs/shared_work.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";

Deno.test("sharedWork() keeps one value of each kind, and disposes of the one before", async () => {
  const disposed: string[] = [];
  const make = (name: string) => () => ({ name, dispose: () => disposed.push(name) });
  const shared = sharedWork(await Deno.makeTempDir());
  const first = await shared.once("teacher", "a", make("a"));
  assertEquals(await shared.once("teacher", "a", make("never")), first);
  await shared.once("corpus", "a", make("corpus"));
  await shared.once("teacher", "b", make("b"));
  assertEquals(disposed, ["a"]);
  shared.close();
  assertEquals(disposed.sort(), ["a", "b", "corpus"]);
});

Deno.test("sharedWork() keeps on the disk what another process can use, by its whole key", async () => {
  const folder = `${await Deno.makeTempDir()}/shared`;
  let made = 0;
  const make = (value: unknown) => () => Promise.resolve((made += 1, value));
  assertEquals(await sharedWork(folder).saved("scores", make({ rougeL: 1 })), { rougeL: 1 });
  assertEquals(await sharedWork(folder).saved("scores", make(0)), { rougeL: 1 } as unknown as number);
  assertEquals(await sharedWork(folder).saved("others", make([2])), [2]);
  assertEquals(made, 2);
  for await (const { name } of Deno.readDir(folder)) await Deno.writeTextFile(`${folder}/${name}`, "{");
  await assertRejects(() => sharedWork(folder).saved("scores", make(0)), Error, "delete it, and it is recomputed");
});

Deno.test("sharedWork() keeps what several make at a time", async () => {
  const folder = `${await Deno.makeTempDir()}/shared`;
  const saved = Array.from({ length: 8 }, () => sharedWork(folder).saved("scores", () => Promise.resolve([1, 2])));
  assertEquals(await Promise.all(saved), Array(8).fill([1, 2]));
  assertEquals((await Array.fromAsync(Deno.readDir(folder))).length, 1);
});

Deno.test("sharedWork() makes again what could not be made, and unshared makes everything again", async () => {
  const shared = sharedWork(await Deno.makeTempDir());
  const fail = () => Promise.reject(new Error("not today"));
  await assertRejects(() => shared.once("teacher", "a", fail), Error, "not today");
  await assertRejects(() => shared.saved("a", fail), Error, "not today");
  assertEquals(await shared.once("teacher", "a", () => 1), 1);
  assertEquals([await unshared.once("a", "a", () => 1), await unshared.once("a", "a", () => 2)], [1, 2]);
});

Deno.test("folderFingerprint() changes with the files, and takes a name that is not a folder", async () => {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/config.json`, "{}");
  const before = await folderFingerprint(folder);
  assertEquals(await folderFingerprint(folder), before);
  await Deno.writeTextFile(`${folder}/config.json`, "{ }");
  assert(await folderFingerprint(folder) !== before);
  assertEquals(await folderFingerprint("owner/name"), "owner/name");
});
