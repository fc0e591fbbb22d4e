import { downloadRepository, type HubOptions } from "../../lib/hub/mod.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";
import { HubError } from "../../lib/hub/hub_error.ts";
import { HubServer, type ServedRepository } from "./hub_server.ts";

const commit = "a".repeat(40);
const weights = Uint8Array.from({ length: 300_000 }, (_, i) => (i * i) % 251);
const tiny: ServedRepository = {
  type: "model",
  name: "org/tiny",
  commit,
  revisions: ["v1", "refs/pr/2"],
  files: {
    "config.json": '{"model_type": "gpt2"}',
    "generation_config.json": "{}",
    "model.safetensors": weights,
    "tokenizer.json": "{}",
    "tokenizer_config.json": '{"eos_token": "é"}',
    "README.md": "# Tiny",
    "pytorch_model.bin": "pickle",
    "empty.txt": "",
  },
  large: ["model.safetensors", "pytorch_model.bin"],
};

interface Scene {
  hub: HubServer;
  cacheFolder: string;
  options: HubOptions;
  waits: number[];
}

/** A hub, an empty cache, and a patience that takes no time. */
async function scene(body: (scene: Scene) => Promise<void>, repositories = [tiny]): Promise<void> {
  const cacheFolder = await Deno.makeTempDir();
  const waits: number[] = [];
  try {
    await using hub = new HubServer(repositories);
    const wait = (time: number) => Promise.resolve(void waits.push(time));
    const options = { endpoint: hub.endpoint, cacheFolder, offline: false, wait, stallAfter: 250 };
    await body({ hub, cacheFolder, waits, options });
    assertEquals(hub.leaked, []);
  } finally {
    await Deno.remove(cacheFolder, { recursive: true });
  }
}

const names = (folder: string) => Array.from(Deno.readDirSync(folder), ({ name }) => name).sort();
const gets = (hub: HubServer, part: string) => hub.log.filter((line) => line.includes(part));

Deno.test("downloadRepository() loads what a model needs and nothing else, in the standard layout", () =>
  scene(async ({ hub, cacheFolder, options }) => {
    const seen: string[] = [];
    const folder = await downloadRepository("org/tiny", {
      ...options,
      wanted: "model",
      onProgress: ({ path, received, size }) => received === size && void seen.push(path),
    });
    const cache = `${cacheFolder}/models--org--tiny`;
    assertEquals(folder, `${cache}/snapshots/${commit}`);
    assertEquals(names(folder), ["config.json", "generation_config.json", "model.safetensors"]);
    assertEquals(await Deno.readTextFile(`${cache}/refs/main`), commit);
    assertEquals(await Deno.readFile(`${folder}/model.safetensors`), weights);
    // printf '{"model_type": "gpt2"}' | git hash-object --stdin
    assertEquals(await Deno.readLink(`${folder}/config.json`), "../../blobs/7eb84e812bad01767dcf9cf8a2d84ef428949cad");
    assertEquals(new Set(seen), new Set(names(folder)));
    assertEquals(names(`${cache}/blobs`).length, 3);
    assertEquals(gets(hub, "README").length + gets(hub, "tokenizer").length + gets(hub, ".bin").length, 0);
  }));

Deno.test("downloadRepository() loads PyTorch's files where there are no others, those of an index too", () => {
  const index = JSON.stringify({ weight_map: { a: "pytorch_model-1.bin", b: "pytorch_model-2.bin" } });
  const parts = { "pytorch_model-1.bin": "x", "pytorch_model-2.bin": "y", "pytorch_model.bin.index.json": index };
  const repositories = [{ "pytorch_model.bin": "x" }, parts].map((files, place) => ({
    type: "model" as const,
    name: `org/old-${place}`,
    files: { "config.json": "{}", "optimizer.pt": "z", ...files },
  }));
  return scene(async ({ options }) => {
    for (const { name, files } of repositories) {
      const folder = await downloadRepository(name, { ...options, wanted: "model" });
      assertEquals(names(folder), Object.keys(files).filter((file) => file !== "optimizer.pt").sort());
    }
  }, repositories);
});

Deno.test("downloadRepository() loads nothing twice, and only what a later call lacks", () =>
  scene(async ({ hub, options }) => {
    await downloadRepository("org/tiny", { ...options, wanted: "model" });
    const before = gets(hub, "resolve").length;
    await downloadRepository("org/tiny", { ...options, wanted: "model" });
    assertEquals(gets(hub, "resolve").length, before);
    const folder = await downloadRepository("org/tiny", { ...options, wanted: "both" });
    assertEquals(gets(hub, "resolve").length, before + 1, "tokenizer.json has the bytes of generation_config.json");
    assertEquals(names(folder).length, 5);
    const asked = hub.log.length;
    assertEquals(await downloadRepository("org/tiny", { ...options, wanted: "both", revision: commit }), folder);
    assertEquals(hub.log.length, asked, "a commit that is there needs no question");
  }));

