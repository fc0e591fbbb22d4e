import type { ModelScores } from "../../lib/figures/run_result.ts";
import { writeReport } from "../../lib/runs/write_report.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { assert, assertEquals } from "../support/mod.ts";

const scores = (validLoss: number): ModelScores => ({ validLoss, rougeL: 50, exactMatch: 40, kinds: {} });
const test = Array.from({ length: 20 }, (_, index) => ({
  kind: index < 15 ? "rare" : "common",
  prompt: `prompt ${index}.`,
  outputs: [`accepted ${index}.`],
  ...index === 0 && { question: "the question alone" },
}));
const answersOf = (model: string) => test.map((_, index) => `${model} ${index}.`);
const tokenizer = await loadTokenizer("data/tokenizer");

async function pageOf(metrics: string | undefined): Promise<string> {
  const folder = await Deno.makeTempDir();
  if (metrics !== undefined) await Deno.writeTextFile(`${folder}/metrics.jsonl`, metrics);
  await writeReport(folder, {
    config: { name: "quick <run>" },
    objective: "amid of α",
    tokenizer,
    test,
    result: {
      engine: "wasm",
      seconds: 1,
      teacher: scores(3),
      start: scores(4),
      student: scores(3.5),
      constant: { rougeL: 24, exactMatch: 20 },
    },
    answers: { teacher: answersOf("teacher"), start: answersOf("start"), student: answersOf("student") },
  });
  return await Deno.readTextFile(`${folder}/report.html`);
}

Deno.test("writeReport() draws the losses of metrics.jsonl, and shows held-out texts of each kind in turn", async () => {
  const lines = ['{"type":"step","step":1,"loss":0.8125}', '{"type":"validation","step":1,"validLoss":3.6875}'];
  const page = await pageOf([...lines, "{ damaged", ""].join("\n"));
  assert(page.includes("quick &lt;run>") || page.includes("quick &lt;run&gt;"));
  for (const part of ["0.8125", "3.6875", "amid of α", "the question alone", "Training loss of each step"]) {
    assert(page.includes(part), `${part} is missing`);
  }
  const shown = [...page.matchAll(/student (\d+)\./g)].map(([, index]) => Number(index));
  assertEquals(shown, [0, 15, 1, 16, 2, 17, 3, 18, 4, 19, 5, 6]);
});

Deno.test("writeReport() leaves the training loss out without metrics", async () => {
  const page = await pageOf(undefined);
  assert(!page.includes("Training loss of each step") && page.includes("Validation loss of the student"));
});
