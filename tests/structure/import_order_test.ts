/** `lib/` is built one way up: no room imports from a room above it. */
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";
import { assert, assertEquals } from "../support/mod.ts";
import { rooms } from "./rooms.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));
const order = Object.keys(rooms);

/** The modules of a folder, with what each imports. */
function* modules(folder: string): Generator<{ path: string; imports: string[] }> {
  for (const { name, isDirectory } of Deno.readDirSync(join(root, folder))) {
    const path = join(folder, name);
    if (isDirectory) yield* modules(path);
    else if (name.endsWith(".ts")) yield { path, imports: importsOf(path) };
  }
}

/** The local modules that a file names in imports, exports and dynamic imports, relative to the root. */
function importsOf(path: string): string[] {
  const text = Deno.readTextFileSync(join(root, path)).replaceAll(/^\s*\*.*$/gm, "");
  const named = text.matchAll(/(?:\bfrom\s*|\bimport\s*\(?\s*|new URL\(\s*)"(\.{1,2}\/[^"]+\.ts)"/g);
  return [...named].map(([, target]) => relative(root, join(root, dirname(path), target)));
}

const roomOf = (path: string) => path.split("/")[1];

Deno.test("every folder of lib/ is a room with a place in the order", () => {
  const folders = [...Deno.readDirSync(join(root, "lib"))].filter(({ isDirectory }) => isDirectory);
  assertEquals(folders.map(({ name }) => name).sort(), order.toSorted());
});

Deno.test("no module of lib/ imports from a room above its own, or from outside lib/", () => {
  const upwards: string[] = [];
  let count = 0;
  for (const { path, imports } of modules("lib")) {
    for (const target of imports) {
      count++;
      const outside = !target.startsWith("lib/");
      if (outside || order.indexOf(roomOf(target)) > order.indexOf(roomOf(path))) upwards.push(`${path} → ${target}`);
    }
  }
  assert(count > 1000, `only ${count} imports were found`);
  assertEquals(upwards, []);
});

Deno.test("CONTRIBUTING.md shows the rooms in their order", () => {
  const text = Deno.readTextFileSync(join(root, "CONTRIBUTING.md"));
  const width = Math.max(...order.map((name) => name.length));
  const picture = Object.entries(rooms).map(([name, what]) => `${name.padEnd(width)}  ${what}`).reverse().join("\n");
  assert(text.includes(picture), `CONTRIBUTING.md must have:\n\n${picture}`);
});
