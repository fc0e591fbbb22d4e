/**
 * The engine in a check's own process, and small things that checks do with tensors.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type EngineInfo, type Precision, useEngine } from "../../lib/engines/mod.ts";
import { TorchBackend } from "../../lib/engines/torch/backend.ts";
import { dtypes } from "../../lib/engines/torch/symbols.ts";
import type { Place } from "./check.ts";

/** Starts the engine of a place. */
export async function start({ engine, device }: Place, precision: Precision = "float32"): Promise<EngineInfo> {
  const own = device === "cpu" && engine !== "webgpu" ? { device } : engine === "webgpu" ? {} : { device };
  return await useEngine(engine, { ...own, precision });
}

/** The backend of the engine torch, if it is in use. */
export function torchBackend(): TorchBackend | undefined {
  const backend = tf.backend();
  return backend instanceof TorchBackend ? backend : undefined;
}

/** Waits until the engine has computed a tensor. */
export async function settled(tensor: tf.Tensor): Promise<void> {
  const one = tf.tidy(() => tf.slice(tf.reshape(tensor, [-1]), 0, 1));
  await one.data();
  one.dispose();
}

/** A tensor as the engine stores it in a precision: the torch engine's own bfloat16, float32 elsewhere. */
export function stored(tensor: tf.Tensor2D, precision: Precision): tf.Tensor2D {
  const backend = torchBackend();
  if (precision === "float32" || !backend) return tf.clone(tensor);
  const { torch } = backend;
  const info = torch.scope(() =>
    backend.own(torch.cast(backend.handle(tensor), dtypes.bfloat16), tensor.shape, "float32")
  );
  return tf.engine().makeTensorFromTensorInfo(info) as tf.Tensor2D;
}

/** The seconds of work that ends with a tensor: the median of some times, after one that is not counted. */
export async function secondsOf(work: () => tf.Tensor, times: number): Promise<number> {
  const seconds: number[] = [];
  for (let time = 0; time <= times; time++) {
    tf.engine().startScope();
    const began = performance.now();
    await settled(work());
    seconds.push((performance.now() - began) / 1000);
    tf.engine().endScope();
  }
  return seconds.slice(1).sort((a, b) => a - b)[Math.floor(times / 2)];
}
