import { useEngine } from "../../lib/engines/mod.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { HelpRequest } from "../../tasks/support/usage_error.ts";
import { rooms } from "../structure/rooms.ts";
import { assert, assertEquals } from "../support/mod.ts";
import { FakeServer } from "../teachers/served/fake_server.ts";
import { blocksOf, commandsOf, linksOf, looseFlagsOf, pages, root, textOf } from "./guides.ts";

const config = JSON.parse(textOf("deno.json"));

/** What `--help` shows of a task. */
async function helpOf(task: string, args: readonly string[] = []): Promise<string> {
  const { main } = await import(new URL(`tasks/${task.replaceAll("-", "_")}.ts`, root).href);
  try {
    await main([...args, "--help"]);
  } catch (error) {
    if (error instanceof HelpRequest) return error.text;
    throw error;
  }
  throw new Error(`deno task ${task} has no help`);
}

/** What is wrong with the flags among some words, by the text of a help; nothing if all is well. */
function faultIn(help: string, words: readonly string[]): string | undefined {
  for (const [index, word] of words.entries()) {
    const [, flag, , inline] = /^(--[a-z][a-z-]*)(=(.*))?$/.exec(word) ?? [];
    if (flag === undefined) continue;
    const spelt = `(${flag}|${flag.replace(/^--(no-)?/, "--\\[no-\\]")})(?![a-z-])`;
    const about = new RegExp(`^ {2}(-h, )?${spelt}[\\s\\S]*?(?=^ {2}-|^\\S|$(?![\\s\\S]))`, "m").exec(help)?.[0];
    if (about === undefined) return `there is no flag ${flag}`;
    const value = inline ?? words[index + 1];
    if (!about.includes("<choice>") || value === undefined || value.startsWith("--")) continue;
    const isPlaceholder = /^[A-Z]+$/.test(value);
    if (!isPlaceholder && !about.match(/[\w-]+/g)!.includes(value)) return `${flag} has no value ${value}`;
  }
  return undefined;
}

/** Tasks that are a file of `tasks/`, with flags. */
const hasFlags = (task: string): boolean => config.tasks[task].includes(`tasks/${task.replaceAll("-", "_")}.ts`);

Deno.test("every relative link of the README and the guides leads to a file", () => {
  for (const page of pages) {
    for (const link of linksOf(page)) {
      const target = new URL(link, new URL(page, root));
      assert(target.href.startsWith(root.href), `${page} links outside of the project: ${link}`);
      try {
        Deno.statSync(target);
      } catch {
        throw new Error(`${page} links to ${link}, which is absent`);
      }
    }
  }
});

Deno.test("every guide can be reached from the README", () => {
  const reached = new Set<string>();
  const visit = (page: string) => {
    if (reached.has(page) || !pages.includes(page)) return;
    reached.add(page);
    for (const link of linksOf(page)) visit(new URL(link, new URL(page, root)).href.slice(root.href.length));
  };
  visit("README.md");
  assertEquals([...reached].sort(), [...pages].sort());
});

Deno.test("every task of the README and the guides exists, with the flags and values that are shown", async () => {
  let seen = 0;
  for (const page of pages) {
    for (const { task, args } of commandsOf(page)) {
      assert(Object.hasOwn(config.tasks, task), `${page}: there is no task ${task}`);
      if (!hasFlags(task)) {
        assertEquals(args.filter((arg) => arg.startsWith("--")), [], `${page}: deno task ${task} has no flags`);
        continue;
      }
      const benchmark = task === "bench" && /^[a-z]+$/.test(args[0] ?? "") ? [args[0]] : [];
      const fault = faultIn(await helpOf(task, benchmark), args);
      assertEquals(fault, undefined, `${page}: deno task ${task} ${args.join(" ")}: ${fault}`);
      seen += args.filter((arg) => arg.startsWith("--")).length;
    }
  }
  assert(seen > 60, `only ${seen} flags were found`);
});

Deno.test("flags that the README and the guides name by themselves belong to a task, with their values", async () => {
  const tasks = Object.keys(config.tasks).filter((task) => hasFlags(task) && task !== "bench");
  const helps = await Promise.all(tasks.map((task) => helpOf(task)));
  for (const page of pages) {
    for (const words of looseFlagsOf(page).filter(([flag]) => !flag.startsWith("--allow-"))) {
      const faults = helps.map((help) => faultIn(help, words));
      assert(faults.includes(undefined), `${page}: no task takes ${words.join(" ")}: ${faults[0]}`);
    }
  }
});

