import { dirname, join, relative, resolve } from "node:path";
import { fileURLToPath } from "node:url";
import { assert } from "../../support/mod.ts";
import { HelpRequest } from "../../../tasks/support/usage_error.ts";

const root = fileURLToPath(new URL("../../../", import.meta.url));

/** Tasks with flags, by the module that runs them; those of a benchmark by the benchmark's. */
const tasks = [
  "comparison",
  "data",
  "distill",
  "engine",
  "evaluate",
  "fetch",
  "figures",
  "kernel",
  "notebooks",
  "plan",
  "prune",
  "pseudo_targets",
  "replay_step",
  "reproduce",
  "select",
  "sft",
  "sweep",
  "tokenizer",
];
const benchmarks = ["comm", "generate", "leak", "load", "loss", "overhead", "peer", "ranks", "step"];

/** Tasks that run others, and speak of their flags: given by --flags, by --vary, or recorded by a run. */
const within: Record<string, string[]> = {
  comparison: ["distill"],
  reproduce: ["distill", "sft", "prune", "pseudo_targets", "select", "evaluate"],
  sweep: ["distill"],
  replay_step: ["distill", "sft"],
};

/** The modules of the tasks that a task runs. */
const insideOf = (entry: string): string[] =>
  (within[entry.replace(/^tasks\/|\.ts$/g, "")] ?? []).map((task) => `tasks/${task}.ts`);

const common = ["--config", "--verbose", "--help"];
/** Flags of others: of Deno, of launchers, of pip, and of tasks that a message sends its reader to. */
const foreign =
  /--allow-|mpirun --oversubscribe|deno (run|task|jupyter|upgrade|doc)|mpirun -n|srun|--mpi=pmix|chmod|pip |--hash=/;

async function helpOf(run: (args: string[]) => Promise<unknown>): Promise<string> {
  try {
    await run(["--help"]);
  } catch (error) {
    if (error instanceof HelpRequest) return error.text;
    throw error;
  }
  throw new Error("there was no help");
}

function flagsIn(help: string): Set<string> {
  const flags = [...help.matchAll(/^ {2}(?:-h, )?--(?:\[no-\])?([a-z0-9-]+)/gm)].map(([, name]) => `--${name}`);
  return new Set([...flags, ...flags.map((flag) => flag.replace("--", "--no-")), ...common]);
}

/** The modules of `tasks/` that a module imports, itself among them. */
function modulesOf(file: string, seen = new Set<string>()): Set<string> {
  if (seen.has(file)) return seen;
  seen.add(file);
  for (const [, path] of Deno.readTextFileSync(file).matchAll(/(?:from|import) "(\.[^"]+\.ts)"/g)) {
    const module = resolve(dirname(file), path);
    if (relative(root, module).startsWith("tasks/")) modulesOf(module, seen);
  }
  return seen;
}

/** Texts in a module that speak of flags: sentences, not arguments of programs. */
function sentencesIn(file: string): string[] {
  const source = Deno.readTextFileSync(file).replace(/\/\*[\s\S]*?\*\//g, "").replace(/^\s*\/\/.*$/gm, "");
  const texts = [...source.matchAll(/"((?:[^"\\\n]|\\.)*)"|`((?:[^`\\]|\\.)*)`/g)].map((match) => match[1] ?? match[2]);
  return texts.filter((text) =>
    /--[a-z]/.test(text) && text.trim().includes(" ") && !foreign.test(text) && !/explorer/.test(file)
  );
}

const namedIn = (text: string) =>
  [...text.matchAll(/(?<![\w-])--[a-z][a-z0-9]*(?:-[a-z0-9]+)*(?![-\w]|\$\{)/g)].map(([flag]) => flag);

const helps = new Map<string, string>();
for (const name of tasks) {
  const { main } = await import(join(root, `tasks/${name}.ts`));
  helps.set(`tasks/${name}.ts`, await helpOf(main));
}
const { main: bench } = await import(join(root, "tasks/bench.ts"));
for (const name of benchmarks) {
  helps.set(`tasks/bench/${name}.ts`, await helpOf((args) => bench([name, ...args])));
}

Deno.test("the help of every task names flags that it has", () => {
  for (const [entry, help] of helps) {
    const own = new Set(
      [help, ...insideOf(entry).map((task) => helps.get(task)!)].flatMap((text) => [...flagsIn(text)]),
    );
    const about = help.split("\n").filter((line) => !/^ {2}deno task/.test(line))
      .map((line) => line.replace(/^ {2}(-h, )?--\S+/, "")).join(" ").replaceAll(/mpirun\s+--oversubscribe/g, "");
    for (const flag of namedIn(about)) assert(own.has(flag), `the help of ${entry} names ${flag}`);
  }
});

Deno.test("every message names flags of its task, and one of a shared module flags of a task that has it", () => {
  const users = new Map<string, string[]>();
  for (const entry of helps.keys()) {
    for (const file of modulesOf(join(root, entry))) users.set(file, [...users.get(file) ?? [], entry]);
  }
  let checked = 0;
  for (const [file, entries] of users) {
    const name = relative(root, file);
    const speaking = (helps.has(name) ? [name] : entries).flatMap((entry) => [entry, ...insideOf(entry)]);
    const known = speaking.map((entry) => flagsIn(helps.get(entry)!));
    for (const text of sentencesIn(file)) {
      for (const flag of namedIn(text)) {
        checked += 1;
        assert(known.some((flags) => flags.has(flag)), `${name} names ${flag}, which there is not: ${text}`);
      }
    }
  }
  assert(checked > 80, `${checked} flags`);
});
