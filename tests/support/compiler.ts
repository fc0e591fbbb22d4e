/** A C++ compiler, for tests that hold the library against small programs and libraries of their own. */
import { assert } from "./assert.ts";
import { hasCompiler } from "./has_compiler.ts";
import { testUnless } from "./mod.ts";

export { hasCompiler };

const reason = hasCompiler() ? undefined : "there is no g++";

/** Declares a test that needs the compiler, and skips, saying so, where it is absent. */
export function testWithCompiler(name: string, body: () => void | Promise<void>): void {
  testUnless(reason, name, body);
}

/** A folder that tests may open libraries in, gone afterwards. */
export async function withLibraries(body: (folder: string) => void | Promise<void>): Promise<void> {
  await Deno.mkdir(".engines", { recursive: true });
  const folder = await Deno.realPath(await Deno.makeTempDir({ dir: ".engines", prefix: "test-" }));
  try {
    await body(folder);
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

/** Runs the compiler. */
export async function compile(args: readonly string[]): Promise<void> {
  const { success, stderr } = await new Deno.Command("g++", { args: [...args] }).output();
  assert(success, new TextDecoder().decode(stderr));
}
