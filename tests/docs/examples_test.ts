import { HelpRequest } from "../../tasks/support/usage_error.ts";
import { rooms } from "../structure/rooms.ts";
import { assert, assertEquals } from "../support/mod.ts";
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

/** The flags in the text of a help. */
const flagsIn = (help: string): Set<string> =>
  new Set([...help.matchAll(/--(\[no-\])?([a-z][a-z-]*)/g)].flatMap(([, no, name]) => {
    return no ? [`--${name}`, `--no-${name}`] : [`--${name}`];
  }));

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

Deno.test("every task of the README and the guides exists and has the flags that are shown", async () => {
  const helps = new Map<string, Set<string>>();
  let seen = 0;
  for (const page of pages) {
    for (const { task, args } of commandsOf(page)) {
      assert(Object.hasOwn(config.tasks, task), `${page}: there is no task ${task}`);
      const flags = args.flatMap((arg) => /^--[a-z][a-z-]*/.exec(arg)?.[0] ?? []);
      if (!hasFlags(task)) {
        assertEquals(flags, [], `${page}: deno task ${task} has no flags`);
        continue;
      }
      const benchmark = task === "bench" && /^[a-z]+$/.test(args[0] ?? "") ? [args[0]] : [];
      const key = [task, ...benchmark].join(" ");
      if (!helps.has(key)) helps.set(key, flagsIn(await helpOf(task, benchmark)));
      for (const flag of flags) assert(helps.get(key)!.has(flag), `${page}: deno task ${key} has no flag ${flag}`);
      seen += flags.length;
    }
  }
  assert(seen > 60, `only ${seen} flags were found`);
});

Deno.test("flags that the README and the guides name by themselves belong to a task", async () => {
  const tasks = Object.keys(config.tasks).filter((task) => hasFlags(task) && task !== "bench");
  const known = new Set((await Promise.all(tasks.map(async (task) => [...flagsIn(await helpOf(task))]))).flat());
  const ofDeno = ["--allow-ffi", "--allow-env"];
  for (const page of pages) {
    for (const flag of looseFlagsOf(page)) {
      assert(known.has(flag) || ofDeno.includes(flag), `${page}: no task has the flag ${flag}`);
    }
  }
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
  const files: string[] = [];
  for (const page of pages) {
    for (const [index, code] of blocksOf(page, "ts").entries()) {
      const file = `${page.replace(/\W/g, "_")}_${index + 1}.ts`;
      await Deno.writeTextFile(`${cwd}/${file}`, code);
      files.push(file);
    }
  }
  assert(files.length >= 5, `only ${files.length} examples were found`);
  await t.step("types", async () => void await deno(cwd, "check", files));
  for (const file of files) {
    await t.step(file, async () => {
      const out = await deno(cwd, "run", ["--no-check", "--allow-read", file]);
      assert(/\d/.test(out) && !/NaN/.test(out), `it prints ${JSON.stringify(out)}`);
    });
  }
});
