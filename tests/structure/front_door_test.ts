/** The package's names: few at the root, each with an example, the others by room, internals nowhere. */
import { fileURLToPath } from "node:url";
import { entries } from "../../tasks/support/entries.ts";
import { assert, assertEquals } from "../support/mod.ts";
import { rooms } from "./rooms.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

/** Rooms that other rooms are built on; what users need of them is exported by those. */
const internal = ["arguments", "random", "files", "html", "kernels", "distributions", "batches", "operations"];

/** A name that a module exports, as `deno doc --json` describes it. */
interface Exported {
  name: string;
  declarations: { kind: string; def: unknown; jsDoc?: { tags?: { kind: string; doc?: string }[] } }[];
}

/** The names that a module exports. */
async function exportsOf(path: string): Promise<Exported[]> {
  const args = ["doc", "--json", path];
  const { stdout } = await new Deno.Command(Deno.execPath(), { args, cwd: root, env: { NO_COLOR: "1" } }).output();
  const { nodes } = JSON.parse(new TextDecoder().decode(stdout)) as { nodes: Record<string, { symbols: Exported[] }> };
  return Object.values(nodes).flatMap(({ symbols }) => symbols);
}

/** The names of types in a part of a declaration. */
function* typesIn(part: unknown): Generator<string> {
  if (typeof part !== "object" || part === null) return;
  if ("typeName" in part && typeof part.typeName === "string") yield part.typeName;
  for (const inner of Object.values(part)) yield* typesIn(inner);
}

const ofRoot = await exportsOf(entries["."]);
const ofRooms = (await Promise.all(Object.values(entries).slice(1).map(exportsOf))).flat();
const rootNames = new Set(ofRoot.map(({ name }) => name));
const isKind = (...kinds: string[]) => ({ declarations }: Exported) =>
  declarations.some(({ kind }) => kinds.includes(kind));

Deno.test("the root exports at most 90 names, those of the design among them", () => {
  assert(rootNames.size <= 90, `there are ${rootNames.size}`);
  const design = ["useEngine", "alphaMixture", "objective", "objectives", "maskedMean", "loadModel", "generate"];
  design.push("loadTokenizer", "Trainer", "distill", "rougeL", "exactMatch", "evaluate", "rowFromText", "cached");
  assertEquals(design.filter((name) => !rootNames.has(name)), []);
});

Deno.test("every function and class of the root has an example", () => {
  const withCode = ofRoot.filter(isKind("function", "class", "variable"));
  assert(withCode.length > 30, `only ${withCode.length} were found`);
  const hasExample = ({ declarations }: Exported) =>
    declarations.some(({ jsDoc }) =>
      jsDoc?.tags?.some(({ kind, doc }) => kind === "example" && doc?.includes("```ts"))
    );
  assertEquals(withCode.filter((one) => !hasExample(one)).map(({ name }) => name), []);
});

Deno.test("every type that a function of the root names is a name of the root", () => {
  const known = new Set(ofRooms.map(({ name }) => name));
  const absent = ofRoot.filter(isKind("function")).flatMap(({ name, declarations }) =>
    [...typesIn(declarations.map(({ def }) => def))].filter((type) => known.has(type) && !rootNames.has(type))
      .map((type) => `${name}: ${type}`)
  );
  assertEquals(absent, []);
});

Deno.test("every other name of the package is a room's, exported once", () => {
  const { ".": _, ...others } = entries;
  const open = Object.keys(rooms).filter((room) => !internal.includes(room)).sort();
  assertEquals(others, Object.fromEntries(open.map((room) => [`./${room}`, `./lib/${room}/mod.ts`])));
  const names = ofRooms.map(({ name }) => name);
  assertEquals(names.filter((name, index) => names.indexOf(name) !== index), []);
  assertEquals([...rootNames].filter((name) => !names.includes(name)), []);
});

Deno.test("examples import what is public by the package's names", () => {
  const known = new Set(ofRooms.map(({ name }) => name));
  const found: string[] = [];
  for (const path of filesIn("lib")) {
    const examples = Deno.readTextFileSync(root + path).matchAll(/^ *\* import (?:type )?\{([^}]*)\} from "\.[^"]*"/gm);
    for (const [, names] of examples) {
      const each = names.split(",").map((name) => name.replaceAll(/[\s*]|type /g, ""));
      found.push(...each.filter((name) => known.has(name)).map((name) => `${path}: ${name}`));
    }
  }
  assertEquals(found, []);
});

/** The modules in a folder. */
function* filesIn(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(root + folder)) {
    if (isDirectory) yield* filesIn(`${folder}/${name}`);
    else if (name.endsWith(".ts")) yield `${folder}/${name}`;
  }
}
