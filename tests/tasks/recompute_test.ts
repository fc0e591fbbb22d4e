import { useEngine } from "../../lib/engines/mod.ts";
import { main as distill } from "../../tasks/distill.ts";
import { main as sft } from "../../tasks/sft.ts";
import { assertEquals } from "../support/mod.ts";
import { playground } from "../support/playground.ts";

await useEngine("wasm");

Deno.test("tasks distill and sft end in the same bits with --recompute, also where a run resumes with it", async () => {
  const root = await playground();
  const common = ["--data", root, "--steps", "4", "--batch-size", "2", "--validate-every", "end", "--engine", "wasm"];
  const bytesOf = (name: string, model: string) => Deno.readFile(`${root}/runs/${name}/${model}/model.safetensors`);
  const models = ["--teacher", `${root}/teacher`, "--student", `${root}/student`];
  const run = (name: string, ...flags: string[]) =>
    distill([...common, ...models, "--name", name, ...flags], `${root}/runs`);
  await run("kept");
  await run("again", "--recompute");
  await run("both", "--stop-after", "2");
  assertEquals(await run("both", "--resume", "--recompute"), 0);
  const expected = await bytesOf("kept", "student");
  for (const name of ["again", "both"]) assertEquals(await bytesOf(name, "student"), expected);
  const tuned = (name: string, ...flags: string[]) =>
    sft([...common, "--model", `${root}/student`, "--name", name, ...flags], `${root}/runs`);
  await tuned("sft-kept");
  await tuned("sft-again", "--recompute");
  assertEquals(await bytesOf("sft-again", "model"), await bytesOf("sft-kept", "model"));
});
