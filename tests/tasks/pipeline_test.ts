import { EngineUnavailableError, useEngine } from "../../lib/engines/mod.ts";
import { readWordNet, wordNetFolder } from "../../lib/datasets/wordnet.ts";
import { wordNetRows } from "../../lib/datasets/wordnet_rows.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { saveModel } from "../../lib/models/save_model.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { main as data } from "../../tasks/data.ts";
import { main as distill } from "../../tasks/distill.ts";
import { main as evaluate } from "../../tasks/evaluate.ts";
import { main as fetch } from "../../tasks/fetch.ts";
import { main as select } from "../../tasks/select.ts";
import { main as sft } from "../../tasks/sft.ts";
import { HubServer, type ServedRepository } from "../hub/hub_server.ts";
import { assert, assertEquals, sharedFile } from "../support/mod.ts";

const root = new URL("../../", import.meta.url).pathname;

/** The engine's name: torch where it is installed, as in the configurations; else wasm. */
async function engineName(): Promise<string> {
  try {
    return (await useEngine("torch")).name;
  } catch (error) {
    if (!(error instanceof EngineUnavailableError)) throw error;
    return (await useEngine("wasm")).name;
  }
}

const lengths = ["--max-length", "264", "--max-prompt-length", "256"];
const training = [
  "--batch-size",
  "2",
  "--micro-batch-size",
  "2",
  "--save-every",
  "1",
  "--valid-rows",
  "2",
  "--test-rows",
  "1",
  "--learning-rate",
  "1e-2",
];
const sets = ["dolly", "self-inst", "vicuna", "sinst"];

/** The tasks, and the flags that make a run small. */
const tasks: Record<string, { main: (args: readonly string[]) => Promise<unknown>; small: string[]; computes?: true }> =
  {
    fetch: { main: fetch, small: [] },
    data: { main: data, small: ["--workers", "0"] },
    sft: { main: sft, small: [...training, "--steps", "2"], computes: true },
    distill: {
      main: distill,
      small: [
        ...training,
        "--steps",
        "4",
        "--validate-every",
        "2",
        "--max-new-tokens",
        "8",
        "--text-batch-size",
        "1",
      ],
      computes: true,
    },
    select: { main: select, small: ["--valid-rows", "2", ...lengths], computes: true },
    evaluate: {
      main: evaluate,
      small: [
        "--limit",
        "2",
        "--seeds",
        "10,20",
        ...lengths,
        "--sets",
        sets.map((name) => `${name}=prepared/${name}`).join(),
      ],
      computes: true,
    },
  };

