import { assert, assertEquals } from "../support/mod.ts";
import { main as bench } from "../../tasks/bench.ts";
import { main as distill } from "../../tasks/distill.ts";
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
  assertEquals(scripts, ["measure_4.slurm", "measure_cpus.sh", "node_8.sh", "train_4.slurm", "train_cpus.sh"]);
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
    const commands = [...text.matchAll(/deno task --quiet (plan|distill|bench (?:comm|step|ranks))([^|\n]*)/g)];
    assert(commands.length > 0, `${name} starts no task`);
    for (const [, task, rest] of commands) {
      const [first, ...more] = task.split(" ");
      const help = (await helpOf({ bench, distill, plan }[first]!, more)).replaceAll("--[no-]", "--");
      for (const [flag] of rest.matchAll(/--[a-z-]+/g)) {
        assert(new RegExp(`${flag}[ \\]]`).test(help), `${name}: ${task} has no flag ${flag}`);
      }
    }
  }
});

Deno.test("train_4.slurm puts the job back into the queue where the run has saved itself, and only there", async () => {
  for (const [status, requeued] of [[130, true], [0, false], [1, false]] as const) {
    const bin = await Deno.makeTempDir();
    const program = (name: string, text: string) =>
      Deno.writeTextFile(`${bin}/${name}`, `#!/bin/sh\n${text}\n`, { mode: 0o755 });
    await program("srun", `echo "$@" > ${bin}/ran; exit ${status}`);
    await program("scontrol", `echo "$@" > ${bin}/asked`);
    const env = { PATH: `${bin}:${Deno.env.get("PATH")}`, SLURM_JOB_ID: "77", SLURM_SUBMIT_DIR: bin };
    const args = [new URL("train_4.slurm", folder).pathname, "--steps", "9"];
    const { code } = await new Deno.Command("bash", { args, env }).output();
    assertEquals(code, status);
    const ran = await Deno.readTextFile(`${bin}/ran`);
    assert(/^--mpi=pmix --kill-on-bad-exit=1 deno task --quiet distill .*--resume auto --steps 9\n$/.test(ran), ran);
    assertEquals(await Deno.readTextFile(`${bin}/asked`).catch(() => ""), requeued ? "requeue 77\n" : "");
  }
});
