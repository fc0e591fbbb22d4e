import { assert, assertEquals } from "../support/mod.ts";
import { main as bench } from "../../tasks/bench.ts";
import { main as plan } from "../../tasks/plan.ts";
import { HelpRequest } from "../../tasks/support/usage_error.ts";

const folder = new URL("../../tasks/configs/cluster/", import.meta.url);
const scripts = [...Deno.readDirSync(folder)].map(({ name }) => name).filter((name) => !name.endsWith(".md")).sort();

/** What a task's `--help` says. */
async function helpOf(main: (args: readonly string[]) => Promise<unknown>, args: readonly string[]) {
  try {
    await main([...args, "--help"]);
  } catch (error) {
    if (error instanceof HelpRequest) return error.text;
    throw error;
  }
  throw new Error(`${args.join(" ")} has no help`);
}

Deno.test("cluster scripts are valid bash, and are all in the README", async () => {
  assertEquals(scripts, ["measure_4.slurm", "measure_cpus.sh"]);
  const readme = await Deno.readTextFile(new URL("README.md", folder));
  for (const name of scripts) {
    const { code, stderr } = await new Deno.Command("bash", { args: ["-n", new URL(name, folder).pathname] }).output();
    assertEquals([code, new TextDecoder().decode(stderr)], [0, ""]);
    assert(readme.includes(`\`${name}\``), `${name} is not in the README`);
  }
});

Deno.test("cluster scripts use tasks and flags that there are", async () => {
  for (const name of scripts) {
    const text = (await Deno.readTextFile(new URL(name, folder))).replaceAll("\\\n", " ");
    const commands = [...text.matchAll(/deno task --quiet (plan|bench (?:comm|step|ranks))([^|\n]*)/g)];
    assert(commands.length > 0, `${name} starts no task`);
    for (const [, task, rest] of commands) {
      const [first, ...more] = task.split(" ");
      const help = (await helpOf(first === "bench" ? bench : plan, more)).replaceAll("--[no-]", "--");
      for (const [flag] of rest.matchAll(/--[a-z-]+/g)) {
        assert(new RegExp(`${flag}[ \\]]`).test(help), `${name}: ${task} has no flag ${flag}`);
      }
    }
  }
});
