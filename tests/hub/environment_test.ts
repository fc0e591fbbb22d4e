import { hubSettings } from "../../lib/hub/mod.ts";
import { assertEquals, assertRejects } from "../support/mod.ts";

const read = (variables: Record<string, string>) => hubSettings((name) => variables[name]);

Deno.test("hubSettings() finds the cache as the Hugging Face tools do", async () => {
  const cases: [Record<string, string>, string][] = [
    [{ HOME: "/h" }, "/h/.cache/huggingface/hub"],
    [{ HOME: "/h", XDG_CACHE_HOME: "/x" }, "/x/huggingface/hub"],
    [{ HOME: "/h", XDG_CACHE_HOME: "/x", HF_HOME: "/f" }, "/f/hub"],
    [{ HF_HOME: "/f", HF_HUB_CACHE: "/c" }, "/c"],
    [{ HOME: "/h", HF_HOME: "~/models" }, "/h/models/hub"],
    [{ HOME: "/h", HF_HOME: "" }, "/h/.cache/huggingface/hub"],
    [{ USERPROFILE: "/u" }, "/u/.cache/huggingface/hub"],
  ];
  for (const [variables, cacheFolder] of cases) assertEquals((await read(variables)).cacheFolder, cacheFolder);
  await assertRejects(() => read({}), TypeError, "HF_HOME, HF_HUB_CACHE and HOME");
});

Deno.test("hubSettings() takes the token from the variable, or else from its file", async () => {
  const folder = await Deno.makeTempDir();
  assertEquals((await read({ HF_HOME: folder })).token, undefined);
  await Deno.writeTextFile(`${folder}/token`, " hf_file\n");
  assertEquals((await read({ HF_HOME: folder })).token, "hf_file");
  assertEquals((await read({ HF_HOME: folder, HF_TOKEN: "hf_variable\n" })).token, "hf_variable");
  await Deno.writeTextFile(`${folder}/other`, "hf_other");
  assertEquals((await read({ HF_HOME: folder, HF_TOKEN_PATH: `${folder}/other` })).token, "hf_other");
});

Deno.test("hubSettings() reads endpoint and offline mode, and refuses an invalid endpoint", async () => {
  assertEquals((await read({ HOME: "/h" })).endpoint, "https://huggingface.co");
  assertEquals((await read({ HOME: "/h", HF_ENDPOINT: "http://127.0.0.1:9/hub/" })).endpoint, "http://127.0.0.1:9/hub");
  for (const endpoint of ["file:///etc", "huggingface.co", "x"]) {
    await assertRejects(() => read({ HOME: "/h", HF_ENDPOINT: endpoint }), TypeError, `current value is ${endpoint}`);
  }
  for (const [value, offline] of [["1", true], ["YES", true], ["true", true], ["0", false], ["", false]] as const) {
    assertEquals((await read({ HOME: "/h", HF_HUB_OFFLINE: value })).offline, offline);
  }
});
