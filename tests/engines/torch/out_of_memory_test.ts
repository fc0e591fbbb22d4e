import { fileURLToPath } from "node:url";
import { nativeError, TorchOutOfMemoryError } from "../../../lib/engines/torch/native_error.ts";
import { checkpointsIn } from "../../../lib/training/run/checkpoint_store.ts";
import { assert, assertEquals } from "../../support/mod.ts";
import { testOnTorch } from "./support.ts";

/** An error whose text libtorch has written. */
const errorOf = (text: string) => nativeError("aten::mm", text, () => "12 tensors of 3 MiB");

const frames =
  "\nException raised from alloc_cpu at /pytorch/c10/core/impl/alloc_cpu.cpp:127 (most recent call first):\nframe #0: c10";

Deno.test("nativeError() tells the bytes wanted, what is held and the advice, in the words of each allocator", () => {
  const cases: [string, number | undefined, string][] = [
    [
      "Exception in aoti_torch: [enforce fail at alloc_cpu.cpp:127] err == 0. DefaultCPUAllocator: can't allocate memory: " +
      `you tried to allocate 268435456 bytes. Error code 12 (Cannot allocate memory)${frames}`,
      268435456,
      "268435456 bytes (256 MiB) requested",
    ],
    [
      "Exception in aoti_torch: CUDA out of memory. Tried to allocate 2.50 GiB. GPU 0 has a total capacity of 79.10 GiB of " +
      `which 1.20 GiB is free. Of the allocated memory 70.00 GiB is allocated by PyTorch${frames}`,
      2.5 * 2 ** 30,
      "2684354560 bytes (2.5 GiB) requested",
    ],
    ["CUDA out of memory. Tried to allocate 20.00 MiB.", 20 * 2 ** 20, "(20 MiB) requested"],
    ["Exception in aoti_torch: std::bad_alloc", undefined, "more requested"],
    ["CUDA error: out of memory", undefined, "more requested"],
  ];
  for (const [text, bytes, part] of cases) {
    const error = errorOf(text);
    assert(error instanceof TorchOutOfMemoryError, text);
    assertEquals(error.bytes, bytes);
    for (
      const each of [part, "aten::mm", "currently held: 12 tensors of 3 MiB", "chunkSize", "recompute", "bfloat16"]
    ) {
      assert(error.message.includes(each), `${each} is not in ${error.message}`);
    }
    assert(!error.message.includes("frame #"), error.message);
  }
  assert(
    !(errorOf("Exception in aoti_torch: mat1 and mat2 shapes cannot be multiplied") instanceof TorchOutOfMemoryError),
  );
});

/** The limit on the program's data: V8 reserves 50 GB of addresses as it starts, so that one on these would be of no use. */
const LIMIT_KIB = 1_050_000;

async function runOf(folder: string, { chunkSize, limited }: { chunkSize: number; limited: boolean }) {
  const program = fileURLToPath(new URL("./programs/out_of_memory.ts", import.meta.url));
  const permissions = ["--allow-read", "--allow-write", "--allow-env", "--allow-ffi"];
  const deno = [Deno.execPath(), "run", "--quiet", "--no-prompt", ...permissions, program, folder, String(chunkSize)];
  const command = limited ? `ulimit -d ${LIMIT_KIB}; exec "$@"` : 'exec "$@"';
  const { stdout, stderr } = await new Deno.Command("bash", { args: ["-c", command, "bash", ...deno] }).output();
  const [out, err] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert(out.startsWith("{"), `it printed ${out || "nothing"} and ${err.slice(0, 500)}`);
  return JSON.parse(out) as { steps: number; name?: string; message?: string; bytes?: number };
}

testOnTorch(
  "a run that runs out of memory reports what was requested, keeps its last checkpoint, and resumes in smaller chunks",
  async () => {
    const folder = await Deno.makeTempDir();
    const failed = await runOf(folder, { chunkSize: 4000, limited: true });
    assertEquals(failed.name, "TorchOutOfMemoryError");
    const { message = "", bytes = 0, steps } = failed;
    assert(bytes > 1e6 && message.includes(`${bytes} bytes`), message);
    for (const part of [/currently held: \d+ tensors of [\d.]+ [KMG]iB/, /chunkSize/, /recompute/, /bfloat16/]) {
      assert(part.test(message), `${part} is not in ${message}`);
    }
    assert(steps < 6, `${steps} steps`);
    assertEquals((await checkpointsIn(folder)).length, steps);
    assertEquals(await runOf(folder, { chunkSize: 16, limited: true }), { steps: 6 });
  },
);
