import * as tf from "@tensorflow/tfjs-core";
import { join, resolve } from "node:path";
import { CommunicatorUnavailableError, single } from "../../lib/distributed/mod.ts";
import { openCommunicator } from "../../lib/engines/open_communicator.ts";
import { deviceTensors } from "../../lib/engines/torch/nccl/device_tensors.ts";
import { errorText, openNccl, versionText } from "../../lib/engines/torch/nccl/library.ts";
import { checkGpus, nccl } from "../../lib/engines/torch/nccl/nccl.ts";
import { UNIQUE_ID_BYTES } from "../../lib/engines/torch/nccl/symbols.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { testOnTorch, torchBackend } from "../engines/torch/support.ts";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../support/mod.ts";
import { hasCompiler, testWithCompiler, withLibraries } from "../support/compiler.ts";
import { python, testWithPython } from "../support/python.ts";
import { compileNccl } from "./fake_nccl.ts";

const testWithLibraries = (name: string, body: (folder: string) => void | Promise<void>) =>
  testWithCompiler(name, () => withLibraries(body));

/** A communicator of the compiled library. */
function joined(file: string, { size = 3, rank = 1 } = {}) {
  const { functions } = openNccl([file]);
  const id = new Uint8Array(UNIQUE_ID_BYTES);
  assertEquals(functions.ncclGetUniqueId(id), 0);
  const cell = new BigUint64Array(1);
  assertEquals(functions.ncclCommInitRank(cell, size, id, rank), 0, errorText(functions, 5));
  return { functions, id, communicator: cell[0], size };
}

testWithLibraries("openNccl()'s id arrives by value, byte by byte, and a wrong one is detected", async (folder) => {
  const { functions, id, communicator } = joined(await compileNccl(folder));
  id[127] ^= 1;
  assertEquals(functions.ncclCommInitRank(new BigUint64Array(1), 3, id, 1), 5);
  assertEquals(errorText(functions, 5), "invalid usage: the id is another");
  assertEquals(functions.ncclCommDestroy(communicator), 0);
});

testWithLibraries("openNccl() refuses a library that is too old or lacks a function, naming it", async (folder) => {
  const [old, lacking] = [
    await compileNccl(folder, { version: 2804 }),
    await compileNccl(folder, { leftOut: "ncclAllGather" }),
  ];
  const refused = (file: string, text: string) =>
    assertThrows(() => openNccl([file]), CommunicatorUnavailableError, text);
  refused(old, `NCCL 2.10 or later is needed, ${old} has 2.8.4`);
  refused(lacking, `${lacking} could not be opened (it lacks ncclAllGather)`);
});

Deno.test("openNccl() reports where it looked and how to get the library, and when it may not open it", async () => {
  assertThrows(
    () => openNccl(["no/libnccl.so.2"]),
    CommunicatorUnavailableError,
    "is in none of no/libnccl.so.2; `deno task",
  );
  const file = await Deno.makeTempFile({ suffix: ".so" });
  assertThrows(() => openNccl([file]), CommunicatorUnavailableError, file);
  await Deno.remove(file);
});

Deno.test("versionText() reads NCCL's numbers, which changed at 2.9", () => {
  assertEquals([2804, 21003, 22809].map(versionText), ["2.8.4", "2.10.3", "2.28.9"]);
});

testWithPython(
  ["nvidia.nccl"],
  "the real libnccl has every function, reports its version, makes ids, and reports what it lacks",
  async () => {
    const file = (await python("import nvidia.nccl; print(list(nvidia.nccl.__path__)[0] + '/lib/libnccl.so.2')"))
      .trim();
    await withLibraries(async (folder) => {
      await Deno.symlink(resolve(file), join(folder, "libnccl.so.2"));
      const { functions, version } = openNccl([join(folder, "libnccl.so.2")]);
      assert(/^2\.\d+\.\d+$/.test(version), version);
      const [first, second] = [new Uint8Array(UNIQUE_ID_BYTES), new Uint8Array(UNIQUE_ID_BYTES)];
      assertEquals([functions.ncclGetUniqueId(first), functions.ncclGetUniqueId(second)], [0, 0]);
      assert(first.some((byte) => byte !== 0) && first.some((byte, index) => byte !== second[index]));
      assertEquals(errorText(functions, 0).startsWith("no error"), true);
      // More ranks than there can be: refused with or without a GPU, in words.
      const result = functions.ncclCommInitRank(new BigUint64Array(1), 1, first, 7);
      assert(result !== 0 && errorText(functions, result).length > 10, errorText(functions, result));
    });
  },
);

Deno.test("nccl() refuses engines that are not on CUDA, naming them", async () => {
  await useEngine("cpu");
  await assertRejects(() => nccl({ control: single() }), CommunicatorUnavailableError, "current engine is cpu");
  await assertRejects(() => openCommunicator("nccl"), CommunicatorUnavailableError, "--engine torch --device cuda:N");
});

