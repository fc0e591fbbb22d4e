/** Python with independent references (`tests/python/requirements.txt`), for tests that hold our files against them. */
import { assert, testUnless } from "./mod.ts";

/** The interpreter: `AMID_PYTHON`, or that of the virtual environment `.python`. */
function interpreter(): string {
  return Deno.env.get("AMID_PYTHON") ?? new URL("../../.python/bin/python", import.meta.url).pathname;
}

/** What keeps these modules from being imported, or nothing. */
function lacking(modules: readonly string[]): string | undefined {
  const program = `import importlib.util, sys; print(*[m for m in sys.argv[1:] if not importlib.util.find_spec(m)])`;
  try {
    const { code, stdout } = new Deno.Command(interpreter(), { args: ["-c", program, ...modules] }).outputSync();
    const absent = new TextDecoder().decode(stdout).trim();
    if (code !== 0) return "the Python of tests/python does not start";
    return absent ? `Python lacks ${absent}, see tests/python/requirements.txt` : undefined;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return "there is no .python, see tests/python/requirements.txt";
    if (error instanceof Deno.errors.NotCapable) return "the tests may not run programs";
    throw error;
  }
}

/** Runs a Python program to its end and returns what it printed; its errors fail the test. */
export async function python(program: string, args: readonly string[] = []): Promise<string> {
  const command = new Deno.Command(interpreter(), { args: ["-c", program, ...args] });
  const { code, stdout, stderr } = await command.output();
  assert(code === 0, `Python ended with ${code}: ${new TextDecoder().decode(stderr)}`);
  return new TextDecoder().decode(stdout);
}

/** Declares a test that needs these modules of Python, and skips, saying so, where one is absent. */
export function testWithPython(
  modules: readonly string[],
  name: string,
  body: (t: Deno.TestContext) => void | Promise<void>,
): void {
  testUnless(lacking(modules), name, body);
}
