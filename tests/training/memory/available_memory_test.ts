import { availableMemory } from "../../../lib/training/memory/available_memory.ts";
import { assertEquals } from "../../support/mod.ts";

Deno.test("availableMemory() is the container's where that is less, and undefined without permission to ask", () => {
  const system = () => ({ available: 1000 });
  const files = (max: string) => (path: string) => path.endsWith("max") ? max : "300\n";
  assertEquals(availableMemory({ system, read: files("900\n") }), 600);
  assertEquals(availableMemory({ system, read: files("max\n") }), 1000);
  assertEquals(availableMemory({ system, read: files("200\n") }), 0);
  const read = () => {
    throw new Deno.errors.NotFound("no such file");
  };
  assertEquals(availableMemory({ system, read }), 1000);
  const refuse = () => {
    throw new Deno.errors.NotCapable("no");
  };
  assertEquals(availableMemory({ system: refuse, read }), undefined);
});
