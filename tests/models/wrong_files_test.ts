/** Files of a model's folder that are not what their name says: each is called what it is, with the folder. */
import { useEngine } from "../../lib/engines/mod.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import { addLora } from "../../lib/models/lora/add_lora.ts";
import { saveLora } from "../../lib/models/lora/lora_folder.ts";
import { saveModel } from "../../lib/models/save_model.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { assert, assertRejects } from "../support/mod.ts";
import { tinyModel } from "../support/tiny_model.ts";

await useEngine("wasm");

const text = (content: string) => new TextEncoder().encode(content);
const gzip = new Uint8Array(
  await new Response(new Blob(["{}"]).stream().pipeThrough(new CompressionStream("gzip"))).arrayBuffer(),
);
/** Contents by what they are; what messages must call them instead of weights, and instead of text. */
const contents: Record<string, [content: Uint8Array<ArrayBuffer>, weights: string, json: string]> = {
  // The form of https://github.com/git-lfs/git-lfs/blob/main/docs/spec.md
  lfs: [
    text(`version https://git-lfs.github.com/spec/v1\noid sha256:${"4d".repeat(32)}\nsize 12345\n`),
    "it is a Git LFS pointer, not the file itself; git lfs pull fetches it",
    "it is a Git LFS pointer, not the file itself; git lfs pull fetches it",
  ],
  annex: [
    text("/annex/objects/SHA256E-s12--ab.safetensors\n"),
    "it is a git-annex pointer",
    "it is a git-annex pointer",
  ],
  html: [text("<!DOCTYPE html>\n<html><body>Sign in</body></html>"), "it is an HTML page", "an HTML or XML page"],
  xml: [text('<?xml version="1.0"?><Error><Code>AccessDenied</Code></Error>'), "it is XML", "HTML or XML"],
  "server's error": [
    text('{"error":"Repository not found"}'),
    'it is JSON: {"error":"Repository not found"}',
    "it is a server's error message, not the file: Repository not found",
  ],
  text: [text("Entry not found"), "it is a text: Entry not found", 'it is the text "Entry not found"'],
  gzip: [gzip, "it is compressed by gzip", "it is compressed by gzip"],
  zip: [Uint8Array.of(0x50, 0x4b, 3, 4, 1, 2, 3, 4, 5, 6, 7, 8), "it is a zip archive", "it is a zip archive"],
  pickle: [
    Uint8Array.of(0x80, 2, 0x7d, 0x71, 1, 2, 3, 4, 5, 6),
    "it is a Python pickle",
    "it is a Python pickle",
  ],
  gguf: [text("GGUF\x03\0\0\0\0\0\0\0\0\0"), "it is GGUF", "it is GGUF"],
  utf16: [Uint8Array.of(0xff, 0xfe, 0x7b, 0, 0x7d, 0), "it is UTF-16", "it is UTF-16"],
  empty: [new Uint8Array(), "it is empty", "it is empty"],
  zeros: [new Uint8Array(300), "all zeros at its start", "there is a NUL byte"],
};

async function folder(): Promise<string> {
  const root = await Deno.makeTempDir();
  const model = tinyModel(1);
  await saveModel(model, root);
  for await (const { name, isFile } of Deno.readDir("data/tokenizer")) {
    if (isFile) await Deno.copyFile(`data/tokenizer/${name}`, `${root}/${name}`);
  }
  addLora(model, { rank: 1, base: root });
  await Deno.mkdir(`${root}/adapter`);
  await saveLora(model, `${root}/adapter`);
  model.dispose();
  return root;
}

const load: Record<string, (root: string) => Promise<unknown>> = {
  "model.safetensors": loadModel,
  "config.json": loadModel,
  "generation_config.json": loadModel,
  "model.safetensors.index.json": loadModel,
  "tokenizer.json": loadTokenizer,
  "tokenizer_config.json": loadTokenizer,
  "special_tokens_map.json": loadTokenizer,
  "adapter/adapter_config.json": (root) => loadModel(`${root}/adapter`),
  "adapter/adapter_model.safetensors": (root) => loadModel(`${root}/adapter`),
};

