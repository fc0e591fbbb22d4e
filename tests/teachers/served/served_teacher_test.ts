/** Teachers on servers. */
import { useEngine } from "../../../lib/engines/mod.ts";
import { objective } from "../../../lib/objectives/mod.ts";
import { servedTeacher, type ServedTeacherOptions } from "../../../lib/teachers/served/served_teacher.ts";
import { sparse } from "../../../lib/teachers/sparse.ts";
import { TeacherError } from "../../../lib/teachers/teacher_error.ts";
import type { SparseTargets, Teacher } from "../../../lib/teachers/teacher.ts";
import type { Row } from "../../../lib/batches/row.ts";
import { trainingBatch } from "../../../lib/batches/training_batch.ts";
import { distill, type StepEvent } from "../../../lib/training/run/distill.ts";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../../support/mod.ts";
import { tinyModel, tinyRows } from "../../support/tiny_model.ts";
import { FakeServer, servedModel, tokenizer, type Trouble } from "./fake_server.ts";

await useEngine("wasm");

const model = servedModel(2);
const protocols = ["vllm", "sglang", "openai"] as const;
const rows = tinyRows(6);
const batch = { rows, recurring: true, ...trainingBatch(rows) };
const options = { tokenizer, topK: 6, rowsPerRequest: 2, inFlight: 2 };

/** A teacher's answer to all of the batch. */
async function answerOf(teacher: Teacher) {
  const targets = await teacher.prepare(batch) as SparseTargets;
  const answer = targets.answer(0, batch.labels.length);
  targets.dispose();
  return answer;
}

/** The error with which a server is refused. */
async function refused(server: FakeServer, changes: Partial<ServedTeacherOptions> = {}): Promise<string> {
  await using teacher = servedTeacher(server.address, { ...options, retries: 1, ...changes });
  const error = await teacher.prepare(batch).then(() => undefined, (error) => error);
  assert(error instanceof TeacherError, `${error}`);
  assert(error.message.includes(new URL(server.address).host), error.message);
  return error.message;
}

for (const protocol of protocols) {
  Deno.test(`servedTeacher() by ${protocol} answers as sparse() of the same model, rows in their order`, async () => {
    await using server = new FakeServer(protocol, model);
    await using teacher = servedTeacher(server.address, options);
    const [found, expected] = [await answerOf(teacher), await answerOf(sparse(model, { topK: 6 }))];
    const sorted = ({ ids }: typeof found) =>
      batch.labels.reduce<number[][]>((all, _, at) => [...all, [...ids.slice(6 * at, 6 * at + 6)].sort()], []);
    assertEquals(sorted(found), sorted(expected));
    const mass = ({ logProbs }: typeof found) =>
      Array.from(
        batch.labels,
        (_, at) => logProbs.slice(6 * at, 6 * at + 6).reduce((sum, logProb) => sum + Math.exp(logProb), 0),
      );
    for (
      const [one, other] of [[mass(found), mass(expected)], [found.own, expected.own], [found.rest, expected.rest]]
    ) {
      assertAllClose([...one], [...other], { atol: 1e-4, rtol: 1e-4 });
    }
    assert(server.most <= 2, `${server.most}`);
    // The first request and the last are those that check the model.
    const sizes = server.log.map((line) => Number(line.split(" ")[1]));
    assertEquals(sizes, protocol === "openai" ? Array(8).fill(1) : [1, 2, 2, 2, 1]);
  });
}

Deno.test("distill() learns the same from a server as from the model; batches are asked for ahead", async () => {
  await using server = new FakeServer("vllm", model);
  const run = async (teacher: Teacher) => {
    const steps: StepEvent[] = [];
    const all = { rows, batchSize: 3, totalSteps: 4, seed: 3, optimizer: { learningRate: 1e-2 } };
    const student = tinyModel(1);
    for await (const event of distill({ student, teacher, objective: objective("amid"), ...all })) {
      if (event.type === "step") steps.push(event);
    }
    return steps.map(({ loss }) => loss);
  };
  await using teacher = servedTeacher(server.address, { ...options, name: "far" });
  assertAllClose(await run(teacher), await run(sparse(model, { topK: 6 })), { atol: 1e-4, rtol: 1e-4 });
});

