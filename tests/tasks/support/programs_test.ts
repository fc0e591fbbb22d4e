import { allowRun } from "../../../tasks/support/allow_run.ts";
import { denoProblem, OLDEST, TESTED } from "../../../tasks/support/deno_version.ts";
import { overview } from "../../../tasks/help.ts";
import { assert, assertEquals } from "../../support/mod.ts";

const root = new URL("../../../", import.meta.url);
const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root))) as { tasks: Record<string, string> };

const search = (...files: string[]) => ({
  folders: ["/bin", "/usr/bin"],
  endings: [""],
  deno: "/npx/deno",
  isFile: (path: string) => files.includes(path),
});

Deno.test("allowRun() allows programs that are there by their paths, this Deno among them, and none beside", () => {
  const cases: [programs: string[], files: string[], flag: string][] = [
    [["deno"], [], "--allow-run=/npx/deno"],
    [["", "deno"], [], "--allow-run=/npx/deno"],
    [["/a,b/python", "deno"], ["/a,b/python"], "--allow-run=/npx/deno"],
    [["mpirun"], [], "--deny-run"],
    [["mpirun"], ["/usr/bin/mpirun"], "--allow-run=/usr/bin/mpirun"],
    [["python3"], ["/usr/bin/python3", "/bin/python3"], "--allow-run=/bin/python3"],
    [["deno", "g++", ".python/bin/python"], [".python/bin/python"], "--allow-run=/npx/deno,.python/bin/python"],
  ];
  for (const [programs, files, flag] of cases) assertEquals(allowRun(programs, search(...files)), flag);
  const windows = { ...search("/bin/g++.EXE"), endings: ["", ".EXE"] };
  assertEquals(allowRun(["g++"], windows), "--allow-run=/bin/g++.EXE");
});

Deno.test("a task without a PATH runs, reports nothing of programs that are absent, and starts the Deno that runs it", async () => {
  const deno = (...args: string[]) =>
    new Deno.Command(Deno.execPath(), {
      args: ["task", "--quiet", ...args],

      cwd: root,
      clearEnv: true,
      env: { PATH: "/nowhere", HOME: Deno.env.get("HOME") ?? "/", DENO_NO_UPDATE_CHECK: "1" },
    }).output();
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  const plan = await deno("plan", "--gpus", "1", "--student", "student", "--teacher", "teacher");
  assertEquals([plan.code, text(plan.stderr)], [0, ""]);
  // Each way of the loss is measured in a process of its own.
  const flags = [
    "--steps",
    "1",
    "--tokens",
    "8",
    "--vocabulary",
    "50",
    "--width",
    "8",
    "--teacher-width",
    "8",
    "--json",
  ];
  const bench = await deno("bench", "loss", ...flags);
  assertEquals([bench.code, text(bench.stderr)], [0, ""]);
  assertEquals(JSON.parse(text(bench.stdout)).benchmark, "loss");
  const check = await deno("plan", "--check", "1", "--student", "student", "--teacher", "teacher");
  assertEquals(check.code, 1);
  assert(text(check.stderr).includes("Cannot check a plan: --mpirun names no program"), text(check.stderr));
});

Deno.test("no task is allowed to run a program by a name that may be absent", () => {
  for (const [name, command] of Object.entries(tasks)) {
    assert(!/--allow-run=/.test(command), `${name}: ${command}`);
  }
});

Deno.test("denoProblem() reports which Deno is wanted", () => {
  for (const version of [OLDEST, TESTED, "2.9.6+abc", "2.10.0", "3.0.0-rc.1"]) {
    assertEquals(denoProblem(version), undefined);
  }
  for (const version of ["1.46.3", "2.0.0", "2.5.0", "2.8.3"]) {
    const problem = denoProblem(version)!;
    assert(problem.includes(`Deno ${OLDEST} or later is needed, current version is ${version}`), problem);
    assert(problem.includes(`npx -y deno@${TESTED}`), problem);
  }
});

Deno.test("the README asks for the Deno that the tests run with", async () => {
  const readme = await Deno.readTextFile(new URL("README.md", root));
  const versions = new Set([...readme.matchAll(/deno@([\d.]+\d)/g)].map(([, version]) => version));
  assertEquals([...versions], [TESTED]);
});

Deno.test("the overview has every task of deno.json, once", () => {
  const named = overview.flatMap(([, lines]) => lines.map(([name]) => name));
  assertEquals([...named].sort(), Object.keys(tasks).sort());
  for (const [, lines] of overview) for (const [, about] of lines) assert(about.length <= 62, about);
});
