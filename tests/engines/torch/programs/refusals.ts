/** Makes calls that libtorch refuses, prints the error of each, and writes to the standard error stream. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../../../lib/engines/mod.ts";
import type { TorchBackend } from "../../../../lib/engines/torch/backend.ts";

await useEngine("torch");
const backend = tf.backend() as TorchBackend;
const { torch } = backend;
const messages: string[] = [];
for (let inner = 1; inner <= 60; inner++) {
  const [a, b] = [tf.zeros([2, inner]), tf.zeros([inner + 1, 3])];
  try {
    torch.scope(() => torch.call("mm", backend.handle(a), backend.handle(b)));
  } catch (error) {
    messages.push((error as Error).message);
  }
}
console.error("said by the program");
console.log(JSON.stringify(messages));
