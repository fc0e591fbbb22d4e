import { assert, assertEquals, assertRejects } from "../../support/mod.ts";
import type { OptionSpec } from "../../../lib/divergences/option.ts";
import { type DivergenceName, divergences, divergenceSpecs } from "../../../lib/divergences/registry.ts";
import { objective, objectives } from "../../../lib/objectives/mod.ts";
import { presets } from "../../../lib/objectives/presets.ts";
import { objectiveText } from "../../../lib/runs/objective_text.ts";
import { distillSchema } from "../../../tasks/support/distill_setup.ts";
import { fieldsOf, flagOf } from "../../../tasks/support/field.ts";
import { divergenceSetting } from "../../../tasks/support/objective_fields.ts";
import { mixtureOf, objectiveOf } from "../../../tasks/support/trainer_options.ts";
import { parseTask } from "../../../tasks/support/schema.ts";
import { planSweep } from "../../../tasks/support/sweep/plan.ts";
import { readVary } from "../../../tasks/support/sweep/grid.ts";
import { distillEffects } from "../../../tasks/support/training_effects.ts";
import { UsageError } from "../../../tasks/support/usage_error.ts";

const parse = async (args: string[]) => {
  const schema = distillSchema;
  return (await parseTask({
    name: "distill",
    description: "",
    schema,
    args,
    effects: distillEffects,
    warn: (text) => assert(false, text),
  })).config;
};

/** A value that the option takes and that is not its default. */
function otherValue({ takes, default: byDefault, check }: OptionSpec<unknown>): unknown {
  const candidates = takes?.kind === "flag" ? [true] : takes?.kind === "word" ? takes.words : [0.3, 0.6, 1.5];
  const value = candidates.find((one) => one !== byDefault && works(() => check(one, "")));
  assert(value !== undefined, JSON.stringify(takes));
  return value;
}

function works(call: () => unknown): boolean {
  try {
    call();
    return true;
  } catch {
    return false;
  }
}

const flagWith = (key: string, value: unknown) => value === true ? [flagOf(key)] : [flagOf(key), String(value)];

/** Flags, and the objective that they stand for: each option of each objective and each divergence. */
function* cases(): Generator<
  { key: string; value: unknown; flags: string[]; options: Record<string, unknown>; name: string }
> {
  for (const name of objectives()) {
    for (const [key, spec] of Object.entries<OptionSpec<unknown>>(presets[name].specs)) {
      if (key === "divergence") continue;
      // The gradient can stop at the mixture only where the student is there beside it.
      const beside = key === "detachAssistant" ? { order: "qr" } : {};
      const value = otherValue(spec);
      const flags = [
        "--objective",
        name,
        ...flagWith(key, value),
        ...Object.entries(beside).flatMap(([k, v]) => [flagOf(k), v]),
      ];
      yield {
        key,
        value,
        flags,
        name,
        options: { ...beside, [key]: value },
      };
    }
  }
  for (const divergence of divergences()) {
    yield {
      key: "divergence",
      value: divergence,
      flags: ["--divergence", divergence],
      name: "amid",
      options: { divergence },
    };
    for (const [key, spec] of Object.entries(divergenceSpecs(divergence as DivergenceName))) {
      const [setting, value] = [divergenceSetting(key), otherValue(spec)];
      const flags = ["--divergence", divergence, ...flagWith(setting, value)];
      yield {
        key: setting,
        value,
        flags,
        name: "amid",
        options: { divergence: { name: divergence, [key]: value } },
      };
    }
  }
}

Deno.test("every option of every objective and divergence can be set by a flag, in a file and in a sweep", async () => {
  let count = 0;
  const folder = await Deno.makeTempDir();
  for (const { key, value, flags, options, name } of cases()) {
    const wanted = objective(name as "amid", options).recipe;
    assertEquals(objectiveOf(await parse(flags)).recipe, wanted);
    const config = await parse(flags);
    const given = flags.filter((flag) => flag.startsWith("--")).map((flag) =>
      fieldsOf(distillSchema).find((one) => one.flag === flag)!.key
    );
    const own = Object.fromEntries(given.map((one) => [one, config[one as keyof typeof config]]));
    await Deno.writeTextFile(`${folder}/c.json`, JSON.stringify(own));
    assertEquals(objectiveOf(await parse(["--config", `${folder}/c.json`])).recipe, wanted);
    const base = Object.fromEntries(
      Object.entries(own).filter(([one]) => one !== key).map(([one, set]) => [one, String(set)]),
    );
    const { cells } = await planSweep(readVary(`${key}=${value}`, fieldsOf(distillSchema)), base);
    assertEquals(cells.map((cell) => objectiveOf(cell.config).recipe), [wanted]);
    count += 1;
  }
  assert(count >= 30, `${count} options`);
  await Deno.remove(folder, { recursive: true });
});

