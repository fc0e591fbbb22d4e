import { EngineUnavailableError } from "../../../../lib/engines/engine.ts";
import { amidLossSharedBytes } from "../../../../lib/engines/torch/cuda/amid_loss.ts";
import { type CudaFunctions, CudaRuntime } from "../../../../lib/engines/torch/cuda/runtime.ts";
import { openLibrary } from "../../../../lib/engines/torch/library.ts";
import { assert, assertThrows } from "../../../support/mod.ts";
import { testOnTorch } from "../support.ts";

/** What the CUDA runtime answers when it is asked how many devices there are. */
const answering = (result: number, devices: number) =>
  ({
    cudaGetDeviceCount: (count: Int32Array) => {
      count[0] = devices;
      return result;
    },
    cudaGetErrorString: () => null,
  }) as unknown as CudaFunctions;

Deno.test("new CudaRuntime() refuses a device that is not there, naming those that are", () => {
  assertThrows(
    () => new CudaRuntime(answering(0, 2), 2),
    EngineUnavailableError,
    "there is no device cuda:2, the CUDA devices here: cuda:0, cuda:1",
  );
});

Deno.test("new CudaRuntime() says that there is no device at all, and what works", () => {
  assertThrows(() => new CudaRuntime(answering(100, 0), 0), EngineUnavailableError, "CUDA finds no device (error 100)");
});

testOnTorch("openLibrary() refuses CUDA where it is absent, and says what is missing", () => {
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
