/**
 * Installs the engine `torch` into a folder of the checkout, without root and without a compiler.
 *
 * If the machine has a PyTorch, it is linked to. Otherwise libtorch is taken from PyTorch's wheel (of Python only the
 * package manager is used). Everything is built in a temporary folder, checked with a matrix product, and moved into
 * place; completely fetched wheels are kept until then, so that an interrupted download resumes.
 *
 * @module
 */
import { engineFolder } from "../folder.ts";
import { EngineUnavailableError } from "../engine.ts";
import { librariesIn, namedLibraries } from "../torch/location.ts";
import { downloadWheels, NEEDS_PIP } from "./download_wheels.ts";
import { runProgram } from "./run_program.ts";
import { torchRecipe, type TorchRecipeOptions } from "./torch_recipe.ts";

/** Options for {@linkcode installTorch}. */
export interface InstallTorchOptions {
  /**
   * Receives a line for each step.
   *
   * @default {nothing is reported}
   */
  report?: (line: string) => void;
  /**
   * Where to install.
   *
   * @default {the checkout's `.engines/torch/`}
   */
  folder?: URL;
  /**
   * Whether to look for a PyTorch on the machine first.
   *
   * @default {true}
   */
  search?: boolean;
  /**
   * Whether to support CUDA devices too.
   *
   * @default {false}
   */
  gpu?: boolean;
  /**
   * Whether NVIDIA's compiler is needed, which builds this project's CUDA kernels, with a GPU or without.
   *
   * @default {as gpu}
   */
  compiler?: boolean;
}

/** What is installed. */
export interface InstalledTorch {
  /** PyTorch's version. */
  version: string;
  /** The PyTorch on the machine that is linked to, or undefined if the libraries are in the checkout. */
  linkedTo?: string;
  /** Whether it has libraries for CUDA devices. */
  gpu?: boolean;
  /** Whether it has NVIDIA's compiler, which this project's kernels need. */
  compiler?: boolean;
}

/**
 * Installs the engine, or does nothing if it is installed. After a failure a previously installed engine remains.
 * @returns What is installed, and whether this call installed it.
 * @throws {EngineUnavailableError} If a wheel cannot be fetched or unpacked, or the result computes a wrong product.
 */
export async function installTorch(options: InstallTorchOptions = {}): Promise<InstalledTorch & { fresh: boolean }> {
  const { report = () => {}, folder = engineFolder("torch"), search = true, gpu = false, compiler = gpu } = options;
  const present = readInstalled(folder);
  const enough = present && (present.gpu || !gpu) && (present.compiler || present.linkedTo || !compiler);
  if (enough && await product(folder) === undefined) return { ...present, fresh: false };
  const partial = beside(folder, "partial"), wheels = beside(folder, "wheels");
  await remove(partial);
  await Deno.mkdir(partial, { recursive: true });
  try {
    const found = search ? await link(partial, gpu) : undefined;
    if (found) report(`PyTorch ${found.version} is in ${found.linkedTo}: linking to it`);
    const installed = found ?? await unpack({ partial, wheels, report, gpu, compiler });
    await Deno.writeTextFile(new URL("installed.json", partial), JSON.stringify(installed, null, 2) + "\n");
    report("checking the result with a matrix product");
    const fault = await product(partial);
    if (fault) throw unavailable(`what was installed does not compute a matrix product (${fault})`);
    await remove(folder);
    await Deno.rename(partial, folder);
    await remove(wheels);
    return { ...installed, fresh: true };
  } finally {
    await remove(partial);
  }
}

/** Links `torch` in the folder to a PyTorch of the machine that is new enough, if there is one. */
async function link(partial: URL, gpu: boolean): Promise<InstalledTorch | undefined> {
  const named = namedLibraries();
  const { success, tail } = await runProgram("python3", ["-c", findPackage, named ?? "", gpu ? "gpu" : ""], {
    folder: partial,
  });
  if (!success) {
    if (named) {
      throw unavailable(`AMID_TORCH does not point to PyTorch 2.10 or later${gpu ? " for CUDA" : ""} (${tail})`);
    }
    return undefined;
  }
  const { version, linkedTo, gpu: hasCuda, compiler } = JSON.parse(tail) as Record<string, unknown>;
  if (typeof version !== "string" || typeof linkedTo !== "string") throw unavailable(`python3 answered ${tail}`);
  return { version, linkedTo, gpu: Boolean(hasCuda), compiler: Boolean(compiler) };
}

/**
 * Finds the package without loading it, and creates the link: Deno itself creates links only with permission to write
 * everywhere.
 */