Deno.test("objectiveOf() makes Rényi's divergence of an order of its own beside the order of the pair", async () => {
  const config = await parse(["--divergence", "renyi", "--divergence-order", "2", "--order", "qr"]);
  const options = { order: "qr", divergence: { name: "renyi", order: 2 } } as const;
  assertEquals(objectiveOf(config).recipe, objective("amid", options).recipe);
});

Deno.test("objectiveOf() names the flag of a value that its owner refuses", async () => {
  const refused: [string, string][] = [
    [
      "--divergence renyi --divergence-order 0",
      "Cannot use --divergence-order: with --divergence renyi it must be a finite number, above 0, current value is 0",
    ],
    [
      "--objective gkd --beta 1",
      "Cannot use --beta: with --objective gkd it must be a finite number, above 0, below 1, current value is 1",
    ],
    [
      "--objective abkd --alpha inf",
      "Cannot use --alpha: with --objective abkd it must be a finite number, current value is Infinity",
    ],
    [
      "--lambda 1.5",
      "Cannot use --lambda: with --objective amid it must be a finite number, at least 0, at most 1, current value is 1.5",
    ],
  ];
  for (const [line, message] of refused) {
    await assertRejects(async () => objectiveOf(await parse(line.split(" "))), UsageError, message);
  }
  await assertRejects(() => parse(["--divergence", "reny"]), UsageError, "(did you mean renyi?)");
});

Deno.test("objectiveOf() leaves out what a file gives for another objective", () => {
  const config = distillSchema.parse({
    objective: "forward-kl",
    alpha: 3,
    divergence: "renyi",
    divergenceOrder: 2,
    beta: 9,
  });
  assertEquals(objectiveOf(config).recipe, objective("forward-kl").recipe);
});

Deno.test("objectiveOf() has the defaults of objective(), for every objective", async () => {
  for (const name of objectives()) {
    assertEquals(objectiveOf(await parse(["--objective", name])).recipe, objective(name).recipe);
  }
  assertEquals(objectiveOf(await parse([])).recipe, objective("amid").recipe);
  assertEquals(objective("amid").assistant, { alpha: 0, lambda: 0.1, detach: false });
});

Deno.test("mixtureOf() starts a schedule at what the objective's mixture is", async () => {
  const cases: [string, number][] = [
    ["", 0.1],
    ["--lambda 0.3", 0.3],
    ["--objective taid", 0.4],
    ["--objective taid --lambda 0.2", 0.2],
    ["--objective distillm --skew 0.25", 0.25],
    ["--objective gkd", 0.5],
  ];
  for (const [flags, from] of cases) {
    const scheduled = [...flags.split(" ").filter(Boolean), "--lambda-schedule", "linear", "--lambda-end", "0.9"];
    assertEquals(mixtureOf(await parse(scheduled)).lambda, { name: "linear", from, to: 0.9 });
  }
});

Deno.test("schedules of alpha and lambda are refused where the objective does not leave them open", async () => {
  for (const [flags, number] of [["forward-kl", "lambda"], ["taid", "alpha"], ["abkd", "alpha"], ["gkd", "alpha"]]) {
    const scheduled = ["--objective", flags, `--${number}-schedule`, "linear", `--${number}-end`, "1"];
    await assertRejects(() => parse(scheduled), UsageError, `--${number}-schedule`);
  }
});

Deno.test("objectiveText() describes an objective with its defaults, its divergence's too, and its schedules", async () => {
  const cases: [string, string][] = [
    ["", "amid (divergence kl, order pr, alpha 0, lambda 0.1)"],
    ["--objective forward-kl", "forward-kl"],
    [
      "--divergence alpha-beta --order qr --detach-assistant --alpha inf",
      "amid (divergence alpha-beta (alpha 0.2, beta 0.7), order qr, alpha inf, lambda 0.1, detachAssistant true)",
    ],
    ["--objective taid --lambda-schedule linear --lambda-end 1", "taid (lambda 0.4), lambda linear from 0.4 to 1"],
  ];
  for (const [flags, text] of cases) {
    assertEquals(objectiveText(mixtureOf(await parse(flags.split(" ").filter(Boolean)))), text);
  }
  const soft = { objective: objective("gkd"), temperature: 2 };
  assertEquals(objectiveText(soft), "gkd (beta 0.5, temperature 2)");
  assertEquals(
    objectiveText({ objective: { name: "mine", perToken: ({ student }) => student } })?.startsWith("mine ("),
    true,
  );
});
