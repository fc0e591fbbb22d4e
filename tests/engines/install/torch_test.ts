import { pathToFileURL } from "node:url";
import { EngineUnavailableError } from "../../../lib/engines/engine.ts";
import { installTorch } from "../../../lib/engines/install/torch.ts";
import { torchRecipe } from "../../../lib/engines/install/torch_recipe.ts";
import { assert, assertEquals, assertRejects } from "../../support/mod.ts";

/** Runs the installer where `python3 -m pip` is a shell script, in a folder of its own. */
async function installWith(pip: string, check: (folder: URL, lines: string[]) => Promise<void> | void): Promise<void> {
  const path = Deno.env.get("PATH") ?? "";
  const python = path.split(":").map((folder) => `${folder}/python3`).find((file) => {
    try {
      return Deno.statSync(file).isFile;
    } catch {
      return false;
    }
  });
  const root = await Deno.makeTempDir();
  await Deno.mkdir(`${root}/bin`);
  const script = `#!/bin/sh\nif [ "$1" = -m ]; then\n${pip}\nelse exec ${python} "$@"\nfi\n`;
  await Deno.writeTextFile(`${root}/bin/python3`, script, { mode: 0o755 });
  Deno.env.set("PATH", `${root}/bin:${path}`);
  try {
    const folder = pathToFileURL(`${root}/torch/`);
    const lines: string[] = [];
    await check(folder, lines);
    const left = [...Deno.readDirSync(root)].map(({ name }) => name).filter((name) => /partial$|^torch$/.test(name));
    assertEquals(left, [], "something is left behind");
  } finally {
    Deno.env.set("PATH", path);
    await Deno.remove(root, { recursive: true });
  }
}

const install = (folder: URL, lines: string[]) =>
  installTorch({ folder, search: false, report: (line) => lines.push(line) });

Deno.test("installTorch() refuses a wheel that is cut short, and leaves nothing behind", () =>
  installWith(
    "printf 'PK\\003\\004 and no more' > torch-2.11.0-cp311-cp311-manylinux_2_28_x86_64.whl",
    async (folder, lines) => {
      await assertRejects(() => install(folder, lines), EngineUnavailableError, "the wheels cannot be unpacked");
      assert(/^PyTorch 2\.11\.0: about \d+ MB to download/.test(lines[0]), `the size comes first, not ${lines[0]}`);
    },
  ));

Deno.test("installTorch() reports which wheel cannot be fetched, and what is needed for it", () =>
  installWith("echo no way >&2; exit 1", (folder, lines) =>
    assertRejects(
      () => install(folder, lines),
      EngineUnavailableError,
      'torch==2.11.0 cannot be fetched by "python3 -m pip download"',
    )));

Deno.test("torchRecipe() pins every wheel by its content, with and without CUDA", () => {
  const [cpu, gpu] = [false, true].map((gpu) => torchRecipe({ gpu }));
  for (const { wheels } of [cpu, gpu]) {
    for (const wheel of wheels) assert(/^[\w-]+==[\d.]+ --hash=sha256:[0-9a-f]{64}$/.test(wheel), wheel);
    assertEquals(new Set(wheels).size, wheels.length);
  }
  assert(gpu.libraries.includes("libtorch_cuda.so") && !cpu.libraries.includes("libtorch_cuda.so"));
  const compiler = torchRecipe({ compiler: true });
  for (const [recipe, has] of [[cpu, false], [compiler, true], [gpu, true]] as const) {
    assertEquals(recipe.libraries.includes("libnvrtc.so.13"), has);
    assertEquals(recipe.wheels.some((wheel) => wheel.startsWith("nvidia-cuda-nvrtc")), has);
  }
});
