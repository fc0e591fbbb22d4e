import { join } from "node:path";
import { EngineUnavailableError } from "../../../../lib/engines/engine.ts";
import { amidLossSharedBytes } from "../../../../lib/engines/torch/cuda/amid_loss.ts";
import { type CudaFunctions, CudaRuntime } from "../../../../lib/engines/torch/cuda/runtime.ts";
import { cudaSymbols, driverSymbols } from "../../../../lib/engines/torch/cuda/symbols.ts";
import { openLibrary } from "../../../../lib/engines/torch/library.ts";
import { testWithCompiler, withLibraries } from "../../../support/compiler.ts";
import { assert, assertEquals, assertThrows } from "../../../support/mod.ts";
import { testOnTorch } from "../support.ts";
import { compileCuda } from "./fake_cuda.ts";

/** What the CUDA runtime answers when it is asked how many devices there are. */
const answering = (result: number, devices: number) =>
  ({
    cudaGetDeviceCount: (count: Int32Array) => {
      count[0] = devices;
      return result;
    },
    cudaGetErrorString: () => 0n,
  }) as unknown as CudaFunctions;

const openDriver = () => {
  throw new Error("the driver is not needed");
};

/** A device of the compiled libraries, which are all that these tests may open. */
async function withDevice(
  body: (device: { runtime: CudaRuntime; functions: CudaFunctions }) => void,
): Promise<void> {
  await withLibraries(async (folder) => {
    await compileCuda(folder);
    const { symbols: functions } = Deno.dlopen(join(folder, "libtorch_cuda.so"), cudaSymbols);
    const openDriver = () => Deno.dlopen(join(folder, "libcaffe2_nvrtc.so"), driverSymbols).symbols;
    body({ runtime: new CudaRuntime(functions, { index: 0, openDriver }), functions });
  });
}

testWithCompiler(
  "CudaRuntime launches a kernel, its parameter by value, with a permission for its libraries alone",
  () =>
    withDevice(({ runtime, functions }) => {
      const kernel = runtime.load(Uint8Array.of(7), { name: "add", sharedBytes: 512 });
      const out = functions.malloc(4n);
      const parameter = new DataView(new ArrayBuffer(16));
      parameter.setBigUint64(0, out, true);
      parameter.setFloat32(8, 0.5, true);
      parameter.setFloat32(12, 0.25, true);
      runtime.launch(kernel, { blocks: 3, threads: 2, parameter: new Uint8Array(parameter.buffer) });
      const found = new Float32Array(1);
      functions.read_bytes(found, out, 4n);
      functions.free(out);
      assertEquals(found[0], 4.5);
    }),
);

testWithCompiler(
  "CudaRuntime reports what the driver refused, and CUDA's own words where it has some",
  () =>
    withDevice(({ runtime, functions }) => {
      const load = (name: string) => runtime.load(Uint8Array.of(7), { name, sharedBytes: 0 });
      assertThrows(
        () => load("absent"),
        Error,
        "Cannot call cuModuleGetFunction: CUDA's driver answered with error 500",
      );
      const foreign = { ...load("add"), sharedBytes: 1 };
      assertThrows(
        () => runtime.launch(foreign, { blocks: 1, threads: 1, parameter: new Uint8Array(16) }),
        Error,
        "Cannot call cuLaunchKernel",
      );
      const none = { ...functions, cudaGetDeviceCount: () => 100 } as unknown as CudaFunctions;
      assertThrows(
        () => new CudaRuntime(none, { index: 0, openDriver }),
        EngineUnavailableError,
        "CUDA finds no device (no CUDA-capable device is detected)",
      );
    }),
);

Deno.test("new CudaRuntime() refuses a device that is not there, naming those that are", () => {
  assertThrows(
    () => new CudaRuntime(answering(0, 2), { index: 2, openDriver }),
    EngineUnavailableError,
    "there is no device cuda:2, the CUDA devices here: cuda:0, cuda:1",
  );
});

Deno.test("new CudaRuntime() reports that there is no device at all, and what works", () => {
  assertThrows(
    () => new CudaRuntime(answering(100, 0), { index: 0, openDriver }),
    EngineUnavailableError,
    "CUDA finds no device (error 100)",
  );
});

testOnTorch("openLibrary() refuses CUDA where it is absent, and reports what is missing", () => {
  try {
    openLibrary("cuda:99");
    throw new Error("there cannot be so many devices");
  } catch (error) {
    assert(error instanceof EngineUnavailableError, `got ${error}`);
    assert(
      /deno task engine torch --gpu|CUDA finds no device|there is no device cuda:99/.test(error.reason),
      error.reason,
    );
  }
});

Deno.test("amidLossSharedBytes() lets GPT-2's vocabulary in bfloat16 fit a block of sm_90, and not in float32", () => {
  const ofHopper = 227 * 1024;
  assert(amidLossSharedBytes(50257, { teacher: "bfloat16", student: "bfloat16" }) <= ofHopper);
  assert(amidLossSharedBytes(50257, { teacher: "float32", student: "float32" }) > ofHopper);
  assert(amidLossSharedBytes(28000, { teacher: "float32", student: "float32" }) <= ofHopper);
});
