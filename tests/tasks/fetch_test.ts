import { loadModel } from "../../lib/models/load_model.ts";
import { useEngine } from "../../lib/engines/mod.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";
import { HubServer } from "../hub/hub_server.ts";

await useEngine("wasm");

async function built(): Promise<Record<string, Uint8Array<ArrayBuffer>>> {
  const files: Record<string, Uint8Array<ArrayBuffer>> = {};
  for (const name of ["config.json", "model.safetensors"]) {
    files[name] = await Deno.readFile(`data/student-start/${name}`);
  }
  for (const name of ["tokenizer.json", "tokenizer_config.json"]) {
    files[name] = await Deno.readFile(`data/tokenizer/${name}`);
  }
  return files;
}

/** Runs the task in a process of its own, with the permissions of deno.json. */
async function fetchTask(args: string[], env: Record<string, string>) {
  const command = new Deno.Command(Deno.execPath(), { args: ["task", "--quiet", "fetch", ...args], env });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test("task fetch fills the cache, from which models and tokenizers load by name without a network", async () => {
  const home = await Deno.makeTempDir();
  const files = await built();
  await using hub = new HubServer([{ type: "model", name: "org/student", files, large: ["model.safetensors"] }]);
  const env = { HF_HOME: home, HF_ENDPOINT: hub.endpoint };
  hub.trouble("model.safetensors", { cutAfter: 100_000 });
  const runs = await Promise.all([fetchTask(["org/student"], env), fetchTask(["--repo", "org/student"], env)]);
  for (const { code, out, err } of runs) {
    assertEquals(code, 0, err);
    assert(out.startsWith(`${home}/hub/models--org--student/snapshots/`), out);
  }
  const large = hub.log.filter((line) => line.includes("elsewhere/model.safetensors"));
  assertEquals(large.length, 2, "two processes load the weights once, going on after the break");

  const offline = { cacheFolder: `${home}/hub`, endpoint: hub.endpoint, offline: true };
  const asked = hub.log.length;
  const model = await loadModel("org/student", { hub: offline });
  const tokenizer = await loadTokenizer("org/student", { hub: offline });
  assertEquals(model.config.vocabularySize, tokenizer.vocabularySize);
  assertEquals(hub.log.length, asked);
  await assertRejects(
    () => loadModel("org/student", { hub: offline, revision: "v2" }),
    Error,
    "there is nothing at v2",
  );
  await assertRejects(
    () => loadModel("data/teacher", { revision: "v2" }),
    TypeError,
    "no revisions, current value is v2",
  );
  await Deno.remove(home, { recursive: true });
});

Deno.test("task fetch reports what cannot be loaded", async () => {
  const home = await Deno.makeTempDir();
  await using hub = new HubServer([{ type: "model", name: "org/gated", files: {}, gate: "gated" }]);
  const env = { HF_HOME: home, HF_ENDPOINT: hub.endpoint };
  const cases: [string[], string][] = [
    [["org/absent"], "there is no repository of that name"],
    [["org/gated"], `request access at ${hub.endpoint}/org/gated`],
    [["../x"], "its name must be like org/name"],
    [[], "--repo"],
    [["org/data", "--type", "dataset"], "--files must name its files"],
  ];
  for (const [args, part] of cases) {
    const { code, err } = await fetchTask(args, env);
    assertEquals(code, 1);
    assert(err.includes(part), err);
  }
  await Deno.remove(home, { recursive: true });
});
