/**
 * The Python whose libraries are the peers: the virtual environment `.python`, or the machine's own.
 *
 * @module
 */
import { fileURLToPath } from "node:url";
import { UsageError } from "../support/usage_error.ts";

const root = new URL("../../", import.meta.url);
const environment = new URL(".python/", root);
const REQUIREMENTS = "tests/python/requirements.txt";
const MODULES = ["torch", "transformers"];

/** Options for {@linkcode findPython}. */
export interface FindPythonOptions {
  /** Whether to make the virtual environment where no Python has the libraries. */
  install: boolean;
  /** Receives a line for each thing done. */
  report(line: string): void;
  /**
   * The modules that it must have.
   *
   * @default {PyTorch and transformers}
   */
  modules?: readonly string[];
  /**
   * Programs to try.
   *
   * @default {the virtual environment's, then the machine's}
   */
  candidates?: readonly string[];
}

/**
 * Finds a Python that has the peers' libraries, or makes one.
 *
 * @throws {UsageError} If no such Python is found or can be made; the message says what to do.
 */
export async function findPython(options: FindPythonOptions): Promise<string> {
  const own = fileURLToPath(new URL("bin/python", environment));
  const { install, report, modules = MODULES, candidates = [own, "python3"] } = options;
  for (const candidate of candidates) if (await hasModules(candidate, modules)) return candidate;
  if (!install) {
    throw new UsageError(
      `Cannot measure peers: none of ${candidates.join(", ")} has ${modules.join(" and ")}; ` +
        `without --no-install the task creates .python from ${REQUIREMENTS}`,
    );
  }
  report(`making .python with ${modules.join(" and ")}: about 3 GB to download, 6 GB on disk`);
  await run("python3", ["-m", "venv", fileURLToPath(environment)]);
  const requirements = fileURLToPath(new URL(REQUIREMENTS, root));
  await run(own, ["-m", "pip", "install", "--quiet", "--disable-pip-version-check", "-r", requirements]);
  return own;
}

/**
 * Finds the Python that has vLLM, which wants libraries of its own versions.
 *
 * @throws {UsageError} If there is none; the message says what to do.
 */
export async function findVllm(): Promise<string> {
  const own = fileURLToPath(new URL(".vllm/bin/python", root));
  if (await hasModules(own, ["vllm"])) return own;
  throw new UsageError("Cannot measure vLLM: .vllm, a virtual environment of Python in which it is, is not there");
}

/** Runs one of the peers' programs and reads the JSON line that it prints. */
export async function runPeer<More = unknown>(
  python: string,
  { program, settings }: {
    program: "step" | "generate" | "trl_run" | "vllm_generate";
    settings: Record<string, unknown>;
  },
): Promise<{ seconds: number[]; peakMiB: number; version: string } & More> {
  const file = fileURLToPath(new URL(`peer/${program}.py`, import.meta.url));
  // Libraries may print lines of their own before it.
  return JSON.parse((await run(python, [file], JSON.stringify(settings))).trim().split("\n").at(-1)!);
}

async function hasModules(python: string, modules: readonly string[]): Promise<boolean> {
  const program = "import importlib.util, sys; sys.exit(not all(map(importlib.util.find_spec, sys.argv[1:])))";
  try {
    const command = new Deno.Command(python, { args: ["-c", program, ...modules], stdout: "null", stderr: "null" });
    return (await command.output()).success;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

/** Runs a program to its end, `input` being what it reads, and returns what it printed. */
export async function run(program: string, args: string[], input = ""): Promise<string> {
  try {
    const pipes = { stdin: "piped", stdout: "piped", stderr: "piped", cwd: root } as const;
    const child = new Deno.Command(program, { args, ...pipes }).spawn();
    const writer = child.stdin.getWriter();
    // A program that ends without reading closes the pipe; its status says why.
    await writer.write(new TextEncoder().encode(input)).then(() => writer.close()).catch(() => {});
    const { success, stdout, stderr } = await child.output();
    if (success) return new TextDecoder().decode(stdout);
    const said = new TextDecoder().decode(stderr).trim().split("\n").slice(-3).join(" / ");
    throw new UsageError(`Cannot measure: ${program} failed (${said || "it was killed, perhaps out of memory"})`);
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
    throw new UsageError(`Cannot measure: there is no program ${program}`, { cause: error });
  }
}
