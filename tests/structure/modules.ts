/** The modules of a folder, and what each imports and starts. */
import { dirname, join, relative } from "node:path";
import { fileURLToPath } from "node:url";

/** The project's folder. */
export const root = fileURLToPath(new URL("../../", import.meta.url));

/** A module, with the local modules that it names, relative to the root. */
export interface Module {
  path: string;
  /** What it imports or exports, dynamic imports among them. */
  imports: string[];
  /** What it starts as a worker or a process of its own. */
  starts: string[];
}

/** The modules of a folder. */
export function* modules(folder: string): Generator<Module> {
  for (const { name, isDirectory } of Deno.readDirSync(join(root, folder))) {
    const path = join(folder, name);
    if (isDirectory) yield* modules(path);
    else if (name.endsWith(".ts")) yield moduleAt(path);
  }
}

function moduleAt(path: string): Module {
  const text = Deno.readTextFileSync(join(root, path)).replaceAll(/^\s*\*.*$/gm, "");
  const named = (pattern: RegExp) =>
    [...text.matchAll(pattern)].map(([, target]) => relative(root, join(root, dirname(path), target)));
  return {
    path,
    imports: named(/(?:\bfrom\s*|\bimport\s*\(?\s*)"(\.{1,2}\/[^"]+\.ts)"/g),
    starts: named(/new URL\(\s*"(\.{1,2}\/[^"]+\.ts)"/g),
  };
}
