import { allowNet } from "../../../tasks/support/allow_net.ts";
import { allowWrite } from "../../../tasks/support/allow_write.ts";
import { assertEquals } from "../../support/mod.ts";

const stores = "*.huggingface.co,*.hf.co";

Deno.test("allowNet() permits the hub that HF_ENDPOINT names and where its files are kept, and nothing else", () => {
  const cases: [endpoint: string | undefined, flag: string][] = [
    [undefined, `--allow-net=${stores}`],
    ["", `--allow-net=${stores}`],
    ["https://huggingface.co", `--allow-net=${stores}`],
    ["https://huggingface.co/", `--allow-net=${stores}`],
    ["https://hub.example.org:8443/hf", `--allow-net=*.hub.example.org,${stores}`],
    ["https://nothuggingface.co", `--allow-net=*.nothuggingface.co,${stores}`],
    ["http://127.0.0.1:8080", "--allow-net=127.0.0.1"],
    ["http://[::1]:8080", "--allow-net=[::1]"],
    ["http://localhost:8080", "--allow-net=localhost"],
    ["no address", `--allow-net=${stores}`],
  ];
  for (const [endpoint, flag] of cases) assertEquals(allowNet(endpoint), flag, endpoint);
});

Deno.test("Deno takes each flag of allowNet() to permit the hub's own host", async () => {
  for (const host of ["huggingface.co", "hub.example.org:8443", "127.0.0.1:8080", "[::1]:8080", "localhost:8080"]) {
    const program = `const host = (host) => Deno.permissions.querySync({ name: "net", host }).state;
      console.log(host(${JSON.stringify(host)}), host("example.net"), host("cdn-lfs.hf.co"), host("evilhf.co"));`;
    const path = await Deno.makeTempFile({ suffix: ".ts" });
    await Deno.writeTextFile(path, program);
    const args = ["run", "--quiet", "--no-prompt", allowNet(`http://${host}`), path];
    const { stdout } = await new Deno.Command(Deno.execPath(), { args }).output();
    await Deno.remove(path);
    const [own, other, store, alike] = new TextDecoder().decode(stdout).trim().split(" ");
    const named = /[a-z]\./.test(host);
    assertEquals([own, other, store, alike], ["granted", "prompt", named ? "granted" : "prompt", "prompt"], host);
  }
});

Deno.test("allowWrite() permits named folders, and those that the environment decides", async () => {
  const flag = (folders: string[], variables: Record<string, string>, system = "linux") =>
    allowWrite(folders, { environment: (name) => variables[name], system });
  const cases: [folders: string[], variables: Record<string, string>, flag: string][] = [
    [["prepared", "HF_HUB_CACHE"], { HOME: "/home/a" }, "--allow-write=prepared,/home/a/.cache/huggingface/hub"],
    [["HF_HUB_CACHE"], { HOME: "/home/a", HF_HOME: "~/big disk" }, "--allow-write=/home/a/big disk/hub"],
    // Deno's flags have no way to name this one.
    [["prepared", "HF_HUB_CACHE"], { HF_HOME: "/a,b" }, "--allow-write=prepared"],
    [["HF_HUB_CACHE"], { HOME: "/home/a", HF_HOME: "/x", HF_HUB_CACHE: "/y" }, "--allow-write=/y"],
    [["prepared", "HF_HUB_CACHE"], {}, "--allow-write=prepared"],
    [["HF_HUB_CACHE"], {}, "--deny-write"],
    [["JUPYTER_DATA_DIR"], { HOME: "/home/a" }, "--allow-write=/home/a/.local/share/jupyter"],
    [["JUPYTER_DATA_DIR"], { HOME: "/home/a", JUPYTER_DATA_DIR: "/j" }, "--allow-write=/j"],
  ];
  for (const [folders, variables, expected] of cases) assertEquals(await flag(folders, variables), expected);
  assertEquals(await flag(["JUPYTER_DATA_DIR"], { APPDATA: "C:\\a" }, "windows"), "--allow-write=C:\\a/jupyter");
});
