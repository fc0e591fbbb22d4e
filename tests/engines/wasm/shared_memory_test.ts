import { withSharedMemory } from "../../../lib/engines/wasm/shared_memory.ts";
import { assert, assertEquals, assertThrows } from "../../support/mod.ts";

const HEADER = [0x00, 0x61, 0x73, 0x6d, 1, 0, 0, 0];
const EXPORTED = [7, 10, 1, 6, ...new TextEncoder().encode("memory"), 2, 0];

Deno.test("withSharedMemory() shares the memory of the backend's module and leaves the rest", async () => {
  const entry = import.meta.resolve("@tensorflow/tfjs-backend-wasm");
  const bytes = await Deno.readFile(new URL("tfjs-backend-wasm-simd.wasm", entry));
  const shared = withSharedMemory(bytes);
  assert(WebAssembly.validate(shared));
  assertEquals(shared.length, bytes.length);
  assertEquals(shared.filter((byte, index) => byte !== bytes[index]).length, 1);
});

Deno.test("withSharedMemory() makes a memory that threads share", () => {
  const bytes = new Uint8Array([...HEADER, 5, 4, 1, 1, 1, 4, ...EXPORTED]);
  const memories = [bytes, withSharedMemory(bytes)].map((bytes) =>
    new WebAssembly.Instance(new WebAssembly.Module(new Uint8Array(bytes))).exports.memory as WebAssembly.Memory
  );
  assertEquals(memories.map(({ buffer }) => buffer instanceof SharedArrayBuffer), [false, true]);
});

Deno.test("withSharedMemory() refuses a module whose memory it cannot share", () => {
  const unbounded = new Uint8Array([...HEADER, 5, 3, 1, 0, 1]);
  assertThrows(
    () => withSharedMemory(unbounded),
    Error,
    "it must be one with a maximum, current values are 1 and flags 0",
  );
  assertThrows(() => withSharedMemory(new Uint8Array(HEADER)), Error, "it must declare one, current count is 0");
});
