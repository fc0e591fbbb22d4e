/**
 * Installs the engine `tensorflow` into a folder of the checkout, without root.
 *
 * The npm package first tries its authors' prebuilt libraries. If they cannot be fetched, TensorFlow's libraries and
 * headers are taken from its Python wheel (of Python only the package manager is used), and the package's binding is
 * compiled against them. Everything is built in a temporary folder, checked with a matrix product, and moved into
 * place.
 *
 * @module
 */
import { engineFolder } from "../folder.ts";
import { EngineUnavailableError } from "../engine.ts";
import { type InstalledTensorflow, readInstalled } from "../tensorflow.ts";
import { runProgram } from "./run_program.ts";
import { type TensorflowRecipe, tensorflowRecipe } from "./tensorflow_recipe.ts";
import { compileBinding, fetchLibraries } from "./tensorflow_wheel.ts";

/** Options for {@linkcode installTensorflow}. */
export interface InstallTensorflowOptions {
  /**
   * Whether to install the libraries for CUDA devices, several times as large.
   *
   * @default {false}
   */
  gpu?: boolean;
  /**
   * Receives a line for each step.
   *
   * @default {nothing is reported}
   */
  report?: (line: string) => void;
  /**
   * Where to install; in a folder of a checkout, whose `node_modules` hold tensorflow.js.
   *
   * @default {the checkout's `.engines/tensorflow/`}
   */
  folder?: URL;
}

/**
 * Installs the engine, or does nothing if it is installed. After a failure nothing is left behind, and a previously
 * installed engine remains.
 *
 * @returns What is installed, and whether this call installed it.
 * @throws {EngineUnavailableError} If a file cannot be fetched, the binding cannot be compiled, or the result computes
 * a wrong product.
 */
export async function installTensorflow(
  options: InstallTensorflowOptions = {},
): Promise<InstalledTensorflow & { fresh: boolean }> {
  const { gpu = false, report = () => {}, folder = engineFolder("tensorflow") } = options;
  const present = installedIn(folder);
  if (present?.gpu === gpu) return { ...present, fresh: false };
  const recipe = tensorflowRecipe({ gpu });
  report(`${recipe.packageName} ${recipe.packageVersion}: ${recipe.size}`);
  const partial = new URL(folder.href.replace(/\/$/, ".partial/"));
  await remove(partial);
  await Deno.mkdir(partial, { recursive: true });
  try {
    const installed = await installInto(partial, recipe, report);
    report("checking the result with a matrix product");
    await verify(partial);
    await remove(folder);
    await Deno.rename(partial, folder);
    return { ...installed, fresh: true };
  } finally {
    await remove(partial);
  }
}

async function installInto(
  partial: URL,
  recipe: TensorflowRecipe,
  report: (line: string) => void,
): Promise<InstalledTensorflow> {
  const addon = `node_modules/${recipe.packageName}/lib/napi-v8/tfjs_binding.node`;
  report("fetching the npm package with its prebuilt libraries");
  const { packageName, packageVersion } = recipe;
  let source: InstalledTensorflow["source"] = "prebuilt";
  if (!await fetchPackage(partial, recipe, { withScripts: true }) || !exists(new URL(addon, partial))) {
    report("those are not available: taking the libraries from the Python wheel, and compiling the binding");
    source = "wheel";
    await remove(new URL("node_modules/", partial));
    await fetchPackage(partial, recipe, { withScripts: false });
    await fetchLibraries(partial, recipe);
    await compileBinding(partial, { recipe, addon });
  }
  for (const left of ["npm/", "include/", "wheels/"]) await remove(new URL(left, partial));
  const installed = { package: `${packageName}@${packageVersion}`, addon, gpu: recipe.gpu, source };
  await Deno.writeTextFile(new URL("installed.json", partial), JSON.stringify(installed, null, 2) + "\n");
  return installed;
}

/**
 * Has Deno fetch the package in a separate project, and copies it, its one dependency and Node's headers from there.
 * tensorflow.js itself is not copied: the engine uses the project's.
 *
 * @returns Whether its install script succeeded, if it was run.
 */
async function fetchPackage(
  partial: URL,
  { packageName, packageVersion, npmCompanions }: TensorflowRecipe,
  { withScripts }: { withScripts: boolean },
): Promise<boolean> {
  const npm = new URL("npm/", partial);
  await remove(npm);
  await Deno.mkdir(npm);
  const wanted = { [packageName]: packageVersion, ...npmCompanions };
  const imports = Object.fromEntries(Object.entries(wanted).map(([name, version]) => [name, `npm:${name}@${version}`]));
  await Deno.writeTextFile(
    new URL("deno.json", npm),
    JSON.stringify({ imports, nodeModulesDir: "auto", lock: false }),
  );
  const args = ["install", "--quiet", ...(withScripts ? [`--allow-scripts=npm:${packageName}@${packageVersion}`] : [])];
  const { success, tail } = await runProgram(Deno.execPath(), args, { folder: npm });
  if (!success) {
    if (withScripts) return false;
    throw new EngineUnavailableError("tensorflow", `the npm package ${packageName} cannot be fetched (${tail})`);
  }
  for (const name of Object.keys(wanted)) {
    const to = new URL(`node_modules/${name}`, partial);
    await Deno.mkdir(new URL(".", to), { recursive: true });
    await Deno.rename(await Deno.realPath(new URL(`node_modules/${name}`, npm)), to);
  }
  return true;
}

async function verify(folder: URL): Promise<void> {
  const at = (path: string) => JSON.stringify(new URL(path, import.meta.url).href);
  const program = `
    import "@tensorflow/tfjs";
    import * as tf from "@tensorflow/tfjs-core";
    import { loadTensorflow } from ${at("../tensorflow.ts")};
    loadTensorflow(new URL(${JSON.stringify(folder.href)}));
    await tf.setBackend("tensorflow");
    const product = tf.matMul([[1, 2], [3, 4]], [[5, 6], [7, 8]]).dataSync();
    if (product.join() !== "19,22,43,50") throw new Error("the product is " + product.join());`;
  const args = ["run", "--quiet", "--no-prompt", "--allow-read", `--allow-ffi=${decodeURIComponent(folder.pathname)}`];
  const { success, tail } = await runProgram(Deno.execPath(), [...args, "--ext=ts", "-"], {
    folder: new URL(".", import.meta.url),
    stdin: program,
  });
  if (!success) {
    throw new EngineUnavailableError("tensorflow", `what was installed does not compute a matrix product (${tail})`);
  }
}

function installedIn(folder: URL): InstalledTensorflow | undefined {
  try {
    return readInstalled(folder);
  } catch (error) {
    if (error instanceof EngineUnavailableError) return undefined;
    throw error;
  }
}

function exists(file: URL): boolean {
  try {
    return Deno.statSync(file).isFile;
  } catch (error) {
    if (error instanceof Deno.errors.NotFound) return false;
    throw error;
  }
}

async function remove(path: URL): Promise<void> {
  try {
    await Deno.remove(path, { recursive: true });
  } catch (error) {
    if (!(error instanceof Deno.errors.NotFound)) throw error;
  }
}
