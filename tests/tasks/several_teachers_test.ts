/** Distillation from several teachers. */
import { useEngine } from "../../lib/engines/mod.ts";
import { loadModel, saveModel } from "../../lib/models/load_model.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { localTeacher } from "../../lib/teachers/local_teacher.ts";
import { mixedTeacher } from "../../lib/teachers/mixed_teacher.ts";
import { teacherLoss } from "../../lib/teachers/teacher_loss.ts";
import { teacherPerRow } from "../../lib/teachers/teacher_per_row.ts";
import { rowFromText } from "../../lib/datasets/row_from_text.ts";
import { alpacaPrompt } from "../../lib/text/alpaca_prompt.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { main as distill } from "../../tasks/distill.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../support/mod.ts";
import { jsonLines, playground, shortRunFlags } from "../support/playground.ts";

await useEngine("wasm");
const tokenizer = await loadTokenizer("data/tokenizer");

/** A playground with a second teacher, of another width; its flags without that of a teacher. */
async function scene() {
  const root = await playground();
  const other = { model_type: "gpt2", vocab_size: 4096, n_positions: 96, n_embd: 24, n_head: 2, n_layer: 1 };
  await saveModel(initializeModel(other, { seed: 9 }), `${root}/other`);
  const flags = shortRunFlags(root);
  const own = flags.indexOf("--teacher");
  if (own >= 0) flags.splice(own, 2);
  return { root, flags: [...flags, "--validate-every", "end"] };
}

const resultOf = async (root: string, name: string) =>
  JSON.parse(await Deno.readTextFile(`${root}/runs/${name}/result.json`));

/** What a task says on both streams. */
async function said(run: () => Promise<unknown>): Promise<string> {
  const lines: string[] = [];
  const [log, error] = [console.log, console.error];
  console.log = console.error = (text: string) => void lines.push(text);
  try {
    await run();
  } finally {
    [console.log, console.error] = [log, error];
  }
  return lines.join("\n");
}

Deno.test("task distill mixes the teachers that --teacher names, resumes with the same and refuses others", async () => {
  const { root, flags } = await scene();
  const two = ["--teacher", `${root}/teacher`, "--teacher", `${root}/other`];
  const mixed = [...two, "--teacher-weights", "3, 1", "--teacher-alpha", "1", "--name", "two"];
  const run = (...more: string[]) => distill([...flags, ...more], `${root}/runs`);
  assertEquals(await run(...mixed, "--stop-after", "2"), 130);
  const equal = [...two, "--teacher-alpha", "1", "--name", "two", "--resume"];
  await assertRejects(() => run(...equal), Error, "weights");
  assertEquals(await run(...mixed, "--resume"), 0);
  const models = await Promise.all(["teacher", "other"].map((name) => loadModel(`${root}/${name}`)));
  const lines = await Deno.readTextFile(`${root}/valid.jsonl`);
  const rows = lines.trim().split("\n").map((line) => {
    const { instruction, input = "", output } = JSON.parse(line);
    const prompt = alpacaPrompt({ instruction, input });
    return rowFromText(tokenizer, { prompt, response: output[0], maxPromptLength: 48, maxLength: 96 });
  });
  const expected = await teacherLoss(mixedTeacher(models, { weights: [3, 1], alpha: 1 }), rows);
  const { teacher, student } = await resultOf(root, "two");
  assertAllClose(teacher.validLoss, expected, { atol: 1e-4, rtol: 0 });
  assert(teacher.rougeL === undefined && student.rougeL >= 0, "a mixture gives no answers");
  const [start] = await jsonLines(`${root}/runs/two/metrics.jsonl`);
  assert(String(start.teacher).includes(`0.75 ${root}/teacher and 0.25 ${root}/other`), String(start.teacher));
  assert((await Deno.readTextFile(`${root}/runs/two/report.html`)).includes("α-mixture (1) of 0.75"));
});

