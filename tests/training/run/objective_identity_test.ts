import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../../lib/engines/mod.ts";
import { divergence, kl } from "../../../lib/divergences/mod.ts";
import { combined, composition, type Objective, objective } from "../../../lib/objectives/mod.ts";
import { writeManifest } from "../../../lib/files/manifest.ts";
import { type DataPolicy, dataPolicy } from "../../../lib/training/policy/data_policy.ts";
import { distill, type DistillOptions } from "../../../lib/training/run/distill.ts";
import { eventsOf } from "../../support/events.ts";
import { assert, assertEquals, assertRejects } from "../../support/mod.ts";
import { tinyModel, tinyRows } from "../../support/tiny_model.ts";

await useEngine("wasm");

const BOTH = { x: true, y: true };

const runOf = (changes: Partial<DistillOptions>) =>
  distill({
    student: tinyModel(1),
    teacher: tinyModel(2),
    rows: tinyRows(4),
    batchSize: 2,
    totalSteps: 2,
    optimizer: { learningRate: 1e-2 },
    ...changes,
  });

/** A run that is at its end, and what is said of one that goes on with it. */
async function saved(changes: Partial<DistillOptions>): Promise<{
  folder: string;
  refused: (changes: Partial<DistillOptions>, ...parts: string[]) => Promise<void>;
  resumed: (changes: Partial<DistillOptions>) => Promise<string[]>;
}> {
  const folder = await Deno.makeTempDir();
  await eventsOf(runOf({ ...changes, checkpointFolder: folder }));
  const again = (changes: Partial<DistillOptions>) => runOf({ ...changes, checkpointFolder: folder, resume: true });
  return {
    folder,
    async refused(changes, ...parts) {
      for (const part of parts) await assertRejects(() => eventsOf(again(changes)), RangeError, part);
    },
    async resumed(changes) {
      const events = await eventsOf(again(changes));
      return events.flatMap((event) => event.type === "warning" ? [event.message] : []);
    },
  };
}

Deno.test("distill() refuses a checkpoint of the same objective with other options, and names them", async () => {
  const first = { objective: objective("amid", { alpha: 0, divergence: "kl", order: "pr" }) };
  const { refused, resumed } = await saved(first);
  await refused(
    { objective: objective("amid", { alpha: 5, divergence: "total-variation", order: "rq" }) },
    "objective.alpha is 0 there, 5 here",
    "objective.divergence.name is kl there, total-variation here",
    "objective.order is pr there, rq here",
  );
  await refused({ objective: objective("amid", { alpha: -Infinity }) }, "objective.alpha is 0 there, -inf here");
  await refused({ objective: objective("amid", { alpha: 0, lambda: 0.4 }) }, "objective.lambda is 0.1 there, 0.4 here");
  await refused({ objective: objective("gkd") }, "objective is amid there, gkd here");
  assertEquals(await resumed({ objective: objective("amid", { alpha: 0, divergence: { name: "kl" } }) }), []);
});

Deno.test("distill() knows an objective with a schedule by its recipe at the start, and by the schedule", async () => {
  const lambda = { name: "linear", from: 0, to: 1 } as const;
  const { folder, refused, resumed } = await saved({ objective: objective("taid"), lambda });
  assertEquals(await resumed({ objective: objective("taid"), lambda }), []);
  // What the schedule sets does not count.
  assertEquals(await resumed({ objective: objective("taid", { lambda: 0.9 }), lambda }), []);
  await refused({ objective: objective("gkd"), lambda: { ...lambda, from: 0.5 } }, "objective is taid there, gkd here");
  await refused({ objective: objective("amid"), lambda }, "objective.alpha is absent there, 0 here");
  await refused({ objective: objective("taid"), lambda: { ...lambda, to: 0.9 } }, "lambda.to");
  await refused({ objective: objective("taid", { lambda: 0 }) }, "lambda.name is linear there, absent here");
  // Descriptions of earlier versions had the options at four places of the run.
  const path = `${folder}/step-00000002/run.json`;
  const run = JSON.parse(await Deno.readTextFile(path));
  assertEquals(run.identity.settings["objective.lambda"], "0");
  run.identity.settings["objective.lambda"] = "0, 0.25, 0.5, 0.75";
  await Deno.writeTextFile(path, JSON.stringify(run));
  await writeManifest(`${folder}/step-00000002`);
  assertEquals(await resumed({ objective: objective("taid"), lambda }), []);
});

