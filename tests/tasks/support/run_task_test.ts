import { assert, assertEquals } from "../../support/mod.ts";
import { describeError, runTask } from "../../../tasks/support/run_task.ts";
import { HelpRequest, UsageError } from "../../../tasks/support/usage_error.ts";

Deno.test("describeError() returns the message of a usage error and nothing more", () => {
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

async function ending(main: () => Promise<number | void>, ...args: string[]) {
  const [statuses, out, err]: [number[], string[], string[]] = [[], [], []];
  const exit = (status: number) => void statuses.push(status);
  await runTask(main, { args, exit, print: (text) => out.push(text), printError: (text) => err.push(text) });
  return { statuses, out: out.join("\n"), err: err.join("\n") };
}

Deno.test("runTask() ends with 0, or with the status that the task returns", async () => {
  assertEquals(await ending(() => Promise.resolve()), { statuses: [0], out: "", err: "" });
  assertEquals((await ending(() => Promise.resolve(3))).statuses, [3]);
});

Deno.test("runTask() ends with 1 after an error, and reports it on standard error", async () => {
  const { statuses, out, err } = await ending(() => Promise.reject(new UsageError("Cannot use --x")));
  assertEquals([statuses, out, err], [[1], "", "error: Cannot use --x"]);
});

Deno.test("runTask() prints help on standard output and ends with 0", async () => {
  const { statuses, out, err } = await ending(() => Promise.reject(new HelpRequest("Usage")));
  assertEquals([statuses, out, err], [[0], "Usage", ""]);
});

Deno.test("runTask() shows the stack with --verbose", async () => {
  assert((await ending(() => Promise.reject(new Error("x")), "--verbose")).err.includes("run_task_test.ts"));
});
