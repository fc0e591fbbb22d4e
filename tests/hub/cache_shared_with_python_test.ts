import { downloadRepository } from "../../lib/hub/mod.ts";
import { assertEquals } from "../support/mod.ts";
import { python, testWithPython } from "../support/python.ts";
import { HubServer } from "./hub_server.ts";

const files = { "config.json": '{"model_type": "gpt2"}', "model.safetensors": "weights", "tokenizer.json": "{}" };

testWithPython(
  ["huggingface_hub"],
  "downloadRepository() leaves a cache that Python's huggingface_hub finds, every file of it",
  async () => {
    const cacheFolder = await Deno.makeTempDir();
    await using hub = new HubServer([{ type: "model", name: "org/tiny", files, large: ["model.safetensors"] }]);
    const folder = await downloadRepository("org/tiny", {
      cacheFolder,
      endpoint: hub.endpoint,
      offline: false,
      wanted: Object.keys(files),
    });
    const program = `
import json, sys
from huggingface_hub import hf_hub_download, scan_cache_dir, snapshot_download
cache = sys.argv[1]
paths = [hf_hub_download("org/tiny", name, cache_dir=cache, local_files_only=True) for name in sys.argv[2:]]
whole = snapshot_download("org/tiny", cache_dir=cache, local_files_only=True)
scan = scan_cache_dir(cache)
[repo] = scan.repos
print(json.dumps([paths, whole, repo.repo_id, repo.nb_files, repo.size_on_disk, len(scan.warnings)]))`;
    const printed = JSON.parse(await python(program, [cacheFolder, ...Object.keys(files)]));
    const size = Object.values(files).join("").length;
    assertEquals(printed, [Object.keys(files).map((name) => `${folder}/${name}`), folder, "org/tiny", 3, size, 0]);
    await Deno.remove(cacheFolder, { recursive: true });
  },
);

testWithPython(
  ["huggingface_hub"],
  "downloadRepository() finds what Python's huggingface_hub has laid down",
  async () => {
    const cacheFolder = await Deno.makeTempDir();
    const program = `
import hashlib, os, sys
from huggingface_hub.file_download import _create_symlink, repo_folder_name
from huggingface_hub.constants import REPO_ID_SEPARATOR
root = os.path.join(sys.argv[1], repo_folder_name(repo_id="org/tiny", repo_type="model"))
commit = "c" * 40
for folder in ["blobs", "refs", "snapshots/" + commit]: os.makedirs(os.path.join(root, folder))
open(os.path.join(root, "refs", "main"), "w").write(commit)
for name in sys.argv[2:]:
    blob = os.path.join(root, "blobs", hashlib.sha1(name.encode()).hexdigest())
    open(blob, "w").write("{}")
    _create_symlink(blob, os.path.join(root, "snapshots", commit, name))`;
    await python(program, [cacheFolder, ...Object.keys(files)]);
    const options = { cacheFolder, endpoint: "http://127.0.0.1:9", offline: true, wanted: "model" as const };
    const folder = await downloadRepository("org/tiny", options);
    assertEquals(folder, `${cacheFolder}/models--org--tiny/snapshots/${"c".repeat(40)}`);
    await Deno.remove(cacheFolder, { recursive: true });
  },
);
