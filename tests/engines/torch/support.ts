/** What the tests of the torch engine share: the engine where it is, a skip that says why where it is not. */
import * as tf from "@tensorflow/tfjs-core";
import { assertAllClose, assertEquals, testUnless } from "../../support/mod.ts";
import { useEngine } from "../../../lib/engines/mod.ts";
import { EngineUnavailableError } from "../../../lib/engines/engine.ts";
import type { TorchBackend } from "../../../lib/engines/torch/backend.ts";

async function reasonToSkip(): Promise<string | undefined> {
  try {
    await useEngine("torch");
    return undefined;
  } catch (error) {
    if (error instanceof EngineUnavailableError) return error.reason;
    throw error;
  }
}

const reason = await reasonToSkip();

/** Declares a test that runs on the torch engine, and skips, saying why, where it cannot be started. */
export function testOnTorch(name: string, body: () => void | Promise<void>): void {
  testUnless(reason, name, async () => {
    await useEngine("torch");
    await body();
  });
}

/** Declares a test that runs on the torch engine in bfloat16, and leaves it in float32. */
export function testInBfloat16(name: string, body: () => void | Promise<void>): void {
  testOnTorch(name, async () => {
    await useEngine("torch", { precision: "bfloat16" });
    try {
      await body();
    } finally {
      await useEngine("torch");
    }
  });
}

/** The backend in use. */
export function torchBackend(): TorchBackend {
  return tf.backend() as TorchBackend;
}

/** Values of the tensors that a function makes on an engine. */
export interface Made {
  values: number[][];
  shapes: number[][];
  dtypes: string[];
}

/** Runs a function on an engine and takes its results from it. */
export async function runOn(engine: "cpu" | "torch", make: () => tf.Tensor | tf.Tensor[]): Promise<Made> {
  await useEngine(engine);
  return tf.tidy(() => {
    const tensors = [make()].flat();
    if (engine === "torch") checkShapes(tensors);
    return {
      values: tensors.map((tensor) => Array.from(tensor.dataSync())),
      shapes: tensors.map((tensor) => tensor.shape),
      dtypes: tensors.map((tensor) => tensor.dtype),
    } as unknown as tf.TensorContainer;
  }) as unknown as Made;
}

/** libtorch's shape must be the one that tensorflow.js believes in. */
function checkShapes(tensors: tf.Tensor[]): void {
  const backend = torchBackend();
  for (const tensor of tensors) assertEquals(backend.torch.shape(backend.handle(tensor)), tensor.shape);
}

/** Asserts that the engines agree on a function's results. */
export async function assertAgrees(
  make: () => tf.Tensor | tf.Tensor[],
  tolerance: { atol?: number; rtol?: number } = {},
): Promise<void> {
  const expected = await runOn("cpu", make), actual = await runOn("torch", make);
  assertEquals(actual.shapes, expected.shapes);
  assertEquals(actual.dtypes, expected.dtypes);
  actual.values.forEach((values, i) => assertAllClose(values, expected.values[i], tolerance));
}
