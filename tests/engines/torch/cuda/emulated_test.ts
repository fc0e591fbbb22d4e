/** The engine on an emulated CUDA device: what the doctor checks on a GPU, and the calls that it made. */
import { join } from "node:path";
import type { Result } from "../../../../tasks/doctor/lines.ts";
import { testUnless } from "../../../support/mod.ts";
import { hasCompiler, withLibraries } from "../../../support/compiler.ts";
import { assert, assertEquals } from "../../../support/mod.ts";
import { isFile } from "../../../../lib/files/exists.ts";
import { locateLibraries } from "../../../../lib/engines/torch/location.ts";
import { type EmulatedDevice, emulateDevice } from "./emulated/emulated_device.ts";

const absent = !isFile(join(locateLibraries().folder, "libtorch_cpu.so"))
  ? "libtorch is not installed; `deno task engine torch` installs it"
  : hasCompiler()
  ? undefined
  : "there is no g++";

/** Runs some checks of the doctor on the device, and gives their lines. */
async function doctor(device: EmulatedDevice, names: string[]): Promise<Result["lines"]> {
  const output = await Deno.makeTempDir();
  const only = names.flatMap((name) => ["--only", name]);
  const place = ["--engine", "torch", "--device", "cuda", "--torch", device.package, "--output", output];
  const args = ["run", "--quiet", "--allow-all", "tasks/doctor.ts", ...place, ...only, "--leak-steps", "40"];
  await new Deno.Command(Deno.execPath(), { args, stdout: "null", stderr: "null" }).output();
  const { lines } = JSON.parse(await Deno.readTextFile(join(output, "doctor.json"))) as Result;
  await Deno.remove(output, { recursive: true });
  return lines;
}

testUnless(
  absent,
  "the engine computes on an emulated CUDA device what it does elsewhere, by recorded calls",
  () =>
    withLibraries(async (folder) => {
      const device = await emulateDevice(folder);
      const names = [
        "facts",
        "conformance-elementwise",
        "conformance-fused",
        "attention",
        "models",
        "storage",
        "generation",
        "resume",
        "memory",
        "out-of-memory",
        "ranks",
      ];
      const lines = await doctor(device, names);
      const failed = lines.filter(({ status }) => status !== "ok").map(({ name, remarks }) => [name, ...remarks]);
      assertEquals(failed, []);
      assertEquals(lines.map(({ name }) => name), names);

      const calls = device.calls().map((call) => call.split(" "));
      const of = (name: string) => calls.filter(([called]) => called === name).map((call) => call.slice(1).map(Number));
      // The device is made the thread's own before anything else.
      assertEquals(calls[0], ["create_cuda_guard", "0"]);
      assert(of("create_cuda_guard").every(([index]) => index === 0));
      // Every program is loaded, allowed its shared memory, and launched with as much.
      const allowed = new Set(
        of("cuFuncSetAttribute").map(([attribute, bytes]) => (assertEquals(attribute, 8), bytes)),
      );
      assert(of("cuModuleLoadData").length > 1 && of("cuModuleLoadData").every(([loaded]) => loaded === 1));
      const launches = of("cuLaunchKernel");
      assert(launches.length > 40, `only ${launches.length} launches`);
      for (const [blocks, threads, bytes] of launches) {
        assertEquals([threads, allowed.has(bytes), blocks > 0], [1024, true, true]);
      }
      // NCCL's stream waits for the engine's, and the engine's for NCCL's; each event is used once and destroyed.
      assertEquals(of("cudaStreamCreateWithFlags"), [[1]]);
      const made = of("cudaEventCreateWithFlags");
      assert(made.length >= 8 && made.every(([, flags]) => flags === 2));
      assertEquals(of("cudaEventDestroy").length, made.length);
      assertEquals(of("cudaEventRecord").map(([, stream]) => stream).slice(0, 2), [7, 42]);
      assertEquals(of("cudaStreamWaitEvent").map(([stream]) => stream).slice(0, 2), [42, 7]);
    }),
);
