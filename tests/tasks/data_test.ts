import { useEngine } from "../../lib/engines/mod.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { saveModel } from "../../lib/models/load_model.ts";
import { openTokenStore } from "../../lib/datasets/token_store.ts";
import { readInstructions } from "../../lib/datasets/instruction_file.ts";
import { main } from "../../tasks/data.ts";
import { main as distill } from "../../tasks/distill.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";
import { HubServer } from "../hub/hub_server.ts";
import { clone } from "./permissions/started.ts";

await useEngine("wasm");

const line = (index: number) => JSON.stringify({ instruction: `Name bird ${index}.`, output: `heron ${index}` });
const lines = (count: number) => Array.from({ length: count }, (_, index) => line(index) + "\n").join("");

async function scene() {
  const folder = await Deno.makeTempDir();
  await Deno.writeTextFile(`${folder}/birds.jsonl`, lines(40));
  return {
    folder,
    flags: ["birds", "--input", `${folder}/birds.jsonl`, "--output", `${folder}/out`, "--workers", "0"],
  };
}

/** Runs the task and gives back what it printed. */
async function printed(args: string[], status = 0): Promise<string> {
  const said: string[] = [];
  const log = console.log;
  console.log = (text: string) => void said.push(text);
  try {
    assertEquals(await main(args), status);
  } finally {
    console.log = log;
  }
  return said.join("\n");
}

Deno.test("task data prepares a file of JSON lines, reports what became of its rows, and does nothing the second time", async () => {
  const { folder, flags } = await scene();
  const first = await printed(flags);
  assert(/train +32 .*\nvalid +4 .*\ntest +4 /.test(first), first);
  assert(first.includes(`${folder}/out made in`), first);
  assert((await printed(flags)).includes("is up to date; nothing was done"));
  assert((await printed([...flags, "--max-length", "300"])).includes("made in"));
  const { options } = JSON.parse(await Deno.readTextFile(`${folder}/out/manifest.json`)).recipe;
  assertEquals([options.maxPromptLength, options.maxLength, options.seed], [256, 300, 1]);
});

Deno.test("task data takes the first rows of dolly for validation, and all of an evaluation set for tests", async () => {
  const { folder } = await scene();
  const input = ["--input", `${folder}/birds.jsonl`, "--workers", "0"];
  await printed(["dolly", ...input, "--output", `${folder}/dolly`, "--valid-rows", "3", "--test-rows", "0"]);
  const valid = await readInstructions(`${folder}/dolly/valid.jsonl`);
  assertEquals(valid.map(({ outputs: [output] }) => output), ["heron 0", "heron 1", "heron 2"]);
  await printed(["vicuna", ...input, "--output", `${folder}/vicuna`]);
  assertEquals((await readInstructions(`${folder}/vicuna/test.jsonl`)).length, 40);
});

Deno.test("task data cuts plain text into windows of 512", async () => {
  const { folder } = await scene();
  const text = "The heron waits. ".repeat(300);
  await Deno.writeTextFile(`${folder}/web.txt`, text + "\n" + text);
  const flags = ["openwebtext", "--input", `${folder}/web.txt`, "--output", `${folder}/web`, "--tokens", "1500"];
  await printed([...flags, "--workers", "0"]);
  using store = openTokenStore(`${folder}/web/train.tokens`);
  assertEquals([store.tokens, store.lengthOf(0), store.row(0).promptLength], [1500, 512, 1]);
});

