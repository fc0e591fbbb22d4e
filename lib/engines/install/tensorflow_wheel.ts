/**
 * Builds the engine `tensorflow` from TensorFlow's Python wheel, if the npm package's prebuilt libraries cannot be
 * fetched.
 *
 * @module
 */
import { EngineUnavailableError } from "../engine.ts";
import { downloadWheels, NEEDS_PIP } from "./download_wheels.ts";
import { runProgram } from "./run_program.ts";
import type { TensorflowRecipe } from "./tensorflow_recipe.ts";

/**
 * Extracts TensorFlow's libraries and headers from its wheel, into `lib/` and `include/`.
 *
 * @throws {EngineUnavailableError} If the wheel cannot be fetched or unpacked.
 */
export async function fetchLibraries(partial: URL, { wheels, platforms }: TensorflowRecipe): Promise<void> {
  const options = { folder: partial, destination: "wheels", platforms, abis: ["cp311"] };
  const fetched = await downloadWheels(wheels, options);
  if (!fetched.success) {
    throw new EngineUnavailableError(
      "tensorflow",
      `TensorFlow's wheel cannot be fetched by ${NEEDS_PIP} (${fetched.tail})`,
    );
  }
  const unpacked = await runProgram("python3", ["-c", unpackWheels], { folder: partial });
  if (!unpacked.success) {
    throw new EngineUnavailableError("tensorflow", `TensorFlow's wheel cannot be unpacked (${unpacked.tail})`);
  }
}

/**
 * Extracts shared libraries into lib/ and C headers into include/, and deletes each wheel as soon as it is processed.
 */
const unpackWheels = `
import os, shutil, zipfile
os.makedirs("lib")
headers = tuple("tensorflow/include/" + folder for folder in ("tensorflow/c/", "tensorflow/core/", "tsl/", "xla/tsl/"))
for wheel in sorted(os.listdir("wheels")):
    with zipfile.ZipFile("wheels/" + wheel) as archive:
        for member in archive.namelist():
            folder, name = os.path.split(member)
            library = ".so" in name and (folder == "tensorflow" or folder.startswith("nvidia/"))
            if library and os.path.basename(name) == name:
                with archive.open(member) as source, open("lib/" + name, "wb") as target:
                    shutil.copyfileobj(source, target, 1 << 20)
            elif member.startswith(headers) and name.endswith(".h"):
                archive.extract(member, "include")
    os.remove("wheels/" + wheel)
`;

/**
 * Compiles the npm package's binding against them.
 *
 * @throws {EngineUnavailableError} If it does not compile.
 */
export async function compileBinding(
  partial: URL,
  { recipe: { packageName }, addon }: { recipe: TensorflowRecipe; addon: string },
): Promise<void> {
  await Deno.mkdir(new URL(".", new URL(addon, partial)), { recursive: true });
  const root = `node_modules/${packageName}`;
  const { success, tail } = await runProgram("g++", [
    "-std=c++17",
    "-O2",
    "-shared",
    "-fPIC",
    "-DNAPI_VERSION=8",
    `-I${root}/..`,
    "-Iinclude/tensorflow/include",
    "-Inode_modules/node-api-headers/include",
    `${root}/binding/tfjs_backend.cc`,
    `${root}/binding/tfjs_binding.cc`,
    "-Llib",
    "-l:libtensorflow_cc.so.2",
    "-l:libtensorflow_framework.so.2",
    // Relative from the addon's folder to lib/, so that the folder can be moved.
    `-Wl,-rpath,$ORIGIN/${"../".repeat(addon.split("/").length - 1)}lib`,
    "-o",
    addon,
  ], { folder: partial });
  if (!success) {
    throw new EngineUnavailableError("tensorflow", `the package's binding does not compile; g++ is needed (${tail})`);
  }
}
