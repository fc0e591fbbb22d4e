/** `lib/` is built one way up: no room imports from a room above it. */
import { join } from "node:path";
import { assert, assertEquals } from "../support/mod.ts";
import { modules, root } from "./modules.ts";
import { rooms } from "./rooms.ts";

const order = Object.keys(rooms);

const roomOf = (path: string) => path.split("/")[1];

Deno.test("every folder of lib/ is a room with a place in the order", () => {
  const folders = [...Deno.readDirSync(join(root, "lib"))].filter(({ isDirectory }) => isDirectory);
  assertEquals(folders.map(({ name }) => name).sort(), order.toSorted());
});

Deno.test("no module of lib/ imports from a room above its own, or from outside lib/", () => {
  const upwards: string[] = [];
  let count = 0;
  for (const { path, imports, starts } of modules("lib")) {
    for (const target of [...imports, ...starts]) {
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
