/** Distillation from a teacher on a server. */
import { useEngine } from "../../lib/engines/mod.ts";
import { loadModel } from "../../lib/models/load_model.ts";
import { TeacherError } from "../../lib/teachers/teacher_error.ts";
import { loadTokenizer } from "../../lib/text/tokenizer.ts";
import { main as distill } from "../../tasks/distill.ts";
import { main as sweep } from "../../tasks/sweep.ts";
import { allowTeacher } from "../../tasks/support/allow_teacher.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../support/mod.ts";
import { jsonLines, playground, shortRunFlags } from "../support/playground.ts";
import { FakeServer } from "../teachers/served/fake_server.ts";
import { clone } from "./permissions/started.ts";

await useEngine("wasm");
const tokenizer = await loadTokenizer("data/tokenizer");

/** The losses of a run's steps. */
const losses = async (folder: string) =>
  (await jsonLines(`${folder}/metrics.jsonl`)).flatMap(({ distillLoss }) => distillLoss ?? []) as number[];

Deno.test("task distill learns from a server what it learns from the folder, ends where the server does, and continues", async () => {
  const root = await playground();
  await using server = new FakeServer("vllm", await loadModel(`${root}/teacher`), { tokens: tokenizer });
  const flags = [...shortRunFlags(root).slice(2), "--objective", "forward-kl", "--validate-every", "end"];
  const run = (name: string, ...more: string[]) => distill([...flags, "--name", name, ...more], `${root}/runs`);
  const served = ["--teacher", server.address, "--teacher-top-k", "32", "--teacher-retries", "0"];
  assertEquals(await run("folder", "--teacher", `${root}/teacher`), 0);
  assertEquals(await run("server", ...served, "--stop-after", "2"), 130);
  // The check of the model, the rows that are validated on, the check: then the first step.
  const pass = { change: (text: string) => text };
  server.troubles.push(pass, pass, pass, { status: 503 });
  const lost = () => run("server", ...served, "--resume");
  await assertRejects(lost, TeacherError, "503; the run is saved in");
  assertEquals(await run("server", ...served, "--teacher-rows", "1", "--resume"), 0);
  const result = async (name: string) => JSON.parse(await Deno.readTextFile(`${root}/runs/${name}/result.json`));
  const [whole, coarse] = [await result("folder"), await result("server")];
  assertAllClose([coarse.teacher.validLoss], [whole.teacher.validLoss], { atol: 1e-3, rtol: 0 });
  const [all, some] = [await losses(`${root}/runs/folder`), await losses(`${root}/runs/server`)];
  assertEquals(some.length, 6);
  // The rest is one token: nearly all is lost of these random distributions, and nothing is added.
  assert(some.every((loss, step) => loss >= 0 && loss <= all[step] + 1e-4), `${some} of ${all}`);
});

Deno.test("task sweep learns from a server in processes of its own, which may reach that server alone", async () => {
  const root = await playground();
  await using server = new FakeServer("vllm", await loadModel(`${root}/teacher`), { tokens: tokenizer });
  const flags = [...shortRunFlags(root).slice(2), "--validate-every", "end", "--teacher", server.address];
  const sweepFlags = [...flags, "--name", "both", "--teacher-top-k", "8", "--vary", "seed=1,2", "--jobs", "2"];
  assertEquals(await sweep(sweepFlags, `${root}/runs`), 0);
  const runs = [...Deno.readDirSync(`${root}/runs/both`)].filter(({ name }) => name.includes("seed"));
  assertEquals(runs.length, 2);
  assert(server.log.length > 4, `${server.log.length} requests`);
});

Deno.test("task distill refuses flags that a teacher on a server has no use for, and its own without one", async () => {
  const root = await playground();
  const flags = shortRunFlags(root).slice(2);
  const call = (...more: string[]) => () => distill([...flags, ...more], `${root}/runs`);
  await assertRejects(
    call("--teacher", `${root}/teacher`, "--teacher-top-k", "8"),
    UsageError,
    "only with a --teacher on a server",
  );
  const served = ["--teacher", "http://127.0.0.1:9/v1"];
  await assertRejects(call(...served, "--cross-tokenizer", "uld"), UsageError, "a server with --teacher-tokenizer");
  await assertRejects(
    call("--teacher", `${root}/teacher`, "--teacher-tokenizer", "data/tokenizer"),
    UsageError,
    "only with a --teacher on a server",
  );
  await assertRejects(
    call(...served, "--teacher-precision", "bfloat16"),
    UsageError,
    "only with a --teacher that is a",
  );
  await assertRejects(
    call(...served, "--teacher-cache-type", "bfloat16"),
    UsageError,
    "only with a --teacher that is a",
  );
  await assertRejects(call(...served, "--teacher-key-file", `${root}/absent`), UsageError, "--teacher-key-file");
  await assertRejects(call("--teacher", "http://me:key@host/v1"), UsageError, "must not hold a user");
});

Deno.test("deno task distill may reach a teacher on this machine or on the host that AMID_TEACHER_HOST names, no other", async () => {
  assertEquals(allowTeacher(undefined), "--allow-net=127.0.0.1,localhost");
  for (const host of ["gpu1", "gpu1:8000", "[::1]:8000"]) assertEquals(allowTeacher(host), `--allow-net=${host}`);
  assertEquals(allowTeacher("a,b --allow-all"), "--allow-net=127.0.0.1,localhost");
  await using project = await clone({ data: ["tokenizer", "student-start"] });
  const ended = await project.task(["distill", "--teacher", "http://192.0.2.1:8000/v1"]);
  assertEquals(ended.code, 1);
  assert(/Cannot reach 192.0.2.1:8000: .* needs --allow-net=192.0.2.1:8000/.test(ended.err), ended.err);
});