Deno.test("downloadRepository() continues where a connection broke, in the same call and in the next", () =>
  scene(async ({ hub, cacheFolder, options, waits }) => {
    hub.trouble("model.safetensors", { cutAfter: 100_000 }, { cutAfter: 50_000 });
    const folder = await downloadRepository("org/tiny", { ...options, wanted: "model" });
    assertEquals(await Deno.readFile(`${folder}/model.safetensors`), weights);
    const ranges = gets(hub, "elsewhere").map((line) => Number(/bytes=(\d+)-/.exec(line)?.[1] ?? 0));
    assert(ranges.length === 3 && ranges[1] > 0 && ranges[2] > ranges[1], `ranges ${ranges}`);
    assertEquals(waits.length, 2);

    await Deno.remove(`${cacheFolder}/models--org--tiny`, { recursive: true });
    hub.trouble("model.safetensors", { cutAfter: 100_000 }, { cutAfter: 0 });
    const failing = () => downloadRepository("org/tiny", { ...options, wanted: "model", retries: 1 });
    await assertRejects(failing, HubError, "are kept for the next attempt");
    assertEquals(names(`${cacheFolder}/models--org--tiny`), ["blobs", "snapshots"]);
    hub.log.splice(0);
    await downloadRepository("org/tiny", { ...options, wanted: "model" });
    assertEquals(gets(hub, "elsewhere").map((line) => /bytes=[1-9]/.test(line)), [true]);
  }));

Deno.test("downloadRepository() starts again where a hub knows no ranges, and ends a silent connection", () =>
  scene(async ({ hub, options }) => {
    hub.trouble("model.safetensors", { stallAfter: 1000 }, { ignoreRange: true });
    const folder = await downloadRepository("org/tiny", { ...options, wanted: "model" });
    assertEquals(await Deno.readFile(`${folder}/model.safetensors`), weights);
    assertEquals(gets(hub, "elsewhere").length, 2);
  }));

Deno.test("downloadRepository() refuses bytes of another hash or size and keeps none of them", () =>
  scene(async ({ hub, cacheFolder, options }) => {
    const wrong = weights.slice().fill(7);
    for (const bytes of [wrong, new Uint8Array(400_000)]) {
      hub.trouble("model.safetensors", { bytes });
      await assertRejects(
        () => downloadRepository("org/tiny", { ...options, wanted: "model" }),
        HubError,
        bytes === wrong ? "they were discarded" : "it must have 300000 bytes",
      );
    }
    const kept = names(`${cacheFolder}/models--org--tiny/blobs`);
    assert(!kept.includes("incomplete") && kept.length <= 3);
    hub.trouble("config.json", { bytes: new TextEncoder().encode('{"model_type": "gpt3"}') });
    await Deno.remove(`${cacheFolder}/models--org--tiny`, { recursive: true });
    await assertRejects(() => downloadRepository("org/tiny", options), HubError, "its git-sha1 must be 7eb84e81");
    await downloadRepository("org/tiny", options);
  }));

Deno.test("downloadRepository() throws away a broken part of an earlier attempt", () =>
  scene(async ({ cacheFolder, options }) => {
    const folder = await downloadRepository("org/tiny", { ...options, wanted: "model" });
    const blob = await Deno.realPath(`${folder}/model.safetensors`);
    for (const size of [1000, 300_000, 300_001]) {
      await Deno.remove(blob);
      await Deno.writeFile(`${blob}.incomplete`, new Uint8Array(size));
      assertEquals(await downloadRepository("org/tiny", { ...options, wanted: "model" }), folder);
      assertEquals(await Deno.readFile(`${folder}/model.safetensors`), weights);
    }
    await Deno.truncate(blob, 5);
    await downloadRepository("org/tiny", { ...options, wanted: "model" });
    assertEquals(await Deno.readFile(`${folder}/model.safetensors`), weights);
    assertEquals(names(`${cacheFolder}/models--org--tiny/blobs`).filter((name) => name.includes(".")), []);
  }));

Deno.test("downloadRepository() tries again after 429 and 5xx as long as the hub asks, and then gives up", () =>
  scene(async ({ hub, options, waits }) => {
    hub.apiTroubles.push({ status: 500 }, { status: 429, headers: { "retry-after": "7" } });
    hub.trouble("config.json", { status: 503 });
    await downloadRepository("org/tiny", { ...options, wanted: "model" });
    assertEquals(waits, [500, 7000, 500]);
    hub.apiTroubles.push(...Array(3).fill({ status: 500 }));
    const attempt = () => downloadRepository("org/tiny", { ...options, retries: 2 });
    await assertRejects(attempt, HubError, "try again later; the hub answered 500");
  }));

