import { useEngine } from "../../lib/engines/mod.ts";
import { initializeModel, loadModel, saveModel } from "../../lib/models/mod.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { main } from "../../tasks/prune.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";
import { playground } from "../support/playground.ts";

await useEngine("wasm");

const sizes = { hidden_size: 16, intermediate_size: 24, num_hidden_layers: 3, num_attention_heads: 4, head_dim: 4 };

/** The folder of a playground with a Llama of three blocks, and the flags of the task on it. */
async function folders(): Promise<{ root: string; flags: string[] }> {
  const root = await playground();
  const json = { model_type: "llama", ...sizes, vocab_size: 4100, num_key_value_heads: 2, eos_token_id: 4095 };
  const model = initializeModel(json, { seed: 1 });
  model.config.generation = { eos_token_id: [4095, 7], temperature: 0.5 };
  await saveModel(model, `${root}/llama`);
  model.dispose();
  return { root, flags: [`${root}/llama`, "--data", root, "--engine", "wasm"] };
}

/** What the task printed and said. */
async function run(args: readonly string[]): Promise<{ printed: string; said: string }> {
  const { log, error } = console;
  const [printed, said]: string[][] = [[], []];
  console.log = (text) => printed.push(String(text));
  console.error = (text) => said.push(String(text));
  try {
    await main(args);
    return { printed: printed.join("\n"), said: said.join("\n") };
  } finally {
    Object.assign(console, { log, error });
  }
}

Deno.test("task prune writes a smaller model with tokenizer and settings, and prints sizes and losses", async () => {
  const { root, flags } = await folders();
  const output = `${root}/small`;
  const cut = ["--layers", "2", "--ffn", "10", "--hidden", "12", "--heads", "2", "--output", output];
  const { printed, said } = await run([...flags, ...cut]);
  assert(/^before +3 +16 +24 +4 +2 +4100 +\d+ +\d\.\d{4}$/m.test(printed), printed);
  assert(/^after +2 +12 +10 +2 +1 +4100 +\d+ +\d\.\d{4}$/m.test(printed), printed);
  assert(/kept layers: \d,\d/.test(said), said);
  const model = await loadModel(output);
  const { layers, hiddenSize, innerSize, heads, keyValueHeads, headSize, endTokens, generation } = model.config;
  assertEquals([layers, hiddenSize, innerSize, heads, keyValueHeads, headSize], [2, 12, 10, 2, 1, 4]);
  assertEquals([endTokens, generation?.temperature], [[4095, 7], 0.5]);
  assertEquals((await loadTokenizer(output)).vocabularySize, 4096);
  model.dispose();
  await assertRejects(
    () => main([...flags, "--output", output]),
    UsageError,
    `Cannot write ${output}: it already exists`,
  );
  await run([...flags, "--layers", "0,2", "--output", output, "--overwrite"]);
  assertEquals((await loadModel(output)).config.hiddenSize, 16);
});

Deno.test("task prune chooses blocks at equal distances, by influence, or by loss", async () => {
  const { root, flags } = await folders();
  const kept = async (how: string) => {
    const { said } = await run([...flags, "--layers", "2", "--choose-layers", how, "--output", `${root}/${how}`]);
    return /kept layers: (.*)/.exec(said)![1];
  };
  assertEquals(await kept("even"), "0,2");
  for (const how of ["influence", "loss"]) assert(["0,1", "0,2", "1,2"].includes(await kept(how)));
});