Deno.test("servedTeacher() tries again after 429, 5xx, half an answer and a slow one, and counts", async () => {
  const passing: Trouble[] = [
    { status: 429, headers: { "retry-after": "0" } },
    { status: 503, body: '{"error": {"message": "loading"}}' },
    { cutAfter: 300 },
    { dripEvery: 100 },
  ];
  await using server = new FakeServer("vllm", model);
  const reasons: string[] = [];
  const onRetry = ({ reason }: { reason: string }) => void reasons.push(reason);
  await using teacher = servedTeacher(server.address, { ...options, timeLimit: 2, retries: 4, inFlight: 4, onRetry });
  await teacher.connect();
  server.troubles.push(...passing);
  const [found, expected] = [await answerOf(teacher), await answerOf(sparse(model, { topK: 6 }))];
  assertAllClose([...found.own], [...expected.own], { atol: 1e-4, rtol: 1e-4 });
  assertEquals(teacher.retries, 4);
  assertEquals(reasons.toSorted(), [
    "it answered 429",
    "it answered 503: loading",
    "it had not answered within 2 s",
    "the answer ends after 300 bytes, in the middle of its JSON",
  ]);
});

Deno.test("servedTeacher() names the server and the reason where it cannot be used", async () => {
  const cases: [trouble: Trouble, reason: RegExp, protocol?: "vllm" | "sglang" | "openai"][] = [
    [{ status: 401 }, /it answered 401; give the key/],
    [{ status: 302, headers: { location: "http://127.0.0.1:1/" } }, /it answered 302/],
    [
      { status: 400, body: '{"error": {"message": "prompt logprobs of 6 is greater than max allowed: 5"}}' },
      /greater than max allowed: 5; start the server with --max-logprobs 6/,
    ],
    [{ change: (text) => text.replace(/"logprob":-[\d.]+/, '"logprob":NaN') }, /log-probability of .* is NaN/],
    [{ change: (text) => text.replace(/-[\d.]+,\d+,null/, "null,3,null") }, /log-probability of .* is NaN/, "sglang"],
    [{ change: (text) => text.replace("}}]", "}},null]") }, /row 0 of the request has \d+ tokens.* for \d+/],
    [{ change: (text) => text.replace("[null,{", "[null,null,{") }, /it must name each token of row 0/],
    [{ change: (text) => text.replaceAll("prompt_logprobs", "other") }, /answer for \d+ tokens, it does for 0/],
    [{ change: (text) => text.replaceAll(/"logprob":-[\d.]+/g, '"logprob":-0.1') }, /must sum to 1/],
    [{ change: (text) => text.replace(/\],\["/, '],["').replace(/,0,null/, ",99,null") }, /99|others/, "sglang"],
    [
      { change: (text) => text.replace(/"tokens":\["(.)","(.)"/, '"tokens":["$1","~"') },
      /makes other tokens/,
      "openai",
    ],
  ];
  for (const [trouble, reason, protocol = "vllm"] of cases) {
    await using server = new FakeServer(protocol, model);
    server.troubles.push(trouble);
    const message = await refused(server);
    assert(reason.test(message), `${JSON.stringify(trouble)}: ${message}`);
  }
});

Deno.test("servedTeacher() refuses a server with another tokenizer, another model, a low limit, none at all", async () => {
  await using server = new FakeServer("vllm", model);
  server.encode = (text) => tokenizer.encode(text).with(4, 1);
  assert(
    /must have the tokenizer that it is asked with; of "The heron.*token 4 is \d+ here, 1 there/.test(
      await refused(server),
    ),
  );
  server.encode = tokenizer.encode;
  server.cap = 5;
  assert(/names 5 tokens where 6 were asked for/.test(await refused(server)), await refused(server));
  server.cap = Infinity;
  await using other = servedTeacher(`${server.address}#huge`, { ...options });
  await assertRejects(() => other.connect(), TeacherError, "must serve the model huge");
  await using elsewhere = servedTeacher(server.address.replace("/v1", "/v2"), options);
  await assertRejects(() => elsewhere.connect(), TeacherError, "its address must end where its routes begin");
  const long = { ids: Array(200).fill(1), promptLength: 1 };
  await using teacher = servedTeacher(server.address, options);
  const tooLong = () => teacher.prepare({ rows: [long], recurring: true, ...trainingBatch([long]) });
  await assertRejects(tooLong, TeacherError, "rows may have 199 tokens there, row 0 has 200");
  assertEquals(teacher.contextLength, 199);
  await using absent = servedTeacher("http://127.0.0.1:9/v1", { ...options, retries: 1 });
  await assertRejects(
    () => absent.connect(),
    TeacherError,
    "http://127.0.0.1:9/v1: it was asked 2 times, the last time",
  );
});

Deno.test("servedTeacher() by texts finds the token that the server puts before each, and wants it in the rows", async () => {
  await using server = new FakeServer("openai", model);
  server.lead = [7];
  assert(/it puts token 7 before every text, but a row begins with token/.test(await refused(server)));
  await using teacher = servedTeacher(server.address, options);
  const led = rows.map(({ ids, promptLength }) => ({ ids: [7, ...ids], promptLength: promptLength + 1 }));
  const asked = { rows: led, recurring: true, ...trainingBatch(led) };
  const size = asked.labels.length;
  const [found, expected] = await Promise.all(
    [teacher, sparse(model, { topK: 6 })].map(async (each) =>
      ((await each.prepare(asked)) as SparseTargets).answer(0, size)
    ),
  );
  assertAllClose([...found.own], [...expected.own], { atol: 1e-4, rtol: 1e-4 });
});

Deno.test("servedTeacher() by llama-cpp-python's lists, which leave out tokens that begin texts, has the right places", async () => {
  const begin = 7;
  for (const lead of [[begin], []]) {
    await using server = new FakeServer("openai", model);
    server.begin = begin;
    server.lead = lead;
    await using teacher = servedTeacher(server.address, options);
    const ask = async (rows: readonly Row[]) => {
      const asked = { rows, recurring: true, ...trainingBatch(rows) };
      const answers = await Promise.all(
        [teacher, sparse(model, { topK: 6 })].map(async (each) =>
          (await each.prepare(asked) as SparseTargets).answer(0, asked.labels.length)
        ),
      );
      const [found, expected] = answers;
      assertAllClose([...found.own], [...expected.own], { atol: 1e-4, rtol: 1e-4 });
      assertAllClose([...found.rest], [...expected.rest], { atol: 1e-3, rtol: 1e-3 });
    };
    const led = rows.map(({ ids, promptLength }) => ({ ids: [begin, ...ids], promptLength: promptLength + 1 }));
    await ask(led.filter(({ ids }) => !ids.slice(1).includes(begin)));
    await ask([{ ids: [begin, 3, begin, 9, 4, 5], promptLength: 4 }]);
    const without = () => ask([{ ids: [3, 9, 4, 5], promptLength: 2 }]);
    const reason = lead.length > 0
      ? "it puts token 7 before every text"
      : "its first token must be the one that begins a text";
    await assertRejects(without, TeacherError, reason);
    const within = () => ask([{ ids: [begin, 3, 9, begin, 5], promptLength: 2 }]);
    await assertRejects(within, TeacherError, "the server leaves out token 3");
  }
});

Deno.test("servedTeacher() sends its key to the server alone, and shows it nowhere", async () => {
  await using server = new FakeServer("vllm", model);
  await using teacher = servedTeacher(server.address, { ...options, key: "secret" });
  await teacher.connect();
  assert(server.keys.length > 3 && server.keys.every((key) => key === "Bearer secret"), server.keys.join());
  assert(!JSON.stringify([teacher.name, (await teacher.identity()).settings]).includes("secret"));
  assertThrows(() => servedTeacher("http://me:secret@host/v1", options), TypeError, "must not hold a user");
  for (const address of ["ftp://host/v1", "host:8000", "http://"]) {
    assertThrows(() => servedTeacher(address, options), TypeError, "http://host:port/v1#model");
  }
  for (
    const [name, value] of Object.entries({ topK: 54, inFlight: 0, timeLimit: 0, retries: 1.5, rowsPerRequest: 0 })
  ) {
    assertThrows(() => servedTeacher(server.address, { ...options, [name]: value }), RangeError, `${name} must be`);
  }
});

Deno.test("distill() counts the requests that were tried again among the metrics of its steps", async () => {
  await using server = new FakeServer("vllm", model);
  await using teacher = servedTeacher(server.address, options);
  const all = { rows, batchSize: 3, totalSteps: 4, seed: 3, optimizer: { learningRate: 1e-2 } };
  const retries: unknown[] = [];
  for await (const event of distill({ student: tinyModel(1), teacher, objective: objective("amid"), ...all })) {
    if (event.type !== "step") continue;
    retries.push(event.metrics?.teacherRetries);
    if (event.step === 2) server.troubles.push({ status: 503 }, { status: 429 });
  }
  // The batch after the next was asked for before.
  assertEquals(retries.slice(0, 2), [undefined, undefined]);
  assertEquals(retries.at(-1), 2);
});

/** The losses of a run's steps, and what ended it early. */
async function runWith(teacher: Teacher, changes: { checkpointFolder: string; resume?: boolean }, during?: () => void) {
  const losses: number[] = [];
  const all = { rows, batchSize: 3, totalSteps: 4, seed: 3, optimizer: { learningRate: 1e-2 }, ...changes };
  try {
    for await (const event of distill({ student: tinyModel(1), teacher, objective: objective("amid"), ...all })) {
      if (event.type !== "step") continue;
      losses.push(event.loss);
      if (event.step === 2) await during?.();
    }
  } catch (error) {
    return { losses, error: error as Error };
  }
  return { losses };
}

Deno.test("a run that loses its server saves itself, and resumes to the same losses once the server is back", async () => {
  const whole = await runWith(sparse(model, { topK: 6 }), { checkpointFolder: await Deno.makeTempDir() });
  for (const other of [undefined, servedModel(9)]) {
    await using server = new FakeServer("vllm", model);
    const checkpointFolder = await Deno.makeTempDir();
    await using teacher = servedTeacher(server.address, { ...options, retries: other ? 3 : 0 });
    let back: Promise<void> | undefined, hold = () => {};
    const lose = async () => {
      if (other) {
        server.model = other;
        await server.restart();
      } else {
        const gone = new Promise<void>((resolve) => {
          back = server.restart(() => {
            resolve();
            return new Promise((resolve) => hold = resolve);
          });
        });
        await gone;
      }
    };
    const first = await runWith(teacher, { checkpointFolder }, lose);
    assert(first.error instanceof TeacherError, `${first.error}`);
    const reason = other ? "another model answers than at the start of the run" : "it could not be reached";
    assert(
      first.error.message.includes(reason) && first.error.message.includes("the run is saved in"),
      first.error.message,
    );
    hold();
    await back;
    if (other) {
      await using changed = servedTeacher(server.address, options);
      const refused = await runWith(changed, { checkpointFolder, resume: true });
      assert(refused.error instanceof RangeError, `${refused.error}`);
      assert(refused.error.message.includes("another model answers as the teacher than before"), refused.error.message);
    }
    server.model = model;
    await using again = servedTeacher(server.address, options);
    const second = await runWith(again, { checkpointFolder, resume: true });
    assertEquals(second.error, undefined);
    assertAllClose([...first.losses, ...second.losses], whole.losses, { atol: 1e-4, rtol: 1e-4 });
  }
});
