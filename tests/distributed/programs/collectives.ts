/** Calls every collective and prints what came of it, a line a rank. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../../lib/engines/mod.ts";
import { broadcastValue, gatherValues } from "../../../lib/distributed/mod.ts";
import { openCommunicator } from "../../../lib/engines/open_communicator.ts";

await useEngine("cpu");
const ranks = await openCommunicator("mpi");
const { rank, size } = ranks;
const memory = async () => {
  const bytes = Uint8Array.of(rank, 7);
  await ranks.broadcast(bytes, { root: size - 1 });
  const sum = Float32Array.of(rank + 1, 0.5);
  await ranks.allReduce(sum);
  const [most, least] = [Float64Array.of(rank / 3), Float64Array.of(rank / 3)];
  await ranks.allReduce(most, { operation: "max" });
  await ranks.allReduce(least, { operation: "min" });
  const part = new Float32Array(2);
  await ranks.reduceScatter(Float32Array.from({ length: 2 * size }, (_, index) => index + rank), part);
  const whole = new Int32Array(2 * size);
  await ranks.allGather(Int32Array.of(rank, -rank), whole);
  await ranks.barrier();
  return { bytes: [...bytes], sum: [...sum], most: most[0], least: least[0], part: [...part], whole: [...whole] };
};
const tensors = async () => {
  // Several at once, as a backward pass begins them.
  const summed = [1, 2, 3].map((k) => ranks.tensors.allReduce([tf.scalar(k + rank), tf.fill([2, 2], k)]));
  const scattered = ranks.tensors.reduceScatter(tf.range(0, size));
  const gathered = ranks.tensors.allGather(tf.tensor1d([rank, rank]));
  const spread = ranks.tensors.broadcast([tf.tensor1d([rank, 1])], { root: size - 1 });
  const all = [...(await Promise.all(summed)).flat(), await scattered, await gathered, ...await spread];
  const numbers = all.map((tensor) => [...tensor.dataSync()]);
  const shapes = all.map(({ shape }) => shape);
  tf.dispose(all);
  return { numbers, shapes, left: tf.memory().numTensors };
};
const values = async () => ({
  gathered: await gatherValues(ranks, { name: "ä".repeat(rank), absent: undefined }),
  none: await gatherValues(ranks, undefined) as unknown[],
  sent: await broadcastValue(ranks, rank === 0 ? { rows: [[1, 2], []] } : undefined),
});
// More than a message's usual pieces, so that several ways of reducing are taken.
const long = new Float32Array(3_000_001).map((_, index) => (index % 1000) / 7 + rank);
await ranks.allReduce(long);
const checksum = long.reduce((sum, value) => sum + value, 0);
console.log(
  JSON.stringify({ rank, size, ...await memory(), tensors: await tensors(), values: await values(), checksum }),
);
ranks.dispose();