Deno.test("task distill --dry-run counts the memory of all teachers", async () => {
  const { root, flags } = await scene();
  const bytes = async (...teachers: string[]) => {
    const given = teachers.flatMap((name) => ["--teacher", `${root}/${name}`]);
    const text = await said(() => distill([...flags, ...given, "--name", "plan", "--dry-run"], `${root}/runs`));
    const table = text.split("\n").filter((line) => /^teacher /.test(line));
    assert(table.length >= 1, text);
    return table.map((line) => Number(/([\d.]+)$/.exec(line)![1]));
  };
  const file = `${root}/both.json`;
  await Deno.writeTextFile(
    file,
    JSON.stringify({ teacher: [`${root}/teacher`, `${root}/other`], teacherWeights: "2,1" }),
  );
  const planned = await said(() =>
    distill([...flags, "--config", file, "--name", "plan", "--dry-run"], `${root}/runs`)
  );
  const [one, other, both] = [await bytes("teacher"), await bytes("other"), await bytes("teacher", "other")];
  assert(planned.includes(`teacher`) && Number(/^teacher .* ([\d.]+)$/m.exec(planned)![1]) === both[0], planned);
  both.forEach((sum, line) => assertAllClose(sum, one[line] + other[line], { atol: 0.11, rtol: 0.02 }));
});

Deno.test("task distill --teacher-field has each row's own teacher, by the names on the line", async () => {
  const { root, flags } = await scene();
  for (const split of ["train", "valid"]) {
    const lines = (await Deno.readTextFile(`${root}/${split}.jsonl`)).trim().split("\n");
    const named = lines.map((line, index) =>
      JSON.stringify({ ...JSON.parse(line), by: index % 3 ? "small" : "large" })
    );
    await Deno.writeTextFile(`${root}/${split}.jsonl`, named.join("\n"));
  }
  const places = ["--teacher", `large=${root}/teacher`, "--teacher", `small=${root}/other`];
  const run = (...more: string[]) => distill([...flags, ...more, "--name", "rows"], `${root}/runs`);
  assertEquals(await run(...places, "--teacher-field", "by", "--teacher-cache", "disk"), 0);
  const [large, small] = await Promise.all(["teacher", "other"].map((name) => loadModel(`${root}/${name}`)));
  const rows = (await Deno.readTextFile(`${root}/valid.jsonl`)).split("\n").map((line) => {
    const { instruction, input = "", output, by } = JSON.parse(line);
    const prompt = alpacaPrompt({ instruction, input });
    return {
      ...rowFromText(tokenizer, { prompt, response: output[0], maxPromptLength: 48, maxLength: 96 }),
      fields: { by },
    };
  });
  const expected = await teacherLoss(teacherPerRow({ large: localTeacher(large), small }, { field: "by" }), rows);
  assertAllClose((await resultOf(root, "rows")).teacher.validLoss, expected, { atol: 1e-4, rtol: 0 });
  const lacking = ["--teacher", `large=${root}/teacher`, "--teacher-field", "by", "--overwrite"];
  await assertRejects(
    () => run(...lacking),
    RangeError,
    'its field "by" must be one of large, current value is "small"',
  );
});

Deno.test("task distill reports which of several teachers or of their flags is invalid", async () => {
  const { root, flags } = await scene();
  const [one, other] = [`${root}/teacher`, `${root}/other`];
  const refused = async (message: string, ...more: string[]) =>
    void await assertRejects(() => distill([...flags, ...more], `${root}/runs`), UsageError, message);
  const two = ["--teacher", one, "--teacher", other];
  await refused("2 numbers from 0 are needed", ...two, "--teacher-weights", "1");
  await refused("2 numbers from 0 are needed", ...two, "--teacher-weights", "0,0");
  await refused("only with several --teacher", "--teacher", one, "--teacher-weights", "1");
  await refused("only with several --teacher", "--teacher", one, "--teacher-alpha", "1");
  await refused("it must be name=PLACE", ...two, "--teacher-field", "by");
  await refused(
    "must name one teacher alone",
    "--teacher",
    `a=${one}`,
    "--teacher",
    `a=${other}`,
    "--teacher-field",
    "by",
  );
  await refused("only with no --teacher-field", ...two, "--teacher-field", "by", "--teacher-weights", "1,2");
  await refused("there must be one --teacher", ...two, "--teacher-adapter", one);
  await refused("http://127.0.0.1:9/v1 names its best", "--teacher", one, "--teacher", "http://127.0.0.1:9/v1");
  const builtIn = ["--data", "wordnet", "--teacher", `a=${one}`, "--teacher-field", "by"];
  await refused("--teacher-field", ...builtIn);
  const file = `${root}/two.json`;
  await Deno.writeTextFile(file, JSON.stringify({ teacher: [one, ""] }));
  await refused("a text, or a list of texts, none of them empty, is needed", "--config", file);
});
