import { checkUnlocked, LockedError, lockPathOf, takeLock, withFileLock } from "../../lib/files/file_lock.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../support/mod.ts";

const module = new URL("../../lib/files/file_lock.ts", import.meta.url).href;

/** Another process that takes the lock, says so, and has it until it is killed or its standard input ends. */
async function another(path: string, flags: string[] = []): Promise<Deno.ChildProcess> {
  const program = `import { takeLock } from ${JSON.stringify(module)};
    const lock = takeLock(${JSON.stringify(path)}, { what: "runs/a" });
    console.log("taken");
    for await (const _ of Deno.stdin.readable);
    lock.release();`;
  const script = await Deno.makeTempFile({ suffix: ".ts" });
  await Deno.writeTextFile(script, program);
  const args = ["run", "--quiet", "--no-prompt", "--allow-read", "--allow-write", ...flags, script];
  const child = new Deno.Command(Deno.execPath(), { args, stdin: "piped", stdout: "piped" }).spawn();
  const reader = child.stdout.getReader();
  await reader.read();
  await reader.cancel();
  return child;
}

const folderOf = () => Deno.makeTempDir();
const take = (path: string, holder?: Parameters<typeof takeLock>[1]["holder"]) =>
  takeLock(path, { what: "runs/a", holder });

Deno.test("takeLock() refuses what another process has, and names it, its machine and since when", async () => {
  const path = `${await folderOf()}/.a.lock`;
  const child = await another(path, ["--allow-sys=hostname"]);
  const { pid, host, since } = JSON.parse(await Deno.readTextFile(path));
  assertEquals([pid, host], [child.pid, Deno.hostname()]);
  assert(Math.abs(Date.parse(since) - Date.now()) < 60_000);
  const text = `Cannot use runs/a: process ${pid} on ${host} has been using it since ${since.slice(0, 10)} `;
  assertThrows(() => take(path), LockedError, text);
  await child.stdin.close();
  await child.status;
  assertEquals([...Deno.readDirSync(`${path}/..`)].length, 0);
  take(path).release();
});

Deno.test("takeLock() takes over from a process that was killed", async () => {
  const path = `${await folderOf()}/.a.lock`;
  const child = await another(path);
  assertThrows(() => take(path), LockedError, `process ${child.pid} has been`);
  child.kill("SIGKILL");
  await child.status;
  await child.stdin.close().catch(() => {});
  assert((await Deno.readTextFile(path)).includes(`${child.pid}`), "the file still names it");
  take(path).release();
});

Deno.test("takeLock() refuses what a process of another machine may have, and reports which file to delete", async () => {
  const path = `${await folderOf()}/.a.lock`;
  const there = { pid: 7, host: "node-1", since: "2026-01-02T03:04:05.678Z" };
  await Deno.writeTextFile(path, JSON.stringify(there));
  const part =
    "process 7 on node-1 started using it at 2026-01-02 03:04:05 UTC, and whether it still does cannot be seen " +
    `from here; if it does not, delete ${path}`;
  const here = { ...there, pid: 8, host: "node-2" };
  assertThrows(() => take(path, here), LockedError, part);
  assertThrows(() => take(path, { ...here, job: "12" }), LockedError, part);
  take(path, { ...here, host: "node-1" }).release(); // its machine's system knows that it is gone
  await Deno.writeTextFile(path, JSON.stringify({ ...there, job: "12" }));
  assertThrows(() => take(path, { ...here, job: "13" }), LockedError, part);
  take(path, { ...here, job: "12" }).release(); // a restarted job is not running elsewhere
  await Deno.writeTextFile(path, JSON.stringify(there));
  await Deno.remove(path);
  take(path, here).release();
  for (const text of ["", "{", "null", "12345\n", "\0\0\0"]) {
    await Deno.writeTextFile(path, text);
    take(path).release();
  }
});

Deno.test("takeLock() refuses a second part of one process, until the first releases it", async () => {
  const path = `${await folderOf()}/deep/.a.lock`;
  {
    using _lock = take(path);
    assertThrows(() => take(path), LockedError, `this same process (process ${Deno.pid}`);
  }
  const lock = take(path);
  lock.release();
  lock.release();
  take(path).release();
});

Deno.test("takeLock() says what cannot be used where the lock cannot be written, and why", async () => {
  const folder = await folderOf();
  await Deno.writeTextFile(`${folder}/file`, "");
  for (const path of [`${folder}/file/.a.lock`, folder, `${folder}/${"a".repeat(300)}.lock`]) {
    try {
      take(path).release();
    } catch (error) {
      assert(error instanceof Error && !(error instanceof LockedError), path);
      assertEquals(error.message, `Cannot use runs/a: its lock ${path} cannot be written`);
      assert(error.cause instanceof Error && error.cause.message.includes("os error"), `${error.cause}`);
      continue;
    }
    throw new Error(`${path} was locked`);
  }
});

Deno.test("takeLock() in many processes is held by one at a time", async () => {
  const folder = await folderOf();
  const program = `import { LockedError, takeLock } from ${JSON.stringify(module)};
    let taken = 0;
    while (taken < 20) {
      try {
        using _ = takeLock("${folder}/.a.lock", { what: "a" });
        const before = Number(Deno.readTextFileSync("${folder}/count"));
        Deno.writeTextFileSync("${folder}/count", String(before + 1));
        taken += 1;
      } catch (error) {
        if (!(error instanceof LockedError)) throw error;
        await new Promise((resolve) => setTimeout(resolve, 1));
      }
    }`;
  await Deno.writeTextFile(`${folder}/count`, "0");
  await Deno.writeTextFile(`${folder}/program.ts`, program);
  const args = ["run", "--quiet", "--allow-read", "--allow-write", `${folder}/program.ts`];
  const all = await Promise.all(
    Array.from({ length: 4 }, () => new Deno.Command(Deno.execPath(), { args }).output()),
  );
  for (const { code, stderr } of all) assertEquals(code, 0, new TextDecoder().decode(stderr));
  assertEquals(await Deno.readTextFile(`${folder}/count`), "80");
});

Deno.test("checkUnlocked() finds a lock within a folder", async () => {
  const folder = await folderOf();
  checkUnlocked(`${folder}/absent`);
  await Deno.mkdir(`${folder}/cell/checkpoints`, { recursive: true });
  for (const path of [`${folder}/.cell.lock`, `${folder}/cell/checkpoints/.lock`]) {
    using _lock = take(path);
    assertThrows(() => checkUnlocked(folder), LockedError, "this same process");
  }
  checkUnlocked(folder);
  assertEquals(lockPathOf("runs/mine"), "runs/.mine.lock");
});

Deno.test("withFileLock() reports the holder that it waits for, and gives up when aborted", async () => {
  const path = `${await folderOf()}/lock`;
  const holders: unknown[] = [];
  const onWait = (holder: unknown) => holders.push(holder);
  await withFileLock(path, async () => {
    const signal = AbortSignal.timeout(20);
    await assertRejects(() => withFileLock(path, () => Promise.resolve(), { signal, interval: 2, onWait }), Error);
  });
  assertEquals(holders.map((holder) => (holder as { pid: number }).pid), [Deno.pid]);
  assertEquals(await Deno.readTextFile(path), "");
});
