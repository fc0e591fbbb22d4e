/** A file holds one concept: none of the library and the tasks has more than 250 lines. */
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "../support/mod.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const LIMIT = 250;

/** The modules in a folder, with their lengths. */
function* lengthsIn(folder: string): Generator<{ path: string; lines: number }> {
  for (const { name, isDirectory } of Deno.readDirSync(join(root, folder))) {
    const path = join(folder, name);
    if (isDirectory) yield* lengthsIn(path);
    else if (name.endsWith(".ts")) {
      yield { path, lines: Deno.readTextFileSync(join(root, path)).trimEnd().split("\n").length };
    }
  }
}

Deno.test("no module of lib/ and tasks/ has more than 250 lines", () => {
  const all = ["lib", "tasks"].flatMap((folder) => [...lengthsIn(folder)]);
  assert(all.length > 500, `only ${all.length} modules were found`);
  assertEquals(all.filter(({ lines }) => lines > LIMIT).map(({ path, lines }) => `${path} has ${lines}`), []);
});