const refusals: [string, Partial<ServedRepository>, string, object, string][] = [
  ["an unknown name", {}, "org/absent", {}, "there is no repository of that name, or it is private"],
  ["an unknown revision", {}, "org/tiny", { revision: "v9" }, "Cannot load org/tiny at v9: it has no such revision"],
  ["a gated repository", { gate: "gated" }, "org/tiny", {}, "/org/tiny, then set HF_TOKEN"],
  ["a gated repository and a token", { gate: "gated" }, "org/tiny", { token: "hf_x" }, "check that the token in use"],
  ["a private repository", { gate: "private" }, "org/tiny", {}, "set HF_TOKEN to a token that may read it"],
  [
    "weights in another format only",
    { files: { "config.json": "{}", "tf_model.h5": "x" }, large: [] },
    "org/tiny",
    { wanted: "model" },
    'only tf_model.h5; Python\'s transformers converts that to safetensors: AutoModelForCausalLM.from_pretrained("org/tiny")',
  ],
  [
    "a tokenizer in another form only",
    { files: { "vocab.json": "{}" } },
    "org/tiny",
    { wanted: "tokenizer" },
    "tokenizer.json is needed",
  ],
  [
    "a repository without a configuration",
    { files: { "model.safetensors": "x" } },
    "org/tiny",
    {},
    "it has no file config.json",
  ],
];

for (const [what, changes, name, options, message] of refusals) {
  Deno.test(`downloadRepository() refuses ${what}, saying what to do`, () =>
    scene(async (scene) => {
      await assertRejects(() => downloadRepository(name, { ...scene.options, ...options }), HubError, message);
      assertEquals(names(scene.cacheFolder), []);
    }, [{ ...tiny, ...changes }]));
}

Deno.test("downloadRepository() reads a private repository with a token, which no other host sees", () =>
  scene(async ({ options }) => {
    const folder = await downloadRepository("org/tiny", { ...options, token: "secret", wanted: "model" });
    assertEquals(await Deno.readFile(`${folder}/model.safetensors`), weights);
  }, [{ ...tiny, gate: "private" }]));

Deno.test("downloadRepository() loads the shards that the index names, and refuses an index that lies", async () => {
  const index = (map: unknown) => JSON.stringify({ metadata: {}, weight_map: map });
  const files = {
    "config.json": "{}",
    "model-1.safetensors": "one",
    "model-2.safetensors": "two",
    "model-3.safetensors": "",
  };
  const sharded = (map: unknown) => [{
    ...tiny,
    files: { ...files, "model.safetensors.index.json": typeof map === "string" ? map : index(map) },
    large: ["model-1.safetensors"],
  }];
  const run = (map: unknown, part?: string) =>
    scene(async ({ options }) => {
      const attempt = () => downloadRepository("org/tiny", { ...options, wanted: "model" });
      if (part !== undefined) return await assertRejects(attempt, HubError, part);
      assertEquals(names(await attempt()), [
        "config.json",
        "model-1.safetensors",
        "model-2.safetensors",
        "model.safetensors.index.json",
      ]);
    }, sharded(map));
  await run({ a: "model-1.safetensors", b: "model-2.safetensors", c: "model-1.safetensors" });
  await run({ a: "model-9.safetensors" }, 'names "model-9.safetensors", which is missing');
  await run({ a: "../../../x" }, "which is missing");
  await run({ a: 7 }, '"weight_map"');
  await run("[", "is not JSON");
});

for (const tree of ["none", "names"] as const) {
  Deno.test(`downloadRepository() asks for each file's size and hash where a hub's tree tells ${tree}`, () =>
    scene(async ({ hub, options }) => {
      const folder = await downloadRepository("org/tiny", { ...options, wanted: "model" });
      assertEquals(await Deno.readFile(`${folder}/model.safetensors`), weights);
      assertEquals(
        await Deno.readLink(`${folder}/config.json`),
        "../../blobs/7eb84e812bad01767dcf9cf8a2d84ef428949cad",
      );
      assertEquals(gets(hub, "HEAD").length, 3);
      hub.trouble("tokenizer.json", { bytes: new TextEncoder().encode("[]") }, {
        bytes: new TextEncoder().encode("{ }"),
      });
      await assertRejects(() => downloadRepository("org/tiny", options), HubError, "Cannot load tokenizer.json");
    }, [{ ...tiny, tree, files: { ...tiny.files, "tokenizer.json": '{"a": 1}' } }]));
}