/** The command lines of the guide, word by word. */
async function commands(): Promise<string[][]> {
  const guide = await Deno.readTextFile(`${root}docs/paper_pipeline.md`);
  const block = /```sh\n([\s\S]*?)```/.exec(guide)![1];
  return block.trim().split("\n").map((line) => line.replace(/ +#.*/, "").split(/\s+/));
}

/** GPT-2's own tokenizer where it lies beside the checkout, else the built-in one. */
const tokenizer = sharedFile("tokenizers/gpt2/") ?? new URL("data/tokenizer/", `file://${root}`);
const { vocabularySize, endToken } = await loadTokenizer(tokenizer.pathname);

/** The paper's rows where they lie beside the checkout, else as many of the built-in corpus. */
async function lines(path: string, count: number): Promise<string> {
  const file = sharedFile(`data/${path}`);
  if (file) return (await Deno.readTextFile(file)).split("\n").slice(0, count).join("\n") + "\n";
  const dictionary = await readWordNet(wordNetFolder());
  const rows = wordNetRows({ dictionary, split: "train", count, seed: path.length });
  return rows.map(({ prompt, output }) => JSON.stringify({ instruction: prompt, output }) + "\n").join("");
}

/** GPT-2 of a few numbers. */
async function tinyGpt2(seed: number, sizes: { n_embd: number; n_layer: number; n_head: number }) {
  const folder = await Deno.makeTempDir();
  const json = { model_type: "gpt2", vocab_size: vocabularySize, n_positions: 512, eos_token_id: endToken, ...sizes };
  const model = initializeModel(json, { seed });
  await saveModel(model, folder);
  model.dispose();
  const files: ServedRepository["files"] = {};
  for (const name of ["config.json", "model.safetensors"]) files[name] = await Deno.readFile(`${folder}/${name}`);
  for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
    files[name] = await Deno.readFile(new URL(name, tokenizer));
  }
  return files;
}

/** What the paper's repositories hold, at a small scale. */
async function repositories(): Promise<ServedRepository[]> {
  const dolly = await lines("dolly/dev.jsonl", 1000);
  const texts = dolly.trim().split("\n").slice(0, 60).map((line) => JSON.stringify({ text: JSON.parse(line).output }));
  const large = ["model.safetensors"];
  const dataset = (name: string, files: Record<string, string>) => ({ type: "dataset" as const, name, files });
  return [
    {
      type: "model",
      name: "openai-community/gpt2-xl",
      files: await tinyGpt2(1, { n_embd: 24, n_layer: 2, n_head: 2 }),
      large,
    },
    {
      type: "model",
      name: "openai-community/gpt2",
      files: await tinyGpt2(2, { n_embd: 16, n_layer: 1, n_head: 2 }),
      large,
    },
    dataset("MiniLLM/dolly", { "raw.jsonl": dolly, "valid.jsonl": await lines("dolly/valid.jsonl", 500) }),
    dataset("MiniLLM/self-inst", { "valid.jsonl": await lines("self-inst/valid.jsonl", 242) }),
    dataset("MiniLLM/Vicuna", { "valid.jsonl": await lines("vicuna/valid.jsonl", 80) }),
    dataset("MiniLLM/sinst", { "11_/valid.jsonl": await lines("sinst/11_/valid.jsonl", 100) }),
    // This set is not among the shared ones: its command runs on rows of another, and it is not evaluated on.
    dataset("MiniLLM/uinst", { "11_/valid.jsonl": await lines("sinst/11_/valid.jsonl", 10) }),
    dataset("Skylion007/openwebtext", { "part.jsonl": texts.join("\n") + "\n" }),
  ];
}

Deno.test("the guide's pipeline runs as written, from the hub to one table", async () => {
  const engine = await engineName();
  const home = await Deno.makeTempDir();
  await using hub = new HubServer(await repositories());
  const before = Deno.cwd();
  for (const folder of ["tasks", "data"]) await Deno.symlink(`${root}${folder}`, `${home}/${folder}`);
  const variables = { HF_HOME: `${home}/hub`, HF_ENDPOINT: hub.endpoint };
  const values = Object.keys(variables).map((name) => [name, Deno.env.get(name)] as const);
  for (const [name, value] of Object.entries(variables)) Deno.env.set(name, value);
  Deno.chdir(home);
  try {
    const lines = await commands();
    assert(
      lines.length >= 12 && lines.every(([deno, task, name]) => deno === "deno" && task === "task" && name in tasks),
    );
    for (const [, , name, ...args] of lines) {
      const { main, small, computes } = tasks[name];
      const status = await main([...args, ...small, ...(computes ? ["--engine", engine] : [])]);
      assert(status === undefined || status === 0, `deno task ${name} ${args.join(" ")} ended with ${status}`);
    }
    const table = await Deno.readTextFile("runs/gpt2-amid-table/table.md");
    assertEquals(table.match(/^\| (model|teacher|start|amid) \|.*/gm)?.length, 2 * 4, table);
    assert(table.includes(`| model | ${sets.join(" | ")} | average |`) && table.includes("over seeds 10, 20"), table);
    const scores: { model: string; set: string; seed: number; rougeL: number }[] = JSON.parse(
      await Deno.readTextFile("runs/gpt2-amid-table/scores.json"),
    );
    assertEquals(scores.length, 3 * 4 * 2);
    assert(scores.every(({ rougeL }) => rougeL >= 0 && rougeL <= 100));
    const selection = JSON.parse(await Deno.readTextFile("runs/gpt2-amid-0.1b/selection/selection.json"));
    assert(selection.candidates.length >= 2, "a run keeps several checkpoints to select from");
  } finally {
    Deno.chdir(before);
    for (const [name, value] of values) value === undefined ? Deno.env.delete(name) : Deno.env.set(name, value);
    await Deno.remove(home, { recursive: true });
  }
});
