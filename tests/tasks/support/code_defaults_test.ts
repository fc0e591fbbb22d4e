/** A flag that is not given and an option that is left out are the same. */
import { useEngine } from "../../../lib/engines/mod.ts";
import { initializeModel } from "../../../lib/models/initialize_model.ts";
import { describeObjective } from "../../../lib/objectives/recipe.ts";
import { objective, objectives } from "../../../lib/objectives/mod.ts";
import { learningRateAt } from "../../../lib/training/optimizer/learning_rate.ts";
import { randomStream } from "../../../lib/random/random.ts";
import { dataPolicy, type DataPolicyOptions } from "../../../lib/training/policy/data_policy.ts";
import { distill } from "../../../lib/training/run/distill.ts";
import type { DistillOptions } from "../../../lib/training/run/distill_options.ts";
import { distillHelp, distillSchema } from "../../../tasks/support/distill_setup.ts";
import { mixtureOf, trainerOptionsOf } from "../../../tasks/support/trainer_options.ts";
import { supplyOptionsOf } from "../../../tasks/support/policy_fields.ts";
import { plainSettings } from "../../../tasks/support/run_recipe.ts";
import { parseTask } from "../../../tasks/support/schema.ts";
import { optimizerOptionsOf } from "../../../tasks/support/training_fields.ts";
import { assert, assertEquals } from "../../support/mod.ts";

await useEngine("wasm");

const parse = async (args: string[]) =>
  (await parseTask({ name: "distill", description: "", schema: distillSchema, args, help: distillHelp })).config;
const config = await parse([]);

const sizes = { model_type: "gpt2", vocab_size: 11, n_positions: 16, n_embd: 8, n_layer: 1, n_head: 2 };
const rows = Array.from({ length: 6 }, (_, i) => ({ ids: [1, 2 + i, 3, 4], promptLength: 1 }));

Deno.test("every objective is the same by its flag alone and by its name alone", async () => {
  for (const name of objectives()) {
    const { objective: byFlag } = mixtureOf(await parse(["--objective", name]));
    assertEquals(describeObjective(byFlag!), describeObjective(objective(name)), name);
  }
});

/** Who writes the responses of each step, while the validation loss goes up and down. */
function sourcesOf(options: DataPolicyOptions): string[] {
  const policy = dataPolicy(options);
  const random = randomStream(5);
  return Array.from({ length: 200 }, (_, step) => {
    if (step % 20 === 0) policy.observe(3 + Math.sin(step) + step / 100);
    return policy.source({ step, totalSteps: 200, bufferFull: step > 50, random });
  });
}

Deno.test("learning rate and policy are the same without flags and without options", () => {
  const { schedule } = optimizerOptionsOf(config);
  const context = { peak: 1e-3, totalSteps: 40 };
  for (let step = 0; step <= 40; step++) {
    const { warmupSteps } = schedule; // it belongs to the length of the run, as the peak does
    assertEquals(learningRateAt(step, { ...schedule, ...context }), learningRateAt(step, { warmupSteps, ...context }));
  }
  const { policy } = supplyOptionsOf(config);
  for (const name of ["off", "on", "mixed", "adaptive"] as const) {
    assert(policy && !("source" in policy));
    assertEquals(sourcesOf({ ...policy, name }), sourcesOf({ name }), name);
  }
});

Deno.test("a run by the flags' defaults is a run without options", async () => {
  const eventsOf = async (own: Partial<DistillOptions>) => {
    const [student, teacher] = [1, 2].map((seed) => initializeModel(sizes, { seed }));
    const events: unknown[] = [];
    const run = distill({
      student,
      teacher,
      objective: objective("amid"),
      rows,
      validRows: rows.slice(0, 2),
      sampleRows: rows.slice(0, 2),
      batchSize: 2,
      totalSteps: 12,
      optimizer: { learningRate: 1e-2 },
      ...own,
    });
    for await (const event of run) events.push(event.type === "step" ? { ...event, seconds: 0 } : event);
    return events;
  };
  const { totalSteps: _steps, objective: _objective, ...training } = trainerOptionsOf(config);
  const { batchSize: _batch, ...plain } = plainSettings(config);
  const { optimizer, schedule, ...others } = training;
  const byFlags = { ...others, ...plain, ...supplyOptionsOf(config), schedule: { ...schedule, warmupSteps: 0 } };
  const rate = { learningRate: 1e-2 };
  assertEquals(await eventsOf({ ...byFlags, optimizer: { ...optimizer, ...rate } }), await eventsOf({}));
});