Deno.test("downloadRepository() keeps revisions apart and shares their bytes", () =>
  scene(async ({ cacheFolder, options }) => {
    for (const revision of ["v1", "refs/pr/2"]) await downloadRepository("org/tiny", { ...options, revision });
    const cache = `${cacheFolder}/models--org--tiny`;
    assertEquals(await Deno.readTextFile(`${cache}/refs/refs/pr/2`), commit);
    assertEquals(names(`${cache}/blobs`).length, 5 - 1, "two files are the same bytes");
  }));

Deno.test("downloadRepository() without a network uses what was loaded before, and reports what is lacking", () =>
  scene(async ({ hub, options }) => {
    const offline = { ...options, offline: true };
    const attempt = () => downloadRepository("org/tiny", { ...offline, wanted: "both" });
    await assertRejects(attempt, HubError, "HF_HUB_OFFLINE is set");
    const folder = await downloadRepository("org/tiny", { ...options, wanted: "model" });
    const asked = hub.log.length;
    assertEquals(await downloadRepository("org/tiny", { ...offline, wanted: "model" }), folder);
    await assertRejects(attempt, HubError, "it has no file tokenizer.json; load it first: deno task fetch");
    assertEquals(hub.log.length, asked);
  }));

Deno.test("downloadRepository() reports that a hub cannot be reached", () =>
  scene(async ({ options, waits }) => {
    const listener = Deno.listen({ hostname: "127.0.0.1", port: 0 });
    const endpoint = `http://127.0.0.1:${listener.addr.port}`;
    listener.close();
    const attempt = () => downloadRepository("org/tiny", { ...options, endpoint, retries: 2 });
    await assertRejects(attempt, HubError, `${endpoint} must be reached, or HF_HUB_OFFLINE=1 set`);
    assertEquals(waits, [500, 1000]);
  }));

Deno.test("downloadRepository() refuses answers that are not a hub's", () =>
  scene(async ({ hub, options }) => {
    const answer = async (text: string, part: string) => {
      hub.apiTroubles.push({ bytes: new TextEncoder().encode(text) });
      await assertRejects(() => downloadRepository("org/tiny", options), HubError, part);
    };
    await answer("<html>", "does not respond like a hub");
    await answer('{"sha": "../../../etc"}', "instead of a commit");
    await answer("{}", "instead of a commit");
  }));

Deno.test("downloadRepository() in several at once loads each file once", () =>
  scene(async ({ hub, options }) => {
    const folders = await Promise.all(
      Array.from({ length: 4 }, () => downloadRepository("org/tiny", { ...options, wanted: "model" })),
    );
    assertEquals(new Set(folders).size, 1);
    assertEquals(gets(hub, "resolve").length, 3);
    assertEquals(await Deno.readFile(`${folders[0]}/model.safetensors`), weights);
  }));

Deno.test("downloadRepository() stops at the signal and keeps what came", () =>
  scene(async ({ hub, options }) => {
    hub.trouble("model.safetensors", { stallAfter: 1000 });
    const stop = new AbortController();
    const onProgress = ({ path, received }: { path: string; received: number }) => {
      if (path === "model.safetensors" && received > 0) stop.abort(new Error("enough"));
    };
    await assertRejects(
      () => downloadRepository("org/tiny", { ...options, wanted: "model", onProgress, signal: stop.signal }),
      Error,
      "enough",
    );
  }));

Deno.test("downloadRepository() loads files of a data set by name", () =>
  scene(async ({ options, cacheFolder }) => {
    const asked = { type: "dataset" as const, name: "org/data" };
    const folder = await downloadRepository(asked, { ...options, wanted: ["11_/valid.jsonl"] });
    assertEquals(folder, `${cacheFolder}/datasets--org--data/snapshots/${commit}`);
    assertEquals(await Deno.readTextFile(`${folder}/11_/valid.jsonl`), "{}\n");
    await assertRejects(() => downloadRepository(asked, { ...options, wanted: ["x"] }), HubError, "it has no file x");
  }, [{ type: "dataset", name: "org/data", commit, files: { "11_/valid.jsonl": "{}\n", "other.jsonl": "{}" } }]));

Deno.test("downloadRepository() refuses names and revisions that lead elsewhere", async () => {
  const options = { endpoint: "http://127.0.0.1:9", cacheFolder: "unused", offline: false };
  for (const name of ["../x", "a/b/c", "/etc", "a/..", ".hidden", "a--b", "", "a b"]) {
    await assertRejects(() => downloadRepository(name, options), TypeError, "its name must be like org/name");
  }
  for (const revision of ["../x", "a/../b", "", "/x", "a//b", "a\nb"]) {
    await assertRejects(() => downloadRepository("org/x", { ...options, revision }), TypeError, "the revision");
  }
});
