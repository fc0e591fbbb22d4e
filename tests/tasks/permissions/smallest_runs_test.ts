import { parseNotebook } from "../../../lib/notebooks/notebook_file.ts";
import { HubServer } from "../../hub/hub_server.ts";
import { testWithChromium } from "../../support/chromium.ts";
import { assert, assertEquals } from "../../support/mod.ts";
import { python, testWithPython } from "../../support/python.ts";
import { type Clone, clone, type Ended } from "./started.ts";

const rows = Array.from({ length: 40 }, (_, row) => JSON.stringify({ instruction: `Bird ${row}?`, output: "heron" }));
const lines = rows.join("\n") + "\n";
const files = {
  "config.json": '{"model_type": "gpt2"}',
  "model.safetensors": "weights",
  "tokenizer.json": "{}",
  "tokenizer_config.json": "{}",
};

function assertDone({ code, out, err }: Ended, part: string): void {
  assertEquals(code, 0, err);
  assert(out.includes(part), out);
}

/** A cache for downloads in a folder whose name is not easy on shells. */
const cacheIn = ({ folder }: Clone) => ({ HF_HOME: `${folder}/big disk` });

Deno.test("deno task data needs no more than its line permits: from a file, and from the hub", async () => {
  await using project = await clone();
  await using hub = new HubServer([{ type: "dataset", name: "MiniLLM/Vicuna", files: { "valid.jsonl": lines } }]);
  await Deno.writeTextFile(`${project.folder}/birds.jsonl`, lines);
  const env = { ...cacheIn(project), HF_ENDPOINT: hub.endpoint };
  assertDone(
    await project.task(["data", "birds", "--input", "birds.jsonl", "--workers", "2"]),
    "prepared/birds made in",
  );
  assertDone(await project.task(["data", "vicuna", "--workers", "2"], env), "prepared/vicuna made in");
});

Deno.test("deno task fetch needs no more than its line permits; bytes are on the disk once", async () => {
  await using project = await clone();
  await using hub = new HubServer([{ type: "model", name: "org/tiny", files, large: ["model.safetensors"] }]);
  const ended = await project.task(["fetch", "org/tiny"], { ...cacheIn(project), HF_ENDPOINT: hub.endpoint });
  assertDone(ended, "big disk/hub/models--org--tiny/snapshots/");
  const { nlink, size } = await Deno.lstat(`${ended.out.trim()}/model.safetensors`);
  assertEquals([nlink, size], [2, "weights".length], "the blob and the snapshot are not one file");
});

testWithPython(
  ["huggingface_hub"],
  "what deno task fetch leaves by its line, Python's huggingface_hub finds",
  async () => {
    await using project = await clone();
    await using hub = new HubServer([{ type: "model", name: "org/tiny", files, large: ["model.safetensors"] }]);
    const { HF_HOME } = cacheIn(project);
    const { out } = await project.task(["fetch", "org/tiny"], { HF_HOME, HF_ENDPOINT: hub.endpoint });
    const program = `
import sys
from huggingface_hub import hf_hub_download, scan_cache_dir
for name in sys.argv[2:]: print(hf_hub_download("org/tiny", name, cache_dir=sys.argv[1], local_files_only=True))
print(len(scan_cache_dir(sys.argv[1]).warnings))`;
    const found = await python(program, [`${HF_HOME}/hub`, ...Object.keys(files)]);
    assertEquals(found.trim().split("\n"), [...Object.keys(files).map((name) => `${out.trim()}/${name}`), "0"]);
  },
);

Deno.test("deno task tokenizer needs no more than its line permits", async () => {
  await using project = await clone({ data: [] });
  const flags = ["--size", "300", "--rows", "20"];
  assertDone(await project.task(["tokenizer", ...flags]), "data/tokenizer: 300 tokens");
  assertEquals([...Deno.readDirSync(`${project.folder}/data`)].map(({ name }) => name), ["tokenizer"]);
});

Deno.test("deno task kernel needs no more than its line permits", async () => {
  await using project = await clone();
  const env = { JUPYTER_DATA_DIR: `${project.folder}/jupyter` };
  assertDone(await project.task(["kernel"], env), `${env.JUPYTER_DATA_DIR}/kernels/deno/kernel.json starts`);
});

testWithChromium("deno task figures needs no more than its line permits: a figure and the explorer", async () => {
  await using project = await clone({ data: ["tokenizer", "teacher", "student-start", "comparison"] });
  assertDone(await project.task(["figures", "--only", "alpha_line,explorer"]), "2 figures in figures/");
  const made = [...Deno.readDirSync(`${project.folder}/figures`)].map(({ name }) => name);
  assertEquals(made.length, 5 + 1 + 1, made.join());
});

testWithPython(
  ["nbclient"],
  "deno task notebooks needs no more than its line permits: outputs kept, taken out",
  async () => {
    await using project = await clone();
    const cell = { cell_type: "code", id: "one", execution_count: null, metadata: {}, outputs: [], source: "6 * 7" };
    const kernelspec = { name: "deno", display_name: "Deno", language: "typescript" };
    const notebook = { cells: [cell], metadata: { kernelspec }, nbformat: 4, nbformat_minor: 5 };
    const path = `${project.folder}/notebooks/01_sum.ipynb`;
    await Deno.mkdir(`${project.folder}/notebooks`);
    await Deno.writeTextFile(path, JSON.stringify(notebook));
    const env = {
      AMID_PYTHON: Deno.env.get("AMID_PYTHON") ?? new URL("../../../.python/bin/python", import.meta.url).pathname,
    };
    const outputs = async () => parseNotebook(await Deno.readTextFile(path), path).cells[0].outputs!.length;
    assertDone(await project.task(["notebooks", "--keep-outputs"], env), "1 of 1 notebooks ran");
    assertEquals(await outputs(), 1);
    assertDone(await project.task(["notebooks", "--clear"], env), "cleared 1 of 1");
    assertEquals(await outputs(), 0);
  },
);
