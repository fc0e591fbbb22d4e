/**
 * What the checks ran on: the runtime, the processor, the device, the libraries and where they are.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { openNccl } from "../../../lib/engines/torch/nccl/library.ts";
import { Nvrtc } from "../../../lib/engines/torch/cuda/nvrtc.ts";
import { locateLibraries } from "../../../lib/engines/torch/location.ts";
import { type Case, type Check, type Finding, ok, onCuda, type Place, skipped } from "../check.ts";
import { start, torchBackend } from "../engine.ts";
import { runPython } from "../peer.ts";

/** The runtime and the machine. */
async function machine(): Promise<Finding> {
  const processor = /^Model name:\s*(.*)$/m.exec(await said("lscpu"))?.[1] ?? "a processor without a name";
  const memory = Deno.systemMemoryInfo().total / 2 ** 30;
  const threads = navigator.hardwareConcurrency;
  const { os, arch } = Deno.build;
  // What else runs slows whatever is measured.
  const [load] = Deno.loadavg();
  return ok(
    `Deno ${Deno.version.deno}, ${os} ${arch}, ${processor}, ${threads} threads, ${memory.toFixed(0)} GiB, load ${
      load.toFixed(1)
    }`,
    { values: { deno: Deno.version, os, arch, processor, threads, memoryGiB: memory, load } },
  );
}

/** What a program prints; nothing where it is absent or fails. */
async function said(program: string, args: string[] = []): Promise<string> {
  try {
    const { success, stdout } = await new Deno.Command(program, { args, stderr: "null" }).output();
    return success ? new TextDecoder().decode(stdout).trim() : "";
  } catch (error) {
    if (error instanceof Deno.errors.NotFound || error instanceof Deno.errors.NotCapable) return "";
    throw error;
  }
}

/** The engine, and a sum that it computes. */
async function engine(place: Place): Promise<Finding> {
  const began = performance.now();
  const info = await start(place);
  const [sum] = tf.tidy(() => tf.sum(tf.range(0, 1000)).dataSync());
  const seconds = (performance.now() - began) / 1000;
  if (sum !== 499500) return { status: "not ok", reason: `the sum of 0 to 999 is ${sum} there` };
  const { name, version, device, abilities } = info;
  return ok(`${name} ${version} on ${device}, first result after ${seconds.toFixed(1)} s`, {
    values: { name, version, device, abilities, seconds, kernels: tf.getKernelsForBackend(tf.getBackend()).length },
  });
}

/** PyTorch's libraries: where they are and who said so. */
async function libraries(place: Place): Promise<Finding> {
  await start(place);
  const { folder, origin } = locateLibraries();
  const { processor } = torchBackend()!.torch.library;
  const means = origin === "variable" ? "AMID_TORCH names them" : "`deno task engine torch` installed them";
  return ok(`${folder}, ${means}`, { values: { folder, origin, processor } });
}

/** The CUDA device by the runtime's own words. */
async function device(place: Place): Promise<Finding> {
  await start(place);
  const { cuda } = torchBackend()!.torch.library;
  const { architecture, largestSharedBytes, busAddress, multiprocessors, deviceCount, versions } = cuda!;
  const { free, total } = cuda!.memory();
  const gibibytes = (bytes: number) => (bytes / 2 ** 30).toFixed(1);
  return ok(
    `${architecture}, ${multiprocessors} multiprocessors, ${gibibytes(free)} of ${gibibytes(total)} GiB free, ` +
      `runtime ${versions.runtime}, driver for ${versions.driver}, ${deviceCount} devices`,
    {
      values: { architecture, multiprocessors, largestSharedBytes, busAddress, deviceCount, ...versions, free, total },
    },
  );
}

/** What the driver's own program says. */
async function driverProgram(): Promise<Finding> {
  const query = "--query-gpu=name,driver_version,memory.total,power.limit,clocks.max.sm";
  const lines = await said("nvidia-smi", [query, "--format=csv,noheader"]);
  return lines === "" ? skipped("there is no nvidia-smi") : ok(lines.replaceAll("\n", "; "));
}

/** NVIDIA's compiler and communicator: where and which. */
function companion(what: "nvrtc" | "nccl"): Finding {
  try {
    if (what === "nccl") return ok(`NCCL ${openNccl().version}`);
    const compiler = new Nvrtc();
    return ok(`NVRTC ${compiler.version} in ${compiler.file}`);
  } catch (error) {
    return skipped((error as Error).message);
  }
}

const ASK = `
import json, torch
found = {"torch": torch.__version__, "cuda": torch.version.cuda, "device": None}
if torch.cuda.is_available():
    of = torch.cuda.get_device_properties(0)
    found["device"] = f"{of.name}, {of.total_memory / 2**30:.0f} GiB, {of.multi_processor_count} multiprocessors"
try:
    import transformers
    found["transformers"] = transformers.__version__
except ImportError:
    found["transformers"] = None
print(json.dumps(found))
`;

/** PyTorch as Python has it: the peer of the measurements. */
async function peer({ python }: Place): Promise<Finding> {
  if (python === undefined) return skipped("no Python with PyTorch was found; --python names one");
  const values = JSON.parse(await runPython(python, ASK));
  const { torch, transformers, device } = values;
  return ok(
    `PyTorch ${torch}, ${transformers ? `transformers ${transformers}` : "no transformers"}${
      device ? `, ${device}` : ""
    }`,
    { values },
  );
}

/** The facts. Where the engine does not start, nothing else that needs it is tried. */
export const facts: Check = {
  name: "facts",
  group: "Facts",
  about: "the runtime, the device and the libraries",
  seconds: 60,
  expanded: true,
  runs: ({ python }) => ["lscpu", "nvidia-smi", ...(python === undefined ? [] : [python])],
  cases: (place): Case[] => [
    { name: "machine", run: machine },
    { name: "engine", run: () => engine(place) },
    ...(place.engine === "torch" ? [{ name: "libraries", run: () => libraries(place) }] : []),
    ...(onCuda(place)
      ? [{ name: "device", run: () => device(place) }, { name: "nvidia-smi", run: driverProgram }]
      : []),
    ...(place.engine === "torch"
      ? [{ name: "compiler", run: () => companion("nvrtc") }, { name: "communicator", run: () => companion("nccl") }]
      : []),
    { name: "peer", run: () => peer(place) },
  ],
};
