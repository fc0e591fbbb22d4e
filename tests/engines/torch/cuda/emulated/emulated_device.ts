/**
 * A CUDA device that is none: libraries with the interfaces of PyTorch's for CUDA, of the CUDA runtime, its driver, NVRTC
 * and NCCL, over the processor's memory. The engine runs on it as on a GPU, by the same calls, all of which are recorded;
 * operators that only CUDA has follow their definitions, and the project's own kernels are compiled by g++.
 */
import { dirname, join } from "node:path";
import { locateLibraries } from "../../../../../lib/engines/torch/location.ts";
import { compileNccl } from "../../../../distributed/fake_nccl.ts";
import { compile } from "../../../../support/compiler.ts";
import blockHeader from "../block.h" with { type: "text" };

/** The libraries, and where calls are recorded. */
export interface EmulatedDevice {
  /** The folder that stands for the Python package: `AMID_TORCH` takes it. */
  package: string;
  /** The calls of the CUDA runtime and the driver so far. */
  calls(): string[];
}

/**
 * Compiles the libraries.
 *
 * @param folder Where the engine may open libraries.
 */
export async function emulateDevice(folder: string): Promise<EmulatedDevice> {
  const real = locateLibraries().folder;
  const record = join(folder, "calls.txt");
  const torch = join(folder, "torch", "lib"), nccl = join(folder, "nvidia", "nccl", "lib");
  for (const made of [torch, nccl]) await Deno.mkdir(made, { recursive: true });
  await Deno.writeTextFile(record, "");
  await Deno.writeTextFile(join(folder, "block.h"), blockHeader);
  const here = dirname(new URL(import.meta.url).pathname);
  // What the real library needs besides is found by itself when it is loaded.
  const link = [join(real, "libtorch_cpu.so"), `-Wl,-rpath,${real}`, "-Wl,--unresolved-symbols=ignore-in-shared-libs"];
  const build = (file: string, source: string, rest: string[] = []) => {
    const macros = { RECORD: record, FOLDER: folder, REAL_LIBRARY: join(real, "libtorch_cpu.so") };
    const defines = Object.entries(macros).map(([name, value]) => `-D${name}="${value}"`);
    const output = ["-shared", "-fPIC", "-O1", "-w", "-std=c++17", ...defines, "-o", join(torch, file)];
    return compile([
      ...output,
      `-Wl,-soname,emulated_${file}`,
      join(here, source),
      "-Wl,--no-as-needed",
      ...rest,
      "-lc",
    ]);
  };
  await Promise.all([
    build("libtorch_cpu.so", "operators.cpp", link),
    build("libtorch_cuda.so", "device.cpp", link),
    build("libcaffe2_nvrtc.so", "driver.cpp"),
    build("libnvrtc.so.13", "compiler.cpp"),
    compileNccl(nccl).then((file) => Deno.rename(file, join(nccl, "libnccl.so.2"))),
  ]);
  await Deno.symlink(join(real, "libc10.so"), join(torch, "libc10.so"));
  const calls = () => Deno.readTextFileSync(record).split("\n").filter((line) => line !== "");
  return { package: join(folder, "torch"), calls };
}