Deno.test("distill() tells compositions apart by their divergence, order and assistant, and by what weighs them", async () => {
  const part = (alpha: number, gap = 1) =>
    composition({
      divergence: { name: "mine", parameters: { gap }, partials: (x, y) => divergence("kl").partials(x, y, BOTH) },
      order: "pr",
      assistant: { alpha, lambda: 0.1 },
    });
  const { refused, resumed } = await saved({ objective: combined("mine", { parts: [part(0)] }) });
  assertEquals(await resumed({ objective: combined("mine", { parts: [part(0)] }) }), []);
  await refused({ objective: combined("mine", { parts: [part(1)] }) }, "objective.parts.0.assistant.alpha is 0 there");
  await refused(
    { objective: combined("mine", { parts: [part(0, 2)] }) },
    "parts.0.divergence.parameters.gap is 1 there",
  );
  const kl = composition({ divergence: "kl", order: "pr", assistant: { alpha: 0, lambda: 0.1 } });
  await refused({ objective: combined("mine", { parts: [kl] }) }, "objective.parts.0.divergence.name is mine there");
  const weigh = () => [2];
  await refused({ objective: combined("mine", { parts: [part(0)], weigh }) }, "objective.weigh is absent there");
});

Deno.test("distill() knows an objective of your own by its recipe, and else by its source text", async () => {
  const perToken: Objective["perToken"] = ({ student, teacher }) => kl(tf.logSoftmax(teacher), tf.logSoftmax(student));
  const own = await saved({ objective: { name: "mine", perToken } });
  assertEquals(await own.resumed({ objective: { name: "mine", perToken } }), []);
  const doubled: Objective = { name: "mine", perToken: (logits) => tf.mul(perToken(logits), 2) };
  await own.refused({ objective: doubled }, "objective.perToken is source of hash");
  const recipe = (gamma: number) => ({ name: "mine", options: { gamma } });
  const described = await saved({ objective: { name: "mine", perToken, recipe: recipe(1) } });
  await described.refused(
    { objective: { name: "mine", perToken, recipe: recipe(2) } },
    "objective.gamma is 1 there, 2 here",
  );
  assertEquals(await described.resumed({ objective: { ...doubled, recipe: recipe(1) } }), []);
});

Deno.test("distill() knows a data policy that is an object by its recipe, and else by its source text", async () => {
  const base = { objective: objective("gkd"), responses: { maxNewTokens: 2 } };
  const { refused, resumed } = await saved({ ...base, policy: dataPolicy({ name: "mixed", probability: 0.3 }) });
  await refused(
    { ...base, policy: dataPolicy({ name: "mixed", probability: 0.4 }) },
    "policy.probability is 0.3 there, 0.4 here",
  );
  assertEquals(await resumed({ ...base, policy: dataPolicy({ name: "mixed", probability: 0.3 }) }), []);
  const state = () => ({ share: 0 });
  const still = { share: 0, needsValidation: false, replays: false, observe() {}, state, restore() {} };
  const alternating: DataPolicy = { ...still, name: "mine", source: () => "corpus" };
  const other: DataPolicy = { ...still, name: "mine", source: ({ step }) => step > 5 ? "student" : "corpus" };
  const mine = await saved({ ...base, policy: alternating });
  assertEquals(await mine.resumed({ ...base, policy: alternating }), []);
  await mine.refused({ ...base, policy: other }, "policy.source is source of hash");
});

Deno.test("distill() resumes from an older checkpoint that has the objective's name alone, and reports it", async () => {
  // "made" stood for every objective that a function made, as α and λ with a schedule once asked for.
  for (const made of [false, true]) {
    const gkd = (beta: number) => objective("gkd", { beta });
    const { folder, refused, resumed } = await saved({ objective: gkd(0.3) });
    const path = `${folder}/step-00000002/run.json`;
    const run = JSON.parse(await Deno.readTextFile(path));
    const { version: _, settings, rounding } = run.identity;
    for (const key of Object.keys(settings)) if (key.startsWith("objective.")) delete settings[key];
    // The student's responses, which a run without any does not have, and the task's own length.
    const older = { "responses.maxNewTokens": "8", "settings.steps": "2" };
    run.identity = { settings: { ...settings, ...older, objective: made ? "made" : "gkd" }, rounding };
    await Deno.writeTextFile(path, JSON.stringify(run));
    await writeManifest(`${folder}/step-00000002`);
    const [warning, ...others] = await resumed({ objective: gkd(0.3) });
    assert(warning.includes("older version, which stored only the name of the objective"), warning);
    assertEquals(others, []);
    if (!made) await refused({ objective: objective("wsd") }, "objective is gkd there, wsd here");
  }
});
