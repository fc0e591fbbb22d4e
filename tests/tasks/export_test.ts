import { useEngine } from "../../lib/engines/mod.ts";
import { readGguf } from "../../lib/files/gguf/read_gguf.ts";
import { addLora } from "../../lib/models/lora/add_lora.ts";
import { saveLora } from "../../lib/models/lora/lora_folder.ts";
import { loadModel } from "../../lib/models/mod.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { main } from "../../tasks/export.ts";
import { endTokenBeside } from "../../tasks/support/teacher_end.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { assertAllClose, assertEquals, assertRejects } from "../support/mod.ts";
import { python, testWithPython } from "../support/python.ts";

await useEngine("wasm");

/** What the task printed. */
async function run(...args: string[]): Promise<string> {
  const { log } = console;
  const printed: string[] = [];
  console.log = (text) => printed.push(String(text));
  try {
    await main(args);
    return printed.join("\n");
  } finally {
    console.log = log;
  }
}

const inputIds = [[11, 300, 4000, 25, 9, 7, 81]];

testWithPython(["torch", "transformers"], "task export writes GGUF and safetensors, from either of them", async () => {
  const root = await Deno.makeTempDir();
  const file = `${root}/student.gguf`;
  const folder = `${root}/again`;
  assertEquals(
    await run("data/student-start", "--precision", "F32", "--output", file),
    `2 layers, 937472 parameters in F32\n${file}`,
  );
  assertEquals((await readGguf(file)).metadata.get("general.name"), "student");
  await run(file, "--to", "safetensors", "--output", folder);
  const [first, ...others] = await Promise.all(["data/student-start", file, folder].map((path) => loadModel(path)));
  const expected = first.logits({ inputIds });
  for (const model of others) {
    assertAllClose(model.logits({ inputIds }), expected, { atol: 1e-5 });
    assertEquals([...model.config.endTokens], [4095]);
  }
  const text = "Which river is long? 123 don't";
  const builtIn = await loadTokenizer("data/tokenizer");
  assertEquals((await loadTokenizer(folder)).encode(text), builtIn.encode(text));
  for (const path of [file, folder]) assertEquals(await endTokenBeside(path, builtIn), { endToken: 4095 });
  const theirs = JSON.parse(
    await python(
      `
import json, sys, torch
from transformers import AutoModelForCausalLM, AutoTokenizer
model = AutoModelForCausalLM.from_pretrained(sys.argv[1], local_files_only=True)
tokenizer = AutoTokenizer.from_pretrained(sys.argv[1], local_files_only=True)
with torch.no_grad():
    logits = model(torch.tensor(json.loads(sys.argv[2]))).logits
print(json.dumps([logits.flatten().tolist(), tokenizer.encode(sys.argv[3], add_special_tokens=False), tokenizer.eos_token_id]))
`,
      [folder, JSON.stringify(inputIds), text],
    ),
  );
  assertAllClose(theirs[0], expected, { atol: 1e-4 });
  assertEquals(theirs.slice(1), [builtIn.encode(text), 4095]);
  for (const one of [expected, first, ...others]) one.dispose();
});

Deno.test("task export merges adapters, and writes over nothing unasked", async () => {
  const root = await Deno.makeTempDir();
  const model = await loadModel("data/student-start");
  addLora(model, { rank: 2, seed: 3, base: "data/student-start" });
  await saveLora(model, `${root}/adapted`);
  model.dispose();
  const file = `${root}/adapted.gguf`;
  await run(`${root}/adapted`, "--tokenizer", "data/tokenizer", "--output", file);
  await assertRejects(
    () => run("data/student-start", "--output", file),
    UsageError,
    "it already exists; --overwrite",
  );
  await run("data/student-start", "--output", file, "--overwrite", "--precision", "BF16");
  const { tensors } = await readGguf(file);
  assertEquals(tensors.get("token_embd.weight")!.type, "BF16");
  const refused: [string[], string][] = [
    [["--to", "safetensors", "--precision", "Q4_0"], "safetensors support F32, F16 or BF16, --precision is Q4_0"],
    [["--output", `${root}/student`], "must end in .gguf"],
  ];
  for (const [flags, part] of refused) await assertRejects(() => run("data/student-start", ...flags), UsageError, part);
});
