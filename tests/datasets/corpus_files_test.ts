import { corpusRows, type FileSplit, loadCorpus, renderTexts } from "../../lib/datasets/mod.ts";
import { continuationOf } from "../../lib/datasets/continuation.ts";
import { loadTokenizer, tokenizerOf } from "../../lib/text/tokenizer.ts";
import { readTokenizerFiles } from "../../lib/text/tokenizer_files.ts";
import { assert, assertEquals, assertRejects, assertThrows } from "../support/mod.ts";

const tokenizer = await loadTokenizer("data/tokenizer");
const all = { train: 1000, valid: 1000, test: 1000 };
const line = (index: number) =>
  JSON.stringify({ question: `Which bird is number ${index}?`, answer: `heron ${index}` });
const lines = (count: number, from = 0) => Array.from({ length: count }, (_, i) => line(from + i) + "\n").join("");

/** A folder with these files. */
async function folderOf(files: Record<string, string>): Promise<string> {
  const folder = await Deno.makeTempDir();
  for (const [name, text] of Object.entries(files)) await Deno.writeTextFile(`${folder}/${name}`, text);
  return folder;
}

async function loaded(data: string, counts = all, seed = 5) {
  const splits: FileSplit[] = [];
  const corpus = await loadCorpus(data, { counts, seed, onSplit: (split) => splits.push(split) });
  const sizes = [corpus.train.length, corpus.valid.length, corpus.test.length];
  const answers = (split: "train" | "valid" | "test") => corpus[split].map(({ outputs: [output] }) => output).sort();
  return { corpus, sizes, splits, answers };
}

Deno.test("loadCorpus() splits a file, the same way under every seed and however many rows are wanted", async () => {
  const path = `${await folderOf({ "birds.jsonl": lines(57) })}/birds.jsonl`;
  const { sizes, splits, answers } = await loaded(path);
  assertEquals(sizes, [47, 5, 5]);
  assertEquals(splits, [{ path, rows: { train: 47, valid: 5, test: 5 } }]);
  assertEquals(new Set([...answers("train"), ...answers("valid"), ...answers("test")]).size, 57);
  const other = await loaded(path, all, 9);
  for (const split of ["train", "valid", "test"] as const) assertEquals(other.answers(split), answers(split));
  const few = await loaded(path, { train: 0, valid: 3, test: 2 });
  assertEquals(few.sizes, [0, 3, 2]);
  assert(few.answers("valid").every((answer) => answers("valid").includes(answer)));
});

Deno.test("loadCorpus() reads a list in a file, and names the line of every text", async () => {
  const folder = await folderOf({ "birds.json": `[\n${[...Array(12).keys()].map(line).join(",\n\n")}\n]` });
  const { corpus, sizes } = await loaded(`${folder}/birds.json`);
  assertEquals(sizes, [10, 1, 1]);
  for (const { source, outputs: [output] } of corpus.train) {
    assertEquals(source, `${folder}/birds.json, line ${2 + 2 * Number(output.split(" ")[1])}`);
  }
});

Deno.test("loadCorpus() takes missing splits of a folder out of its train file, whatever is wanted", async () => {
  const folder = await folderOf({ "train.jsonl": lines(40) });
  const { sizes, answers } = await loaded(folder);
  assertEquals(sizes, [32, 4, 4]);
  assertEquals((await loaded(folder, { train: 0, valid: 9, test: 0 })).answers("valid"), answers("valid"));
  assertEquals((await loaded(folder, { train: 99, valid: 0, test: 0 })).sizes, [40, 0, 0]);
  const gsm = await folderOf({ "train.jsonl": lines(40), "test.jsonl": lines(7, 100) });
  assertEquals((await loaded(gsm)).sizes, [36, 4, 7]);
});

Deno.test("loadCorpus() takes other names of splits, and refuses two for one", async () => {
  const train = { "train.jsonl": lines(4), "test.json": `[${line(50)}]` };
  for (const name of ["validation.jsonl", "val.json", "dev.jsonl", "eval.jsonl"]) {
    assertEquals((await loaded(await folderOf({ ...train, [name]: line(90) }))).sizes, [4, 1, 1]);
  }
  const two = await folderOf({ ...train, "dev.jsonl": line(90), "validation.jsonl": line(91) });
  await assertRejects(
    () => loaded(two),
    RangeError,
    "there are validation.jsonl and dev.jsonl; rename one to valid.jsonl",
  );
});

