import { join } from "node:path";
import type { z } from "zod";
import { PACKAGED_MODELS } from "../../lib/hub/packaged_models.ts";
import { objective } from "../../lib/objectives/mod.ts";
import { dataPolicy, type DataPolicyOptions } from "../../lib/training/policy/data_policy.ts";
import { evaluateSchema } from "../../tasks/support/evaluate_setup.ts";
import { pruneTask } from "../../tasks/support/prune_setup.ts";
import { pseudoTargetsTask } from "../../tasks/support/pseudo_targets_setup.ts";
import { sftSchema } from "../../tasks/support/sft_setup.ts";
import { distillSchema } from "../../tasks/support/distill_setup.ts";
import type { ConfigSchema } from "../../tasks/support/field.ts";
import { parseNamedPaths, parseSeeds } from "../../tasks/support/named_paths.ts";
import { objectiveOf } from "../../tasks/support/trainer_options.ts";
import { supplyOptionsOf } from "../../tasks/support/policy_fields.ts";
import { checkRunName } from "../../tasks/support/run_folder.ts";
import { scheduleOf } from "../../tasks/support/schedule_fields.ts";
import { parseTask } from "../../tasks/support/schema.ts";
import { assert, assertEquals } from "../support/mod.ts";

const root = new URL("../../tasks/configs/", import.meta.url).pathname;

/** All files that are runs of their own; those in folders `shared` are parts of others, that beside the folders a list. */
function runs(folder = ""): string[] {
  return [...Deno.readDirSync(join(root, folder))].flatMap(({ name, isDirectory }) => {
    if (isDirectory) return name === "shared" ? [] : runs(join(folder, name));
    return folder !== "" && name.endsWith(".json") ? [join(folder, name)] : [];
  }).sort();
}

/** The task that a file is for: the folder says it. */
const tasks: Record<string, ConfigSchema> = {
  built_in: sftSchema,
  sft: sftSchema,
  prune: pruneTask.schema,
  pseudo_targets: pseudoTargetsTask.schema,
  distill: distillSchema,
  evaluate: evaluateSchema,
};

const read = <S extends ConfigSchema>(file: string, schema: S): Promise<z.output<S>> =>
  parseTask({ name: "test", description: "", schema, args: ["--config", join(root, file)] }).then(({ config }) =>
    config
  );

/** The name of a run's folder; that of a pruned model is the one it is written to. */
const nameOf = (config: { name?: string; output?: string }): string =>
  config.name ?? /^runs\/(.+)$/.exec(config.output ?? "")?.[1] ?? "";

Deno.test("every configuration is one that its task takes, with a name of its own", async () => {
  const names = new Map<string, string>();
  for (const file of runs()) {
    const task = file.split("/").at(-2)!;
    assert(Object.hasOwn(tasks, task), `${file} is in a folder that names no task`);
    const name = nameOf(await read(file, tasks[task]));
    checkRunName(name);
    assertEquals(names.get(name), undefined, `${file} has the name of ${names.get(name)}`);
    names.set(name, file);
  }
  assert(names.size > 60);
});

Deno.test("every distillation has an objective, a policy and schedules that can be made", async () => {
  for (const file of runs().filter((file) => file.includes("/distill/"))) {
    const config = await read(file, distillSchema);
    const made = objectiveOf(config);
    assertEquals(made.name.startsWith(config.objective), true, `${file} makes ${made.name}`);
    dataPolicy(supplyOptionsOf(config).policy as DataPolicyOptions);
    scheduleOf("lambda", { from: config.lambda ?? 0, settings: config });
    assert(config.teacher !== config.student, file);
  }
});

Deno.test("every run starts where another one ended, or from a repository", async () => {
  const files = runs().filter((file) => !file.startsWith("built_in"));
  const made = new Set<string>();
  const pruned = new Set<string>();
  for (const file of files.filter((file) => !file.includes("/evaluate/"))) {
    const name = nameOf(await read(file, tasks[file.split("/").at(-2)!]));
    (file.includes("/prune/") ? pruned : made).add(name);
  }
  const check = (path: string | undefined, file: string) => {
    if (path === undefined || Object.hasOwn(PACKAGED_MODELS, path)) return;
    const [, name, best] = /^runs\/([^/]+)(\/best)?$/.exec(path) ?? [];
    if (name !== undefined) assert((best ? made : pruned).has(name), `${file} needs ${path}`);
    else assert(/^[\w-]+\/[\w.-]+$/.test(path), `${file} needs ${path}`);
  };
  for (const file of files) {
    if (file.includes("/evaluate/")) {
      const { models, sets, seeds } = await read(file, evaluateSchema);
      for (const { path } of parseNamedPaths(models!, "--models")) check(path, file);
      assertEquals(parseNamedPaths(sets!, "--sets").length, 5);
      assertEquals(parseSeeds(seeds, "--seeds"), [10, 20, 30, 40, 50]);
    } else if (file.includes("/sft/")) {
      check((await read(file, sftSchema)).model, file);
    } else if (file.includes("/prune/")) {
      check((await read(file, pruneTask.schema)).model, file);
    } else if (file.includes("/pseudo_targets/")) {
      check((await read(file, pseudoTargetsTask.schema)).teacher, file);
    } else {
      const { teacher, teacherAdapter, student, studentAdapter } = await read(file, distillSchema);
      for (const path of [...[teacher].flat(), teacherAdapter, student, studentAdapter]) check(path, file);
    }
  }
});

Deno.test("the runs of the paper have its numbers", async () => {
  const amid = await read("gpt2/distill/amid_0.1b.json", distillSchema);
  assertEquals(
    objectiveOf(amid).name,
    objective("amid", {
      divergence: { name: "alpha-beta", alpha: 0.2, beta: 0.7 },
      order: "pr",
      alpha: 0.5,
      lambda: 0.5,
    }).name,
  );
  const { policy, replaySchedule, replayCapacity, threshold, lossTolerance, epochs, batchSize, learningRate } = amid;
  assertEquals([policy, replaySchedule, replayCapacity, threshold, lossTolerance], [
    "adaptive",
    "decreasing",
    1000,
    0,
    0.1,
  ]);
  assertEquals([epochs, batchSize, learningRate, amid.minimumLearningRate], [20, 32, 1e-4, 1e-7]);
  assertEquals([amid.weightDecay, amid.clipNorm, amid.warmupSteps, amid.seed], [0.01, 1, 0, 10]);
  const start = await read("gpt2/sft/start_0.3b.json", sftSchema);
  assertEquals([start.epochs, start.learningRate, start.keepBest], [3, 5e-4, true]);
  const large = await read("openllama/distill/amid_3b.json", distillSchema);
  assertEquals([large.loraRank, large.loraAlpha, large.loraDropout, large.epochs], [16, 64, 0.1, 10]);
});
