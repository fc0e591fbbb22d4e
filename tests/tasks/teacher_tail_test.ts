/** What the task distill does with the tail of a teacher's answers. */
import { useEngine } from "../../lib/engines/mod.ts";
import { main as distill } from "../../tasks/distill.ts";
import { main as targets } from "../../tasks/targets.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";
import { playground, shortRunFlags } from "../support/playground.ts";

await useEngine("wasm");

Deno.test("task distill --teacher-tail trains on a treated tail, which the report names, and refuses to resume with another", async () => {
  const root = await playground();
  const run = (name: string, ...flags: string[]) =>
    distill(
      [...shortRunFlags(root), "--validate-every", "end", "--objective", "forward-kl", "--name", name, ...flags],
      `${root}/runs`,
    );
  const metrics = async (name: string) => (await Deno.readTextFile(`${root}/runs/${name}/metrics.jsonl`)).split("\n");
  const names = {
    renormalize: "its 4 best tokens, tail renormalized",
    drop: "its 4 best tokens, tail dropped",
    sample: "its 4 best tokens and 3 samples of the others",
  };
  const losses = new Set<unknown>();
  for (const [tail, name] of Object.entries(names)) {
    const flags = [
      "--teacher-tail",
      tail,
      "--teacher-top-k",
      "4",
      ...tail === "sample" ? ["--teacher-samples", "3"] : [],
    ];
    assertEquals(await run(tail, ...flags), 0);
    const [start, first] = (await metrics(tail)).map((line) => line === "" ? {} : JSON.parse(line));
    assert(String(start.teacher).endsWith(name), `${start.teacher}`);
    losses.add(first.loss);
  }
  assertEquals(losses.size, 3);
  await assertRejects(
    () => run("drop", "--teacher-tail", "renormalize", "--teacher-top-k", "4", "--resume", "--steps", "9"),
    RangeError,
    "tail",
  );
});

Deno.test("task targets --teacher-tail sample keeps samples, from which only forward KL learns", async () => {
  const root = await playground();
  const models = shortRunFlags(root).slice(0, 6);
  const packing = ["--teacher-tail", "sample", "--teacher-top-k", "4", "--teacher-samples", "3", "--engine", "wasm"];
  assertEquals(await targets([...models, "--name", "samples", ...packing], `${root}/runs`), 0);
  const description = JSON.parse(await Deno.readTextFile(`${root}/runs/samples/targets.json`));
  assertEquals([description.topK, description.estimates], [7, true]);
  const flags = [...shortRunFlags(root).slice(2), "--teacher", `${root}/runs/samples`, "--validate-every", "end"];
  assertEquals(await distill([...flags, "--objective", "forward-kl"], `${root}/runs`), 0);
  await assertRejects(() => distill([...flags, "--overwrite"], `${root}/runs`), TypeError, "estimates probabilities");
  await assertRejects(
    () => targets([...models, "--teacher-samples", "3"], `${root}/runs`),
    UsageError,
    "only with --teacher-tail sample",
  );
});

Deno.test("task distill refuses tail settings without effect, and samples for what they would bias", async () => {
  const root = await playground();
  const refused = (flags: string[], message: string) =>
    assertRejects(
      () => distill([...shortRunFlags(root).slice(flags.includes("--teacher") ? 2 : 0), ...flags], `${root}/runs`),
      UsageError,
      message,
    );
  await refused(["--teacher-samples", "3"], "only with --teacher-tail sample");
  await refused(["--teacher-tail", "sample"], "such as --objective forward-kl");
  await refused(["--teacher-top-k", "3"], "Cannot use --teacher-top-k 3");
  const server = ["--teacher", "http://127.0.0.1:9/v1", "--objective", "forward-kl", "--teacher-tail", "sample"];
  await refused(server, "only with a --teacher that is a model here");
});