Deno.test("loadCorpus() names what is missing or too small", async () => {
  const folder = await folderOf({ "birds.jsonl": lines(2), "notes.md": "" });
  await assertRejects(
    () => loaded(folder),
    Error,
    `Cannot read ${folder}: train.jsonl is needed, or train.jsonl`.slice(0, 20 + folder.length),
  );
  await assertRejects(() => loaded(folder), Error, "it holds birds.jsonl, notes.md; a single file can be named itself");
  await assertRejects(() => loaded(`${folder}/birds.jsonl`), RangeError, "one for each of valid, test, it has 2");
  await assertRejects(() => loaded(`${folder}/absent`), Error, "absent: there is no such file or folder");
});

Deno.test("corpusRows() names file and line of what cannot be a row, or leaves it out and reports it", async () => {
  const rows = [line(0), '{"instruction": "A?", "output": " "}', line(2)].join("\n");
  const folder = await folderOf({ "train.jsonl": rows });
  const { train } = await loadCorpus(folder, { counts: { train: 9 }, seed: 3 });
  assertThrows(() => corpusRows(train, tokenizer), RangeError, "train.jsonl, line 2: its response must not be empty");
  const made: string[] = [];
  const kept = corpusRows(train, tokenizer, { onRow: (one) => made.push("dropped" in one ? one.dropped : "made") });
  assertEquals([kept.length, made.sort()], [2, ["empty", "made", "made"]]);
});

Deno.test("corpusRows() leaves the prompt what the response does not need of a short row, and half at least", async () => {
  const text = (instruction: string, answer: string) => ({ instruction, output: answer });
  const long = "far ".repeat(300);
  const rows = [text(long, "heron"), text(long, long), text("A?", long)];
  const folder = await folderOf({ "train.jsonl": rows.map((row) => JSON.stringify(row)).join("\n") });
  const { train } = await loadCorpus(folder, { counts: { train: 9 }, seed: 3 });
  const inOrder = train.toSorted((a, b) => a.source! < b.source! ? -1 : 1);
  const [asked, both, answered] = corpusRows(inOrder, tokenizer, { maxLength: 128 });
  const short = tokenizer.encode("heron").length + 1;
  assert(asked.ids.length <= 128 && asked.ids.length > 125 && asked.ids.length - asked.promptLength === short);
  assert(both.ids.length === 128 && both.promptLength <= 64 && both.promptLength > 61);
  assert(answered.ids.length === 128 && answered.promptLength < 60);
  for (const { ids, promptLength } of [asked, both]) {
    assert(tokenizer.decode(ids.slice(0, promptLength)).endsWith("\n\n### Response:\n"));
  }
});

Deno.test("renderTexts() asks by the chat template, but leaves prompts that stand by themselves", async () => {
  const files = await readTokenizerFiles("data/tokenizer");
  const chat_template = "{% for m in messages %}<{{ m.role }}>{{ m.content }}{% endfor %}<assistant>";
  const chat = tokenizerOf({ ...files, config: JSON.stringify({ ...JSON.parse(files.config), chat_template }) });
  const rows = [
    {
      messages: [{ role: "system", content: "S" }, { role: "user", content: "A?" }, {
        role: "assistant",
        content: "b",
      }],
    },
    { instruction: "A?", input: "I", output: "b" },
    { prompt: "A:", completion: " b" },
    { text: "one two" },
  ];
  const folder = await folderOf({ "train.jsonl": rows.map((row) => JSON.stringify(row)).join("\n") });
  const { train } = await loadCorpus(folder, { counts: { train: 9 }, seed: 0 });
  const prompts = (style: "auto" | "chat" | "alpaca") =>
    renderTexts(train, { tokenizer: chat, style }).toSorted((a, b) => a.source! < b.source! ? -1 : 1).map((text) =>
      text.prompt
    );
  assertEquals(prompts("auto"), ["<system>S<user>A?<assistant>", "<user>A?\n\nI<assistant>", "A:", ""]);
  assertEquals(prompts("chat")[2], "<user>A:<assistant>");
  assert(prompts("alpaca").slice(0, 2).every((prompt) => prompt.endsWith("### Response:\n")));
  const [row] = corpusRows(renderTexts([train.find(({ task }) => task?.form === "text")!], { tokenizer }), tokenizer);
  assertEquals(row, { ids: [...tokenizer.encode("one two"), tokenizer.endToken], promptLength: 1 });
});

Deno.test("continuationOf() halves a text at a blank, and loses nothing", () => {
  assertEquals(continuationOf("The heron wades here."), { prompt: "The heron", output: " wades here." });
  for (const text of ["ab", "🙂🙂", "a b", " ab", "one\ntwo three"]) {
    const { prompt, output } = continuationOf(text);
    assertEquals([prompt + output, prompt !== "" && output !== "", prompt.isWellFormed()], [text, true, true]);
  }
});