testOnTorch("nccl() refuses the engine torch on the processor", async () => {
  await assertRejects(() => nccl({ control: single() }), CommunicatorUnavailableError, "current device is cpu");
});

Deno.test("checkGpus() refuses two ranks on one GPU, naming them, and takes the same address on two machines", () => {
  const [a, b] = ["0000:65:00.0", "0000:66:00.0"];
  checkGpus([{ host: "one", gpu: a }, { host: "one", gpu: b }, { host: "two", gpu: a }]);
  const twice = [{ host: "one", gpu: a }, { host: "two", gpu: a }, { host: "one", gpu: a }];
  assertThrows(() => checkGpus(twice), CommunicatorUnavailableError, `ranks 0 and 2 both have ${a} of one`);
});

/** Streams that write down what is asked of them. */
function notedStreams() {
  const notes: string[] = [];
  const streams = {
    stream: 7n,
    makeStream: () => 42n,
    momentOf: (stream: bigint) => (notes.push(`moment of ${stream}`), 100n + stream),
    follow: (stream: bigint, moment: bigint) => void notes.push(`${stream} follows ${moment - 100n}`),
  };
  return { notes, streams };
}

testOnTorch("deviceTensors() sums, scatters, gathers and spreads tensors where they lie, views and all", async () => {
  if (!hasCompiler()) return;
  await withLibraries(async (folder) => {
    const { functions, communicator, size } = joined(await compileNccl(folder));
    const backend = torchBackend();
    const { notes, streams } = notedStreams();
    const { numTensors } = tf.memory();
    const { handles } = backend.torch;
    const tensors = deviceTensors({ backend, streams, functions, communicator, size });
    const whole = tf.tensor2d([[1, 2, 3], [4, 5, 6]]);
    const summed = await tensors.allReduce([tf.transpose(whole), tf.scalar(-1), tf.tensor1d([])]);
    assertEquals(summed.map(({ shape }) => shape), [[3, 2], [], [0]]);
    assertAllClose(summed[0], [3, 12, 6, 15, 9, 18]);
    assertAllClose(summed[1], [-3]);
    assertAllClose(whole, [1, 2, 3, 4, 5, 6]); // what a view was taken of is as it was
    assertEquals(notes, ["moment of 7", "42 follows 7", "moment of 42", "7 follows 42"]);
    const scattered = await tensors.reduceScatter(tf.range(0, 6));
    assertAllClose(scattered, [6, 9]);
    const gathered = await tensors.allGather(tf.tensor1d([1, 2]));
    assertAllClose(gathered, [1, 2, 1, 2, 1, 2]);
    const [spread] = await tensors.broadcast([tf.tensor1d([1, 2])], { root: 1 });
    const [taken] = await tensors.broadcast([tf.tensor1d([1, 2])], { root: 0 });
    assertAllClose([...spread.dataSync(), ...taken.dataSync()], [1, 2, -1, -2]);
    tf.dispose([whole, ...summed, scattered, gathered, spread, taken]);
    assertEquals([tf.memory().numTensors, backend.torch.handles], [numTensors, handles]);
  });
});

testOnTorch(
  "deviceTensors() begins collectives in the order in which they are called, before it gives way",
  async () => {
    if (!hasCompiler()) return;
    await withLibraries(async (folder) => {
      const { functions, communicator, size } = joined(await compileNccl(folder));
      const { notes, streams } = notedStreams();
      const tensors = deviceTensors({ backend: torchBackend(), streams, functions, communicator, size });
      const results = [1, 2].map((value) => tensors.allReduce([tf.scalar(value)]));
      assertEquals(notes.filter((note) => note.startsWith("42")), ["42 follows 7", "42 follows 7"]);
      assertEquals(notes.includes("7 follows 42"), false);
      const summed = (await Promise.all(results)).flat();
      assertAllClose(summed.map((tensor) => tensor.dataSync()[0]), [3, 6]);
      assertEquals(notes.filter((note) => note === "7 follows 42").length, 2);
      tf.dispose(summed);
    });
  },
);

testOnTorch("deviceTensors() reports what NCCL reported, and refuses what cannot be shared out", async () => {
  if (!hasCompiler()) return;
  await withLibraries(async (folder) => {
    const { functions, communicator, size } = joined(await compileNccl(folder));
    const { streams } = notedStreams();
    const options = { backend: torchBackend(), functions, communicator, size };
    const broken = deviceTensors({ ...options, streams: { ...streams, makeStream: () => 1n } });
    const tensor = tf.tensor1d([1, 2]);
    await assertRejects(
      () => broken.allReduce([tensor]),
      Error,
      "Cannot sum tensors over the ranks: NCCL's error is invalid usage: the arguments are others",
    );
    const tensors = deviceTensors({ ...options, streams });
    await assertRejects(() => tensors.reduceScatter(tensor), RangeError, "must be a multiple of 3, current value is 2");
    await assertRejects(() => tensors.broadcast([tensor], { root: 3 }), RangeError, "current value is 3");
    tensor.dispose();
  });
});
