/** tensorflow.js's private state stands behind one file. */
import { fileURLToPath } from "node:url";
import { assertEquals } from "../support/mod.ts";

const root = fileURLToPath(new URL("../../", import.meta.url));

function* sources(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(root + folder)) {
    if (isDirectory) yield* sources(`${folder}/${name}`);
    else if (name.endsWith(".ts")) yield `${folder}/${name}`;
  }
}

Deno.test("lib/kernels/tape.ts alone touches the engine's tape and scopes", () => {
  const names = /activeTape|isTapeOn|addTapeNode|gradientDepth|kernelDepth|activeScope|scopeStack|engine\(\)\.state/;
  const found = ["lib", "tasks"].flatMap((folder) => [...sources(folder)])
    .filter((path) => names.test(Deno.readTextFileSync(root + path)));
  assertEquals(found, ["lib/kernels/tape.ts"]);
});
