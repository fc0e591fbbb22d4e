import { inSteps } from "../../../tasks/support/epochs.ts";
import { UsageError } from "../../../tasks/support/usage_error.ts";
import { assertEquals, assertThrows } from "../../support/mod.ts";

const config = { epochs: 3, steps: 300, batchSize: 4, validateEvery: 100, saveEvery: "end" as const };
const lengths = ({ steps, validateEvery, saveEvery }: typeof config) => [steps, validateEvery, saveEvery];

Deno.test("inSteps() counts the batches of an epoch, the last one short, and validates and saves after each", () => {
  assertEquals(lengths(inSteps(config, { rows: 10, origins: { epochs: "a.json" } })), [9, 3, 3]);
  assertEquals("epochs" in inSteps(config, { rows: 10, origins: {} }), false);
});

Deno.test("inSteps() leaves given intervals of validations and checkpoints, and steps without epochs", () => {
  const origins = { epochs: "a.json", validateEvery: "a.json", saveEvery: "--save-every" };
  assertEquals(lengths(inSteps(config, { rows: 8, origins })), [6, 100, "end"]);
  const plain = { ...config, epochs: undefined };
  assertEquals(inSteps(plain, { rows: 8, origins: {} }), plain);
});

Deno.test("inSteps() takes a flag before a file, and refuses both lengths of one origin", () => {
  const given = (epochs: string, steps: string) => inSteps(config, { rows: 8, origins: { epochs, steps } });
  assertEquals(lengths(given("a.json", "--steps")), [300, 100, "end"]);
  assertEquals(lengths(given("--epochs", "a.json")), [6, 2, 2]);
  assertThrows(() => given("--epochs", "--steps"), UsageError, "--epochs 3: it excludes --steps");
  assertThrows(() => given("a.json", "b.json"), UsageError, "--epochs 3: it excludes --steps");
});
