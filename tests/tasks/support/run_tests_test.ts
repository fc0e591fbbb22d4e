import { portions, runPortions } from "../../../tasks/support/run_tests.ts";
import { assert, assertEquals } from "../../support/mod.ts";

async function folderOf(files: Record<string, string>): Promise<string> {
  const root = await Deno.makeTempDir();
  for (const [path, text] of Object.entries(files)) {
    await Deno.mkdir(`${root}/${path}`.replace(/\/[^/]*$/, ""), { recursive: true });
    await Deno.writeTextFile(`${root}/${path}`, text);
  }
  return root;
}

const passing = (name: string) => `Deno.test("${name}", () => console.log("within ${name}"));`;

Deno.test("portions() has every file of tests once, few at a time, each portion from one folder", async () => {
  const names = [
    ...Array.from({ length: 8 }, (_, i) => `a/${i}_test.ts`),
    "a/b/x_test.ts",
    "tasks/y_test.ts",
    "z_test.ts",
  ];
  const root = await folderOf(Object.fromEntries([...names, "a/helper.ts"].map((name) => [name, ""])));
  const found = portions(`${root}/`);
  assertEquals(found.map((files) => files.length), [1, 1, 6, 2, 1]);
  assertEquals(found[1], [`${root}/tasks/y_test.ts`]);
  assertEquals(found.flat().toSorted(), names.map((name) => `${root}/${name}`).toSorted());
});

Deno.test("runPortions() prints every process's summary in one piece, and gives back what failed or ended early", async () => {
  const root = await folderOf({
    "a_test.ts": passing("a"),
    "b_test.ts": `${passing("b")} Deno.test("fails", () => { throw new Error("wrong"); });`,
    "c_test.ts": `Deno.test("ends", () => Deno.kill(Deno.pid, "SIGKILL"));`,
    "d_test.ts": `${passing("d")} Deno.test.ignore("skips", () => {});`,
  });
  const todo = [..."abcd"].map((name) => [`${root}/${name}_test.ts`]);
  let text = "";
  const print = (bytes: Uint8Array) => text += new TextDecoder().decode(bytes);
  const { failed, counts } = await runPortions(todo, { flags: ["--allow-run"], jobs: 2, print });
  assertEquals(failed.toSorted(), [todo[1], todo[2]]);
  const printed = [...text.matchAll(/(\d+) passed \| (\d+) failed/g)].map(([, ...counts]) => counts.join());
  assertEquals(printed.toSorted(), ["1,0", "1,0", "1,1"], text);
  assertEquals(counts, { passed: 3, failed: 1, skipped: 1 });
  assert(text.includes("within a") && text.includes("within d") && text.includes("Error: wrong"), text);
  await Deno.remove(root, { recursive: true });
});
