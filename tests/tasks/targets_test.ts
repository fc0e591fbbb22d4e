/** Targets that are packed once, and distilled from without their teacher. */
import { useEngine } from "../../lib/engines/mod.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import { TeacherError } from "../../lib/teachers/teacher_error.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { main as distill } from "../../tasks/distill.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { main as targets } from "../../tasks/targets.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../support/mod.ts";
import { jsonLines, playground, shortRunFlags } from "../support/playground.ts";
import { FakeServer } from "../teachers/served/fake_server.ts";

await useEngine("wasm");

Deno.test("task targets packs the answers of a folder and of a server alike, and distill learns from them alone", async () => {
  const root = await playground();
  const tokens = await loadTokenizer("data/tokenizer");
  await using server = new FakeServer("sglang", await loadModel(`${root}/teacher`), { tokens });
  const [, , ...flags] = shortRunFlags(root);
  const places = { folder: `${root}/teacher`, server: server.address };
  const losses: number[][] = [];
  for (const [name, teacher] of Object.entries(places)) {
    const pack = ["--teacher", teacher, ...flags.slice(0, 4), "--teacher-top-k", "16", "--bits", "12", "--name", name];
    assertEquals(await targets(pack, `${root}/runs`), 0);
    const files = [...Deno.readDirSync(`${root}/runs/${name}`)].map(({ name }) => name);
    assertEquals(await targets(pack, `${root}/runs`), 0);
    assertEquals([...Deno.readDirSync(`${root}/runs/${name}`)].map(({ name }) => name).sort(), files.sort());
    const learn = ["--teacher", `${root}/runs/${name}`, ...flags, "--name", `from-${name}`];
    assertEquals(await distill([...learn, "--validate-every", "end"], `${root}/runs`), 0);
    const lines = await jsonLines(`${root}/runs/from-${name}/metrics.jsonl`);
    losses.push(lines.flatMap(({ distillLoss }) => distillLoss ?? []) as number[]);
  }
  assertEquals(losses[0].length, 6);
  assertAllClose(losses[1], losses[0], { atol: 1e-4, rtol: 1e-4 });
  const more = '\n{"instruction": "Name a tree.", "output": "oak"}';
  await Deno.writeTextFile(`${root}/train.jsonl`, more, { append: true });
  const other = ["--teacher", `${root}/runs/folder`, ...flags, "--name", "other"];
  await assertRejects(() => distill(other, `${root}/runs`), TeacherError, "is not among them");
  const again = ["--teacher", `${root}/runs/folder`, ...flags.slice(0, 4), "--name", "again"];
  await assertRejects(() => targets(again, `${root}/runs`), UsageError, "holds targets already");
  const cached = ["--teacher", `${root}/runs/folder`, ...flags, "--teacher-cache", "disk", "--name", "other"];
  await assertRejects(() => distill(cached, `${root}/runs`), UsageError, "only with a --teacher that is a model or on");
});

Deno.test("task distill --teacher-cache disk packs what a server answers, and asks for it once", async () => {
  const root = await playground();
  const tokens = await loadTokenizer("data/tokenizer");
  await using server = new FakeServer("vllm", await loadModel(`${root}/teacher`), { tokens });
  const [, , ...flags] = shortRunFlags(root);
  const shared = ["--teacher-cache", "disk", "--teacher-cache-folder", `${root}/runs/answers`, "--teacher-top-k", "16"];
  const run = (name: string) =>
    distill(
      [...flags, "--teacher", server.address, ...shared, "--validate-every", "end", "--name", name],
      `${root}/runs`,
    );
  const asked: number[] = [];
  for (const name of ["first", "second"]) {
    server.log.length = 0;
    assertEquals(await run(name), 0);
    asked.push(server.log.length);
  }
  assert(asked[1] < asked[0] && asked[1] <= 3, `${asked} requests`);
});