Deno.test("task prune resumes with the losses of a choice that was stopped, and drops those of another", async () => {
  const { root, flags } = await folders();
  const [output, path] = [`${root}/chosen`, `${root}/.chosen.losses.json`];
  const line = [...flags, "--layers", "1", "--choose-layers", "loss", "--output", output];
  // Stopped in the middle: the third of five losses cannot be written.
  const { rename } = Deno;
  let written = 0;
  Deno.rename = (from, to) => to === path && ++written > 2 ? Promise.reject(new Error("full")) : rename(from, to);
  try {
    await assertRejects(() => run(line), Error, `Cannot write ${path}: full`);
  } finally {
    Deno.rename = rename;
  }
  assertEquals(Object.keys(JSON.parse(await Deno.readTextFile(path)).losses).length, 2);
  const second = await run(line);
  assert(second.said.includes(`2 losses of ${path} need not be computed again`), second.said);
  await assertRejects(() => Deno.stat(path), Deno.errors.NotFound);
  const kept = /kept layers: (.*)/.exec(second.said)![1];
  // Whatever is in a file of other rows plays no part.
  await Deno.writeTextFile(path, JSON.stringify({ of: "another choice", losses: { "0,1": -9, "0": -9 } }));
  const third = await run([...line, "--overwrite"]);
  assertEquals([/kept layers: (.*)/.exec(third.said)![1], third.said.includes("need not")], [kept, false]);
});

Deno.test("task prune refuses sizes by their flags, and leaves nothing behind", async () => {
  const { root, flags } = await folders();
  const cases: [string, string][] = [
    ["--layers 4", "Cannot use --layers: a number in 1..3 is needed, or a list of indices in 0..2"],
    [
      "--layers 0,3",
      "Cannot use --layers: ascending indices in 0..2 are needed, joined by commas, current value is 0,3",
    ],
    ["--layers two", "current value is two"],
    ["--ffn 25", "--ffn must be a whole number in 1..24, current value is 25"],
    [
      "--heads 3",
      "--heads must be a multiple of the 2 heads that share a key, to keep whole groups, or of the 2 groups",
    ],
    [
      "--heads 4 --key-value-heads 1",
      "--key-value-heads must divide the 4 heads of the query into groups of at most 2",
    ],
    ["--hidden 17", "--hidden must be a whole number in 1..16, current value is 17"],
  ];
  for (const [line, message] of cases) {
    await assertRejects(() => main([...flags, ...line.split(" "), "--output", `${root}/none`]), UsageError, message);
  }
  assertEquals([...Deno.readDirSync(root)].filter(({ name }) => name.startsWith("none")), []);
});

Deno.test("task prune keeps the tokens of a list or of another tokenizer, and writes their tokenizer", async () => {
  const { root, flags } = await folders();
  const list = `${root}/tokens.txt`;
  const { vocab } = (await loadTokenizer("data/tokenizer")).specification.model as { vocab: Record<string, number> };
  const long = Object.keys(vocab).filter((token) => /^Ġ[a-z]{4}$/.test(token)).slice(0, 3);
  await Deno.writeTextFile(list, long.join("\n") + "\n");
  const [cut, again] = [`${root}/cut`, `${root}/again`];
  flags.push("--max-length", "400"); // most letters are tokens of their own
  const { printed } = await run([...flags, "--vocabulary", list, "--output", cut]);
  const tokenizer = await loadTokenizer(cut);
  const model = await loadModel(cut);
  assert(tokenizer.vocabularySize > 257 && tokenizer.vocabularySize < 300, `${tokenizer.vocabularySize} tokens`);
  assertEquals([model.vocabularySize, model.config.endTokens[0]], [tokenizer.vocabularySize, tokenizer.endToken]);
  assert(printed.includes(` ${tokenizer.vocabularySize} `), printed);
  // The same tokens by the tokenizer that was written: the same model, and the padding of the head is gone.
  await run([...flags, "--vocabulary", cut, "--output", again]);
  assertEquals(await Deno.readFile(`${again}/model.safetensors`), await Deno.readFile(`${cut}/model.safetensors`));
  model.dispose();
  await Deno.writeTextFile(list, "Ġno such token\n");
  const message = '"Ġno such token" is not a token of the tokenizer';
  await assertRejects(() => main([...flags, "--vocabulary", list, "--output", `${root}/none`]), UsageError, message);
});
