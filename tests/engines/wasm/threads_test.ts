import { fileURLToPath } from "node:url";
import { threadCount } from "../../../lib/engines/wasm/thread_count.ts";
import { assert, assertEquals, assertThrows } from "../../support/mod.ts";

const front = new URL("../../../lib/engines/mod.ts", import.meta.url).href;

/** What the engine says of itself and computes, in a process of its own that ends by itself. */
async function started(env: Record<string, string>, permissions: readonly string[], options = "{}") {
  const program = `
    import * as tf from "@tensorflow/tfjs-core";
    import { useEngine } from "${front}";
    try {
      const { means } = await useEngine("wasm", ${options});
      const a = tf.range(0, 128 * 96).reshape([128, 96]), b = tf.ones([96, 128]);
      const { buffer } = tf.backend().wasm.HEAPU8;
      const sum = tf.sum(tf.matMul(a.sub(6143.5).div(6144), b)).abs().dataSync()[0];
      console.log(JSON.stringify({ means, sum, shared: buffer instanceof SharedArrayBuffer }));
    } catch ({ name, message }) {
      console.log(JSON.stringify({ name, message }));
    }`;
  const folder = await Deno.makeTempDir();
  try {
    await Deno.writeTextFile(`${folder}/program.ts`, program);
    const config = fileURLToPath(new URL("../../../deno.json", import.meta.url));
    const args = ["run", "--no-prompt", "--config", config, "--allow-read", ...permissions, `${folder}/program.ts`];
    const { code, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args, env }).output();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
    return JSON.parse(new TextDecoder().decode(stdout));
  } finally {
    await Deno.remove(folder, { recursive: true });
  }
}

const mayRead = ["--allow-env=AMID_WASM_THREADS"];

Deno.test("wasm uses as many threads as AMID_WASM_THREADS says, and says so", async () => {
  const many = await started({ AMID_WASM_THREADS: "3" }, mayRead, "{ threads: 4 }");
  assert(/SIMD, 3 threads \(AMID_WASM_THREADS=3\)$/.test(many.means), many.means);
  assertEquals([many.shared, many.sum < 1e-2], [true, true]);
});

Deno.test("wasm shares no memory where AMID_WASM_THREADS is 1", async () => {
  const one = await started({ AMID_WASM_THREADS: "1" }, mayRead, "{ threads: 2 }");
  assert(/SIMD, 1 thread \(AMID_WASM_THREADS=1\)$/.test(one.means), one.means);
  assertEquals([one.shared, one.sum < 1e-2], [false, true]);
});

Deno.test("wasm refuses an AMID_WASM_THREADS that is no number of threads", async () => {
  assertEquals(await started({ AMID_WASM_THREADS: "many" }, mayRead), {
    name: "RangeError",
    message:
      'Cannot use the engine "wasm": AMID_WASM_THREADS must be a whole number from 1 to 999, current value is many',
  });
});

Deno.test("wasm has threads without any permission but to read its files, and does not look at the variable", async () => {
  const { means, shared } = await started({ AMID_WASM_THREADS: "1" }, [], "{ threads: 2 }");
  assert(/SIMD, 2 threads$/.test(means), means);
  assertEquals(shared, true);
});

Deno.test("threadCount() takes what was asked for up to what there may be", () => {
  const most = { threads: 2, reason: "R" };
  assertEquals(threadCount(1, most), { threads: 1, reason: undefined });
  assertEquals(threadCount(2, most), { threads: 2, reason: undefined });
  assertEquals(threadCount(3, most), { threads: 2, reason: "R" });
  assertEquals(threadCount(3, { threads: Infinity }).threads, 3);
  assert(threadCount(undefined, { threads: Infinity }).threads <= navigator.hardwareConcurrency);
  for (const asked of [0, -1, 1.5, NaN]) assertThrows(() => threadCount(asked, most), RangeError, `is ${asked}`);
});
