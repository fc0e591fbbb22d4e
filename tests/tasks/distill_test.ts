import { UsageError } from "../../tasks/support/usage_error.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { validationLoss } from "../../lib/training/run/validation_loss.ts";
import { corpusRows, loadCorpus } from "../../lib/datasets/corpus.ts";
import { loadModel, saveModel } from "../../lib/models/load_model.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { main } from "../../tasks/distill.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../support/mod.ts";
import { playground, shortRunFlags } from "../support/playground.ts";

await useEngine("wasm");

const flagsOf = (root: string) => [...shortRunFlags(root), "--name", "trial"];

Deno.test("task distill fills the run's folder with configuration, metrics, student, result and report", async () => {
  const root = await playground();
  assertEquals(await main(flagsOf(root), `${root}/runs`), 0);
  const folder = `${root}/runs/trial`;
  const read = (name: string) => Deno.readTextFile(`${folder}/${name}`);
  const result = JSON.parse(await read("result.json"));
  for (const model of [result.teacher, result.start, result.student]) {
    assert(model.validLoss > 0 && model.rougeL >= 0 && model.exactMatch >= 0);
    assertEquals(model.kinds.wader.count, 4);
  }
  assert(result.constant.rougeL > 0 && result.seconds > 0 && result.engine === "wasm");
  assertEquals(JSON.parse(await read("config.json")).training.steps, 6);
  const metrics = (await read("metrics.jsonl")).trim().split("\n").map((line) => JSON.parse(line));
  assertEquals(metrics[0], { type: "start", step: 0, teacher: `${root}/teacher` });
  assertEquals(
    metrics.map(({ type, step }) => `${type} ${step}`).join(", "),
    [
      "start 0",
      "step 1",
      "step 2",
      "step 3",
      "validation 3",
      "step 4",
      "step 5",
      "step 6",
      "validation 6",
    ].join(", "),
  );

  const student = await loadModel(`${folder}/student`);
  const { valid } = await loadCorpus(root, { counts: { valid: 280 }, seed: 1 });
  const rows = corpusRows(valid, await loadTokenizer(`${folder}/student`));
  assertAllClose(await validationLoss(student, rows), result.student.validLoss);

  const report = await read("report.html");
  assert(report.includes("&lt;b&gt;crane&lt;/b&gt;"), "the report shows the references, escaped");
  assert(!report.includes("<b>crane</b>"), "nothing of the data is markup");
  assert(report.includes(`from the teacher ${root}/teacher.`), "the report names the teacher");
});

Deno.test("task distill refuses invalid settings before it begins, naming flag and value", async () => {
  const root = await playground();
  const cases: [string[], string][] = [
    [["--lambda", "1.5"], "1.5"],
    [["--objective", "amide"], `"amide"`],
    [["--order", "ps"], `ps`],
    [["--alhpa", "0"], "--alpha"],
    [["--objective", "forward-kl", "--alpha", "1"], "alpha"],
    [["--batch-size", "0"], "--batch-size"],
    [["--engine", "abacus"], "abacus"],
    [["--teacher", `${root}/nowhere`], `${root}/nowhere`],
    [["--tokenizer", `${root}/teacher`], `${root}/teacher/tokenizer`],
    [["--data", `${root}/absent`], "there is no such file or folder"],
    [["--name", "../escape"], "../escape"],
    [["--lambda-schedule", "linear"], "--lambda-end is needed"],
  ];
  for (const [flags, part] of cases) {
    await assertRejects(() => main([...flagsOf(root), ...flags], `${root}/runs`), Error, part);
  }
});

Deno.test("task distill refuses a run folder that exists, vocabularies that differ and a tokenizer that does not fit", async () => {
  const root = await playground();
  await Deno.mkdir(`${root}/runs/trial`, { recursive: true });
  await Deno.writeTextFile(`${root}/runs/trial/notes`, "mine");
  await assertRejects(() => main(flagsOf(root), `${root}/runs`), Error, "exists and is not empty");
  assertEquals(await Deno.readTextFile(`${root}/runs/trial/notes`), "mine");

  const sizes = { model_type: "gpt2", vocab_size: 300, n_positions: 96, n_embd: 16, n_layer: 1, n_head: 2 };
  const remake = (name: string) => saveModel(initializeModel(sizes, { seed: 1 }), `${root}/${name}`);
  const attempt = () => main([...flagsOf(root), "--name", "other"], `${root}/runs`);
  await remake("teacher");
  await assertRejects(
    attempt,
    UsageError,
    `it has 4096 tokens, --teacher ${root}/teacher has 300; --tokenizer sets another`,
  );
  await remake("student");
  await assertRejects(
    attempt,
    UsageError,
    `it has 4096 tokens, --student ${root}/student has 300; --tokenizer sets another`,
  );
});