Deno.test("task data loads a named set from the hub, with its tokenizer, into the cache", async () => {
  await using project = await clone();
  const { folder } = project;
  const files = { "raw.jsonl": lines(30), "valid.jsonl": lines(3), "other.bin": "x" };
  const tokenizer = {
    "tokenizer.json": await Deno.readTextFile("data/tokenizer/tokenizer.json"),
    "tokenizer_config.json": await Deno.readTextFile("data/tokenizer/tokenizer_config.json"),
  };
  await using hub = new HubServer([
    { type: "dataset", name: "MiniLLM/dolly", files },
    { type: "model", name: "org/gpt", files: tokenizer },
    {
      type: "dataset",
      name: "Skylion007/openwebtext",
      files: {
        "b/2.jsonl": "{}",
        "a/1.jsonl": JSON.stringify({ text: "The heron waits. ".repeat(99) }),
        "README.md": "",
      },
    },
  ]);
  const env = { HF_HOME: `${folder}/home`, HF_ENDPOINT: hub.endpoint };
  const run = async (...args: string[]) => {
    const { code, err } = await project.task(["data", ...args, "--tokenizer", "org/gpt"], env);
    assertEquals(code, 0, err);
  };
  await run("dolly", "--valid-rows", "5");
  assertEquals((await readInstructions(`${folder}/prepared/dolly/train.jsonl`)).length, 25);
  assertEquals((await readInstructions(`${folder}/prepared/dolly/test.jsonl`)).length, 3);
  await run("openwebtext", "--max-length", "64");
  using store = openTokenStore(`${folder}/prepared/openwebtext/train.tokens`);
  assert(store.length > 3);
  assertEquals(hub.log.filter((line) => line.includes("other.bin") || line.includes("2.jsonl")), []);
});

Deno.test("task distill learns from a prepared folder, and refuses one of another tokenizer", async () => {
  const { folder, flags } = await scene();
  await printed(flags);
  const sizes = { model_type: "gpt2", n_positions: 96, n_embd: 16, n_layer: 1, n_head: 2 };
  // Heads are padded to different sizes.
  for (const [seed, [name, size]] of [["teacher", 4100], ["student", 4112]].entries()) {
    await saveModel(initializeModel({ ...sizes, vocab_size: size }, { seed }), `${folder}/${name}`);
  }
  const run = ["--teacher", `${folder}/teacher`, "--student", `${folder}/student`, "--data", `${folder}/out`];
  const steps = ["--name", "trial", "--steps", "2", "--batch-size", "2", "--engine", "wasm"];
  assertEquals(await distill([...run, ...steps], `${folder}/runs`), 0);
  const { student } = JSON.parse(await Deno.readTextFile(`${folder}/runs/trial/result.json`));
  assert(student.validLoss > 0);

  const other = JSON.parse(await Deno.readTextFile("data/tokenizer/tokenizer.json"));
  [other.model.vocab.h, other.model.vocab.i] = [other.model.vocab.i, other.model.vocab.h];
  await Deno.writeTextFile(`${folder}/teacher/tokenizer.json`, JSON.stringify(other));
  await assertRejects(
    () => distill([...run, ...steps, "--name", "other", "--tokenizer", "data/tokenizer"], `${folder}/runs`),
    UsageError,
    'token 104 differs: the rows\' is "h", the teacher\'s "i"',
  );
});

Deno.test("task data refuses invalid settings, naming flag and value", async () => {
  const { folder, flags } = await scene();
  await Deno.writeTextFile(`${folder}/broken.jsonl`, line(0) + "\n{");
  const cases: [string[], string][] = [
    [[], "--name"],
    [["mine"], "--input must name its file, unless it is one of dolly"],
    [["../x", "--input", "y"], "../x"],
    [
      [...flags, "--max-length", "100", "--max-prompt-length", "100"],
      "--max-length must be above --max-prompt-length",
    ],
    [[...flags, "--valid-rows", "40"], "some must be left to train on"],
    [[...flags, "--prompt", "chat"], "must have a chat template"],
    [["vicuna", "--input", "x", "--test", "y"], "--test"],
    [["dolly", "--test", "y"], "--input"],
    [["mine", "--input", `${folder}/absent.jsonl`], "absent.jsonl"],
    [["mine", "--input", `${folder}/broken.jsonl`, "--output", `${folder}/broken`], "broken.jsonl, line 2"],
    [[...flags, "--tokenizer", `${folder}/nowhere`], `current value is ${folder}/nowhere`],
  ];
  for (const [args, part] of cases) await assertRejects(() => main(args), Error, part);
});