Deno.test("faultIn() finds flags and values that a help lacks", () => {
  const help =
    "Flags:\n  --order <choice>  the order (pr,\n                    qr) (default: pr)\n  --[no-]cut [a|b]  cut\n";
  assertEquals(faultIn(help, ["NAME", "--order", "qr", "--no-cut", "--cut"]), undefined);
  assertEquals(faultIn(help, ["--order=rp"]), "--order has no value rp");
  assertEquals(faultIn(help, ["--orders", "pr"]), "there is no flag --orders");
});

Deno.test("the guide to the tasks lists every task once", () => {
  const listed = [...textOf("docs/tasks.md").matchAll(/^\| `deno task ([a-z:-]+)/gm)].map(([, task]) => task);
  assertEquals(listed.sort(), Object.keys(config.tasks).sort());
});

Deno.test("the README's tree has the rooms of lib/ in their order, and folders that exist", () => {
  const [tree] = blocksOf("README.md", "text");
  const lines = [...tree.matchAll(/^( *)(\S+) {2,}(.+)$/gm)].map(([, indent, name, about]) => ({
    indent,
    name,
    about,
  }));
  const inside = lines.filter(({ indent }) => indent !== "").map(({ name, about }) => [name, about]);
  assertEquals(inside, Object.entries(rooms).map(([name, about]) => [`${name}/`, about]));
  for (const { name } of lines.filter(({ indent }) => indent === "")) Deno.statSync(new URL(name, root));
});

Deno.test("the README's import map has the module and the version of tensorflow.js that it uses", () => {
  const { imports } = JSON.parse(blocksOf("README.md", "json")[0]);
  assertEquals(imports["@amid/amid"], `../amid/${(config.exports["."] ?? config.exports).replace("./", "")}`);
  assertEquals(imports["@tensorflow/tfjs-core"], config.imports["@tensorflow/tfjs-core"]);
});

/** A folder beside a clone, which also has the folder of the clone that examples name from inside of it. */
async function project(): Promise<string> {
  const folder = await Deno.makeTempDir();
  await Deno.mkdir(`${folder}/mine`);
  for (const [place, target] of [["amid", "."], ["mine/data", "data"]]) {
    await Deno.symlink(new URL(target, root).pathname, `${folder}/${place}`);
  }
  return `${folder}/mine`;
}

/** Runs Deno with the clone's import map; the README's own wants a network where packages are not cached. */
async function deno(cwd: string, command: string, args: readonly string[]): Promise<string> {
  const all = [command, "--quiet", "--config", new URL("deno.json", root).pathname, ...args];
  const { success, stdout, stderr } = await new Deno.Command(Deno.execPath(), { args: all, cwd }).output();
  const [out, error] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
  assert(success, error);
  return out;
}

Deno.test("every TypeScript example of the README and the guides has no type errors, runs, and prints numbers", async (t) => {
  const cwd = await project();
  await useEngine("wasm");
  const [model, tokens] = [await loadModel("data/teacher"), await loadTokenizer("data/tokenizer")];
  await using server = new FakeServer("vllm", model, { tokens });
  const files: string[] = [];
  for (const page of pages) {
    for (const [index, code] of blocksOf(page, "ts").entries()) {
      const file = `${page.replace(/\W/g, "_")}_${index + 1}.ts`;
      await Deno.writeTextFile(`${cwd}/${file}`, code.replace("http://127.0.0.1:8000/v1", server.address));
      files.push(file);
    }
  }
  assert(files.length >= 5, `only ${files.length} examples were found`);
  await t.step("types", async () => void await deno(cwd, "check", files));
  for (const file of files) {
    await t.step(file, async () => {
      const out = await deno(cwd, "run", [
        "--no-check",
        "--allow-read",
        "--allow-write=runs",
        "--allow-sys=hostname",
        "--allow-net=127.0.0.1",
        file,
      ]);
      assert(/\d/.test(out) && !/NaN/.test(out), `it prints ${JSON.stringify(out)}`);
    });
  }
});
