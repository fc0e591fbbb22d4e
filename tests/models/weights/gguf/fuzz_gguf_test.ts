/** Thousands of damaged GGUF files: an error that names the file, or a model; nothing else, and little memory. */
import fc from "fast-check";
import { useEngine } from "../../../../lib/engines/mod.ts";
import { loadModel } from "../../../../lib/models/mod.ts";
import { ggufBytes, raw } from "../../../support/gguf_bytes.ts";
import { tinyGguf } from "../../../support/tiny_gguf.ts";
import { assert } from "../../../support/mod.ts";

await useEngine("wasm");

const RUNS = 3000;

/** What happens to a file's bytes. */
const damage = fc.oneof(
  fc.record({ kind: fc.constant("cut" as const), at: fc.nat() }),
  fc.record({ kind: fc.constant("byte" as const), at: fc.nat(), value: fc.nat({ max: 255 }) }),
  // Of the header, where lengths and counts are; the values are those that overflow.
  fc.record({
    kind: fc.constant("word" as const),
    at: fc.nat(),
    value: fc.constantFrom(0n, 1n, 2n ** 31n, 2n ** 32n - 1n, 2n ** 53n, 2n ** 63n, 2n ** 64n - 1n),
  }),
  fc.record({ kind: fc.constant("doubled" as const), at: fc.nat(), length: fc.integer({ min: 1, max: 64 }) }),
  fc.record({ kind: fc.constant("removed" as const), at: fc.nat(), length: fc.integer({ min: 1, max: 64 }) }),
);

type Damage = typeof damage extends fc.Arbitrary<infer Kind> ? Kind : never;

function damaged(bytes: Uint8Array<ArrayBuffer>, change: Damage): Uint8Array<ArrayBuffer> {
  const at = change.at % bytes.length;
  switch (change.kind) {
    case "cut":
      return bytes.slice(0, at);
    case "byte":
      return bytes.with(at, change.value);
    case "word": {
      const copy = bytes.slice();
      const place = Math.min(at, copy.length - 8);
      new DataView(copy.buffer).setBigUint64(place, change.value, true);
      return copy;
    }
    case "doubled":
    case "removed": {
      const [before, part, after] = [
        bytes.slice(0, at),
        bytes.slice(at, at + change.length),
        bytes.slice(at + change.length),
      ];
      return new Uint8Array([...before, ...change.kind === "doubled" ? [...part, ...part] : [], ...after]);
    }
  }
}

Deno.test(`loadModel() refuses or reads ${RUNS} damaged GGUF files, in little time and memory`, async () => {
  const metadata = [...tinyGguf.metadata!, ["tokenizer.ggml.scores", raw.list(6, [new Uint8Array(32)], 8)] as const];
  const whole = ggufBytes({ ...tinyGguf, metadata: metadata as typeof tinyGguf.metadata });
  const header = whole.length - 2 ** 10;
  const path = await Deno.makeTempFile({ suffix: ".gguf" });
  const outcomes = { loaded: 0, refused: 0 };
  const before = Deno.memoryUsage().rss;
  let slowest = 0;
  await fc.assert(
    fc.asyncProperty(damage, fc.boolean(), async (change, inHeader) => {
      // Half of them in the header, whose every byte counts.
      const place = inHeader ? { ...change, at: change.at % header } : change;
      await Deno.writeFile(path, damaged(whole, place));
      const began = performance.now();
      try {
        (await loadModel(path)).dispose();
        outcomes.loaded += 1;
      } catch (error) {
        const isRefusal = error instanceof SyntaxError || error instanceof RangeError || error instanceof TypeError;
        assert(isRefusal && error.message.startsWith("Cannot"), `${error}, of ${JSON.stringify(place, shown)}`);
        assert(error.message.includes(path) || error.message.includes("config.json"), error.message);
        outcomes.refused += 1;
      }
      slowest = Math.max(slowest, performance.now() - began);
    }),
    { numRuns: RUNS, seed: 21 },
  );
  const grown = (Deno.memoryUsage().rss - before) / 2 ** 20;
  console.log(
    `  ${outcomes.refused} refused, ${outcomes.loaded} loaded; the slowest took ${
      slowest.toFixed(1)
    } ms, memory grew by ` +
      `${grown.toFixed(1)} MiB`,
  );
  assert(outcomes.refused > RUNS / 4 && outcomes.loaded > 0, "they show nothing");
  assert(grown < 300, `memory grew by ${grown} MiB`); // of which most is the engine's and the runtime's own
});

const shown = (_: string, value: unknown) => typeof value === "bigint" ? String(value) : value;