const findPackage = `
import importlib.util, json, os, re, sys
folder = os.path.dirname(sys.argv[1]) if sys.argv[1] else None
if folder is None:
    spec = importlib.util.find_spec("torch")
    folder = spec and list(spec.submodule_search_locations)[0]
if not folder or not os.path.exists(os.path.join(folder, "lib", "libtorch_cpu.so")):
    sys.exit("libtorch_cpu.so is not in " + str(folder))
version = re.search(r"__version__ = '(.*?)'", open(os.path.join(folder, "version.py")).read()).group(1)
if [int(part) for part in version.split(".")[:2]] < [2, 10]:
    sys.exit("its version is " + version)
gpu = os.path.exists(os.path.join(folder, "lib", "libtorch_cuda.so"))
if sys.argv[2] and not gpu:
    sys.exit("libtorch_cuda.so is not in " + folder)
os.symlink(folder, "torch")
companions = os.path.join(os.path.dirname(folder), "nvidia")
if os.path.isdir(companions):
    os.symlink(companions, "nvidia")
compiler = any(name.startswith("libnvrtc.so") for _, _, files in os.walk("nvidia", followlinks=True) for name in files)
print(json.dumps({"version": version, "linkedTo": folder, "gpu": gpu, "compiler": compiler}))
`;

/** Fetches the missing wheels and extracts the libraries. */
async function unpack(
  { partial, wheels, report, gpu, compiler }:
    & { partial: URL; wheels: URL; report: (line: string) => void }
    & Required<TorchRecipeOptions>,
): Promise<InstalledTorch> {
  const recipe = torchRecipe({ gpu, compiler });
  report(`PyTorch ${recipe.version}: ${recipe.size}`);
  await Deno.mkdir(wheels, { recursive: true });
  for (const wheel of recipe.wheels) {
    report(`fetching ${wheel.split(" ")[0]}`);
    const { success, tail } = await downloadWheels([wheel], {
      folder: wheels,
      destination: ".",
      platforms: recipe.platforms,
      abis: ["cp311", "none"],
    });
    if (!success) {
      throw unavailable(
        `${wheel.split(" ")[0]} cannot be fetched by ${NEEDS_PIP}, completed downloads are kept (${tail})`,
      );
    }
  }
  report("unpacking the libraries");
  const { success, tail } = await runProgram("python3", [
    "-c",
    unpackWheels,
    path(wheels),
    JSON.stringify(recipe.libraries),
    gpu ? "gpu" : "",
  ], { folder: partial });
  if (!success) throw unavailable(`the wheels cannot be unpacked (${tail})`);
  return { version: recipe.version, gpu, compiler };
}

/**
 * Extracts the required libraries, for CUDA all of NVIDIA's; a truncated or altered member fails its checksum.
 */
const unpackWheels = `
import json, os, shutil, sys, zipfile
wanted = set(json.loads(sys.argv[2]))
found = set()
for wheel in sorted(os.listdir(sys.argv[1])):
    with zipfile.ZipFile(os.path.join(sys.argv[1], wheel)) as archive:
        for member in archive.namelist():
            name = os.path.basename(member)
            parts = os.path.dirname(member).split("/")
            inside = parts == ["torch", "lib"] or len(parts) == 3 and parts[0] == "nvidia" and parts[2] == "lib"
            extra = sys.argv[3] and parts[0] == "nvidia" and ".so" in name and ".alt." not in name
            if inside and ".." not in parts and (name in wanted or extra):
                os.makedirs(os.path.dirname(member), exist_ok=True)
                with archive.open(member) as source, open(member, "wb") as target:
                    shutil.copyfileobj(source, target, 1 << 20)
                found.add(name)
if found != wanted:
    sys.exit("missing: " + ", ".join(sorted(wanted - found)))
`;

/** Multiplies two matrices with the libraries in a folder. Returns what went wrong, if anything. */
async function product(folder: URL): Promise<string | undefined> {
  const at = (file: string) => JSON.stringify(new URL(file, import.meta.url).href);
  const program = `
    import { openLibrary } from ${at("../torch/library.ts")};
    import { Torch } from ${at("../torch/torch.ts")};
    const library = openLibrary("cpu", { folder: ${JSON.stringify(librariesIn(folder))}, origin: "installed" });
    const torch = new Torch(library);
    torch.scope(() => {
      const [a, b] = [[1, 2, 3, 4], [5, 6, 7, 8]].map((values) => {
        const matrix = torch.empty([2, 2], 6);
        torch.write(matrix, new Float32Array(values));
        return matrix;
      });
      const result = new Float32Array(4);
      torch.read(torch.call("mm", a, b), result);
      if (result.join() !== "19,22,43,50") throw new Error("the product is " + result.join());
    });`;
  const args = ["run", "--quiet", "--no-prompt", "--no-check", `--allow-ffi=${path(folder)}`, "--ext=ts", "-"];
  const { success, tail } = await runProgram(Deno.execPath(), args, {
    folder: new URL(".", import.meta.url),
    stdin: program,
  });
  return success ? undefined : tail;
}

function readInstalled(folder: URL): InstalledTorch | undefined {
  try {
    return JSON.parse(Deno.readTextFileSync(new URL("installed.json", folder))) as InstalledTorch;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof SyntaxError) return undefined;
    throw error;
  }
}

function beside(folder: URL, ending: string): URL {
  return new URL(folder.href.replace(/\/$/, `.${ending}/`));
}

function path(folder: URL): string {
  return decodeURIComponent(folder.pathname);
}

async function remove(path: URL): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}

function unavailable(reason: string): EngineUnavailableError {
  return new EngineUnavailableError("torch", reason);
}
