import { useEngine } from "../../lib/engines/mod.ts";
import { loadCorpus } from "../../lib/datasets/corpus.ts";
import { initializeModel } from "../../lib/models/initialize_model.ts";
import { saveModel } from "../../lib/models/load_model.ts";
import { main } from "../../tasks/respond.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";

await useEngine("wasm");

const flagsOf = (root: string, name: string) => [
  ...["--model", `${root}/model`, "--data", root, "--name", name, "--engine", "wasm", "--batch-size", "3"],
  ...["--max-new-tokens", "5", "--temperature", "1"],
];

async function playground(): Promise<string> {
  const root = await Deno.makeTempDir();
  const sizes = { model_type: "gpt2", vocab_size: 4096, n_positions: 96, n_embd: 8, n_layer: 1, n_head: 1 };
  await saveModel(initializeModel(sizes, { seed: 1 }), `${root}/model`);
  const lines = ["heron", "stork", "crane", "ibis", "egret", "bittern", "spoonbill"].map((bird) =>
    JSON.stringify({ instruction: `Name a wader like ${bird}.`, output: bird, kind: "wader" })
  );
  for (const split of ["train", "valid", "test"]) await Deno.writeTextFile(`${root}/${split}.jsonl`, lines.join("\n"));
  return root;
}

Deno.test("task respond makes a data set of the model's responses, and goes on where it was stopped", async () => {
  const root = await playground();
  const runs = `${root}/runs`;
  assertEquals(await main(flagsOf(root, "alone"), runs), 0);
  const counts = { train: 100, valid: 100, test: 100 };
  const [given, written] = await Promise.all(
    [root, `${runs}/alone`].map((data) => loadCorpus(data, { counts, seed: 1 })),
  );
  assertEquals(written.train.length, 7);
  const answers = new Map(given.train.map(({ prompt, outputs }) => [prompt, outputs[0]]));
  for (const { prompt, outputs: [response], kind } of written.train) {
    assert(answers.has(prompt) && answers.get(prompt) !== response && kind === "wader");
  }
  const texts = ({ test }: typeof given) => test.map(({ prompt, outputs }) => [prompt, outputs]).toSorted();
  assertEquals(texts(written), texts(given));

  // As if killed in the fifth line: the batch that it belongs to is written again.
  await Deno.mkdir(`${runs}/killed`);
  const read = (path: string) => Deno.readTextFile(`${runs}/${path}`);
  const whole = await read("alone/responses.jsonl");
  const lines = whole.split("\n");
  await Deno.writeTextFile(`${runs}/killed/responses.jsonl`, [...lines.slice(0, 4), lines[4].slice(0, 6)].join("\n"));
  const config = JSON.parse(await read("alone/config.json"));
  await Deno.writeTextFile(`${runs}/killed/config.json`, JSON.stringify({ ...config, name: "killed" }));
  assertEquals(await main([...flagsOf(root, "killed"), "--resume"], runs), 0);
  for (const file of ["responses.jsonl", "train.jsonl", "valid.jsonl"]) {
    assertEquals(await read(`killed/${file}`), await read(`alone/${file}`));
  }
  const other = [...flagsOf(root, "killed"), "--resume", "--seed", "9"];
  await assertRejects(() => main(other, runs), Error, "seed is 1 there, 9 here");
});

Deno.test("task respond refuses a prompt that leaves no place, and a data set that is there", async () => {
  const root = await playground();
  const long = [...flagsOf(root, "long"), "--max-new-tokens", "90"];
  await assertRejects(() => main(long, `${root}/runs`), RangeError, "it outgrows the model's context of 96");
  await assertRejects(() => main(flagsOf(root, "long"), `${root}/runs`), Error, "it exists and is not empty");
});
