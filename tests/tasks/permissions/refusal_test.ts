import { withRemedy } from "../../../tasks/support/refusal.ts";
import { assert, assertEquals } from "../../support/mod.ts";
import { clone } from "./started.ts";

const started = (task: string, ...args: string[]) => ({ module: `file:///amid/tasks/${task}.ts`, args });
const refused = (kind: string, of: string) =>
  new Deno.errors.NotCapable(`Requires ${kind} access to "${of}", run again with the --allow-${kind} flag`);

Deno.test("withRemedy() names the flag of each kind of permission, and the command with it", () => {
  const cases: [kind: string, of: string, message: string, flag: string][] = [
    ["write", "/big/.rows.lock", "Cannot write /big/.rows.lock", "--allow-write=/big"],
    ["write", "/big/rows", "Cannot write /big/rows", "--allow-write=/big/rows"],
    ["write", "/big/a,b/c/x.json", "Cannot write /big/a,b/c/x.json", "--allow-write=/big"],
    ["net", "hub.example.org:443", "Cannot reach hub.example.org:443", "--allow-net=hub.example.org:443"],
    ["run", "/opt/python", "Cannot start /opt/python", "--allow-run=/opt/python"],
    ["ffi", "/opt/libmpi.so", "Cannot open /opt/libmpi.so", "--allow-ffi=/opt/libmpi.so"],
    ["env", "KEY", "Cannot read the environment variable KEY", "--allow-env=KEY"],
    ["sys", "uid", "Cannot query the system for uid", "--allow-sys=uid"],
  ];
  for (const [kind, of, message, flag] of cases) {
    const thrown = [refused(kind, of), new Error("Cannot go on", { cause: refused(kind, of) })];
    for (const error of thrown) {
      const { error: shown, command } = withRemedy(error, started("tokenizer", "--output", "/big/it's"));
      assertEquals((shown as Error).message, `${message}: deno task tokenizer needs ${flag} for that`);
      assert(command!.startsWith(`deno run ${flag} --no-prompt --allow-read --allow-write=data/tokenizer,`), command);
      assert(command!.endsWith(` tasks/tokenizer.ts --output '/big/it'\\''s'`), command);
    }
  }
});

Deno.test("withRemedy() leaves other errors alone, keeps a message that names the flag, and knows no other program", () => {
  const error = new Error("Cannot go on");
  assertEquals(withRemedy(error, started("data")), { error });
  assertEquals(withRemedy("text", started("data")), { error: "text" });
  const own = new Error("Cannot use MPI: permit it with --allow-ffi=/opt/mpi, or link it", {
    cause: refused("ffi", "/opt/mpi/libmpi.so"),
  });
  const { error: shown, command } = withRemedy(own, started("distill"));
  assertEquals((shown as Error).message, own.message);
  assert(command!.includes("deno run --allow-ffi=/opt/mpi --no-prompt"), command);
  const foreign = withRemedy(refused("env", "KEY"), { module: "file:///somewhere/distill.ts", args: [] });
  assertEquals(
    (foreign.error as Error).message,
    "Cannot read the environment variable KEY: this program needs --allow-env=KEY for that",
  );
  assertEquals(foreign.command, undefined);
});

Deno.test("a task that would write elsewhere prints a command that does it", async () => {
  await using project = await clone();
  await Deno.writeTextFile(`${project.folder}/birds.jsonl`, '{"instruction":"a","output":"b"}\n'.repeat(30));
  const elsewhere = await Deno.makeTempDir({ prefix: "it's elsewhere" });
  const cases: [args: string[], done: string][] = [
    [["data", "birds", "--input", "birds.jsonl", "--output", `${elsewhere}/birds`, "--workers", "0"], "made in"],
    [["tokenizer", "--size", "300", "--rows", "20", "--output", `${elsewhere}/tokenizer`], "300 tokens"],
    [["kernel", "--folder", `${elsewhere}/jupyter`], "kernel.json starts"],
  ];
  for (const [args, done] of cases) {
    const { code, err } = await project.task(args);
    assertEquals(code, 1);
    assert(new RegExp(`^error: Cannot write .*--allow-write=${elsewhere}`).test(err), err);
    const [, command] = /\nto permit it, run in the project's folder:\n(deno run .*)\n/.exec(err)!;
    const ended = await project.shell(command);
    assertEquals(ended.code, 0, ended.err);
    assert(ended.out.includes(done), ended.out);
  }
  await Deno.remove(elsewhere, { recursive: true });
});

Deno.test("a task that a hub sends to another host names that host", async () => {
  await using project = await clone();
  await using hub = Deno.serve({ hostname: "127.0.0.1", port: 0, onListen() {} }, ({ url }) => {
    return Response.redirect(url.replace("127.0.0.1", "localhost"));
  });
  const env = { HF_HOME: `${project.folder}/cache`, HF_ENDPOINT: `http://127.0.0.1:${hub.addr.port}` };
  const { code, err } = await project.task(["fetch", "org/tiny"], env);
  assertEquals(code, 1);
  const host = `localhost:${hub.addr.port}`;
  assert(err.includes(`error: Cannot reach ${host}: deno task fetch needs --allow-net=${host} for that`), err);
});
