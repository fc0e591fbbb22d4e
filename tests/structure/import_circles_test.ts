/** No modules import one another in a circle, not even for types. */
import { assert, assertEquals } from "../support/mod.ts";
import { modules } from "./modules.ts";

/** Modules whose functions call one another because the language that they read is recursive. */
const recursive = [
  // An expression has arguments and subscripts, which are expressions.
  ["parse_arguments.ts", "parse_expression.ts", "parse_postfix.ts"],
  // A loop and a block have statements, which may be loops and blocks.
  ["execute.ts", "execute_for.ts", "template_blocks.ts"],
  // A text has a method that formats attributes of values, which may be texts.
  ["attributes.ts", "text_format.ts"],
].map((names) => names.map((name) => `lib/text/jinja/${name}`));

/** The strongly connected components of more than one module, by Tarjan's algorithm. */
function circles(graph: ReadonlyMap<string, readonly string[]>): string[][] {
  const found: string[][] = [];
  const index = new Map<string, number>();
  const low = new Map<string, number>();
  const stack: string[] = [];
  const visit = (path: string): void => {
    index.set(path, index.size);
    low.set(path, index.get(path)!);
    stack.push(path);
    for (const target of graph.get(path) ?? []) {
      if (!index.has(target)) visit(target);
      if (stack.includes(target)) low.set(path, Math.min(low.get(path)!, low.get(target)!));
    }
    if (low.get(path) !== index.get(path)) return;
    const component = stack.splice(stack.indexOf(path));
    if (component.length > 1) found.push(component.sort());
  };
  for (const path of graph.keys()) if (!index.has(path)) visit(path);
  return found;
}

Deno.test("circles() finds what imports one another", () => {
  const graph = new Map([["a", ["b"]], ["b", ["c", "d"]], ["c", ["a"]], ["d", ["e"]], ["e", []]]);
  assertEquals(circles(graph), [["a", "b", "c"]]);
});

for (const folder of ["lib", "tasks"]) {
  Deno.test(`no modules of ${folder}/ import one another in a circle, apart from recursive grammars`, () => {
    const graph = new Map([...modules(folder)].map(({ path, imports }) => [path, imports]));
    assert(graph.size > 100, `only ${graph.size} modules were found`);
    const allowed = recursive.filter(([path]) => graph.has(path));
    assertEquals(circles(graph).sort(), allowed.sort());
  });
}
