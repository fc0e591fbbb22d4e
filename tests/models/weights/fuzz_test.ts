/** Thousands of broken files of weights: each is read or refused, soon, and by an error that is meant for readers. */
import { SafetensorsFile } from "../../../lib/models/weights/safetensors.ts";
import { TorchFile } from "../../../lib/models/weights/torch/torch_file.ts";
import type { WeightFile } from "../../../lib/models/weights/weight_file.ts";
import { assert } from "../../support/mod.ts";
import { mutations } from "../../support/mutations.ts";
import { testWithPython } from "../../support/python.ts";
import { torchFiles } from "../../support/torch_files.ts";

/** Broken copies of each file. */
const COUNT = 1500;

/** The most that a copy may take: far more than it does, far less than one that never ends. */
const MILLISECONDS = 5000;

const formats: { name: string; file: string; open: (path: string) => Promise<WeightFile> }[] = [
  { name: "safetensors", file: "small.safetensors", open: SafetensorsFile.open },
  { name: "PyTorch's archives", file: "small.pt", open: TorchFile.open },
  { name: "PyTorch's old pickles", file: "small.old.pt", open: TorchFile.open },
];

/** Opens a file and reads all of it; the most numbers of a tensor that memory was asked for. */
async function readAll(path: string, open: (path: string) => Promise<WeightFile>): Promise<number> {
  let most = 0;
  const memory = (count: number) => {
    most = Math.max(most, count);
    return new Float32Array(count);
  };
  const file = await open(path);
  try {
    for (const [name, { byteLength }] of file.tensors) {
      most = Math.max(most, byteLength / 8);
      await file.bytes(name, 0, byteLength);
      await file.read(name, { memory }).catch(expected);
    }
  } finally {
    file.close();
  }
  return most;
}

/** Errors that say what is wrong with a file. */
function expected(error: unknown): void {
  const known = error instanceof SyntaxError || error instanceof TypeError || error instanceof RangeError;
  // An engine's own error about a value of ours would not begin so.
  if (known && /^Cannot read /.test((error as Error).message)) return;
  throw error;
}

for (const { name, file, open } of formats) {
  testWithPython(
    ["torch", "safetensors"],
    `${COUNT} broken files of ${name} are read or refused, none hangs`,
    async () => {
      const whole = await Deno.readFile(`${await torchFiles()}/${file}`);
      const path = await Deno.makeTempFile();
      let [read, refused, slowest, held] = [0, 0, 0, 0];
      for (const bytes of mutations(whole, { count: COUNT, seed: 1 })) {
        await Deno.writeFile(path, bytes);
        const began = performance.now();
        try {
          const most = await readAll(path, open);
          // Halves become float32, no tensor is longer than the file.
          assert(4 * most <= 2 * bytes.length + 64, `memory for ${most} numbers out of ${bytes.length} bytes`);
          held = Math.max(held, 4 * most / bytes.length);
          read++;
        } catch (error) {
          expected(error);
          refused++;
        }
        slowest = Math.max(slowest, performance.now() - began);
      }
      console.log(
        `${name}: ${whole.length} bytes, ${COUNT} broken copies, ${read} read, ${refused} refused, ` +
          `slowest ${slowest.toFixed(0)} ms, at most ${held.toFixed(2)} of the file in memory for a tensor`,
      );
      assert(read > 0 && refused > COUNT / 4);
      assert(slowest < MILLISECONDS, `one took ${slowest} ms`);
    },
  );
}
