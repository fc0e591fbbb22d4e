import { main } from "../../tasks/kernel.ts";
import { isPassing, jupyterFolder, keepProgram } from "../../tasks/support/jupyter_folder.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { assert, assertEquals, assertThrows } from "../support/mod.ts";

Deno.test("jupyterFolder() is where jupyter_core 5 looks", () => {
  const on = (system: string, variables: Record<string, string>) => jupyterFolder(system, (name) => variables[name]);
  assertEquals(on("linux", { HOME: "/home/a" }), "/home/a/.local/share/jupyter");
  assertEquals(on("linux", { HOME: "/home/a", XDG_DATA_HOME: "/data" }), "/data/jupyter");
  assertEquals(on("darwin", { HOME: "/Users/a" }), "/Users/a/Library/Jupyter");
  assertEquals(on("linux", { JUPYTER_DATA_DIR: "/own", HOME: "/home/a" }), "/own");
  assertThrows(
    () => on("linux", {}),
    UsageError,
    "Cannot find Jupyter's data folder: HOME is not set; set it with --folder",
  );
  assertThrows(() => on("windows", {}), UsageError, "APPDATA");
});

Deno.test("isPassing() knows caches of package runners from places where programs stay", () => {
  const gone = [
    "/home/a/.npm/_npx/7a40/node_modules/deno/deno",
    "C:\\npm\\_npx\\7a\\node_modules\\deno\\deno.exe",
    "/tmp/x/deno",
    "/home/a/.cache/pnpm/dlx-17/node_modules/deno/deno",
    "/home/a/Library/Caches/deno/deno",
  ];
  for (const path of gone) assert(isPassing(path), path);
  const stay = ["/home/a/.deno/bin/deno", "/usr/bin/deno", "/usr/lib/node_modules/deno/deno", "C:\\deno\\deno.exe"];
  for (const path of stay) assert(!isPassing(path), path);
});

Deno.test("task kernel names this Deno, or a copy of one in a cache, which later calls keep", async () => {
  const folder = await Deno.makeTempDir();
  const argv = async () => JSON.parse(await Deno.readTextFile(`${folder}/kernels/deno/kernel.json`)).argv as string[];
  try {
    await main(["--folder", folder, "--no-copy"]);
    assertEquals((await argv())[0], Deno.execPath());
    const cached = `${folder}/_npx/7a/deno`;
    await Deno.mkdir(`${folder}/_npx/7a`, { recursive: true });
    await Deno.writeTextFile(cached, "#!/bin/sh\necho it runs $1\n");
    await main(["--folder", folder], cached);
    await Deno.remove(`${folder}/_npx`, { recursive: true });
    const [program, ...args] = await argv();
    assertEquals([program, args.join(" ")], [
      `${folder}/kernels/deno/deno`,
      "jupyter --kernel --conn {connection_file}",
    ]);
    if (Deno.build.os !== "windows") {
      const { stdout } = await new Deno.Command(program, { args }).output();
      assertEquals(new TextDecoder().decode(stdout), "it runs jupyter\n");
    }
    const other = `${folder}/deno`;
    await Deno.writeTextFile(other, "another one");
    assertEquals(await keepProgram(other, `${folder}/kernels/deno`), program);
    assertEquals(await Deno.readTextFile(program), "another one");
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
});
