import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../../support/mod.ts";
import { useEngine } from "../../../lib/engines/mod.ts";
import { TorchError } from "../../../lib/engines/torch/native_error.ts";
import { testOnTorch, torchBackend } from "./support.ts";

/** Where a tensor's memory begins and how large it is, shared by its views. */
const storage = (x: tf.Tensor) => torchBackend().torch.storageBytes(torchBackend().handle(x));

testOnTorch("TorchBackend views instead of copying: transpose, slice, reshape, split, unstack", () => {
  tf.tidy(() => {
    const x = tf.range(0, 24).reshape([2, 3, 4]);
    const views = [
      tf.transpose(x, [2, 0, 1]),
      tf.slice(x, [1, 0, 1], [1, 2, 2]),
      tf.reshape(x, [6, 4]),
      ...tf.split(x, 2, 2),
      ...tf.unstack(x, 1),
      tf.expandDims(x, 0),
    ];
    for (const view of views) assertEquals(storage(view), 24 * 4);
    assertAllClose(views[1], [13, 14, 17, 18]);
    assertEquals(storage(tf.add(views[1], 1)), 4 * 4);
  });
});

testOnTorch("TorchBackend reads a view whose source is gone", () => {
  const x = tf.tensor2d([[1, 2], [3, 4]]);
  const view = tf.transpose(x);
  x.dispose();
  assertAllClose(view, [1, 3, 2, 4]);
  view.dispose();
});

testOnTorch("TorchBackend frees a handle with its last tensor and no sooner", () => {
  const { torch } = torchBackend();
  const before = torch.handles;
  const x = tf.tensor1d([1, 2, 3]);
  const same = x.clone();
  assertEquals(torch.handles, before + 1);
  x.dispose();
  assertAllClose(same, [1, 2, 3]);
  same.dispose();
  assertEquals(torch.handles, before);
});

testOnTorch("TorchBackend leaks neither handles nor tensors over steps with gradients", () => {
  const { torch } = torchBackend();
  const weight = tf.variable(tf.randomNormal([8, 8], 0, 1, "float32", 1));
  const step = () =>
    tf.tidy(() => {
      const loss = () => tf.mean(tf.square(tf.logSoftmax(tf.matMul(weight, weight, false, true))));
      const { value, grads } = tf.variableGrads(loss as () => tf.Scalar);
      weight.assign(tf.sub(weight, tf.mul(grads[weight.name], 0.1)));
      return value.dataSync()[0];
    });
  step();
  const [handles, tensors] = [torch.handles, tf.memory().numTensors];
  for (let i = 0; i < 20; i++) step();
  assertEquals([torch.handles, tf.memory().numTensors], [handles, tensors]);
  weight.dispose();
});

testOnTorch("TorchBackend gives libtorch's own words when it refuses, and frees what the call had made", () => {
  const { torch } = torchBackend();
  const x = tf.tensor2d([[1, 2], [3, 4]]), beyond = tf.tensor1d([7], "int32");
  const before = torch.handles;
  assertThrows(() => tf.gather(x, beyond), TorchError, "index out of range");
  assertEquals(torch.handles, before);
  assertAllClose(tf.gather(x, tf.tensor1d([1], "int32")), [3, 4]);
});

testOnTorch(
  "TorchBackend tells each of many refusals in its own words, and leaves the standard error stream alone",
  async () => {
    const program = fileURLToPath(new URL("./programs/refusals.ts", import.meta.url));
    const args = ["run", "--quiet", "--no-prompt", "--allow-read", "--allow-env", "--allow-ffi", program];
    const { stdout, stderr } = await new Deno.Command(Deno.execPath(), { args }).output();
    const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    assertEquals(err, "said by the program\n");
    const messages = JSON.parse(out) as string[];
    assertEquals(messages.length, 60);
    messages.forEach((message, i) => {
      assert(message.includes(`shapes cannot be multiplied (2x${i + 1} and ${i + 2}x3)`), message);
      assert(!message.includes("frame #"), message);
    });
  },
);

testOnTorch("TorchBackend reads what it was given, in every type, and moves tensors of another engine", async () => {
  for (const [values, dtype] of [[[1.5, -2, 0], "float32"], [[3, -4, 0], "int32"], [[1, 0, 1], "bool"]] as const) {
    const x = tf.tensor1d([...values], dtype);
    assertEquals(Array.from(await x.data()), [...values]);
    x.dispose();
  }
  await useEngine("cpu");
  const elsewhere = tf.tensor1d([1, 2]);
  await useEngine("torch");
  assertAllClose(tf.add(elsewhere, 1), [2, 3]);
});

testOnTorch("torch names an operation that it lacks, and where it would be added", () => {
  const image = tf.ones([1, 4, 4, 1]) as tf.Tensor4D;
  assertThrows(() => tf.image.resizeBilinear(image, [2, 2]), TypeError, "Cannot run ResizeBilinear on the engine");
  image.dispose();
});

testOnTorch("TorchBackend refuses strings, naming the type", () => {
  assertThrows(() => tf.tensor(["a"]), TypeError, "current value is string");
});

testOnTorch("TorchBackend draws by the logits and by the seed", () => {
  tf.tidy(() => {
    const logits = tf.log(tf.tensor2d([[0.1, 0.6, 0.3], [0, 1, 0]]));
    const draws = tf.multinomial(logits as tf.Tensor2D, 4000, 7).arraySync() as number[][];
    const share = (event: number) => draws[0].filter((drawn) => drawn === event).length / 4000;
    // Three standard deviations of a share of 4000 draws are below 0.025.
    [0.1, 0.6, 0.3].forEach((p, event) => assert(Math.abs(share(event) - p) < 0.025, `${event}: ${share(event)}`));
    assert(draws[1].every((drawn) => drawn === 1));
    assertEquals(tf.multinomial(logits as tf.Tensor2D, 4000, 7).arraySync(), draws);
  });
});

Deno.test("useEngine() refuses a device that torch does not know, naming it", async () => {
  await assertRejects(() => useEngine("torch", { device: "tpu" }), Error, "tpu");
});
