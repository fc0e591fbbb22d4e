/** Rows of a file with another prompt for the teacher. */
import { rowFromText } from "../../lib/datasets/row_from_text.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import { teacherLoss } from "../../lib/teachers/teacher_loss.ts";
import { alpacaPrompt } from "../../lib/text/alpaca_prompt.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { main as distill } from "../../tasks/distill.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../support/mod.ts";
import { playground, shortRunFlags } from "../support/playground.ts";

await useEngine("wasm");
const tokenizer = await loadTokenizer("data/tokenizer");

/** A playground whose rows tell the teacher the answer. */
async function scene() {
  const root = await playground();
  for (const split of ["train", "valid"]) {
    const lines = (await Deno.readTextFile(`${root}/${split}.jsonl`)).trim().split("\n").map((line) =>
      JSON.parse(line)
    );
    const told = lines.map((row) => ({ ...row, hint: `${row.instruction} It is ${row.output[0]}.` }));
    await Deno.writeTextFile(`${root}/${split}.jsonl`, told.map((row) => JSON.stringify(row)).join("\n"));
  }
  const self = ["--teacher", `${root}/teacher`, "--student", `${root}/teacher`];
  return { root, flags: [...self, ...shortRunFlags(root).slice(4), "--validate-every", "end"] };
}

Deno.test("task distill --teacher-prompt-field lets a model teach itself behind another prompt, on policy too", async () => {
  const { root, flags } = await scene();
  const run = (...more: string[]) => distill([...flags, "--name", "self", ...more], `${root}/runs`);
  assertEquals(await run("--teacher-prompt-field", "hint", "--stop-after", "2"), 130);
  await assertRejects(() => run("--resume"), Error, "rows");
  assertEquals(await run("--teacher-prompt-field", "hint", "--resume"), 0);
  const { teacher } = JSON.parse(await Deno.readTextFile(`${root}/runs/self/result.json`));
  const rows = (await Deno.readTextFile(`${root}/valid.jsonl`)).split("\n").map((line) => {
    const { instruction, hint, output: [response] } = JSON.parse(line);
    const row = rowFromText(tokenizer, {
      prompt: alpacaPrompt({ instruction, input: "" }),
      response,
      maxLength: 96,
      maxPromptLength: 48,
    });
    return { ...row, teacherPrompt: tokenizer.encode(alpacaPrompt({ instruction: hint, input: "" })) };
  });
  const model = await loadModel(`${root}/teacher`);
  assert(typeof teacher.validLoss === "number");
  const expected = await teacherLoss(model, rows);
  const plain = await teacherLoss(model, rows.map(({ teacherPrompt: _, ...row }) => row));
  assert(Math.abs(expected - plain) > 1e-4, `${expected} ${plain}`);
  assertAllClose(teacher.validLoss, expected, { atol: 1e-4, rtol: 0 });
  const written = ["--teacher-prompt-field", "hint", "--policy", "on", "--max-new-tokens", "4"];
  assertEquals(await run(...written, "--objective", "reverse-kl", "--overwrite"), 0);
});

Deno.test("task distill says what is wrong with a prompt for the teacher, and where there is none", async () => {
  const { root, flags } = await scene();
  const run = (...more: string[]) => distill([...flags, "--name", "bad", ...more], `${root}/runs`);
  const field = ["--teacher-prompt-field", "hint"];
  await assertRejects(() => run("--data", "wordnet", ...field), UsageError, "--teacher-prompt-field");
  const row = JSON.stringify({ instruction: "Name a wader.", output: "heron", hint: 7 });
  await Deno.writeTextFile(`${root}/train.jsonl`, row);
  await assertRejects(() => run(...field), Error, "hint must be a text or a list of messages");
});
