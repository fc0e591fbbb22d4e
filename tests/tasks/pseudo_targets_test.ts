import { readInstructions } from "../../lib/datasets/instruction_file.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { saveModel } from "../../lib/models/load_model.ts";
import { main } from "../../tasks/pseudo_targets.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";

await useEngine("wasm");

async function scene() {
  const folder = await Deno.makeTempDir();
  const sizes = { model_type: "gpt2", vocab_size: 4096, n_positions: 96, n_embd: 16, n_layer: 1, n_head: 2 };
  await saveModel(initializeModel(sizes, { seed: 1 }), `${folder}/teacher`);
  const line = (index: number) =>
    JSON.stringify({ instruction: `Name bird ${index}.`, output: "heron", kind: "bird" }) + "\n";
  await Deno.writeTextFile(`${folder}/train.jsonl`, Array.from({ length: 6 }, (_, index) => line(index)).join(""));
  await Deno.writeTextFile(`${folder}/valid.jsonl`, line(9));
  const lengths = ["--max-prompt-length", "60", "--max-length", "68", "--batch-size", "2"];
  return {
    folder,
    flags: ["--teacher", `${folder}/teacher`, "--data", folder, "--name", "seq", "--engine", "wasm", ...lengths],
  };
}

Deno.test("task pseudo-targets keeps the prompts and lets the teacher write the responses, the same ones each time", async () => {
  const { folder, flags } = await scene();
  assertEquals(await main(flags, `${folder}/runs`), 0);
  const [before, after] = [`${folder}/train.jsonl`, `${folder}/runs/seq/train.jsonl`];
  const [own, written] = [await readInstructions(before), await readInstructions(after)];
  assertEquals(written.map(({ prompt, kind }) => [prompt, kind]), own.map(({ prompt, kind }) => [prompt, kind]));
  assert(written.every(({ outputs: [output] }) => output !== "heron" && output !== ""));
  assertEquals(
    await Deno.readTextFile(`${folder}/runs/seq/valid.jsonl`),
    await Deno.readTextFile(`${folder}/valid.jsonl`),
  );
  const { rows, responses } = JSON.parse(await Deno.readTextFile(`${folder}/runs/seq/result.json`));
  assertEquals([rows, responses], [6, 6]);

  // A run that was cut off in its answers goes on, and ends in the same responses.
  const path = `${folder}/runs/seq/answers.jsonl`;
  const note = JSON.parse(await Deno.readTextFile(path.replace("jsonl", "json")));
  await Deno.writeTextFile(path.replace("jsonl", "json"), JSON.stringify({ key: note.key }));
  const lines = (await Deno.readTextFile(path)).split("\n");
  await Deno.writeTextFile(path, lines.slice(0, 3).join("\n") + "\n" + lines[3].slice(0, 9));
  assertEquals(await main(flags, `${folder}/runs`), 0);
  assertEquals(await readInstructions(after), written);

  await main([...flags, "--name", "other", "--seed", "2"], `${folder}/runs`);
  assert(JSON.stringify(await readInstructions(`${folder}/runs/other/train.jsonl`)) !== JSON.stringify(written));
});

Deno.test("task pseudo-targets refuses invalid arguments, naming them", async () => {
  const { folder, flags } = await scene();
  const cases: [string[], string][] = [
    [["--data", `${folder}/nowhere`], "nowhere: there is no such file or folder"],
    [["--max-length", "200"], "--max-length must be at most the model's context of 96, current value is 200"],
    [["--max-length", "60"], "--max-length must be above --max-prompt-length, current values are 60 and 60"],
    [["--teacher", `${folder}/nowhere`], "nowhere"],
    [["--name", "../x"], "../x"],
  ];
  for (const [changes, part] of cases) {
    await assertRejects(() => main([...flags, ...changes], `${folder}/runs`), Error, part);
  }
});
