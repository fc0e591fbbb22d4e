import { useEngine } from "../../lib/engines/mod.ts";
import { readComparison } from "../../lib/figures/comparison/comparison.ts";
import { main } from "../../tasks/comparison.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../support/mod.ts";
import { jsonLines, playground, playgroundFlags } from "../support/playground.ts";

await useEngine("wasm");

const settings = [
  { name: "forward", title: "forward KL", flags: ["--objective=forward-kl"] },
  { name: "mixed", title: "KL(p‖r)", flags: ["--objective=amid", "--alpha=1"] },
];

/** The flags of a comparison of two settings on a small playground. */
async function flagsOf(root: string): Promise<string[]> {
  await Deno.writeTextFile(`${root}/settings.json`, JSON.stringify(settings));
  const flags = playgroundFlags(root).filter((flag, i, all) => flag !== "--engine" && all[i - 1] !== "--engine");
  return [
    "--settings",
    `${root}/settings.json`,
    "--out",
    `${root}/results.json`,
    "--machine",
    "a test",
    "--date",
    "d",
    "--flags",
    flags.join(" "),
  ];
}

Deno.test("task comparison runs every setting with every seed, records them, and keeps what is done", async () => {
  const root = await playground();
  const flags = await flagsOf(root);
  assertEquals(await main([...flags, "--seeds", "4"], `${root}/runs`), 0);
  const folder = `${root}/runs/comparison`;
  const first = await Deno.readTextFile(`${folder}/forward-s4/result.json`);
  assertEquals(await main([...flags, "--seeds", "4,5"], `${root}/runs`), 0);
  assertEquals(await Deno.readTextFile(`${folder}/forward-s4/result.json`), first);

  const comparison = await readComparison(`${root}/results.json`);
  assertEquals([comparison.machine, comparison.date, comparison.settings], ["a test", "d", settings]);
  const names = comparison.runs.map(({ setting, seed }) => `${setting} ${seed}`);
  assertEquals(names, ["forward 4", "mixed 4", "forward 5", "mixed 5"]);
  const [run] = comparison.runs;
  assertAllClose([run.student.validLoss], [JSON.parse(first).student.validLoss]);
  const losses = (await jsonLines(`${folder}/forward-s4/metrics.jsonl`)).filter(({ type }) => type === "step")
    .map(({ loss }) => loss as number);
  assertAllClose([run.training[0].loss], [losses.reduce((sum, loss) => sum + loss) / losses.length]);
  assertEquals(run.training.map(({ step }) => step), [6]);
  assertEquals(run.validation.map(({ step }) => step), [0, 3, 6]);
  assert(run.validation[0].loss === run.start.validLoss);
});

Deno.test("task comparison names settings and seeds that it cannot use", async () => {
  const root = await playground();
  const flags = await flagsOf(root);
  await assertRejects(() => main([...flags, "--seeds", "1,,2"], root), UsageError, "1,,2");
  await assertRejects(() => main([...flags, "--settings", `${root}/none.json`], root), UsageError, "none.json");
  await Deno.writeTextFile(`${root}/settings.json`, '[{"name": "../x", "title": "x", "flags": []}]');
  await assertRejects(() => main(flags, root), UsageError, "settings.json");
});
