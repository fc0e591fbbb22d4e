/** The suite has a case for every operation of tensorflow.js that the library calls above the engines. */
import { assertEquals } from "../support/mod.ts";
import { tables } from "./cases/mod.ts";

/** What the library calls of tensorflow.js that computes nothing, or computes by what has a case. */
const noOperations = new Set([
  "tidy",
  "keep",
  "dispose",
  "ready",
  "engine",
  "env",
  "memory",
  "nextFrame",
  "variable",
  "tensor1d",
  "tensor2d",
  "backend",
  "getBackend",
  "setBackend",
  "registerBackend",
  "removeBackend",
  "DataStorage",
  "KernelBackend",
  "getKernel",
  "registerKernel",
  "unregisterKernel",
  "registerGradient",
  "registerTensorClass",
  "grad",
  "grads",
  "valueAndGrad",
  "valueAndGrads",
  "variableGrads",
  "customGrad",
]);

async function* sources(folder: URL): AsyncGenerator<string> {
  for await (const { name, isDirectory } of Deno.readDir(folder)) {
    if (name === "engines") continue;
    if (isDirectory) yield* sources(new URL(`${name}/`, folder));
    else if (name.endsWith(".ts")) yield await Deno.readTextFile(new URL(name, folder));
  }
}

Deno.test("the conformance suite has a case for every operation that the library calls", async () => {
  const covered = new Set(Object.values(tables).flat().map(({ name }) => name.split(":")[0]));
  const called = new Set<string>();
  for await (const text of sources(new URL("../../lib/", import.meta.url))) {
    for (const [, name] of text.matchAll(/\btf\.([a-zA-Z0-9]+)(?:<[^()]*>)?\(/g)) called.add(name);
  }
  assertEquals([...called].filter((name) => !covered.has(name) && !noOperations.has(name)), []);
});
