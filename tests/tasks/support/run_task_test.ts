import { assert, assertEquals } from "../../support/mod.ts";
import { describeError } from "../../../tasks/support/run_task.ts";
import { UsageError } from "../../../tasks/support/usage_error.ts";

Deno.test("describeError() says the message of a usage error and nothing more", () => {
  assertEquals(
    describeError(new UsageError("Cannot a\nCannot b", { cause: new Error("x") })),
    "error: Cannot a\nerror: Cannot b",
  );
});

Deno.test("describeError() adds causes that the message does not repeat", () => {
  const cause = new Error("disk full", { cause: new Error("code 28") });
  const text = describeError(new Error("Cannot save: disk full", { cause }));
  assertEquals(text.split("\n").slice(0, 2), ["error: Cannot save: disk full", "  because: code 28"]);
});

Deno.test("describeError() shows the stack only when asked", () => {
  const error = new RangeError("Cannot a");
  assert(!describeError(error).includes("run_task_test.ts"));
  assert(describeError(error, { verbose: true }).includes("run_task_test.ts"));
});
