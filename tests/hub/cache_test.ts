import { RepositoryCache } from "../../lib/hub/cache.ts";
import { withFileLock } from "../../lib/files/file_lock.ts";
import { assertEquals } from "../support/mod.ts";

Deno.test("remember() in several at once leaves one whole note and nothing else", async () => {
  const cacheFolder = await Deno.makeTempDir();
  const settings = { cacheFolder, endpoint: "http://127.0.0.1:9", offline: true };
  const cache = new RepositoryCache({ type: "model", name: "org/tiny" }, settings);
  const commits = Array.from({ length: 8 }, (_, index) => String(index).repeat(40));
  await Promise.all(commits.map((commit) => cache.remember("main", commit)));
  assertEquals(commits.includes((await cache.commitOf("main"))!), true);
  assertEquals(Array.from(Deno.readDirSync(`${cache.folder}/refs`), ({ name }) => name), ["main"]);
  await Deno.remove(cacheFolder, { recursive: true });
});

Deno.test("withFileLock() lets one in at a time, in one process too", async () => {
  const folder = await Deno.makeTempDir();
  let inside = 0;
  let most = 0;
  const work = async () => {
    most = Math.max(most, inside += 1);
    await new Promise((resolve) => setTimeout(resolve, 5));
    inside -= 1;
  };
  const attempts = Array.from({ length: 5 }, () => withFileLock(`${folder}/a/lock`, work, { interval: 2 }));
  await Promise.all(attempts);
  assertEquals([most, inside], [1, 0]);
  await Deno.remove(folder, { recursive: true });
});
