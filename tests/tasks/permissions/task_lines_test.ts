import { TASKS } from "../../../tasks/support/permissions.ts";
import { taskLine, taskLines } from "../../../tasks/support/task_lines.ts";
import { assert, assertEquals } from "../../support/mod.ts";
import { clone } from "./started.ts";

const root = new URL("../../../", import.meta.url);
const { tasks } = JSON.parse(await Deno.readTextFile(new URL("deno.json", root))) as { tasks: Record<string, string> };

Deno.test("deno.json has the lines that the table of permissions makes, and every program of tasks/ has one", () => {
  const lines = taskLines();
  for (const [name, line] of Object.entries(lines)) {
    assertEquals(tasks[name], line, `${name}: run tasks/support/task_lines.ts, whose first comment has the command`);
  }
  const others = Object.keys(tasks).filter((name) => !(name in lines));
  assertEquals(others.sort(), ["ok", "test", "test:docs"]);
  const programs = [...Deno.readDirSync(new URL("tasks/", root))].map(({ name }) => name).filter((name) =>
    name.endsWith(".ts")
  );
  assertEquals(Object.values(TASKS).map(({ program }) => program).sort(), programs.sort());
});

Deno.test("no task may write, reach, start, open or know everything, and none prompts", () => {
  for (const [name, line] of Object.entries(taskLines())) {
    assert(line.startsWith("deno run --no-prompt "), name);
    assert(!/--allow-(net|write|run|env|ffi|sys|import|all)(?!=[^ ])|(^| )-[A-Z]/.test(line), `${name}: ${line}`);
  }
});

Deno.test("taskLine() quotes what is found at the start, and gives no flag for what a task does not do", () => {
  assertEquals(taskLine({ program: "a.ts", read: false }), "deno run --no-prompt tasks/a.ts");
  assertEquals(
    taskLine({ program: "a.ts", run: ["$PYTHON", "python3"], write: ["a", "b"], env: ["X", "Y"] }),
    'deno run --no-prompt --allow-read --allow-write=a,b "$(deno run --no-prompt --allow-read ' +
      '--allow-env=PATH,PATHEXT tasks/support/allow_run.ts "$PYTHON" python3)" --allow-env=X,Y tasks/a.ts',
  );
});

for (const name of Object.keys(TASKS).filter((name) => name !== "docs" && name !== "lint:docs")) {
  Deno.test(`deno task ${name} --help needs no more than its line permits`, async () => {
    await using project = await clone();
    const { code, out, err } = await project.task([name, "--help"]);
    assertEquals([code, err], [0, ""]);
    assert(out.startsWith(`Usage: deno task ${name}`), out);
  });
}
