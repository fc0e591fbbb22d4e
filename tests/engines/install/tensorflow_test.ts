import { pathToFileURL } from "node:url";
import { EngineUnavailableError } from "../../../lib/engines/engine.ts";
import { installTensorflow } from "../../../lib/engines/install/tensorflow.ts";
import { tensorflowRecipe } from "../../../lib/engines/install/tensorflow_recipe.ts";
import { loadTensorflow } from "../../../lib/engines/tensorflow.ts";
import { assert, assertEquals, assertThrows } from "../../support/mod.ts";

const installed = { package: "@tensorflow/tfjs-node@4.22.0", addon: "missing.node", gpu: false, source: "wheel" };

async function inFolder(body: (folder: URL) => void | Promise<void>): Promise<void> {
  const path = await Deno.makeTempDir();
  try {
    await body(pathToFileURL(path + "/"));
  } finally {
    await Deno.remove(path, { recursive: true });
  }
}

Deno.test("installTensorflow() does nothing where the engine is installed", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(new URL("installed.json", folder), JSON.stringify(installed));
    const lines: string[] = [];
    const result = await installTensorflow({ folder, report: (line) => lines.push(line) });
    assertEquals(result, { ...installed, fresh: false } as typeof result);
    assertEquals(lines, []);
    assertEquals([...Deno.readDirSync(folder)].map(({ name }) => name), ["installed.json"]);
  }));

Deno.test("loadTensorflow() reports how to install what is absent", () =>
  inFolder((folder) =>
    assertThrows(() => loadTensorflow(folder), EngineUnavailableError, "deno task engine tensorflow")
  ));

Deno.test("loadTensorflow() reports how to repair what is damaged", () =>
  inFolder(async (folder) => {
    await Deno.writeTextFile(new URL("installed.json", folder), JSON.stringify(installed));
    assertThrows(() => loadTensorflow(folder), EngineUnavailableError, "missing.node");
  }));

Deno.test("tensorflowRecipe() pins every version, and the processor's wheel by its content", () => {
  const [cpu, gpu] = [false, true].map((gpu) => tensorflowRecipe({ gpu }));
  for (const { wheels, npmCompanions, packageVersion } of [cpu, gpu]) {
    for (const wheel of wheels) assert(/==\d/.test(wheel), wheel);
    for (const version of [packageVersion, ...Object.values(npmCompanions)]) {
      assert(/^\d+\.\d+\.\d+$/.test(version), version);
    }
  }
  assert(cpu.wheels.every((wheel) => /--hash=sha256:[0-9a-f]{64}$/.test(wheel)));
});