for (const [file, read] of Object.entries(load)) {
  Deno.test(`what is found instead of ${file} is named correctly, with its folder`, async () => {
    const root = await folder();
    const path = `${root}/${file}`;
    if (file.includes("index")) await Deno.remove(`${root}/model.safetensors`);
    for (const [content, weights, json] of Object.values(contents)) {
      await Deno.writeFile(path, content);
      await assertRejects(() => read(root), Error, path);
      await assertRejects(() => read(root), Error, file.endsWith(".safetensors") ? weights : json);
    }
    await Deno.remove(path);
    await Deno.symlink(path, path);
    await assertRejects(() => read(root), Error, `${path}: its symbolic links form a loop`);
    await Deno.remove(path);
    await Deno.mkdir(path);
    await assertRejects(() => read(root), Error, `${path}: a file is needed, it is a folder`);
    await Deno.remove(path);
    if (/generation|special|index/.test(file)) return;
    if (file !== "adapter/adapter_config.json") await assertRejects(() => read(root), Error, path);
    await Deno.symlink("../blobs/absent", path);
    if (file === "adapter/adapter_config.json") return;
    await assertRejects(() => read(root), Error, `${path}: it is a link to ../blobs/absent, which does not exist`);
  });
}

Deno.test("loadTokenizer() refuses pointers and pages in place of a chat template", async () => {
  const root = await folder();
  for (const kind of ["lfs", "html", "xml", "gzip", "utf16"]) {
    await Deno.writeFile(`${root}/chat_template.jinja`, contents[kind][0]);
    await assertRejects(() => loadTokenizer(root), Error, `${root}/chat_template.jinja: `);
    await assertRejects(() => loadTokenizer(root), Error, contents[kind][1]);
  }
  await Deno.writeTextFile(
    `${root}/chat_template.jinja`,
    "<s>{% for message in messages %}{{ message.content }}{% endfor %}",
  );
  assert((await loadTokenizer(root)).chatTemplate !== undefined);
});

Deno.test("a folder that is missing, a file, or without weights or tokenizer is called so", async () => {
  const root = await folder();
  const cases: [path: string, message: string][] = [
    [`${root}/nowhere`, `Cannot load a model: there is no ${root}/nowhere/config.json, nor its folder`],
    [`${root}/config.json`, `Cannot load a model: its folder is needed, ${root}/config.json is a file`],
    ["", 'Cannot load a model: a folder or the name of a repository is needed, current value is ""'],
  ];
  for (const [path, message] of cases) {
    await assertRejects(() => loadModel(path), Error, message);
  }
  await assertRejects(() => loadModel(undefined as unknown as string), TypeError, "current value is undefined");
  await assertRejects(() => loadTokenizer(undefined as unknown as string), TypeError, "current value is undefined");
  await Deno.symlink("loop", `${root}/loop`);
  for (const read of [loadModel, loadTokenizer]) {
    await assertRejects(() => read(`${root}/loop`), Error, "its symbolic links form a loop");
  }
  await Deno.remove(`${root}/tokenizer.json`);
  await assertRejects(() => loadTokenizer(root), Error, "the tokenizer of this model may be in another folder");
  await Deno.writeTextFile(`${root}/tokenizer.model`, "");
  await assertRejects(() => loadTokenizer(root), Error, "the folder has tokenizer.model, which Python converts");
  await Deno.remove(`${root}/model.safetensors`);
  await assertRejects(() => loadModel(root), Deno.errors.NotFound, `there is no ${root}/model.safetensors`);
  await Deno.writeTextFile(`${root}/model.h5`, "HDF");
  await assertRejects(() => loadModel(root), TypeError, `${root} has them in model.h5, an unsupported format`);
  await Deno.writeTextFile(`${root}/model.q4.gguf`, "GGUF");
  await assertRejects(() => loadModel(root), SyntaxError, `${root}/model.q4.gguf: it ends within the version`);
});
