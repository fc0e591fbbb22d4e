import * as tf from "@tensorflow/tfjs-core";
import { gatherValues, single } from "../../lib/distributed/mod.ts";
import { openCommunicator } from "../../lib/engines/open_communicator.ts";
import { openMpi } from "../../lib/distributed/mpi/library.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../support/mod.ts";
import { ranks, ranksOutput, testWithMpi } from "../support/ranks.ts";

await useEngine("cpu");
const collectives = new URL("./programs/collectives.ts", import.meta.url);

interface Line {
  rank: number;
  size: number;
  bytes: number[];
  sum: number[];
  most: number;
  least: number;
  part: number[];
  whole: number[];
  checksum: number;
  tensors: { numbers: number[][]; shapes: number[][]; left: number };
  values: { gathered: unknown[]; none: unknown[]; sent: unknown };
}

for (const size of [1, 2, 3, 4]) {
  testWithMpi(`mpi() joins ${size} ranks, whose collectives give what their numbers say`, async () => {
    const lines = await ranks<Line>(size, collectives);
    const numbers = Array.from({ length: size }, (_, rank) => rank);
    const sum = numbers.reduce((sum, rank) => sum + rank, 0);
    for (const [rank, line] of lines.entries()) {
      assertEquals([line.rank, line.size], [rank, size]);
      assertEquals(line.bytes, [size - 1, 7]);
      assertEquals(line.sum, [sum + size, size / 2]);
      assertEquals([line.most, line.least], [(size - 1) / 3, 0]);
      assertEquals(line.part, [2 * rank * size + sum, (2 * rank + 1) * size + sum]);
      assertEquals(line.whole, numbers.flatMap((rank) => [rank, -rank || 0]));
      assertEquals(line.checksum, lines[0].checksum); // the same bits on every rank
      const { numbers: values, shapes, left } = line.tensors;
      for (const [k, index] of [[1, 0], [2, 2], [3, 4]]) {
        assertEquals(values[index], [k * size + sum]);
        assertEquals(values[index + 1], Array(4).fill(k * size));
        assertEquals([shapes[index], shapes[index + 1]], [[], [2, 2]]);
      }
      assertEquals(values.slice(6), [[rank * size], numbers.flatMap((rank) => [rank, rank]), [size - 1, 1]]);
      assertEquals(left, 0);
      assertEquals(line.values.gathered, numbers.map((rank) => ({ name: "ä".repeat(rank) })));
      assertEquals(line.values.none, Array(size).fill(null));
      assertEquals(line.values.sent, { rows: [[1, 2], []] });
    }
  });
}

testWithMpi(
  "mpi().abort() ends the ranks that wait, with its status, and what was printed before arrives",
  async () => {
    const { code, stdout, stderr } = await ranksOutput(3, new URL("./programs/abort.ts", import.meta.url));
    const said = `it ended with ${code} and said ${stdout}\n${stderr}`;
    assert(code === 3, said);
    assert(!stdout.includes("past the barrier"), said);
    assert(stderr.includes("rank 1 ends the run"), said);
  },
);

Deno.test("single() hands everything back as it is", async () => {
  const alone = single();
  const [numbers, part, whole] = [Float64Array.of(1, 2), new Float64Array(2), new Float64Array(2)];
  await alone.allReduce(numbers);
  await alone.reduceScatter(numbers, part);
  await alone.allGather(part, whole);
  await alone.broadcast(whole);
  await alone.barrier();
  alone.abort(1);
  assertEquals([...whole], [1, 2]);
  const tensor = tf.tensor1d([1, 2]);
  const [summed] = await alone.tensors.allReduce([tensor]);
  const gathered = await alone.tensors.allGather(await alone.tensors.reduceScatter(summed as tf.Tensor1D));
  assertAllClose((await alone.tensors.broadcast([gathered]))[0], [1, 2]);
  assertEquals(await gatherValues(alone, "x"), ["x"]);
  tensor.dispose();
});

Deno.test("single() refuses parts that are not the whole, and ranks that are not there", async () => {
  const alone = single();
  await assertRejects(() => alone.broadcast(Uint8Array.of(1), { root: 1 }), RangeError, "current value is 1");
  const [two, three] = [new Float32Array(2), new Float32Array(3)];
  await assertRejects(() => alone.reduceScatter(two, three), RangeError, "current count is 3");
  await assertRejects(() => alone.allGather(two, new Float64Array(2)), TypeError, "Float32Array and Float64Array");
});

Deno.test("openCommunicator() names what there is where a name is unknown", async () => {
  // deno-lint-ignore no-explicit-any
  await assertRejects(() => openCommunicator("gloo" as any), RangeError, "current value is gloo");
});

Deno.test("openMpi() reports how to install Open MPI if it is absent", () => {
  assertThrows(() => openMpi({ file: undefined, candidates: [] }), Error, "apt-get install openmpi-bin libopenmpi3");
});

Deno.test("openMpi() reports how to permit a library, and a file that is not one", async () => {
  const file = await Deno.makeTempFile();
  try {
    assertThrows(() => openMpi({ file }), Error, `--allow-ffi=${file}`);
    assertThrows(() => openMpi({ candidates: [file] }), Error, "or link it as .engines");
  } finally {
    await Deno.remove(file);
  }
});
