import { main as distill } from "../../../tasks/distill.ts";
import { main as data } from "../../../tasks/data.ts";
import { main as evaluate } from "../../../tasks/evaluate.ts";
import { main as plan } from "../../../tasks/plan.ts";
import { main as prune } from "../../../tasks/prune.ts";
import { main as pseudoTargets } from "../../../tasks/pseudo_targets.ts";
import { main as select } from "../../../tasks/select.ts";
import { main as sft } from "../../../tasks/sft.ts";
import { sftSchema } from "../../../tasks/support/sft_setup.ts";
import { distillSchema } from "../../../tasks/support/distill_setup.ts";
import { mixtureOf } from "../../../tasks/support/trainer_options.ts";
import type { Effect } from "../../../tasks/support/effects.ts";
import { type ConfigSchema, fieldsOf } from "../../../tasks/support/field.ts";
import { warnOfEpochs } from "../../../tasks/support/length_effects.ts";
import { parseTask } from "../../../tasks/support/schema.ts";
import { distillEffects, sftEffects } from "../../../tasks/support/training_effects.ts";
import { UsageError } from "../../../tasks/support/usage_error.ts";
import { assert, assertEquals, assertRejects } from "../../support/mod.ts";

/** Tasks, flags without effect in them, and the condition that the message names. */
const refused: [task: (args: readonly string[]) => Promise<unknown>, name: string, lines: [string, string][]][] = [
  [distill, "distill", [
    [
      "--data folder --kinds noun-field",
      "--kinds noun-field: it has an effect only with --data wordnet; currently --data is folder",
    ],
    ["--policy-probability 0.5", "only with --policy mixed; currently --policy is off"],
    ["--policy on --policy-probability 0.3", "only with --policy mixed"],
    ["--threshold 0.2", "only with --policy adaptive"],
    ["--policy mixed --threshold-rise 0.2", "only with --policy adaptive"],
    ["--policy adaptive --loss-tolerance 0.2 --validate-every end", "only with --validate-every in steps"],
    ["--loss-reference raised", "only with --policy adaptive"],
    ["--replay-schedule constant", "only with --policy other than off"],
    ["--replay-capacity 10", "only with --policy on or mixed with a --replay-schedule, or --policy adaptive"],
    ["--policy on --replay-capacity 10", "only with --policy on or mixed with a --replay-schedule"],
    ["--policy adaptive --replay-schedule none --replay-capacity 10", "only with --policy on or mixed with"],
    ["--response-temperature 0.5", "only with --policy other than off"],
    ["--policy on --response-temperature 0 --response-top-k 5", "only with sampled answers"],
    ["--samples 2 --response-top-p 0.5", "only with sampled answers"],
    ["--objective forward-kl --alpha 0.5", "only with --objective amid, alpha-beta, alphanet or abkd"],
    ["--objective gkd --lambda 0.5", "only with --objective amid or taid"],
    ["--objective amid --beta 0.5", "only with --objective jensen-shannon"],
    ["--skew 0.2", "only with --objective skewed-forward-kl, skewed-reverse-kl or distillm"],
    ["--mu 0.2", "only with --objective adaptive-kl"],
    ["--weight 0.2", "only with --objective wsd"],
    ["--objective taid --divergence renyi", "only with --objective amid"],
    ["--objective wsd --detach-assistant", "only with --objective amid"],
    ["--divergence-order 2", "only with --divergence renyi; currently --divergence is absent"],
    [
      "--divergence kl --divergence-alpha 2",
      "only with --divergence amari or alpha-beta; currently --divergence is kl",
    ],
    ["--order pq --alpha 0.5", "only with an --order with r, the mixture; currently --order is pq"],
    ["--order qp --detach-assistant", "only with an --order with r"],
    ["--objective gkd --alpha-schedule linear --alpha-end 1", "only with --objective amid"],
    ["--alpha-end 2", "only with --alpha-schedule other than constant"],
    ["--lambda-end 1", "only with --lambda-schedule other than constant"],
    ["--temperature-end 2", "only with --temperature-schedule other than constant"],
    ["--distill-weight-end 0", "only with --distill-weight-schedule other than constant"],
    ["--text-weight-schedule linear --text-weight-end 1", "only with --text;"],
    ["--text-weight 0.5", "only with --text; currently --text is absent"],
    ["--text-length 20", "only with --text;"],
    ["--text-batch-size 20", "only with --text;"],
    ["--schedule-power 2", "only with --schedule polynomial"],
    ["--schedule constant --minimum-learning-rate 1e-6", "only with --schedule other than constant"],
    ["--minimum-learning-rate 0.1", "the lowest learning rate must be at most the peak, which is 0.0014"],
    ["--teacher-cache-folder states", "only with --teacher-cache disk; currently --teacher-cache is true"],
    ["--no-teacher-cache --teacher-cache-type bfloat16", "only with --teacher-cache other than false"],
    ["--sample-every 5", "only with --samples above 0"],
    ["--sample-temperature 1", "only with --samples above 0"],
    ["--shard-optimizer", "only with --distributed; currently --distributed is false"],
    ["--steps 4 --epochs 2", "Cannot use --epochs 2: it excludes --steps, current value is 4"],
    ["--resume --overwrite", "Cannot use --overwrite: it excludes --resume"],
    ["--keep-last 3", "only with --save-every in steps, or --epochs"],
    ["--lora-rank 4 --format F16", "only with --lora-merge where adapters are trained"],
  ]],
  [sft, "sft", [
    ["--model folder --lora-rank 4 --format BF16", "only with --lora-merge where adapters are trained"],
    ["--model folder --layers 3", "only with no --model; currently --model is folder"],
    ["--model folder --hidden-size 3", "only with no --model"],
    ["--lora-rank 4", "--lora-rank 4: it has an effect only with --model; currently --model is absent"],
    ["--lora-merge", "Cannot use --lora-merge: it has an effect only with --model"],
    ["--schedule-power 2", "only with --schedule polynomial"],
  ]],
  [evaluate, "evaluate", [
    ["--top-p 0.5", "only with --temperature above 0"],
    ["--sets a=b --temperature 0 --top-k 5", "only with --temperature above 0"],
    ["--template own", "only with --sets"],
    ["--limit 3", "only with --sets"],
    ["--sets a=b --answers file", "only with no --sets; currently --sets is a=b"],
    ["--sets a=b --models c=d --model e", "only with no --models"],
    ["--data folder --kinds chain", "only with --data wordnet"],
  ]],
  [select, "select", [
    ["--by loss --temperature 0.5", "only with --by rouge-l; currently --by is loss"],
    ["--by loss --top-p 0.5", "only with --by rouge-l"],
    ["--temperature 0 --top-p 0.5", "only with --temperature above 0"],
  ]],
  [prune, "prune", [
    ["folder --choose-layers loss", "only with --layers; currently --layers is absent"],
    ["folder --data own --kinds chain", "only with --data wordnet; currently --data is own"],
  ]],
  [pseudoTargets, "pseudo-targets", [["--data folder --temperature 0 --top-k 4", "only with --temperature above 0"]]],
  [data, "data", [
    ["dolly --tokens 5", "only with --kind text; currently --name is dolly and --kind is absent"],
    ["openwebtext --max-prompt-length 5", "only with --kind training or evaluation"],
    ["mine --input f --kind text --test-rows 5", "only with --kind training"],
    ["mine --input f --kind evaluation --seed 5", "only with --kind training"],
    ["mine --input f --revision main", "only with no --input"],
    ["mine --input f --valid g --valid-rows 5", "only with no --valid"],
    ["mine --input f --valid g --test h --first-rows", "only with rows to be held out"],
    ["dolly --seed 2", "only with --no-first-rows"],
  ]],
  [plan, "plan", [
    ["--check 1 --gpus 8", "only with no --check"],
    ["--check-steps 3", "only with --check"],
    ["--flops 3 --utilization 0.5", "only with no --flops"],
    ["--batch 3 --largest-batch 5", "only with no --batch"],
    ["--threads 2", "only with --cores, or --check"],
  ]],
];

for (const [task, name, lines] of refused) {
  Deno.test(`task ${name} refuses flags without effect, and names what they need`, async () => {
    for (const [line, message] of lines) await assertRejects(() => task(line.split(" ")), UsageError, message);
  });
}

const read = async (args: string[]) => {
  const warnings: string[] = [];
  const warn = (text: string) => warnings.push(text);
  const name = "distill";
  const { config } = await parseTask({
    name,
    description: "",
    schema: distillSchema,
    args,
    effects: distillEffects,
    warn,
  });
  return { config, warnings };
};

Deno.test("distill warns of lengths beyond the run, and of what is odd", async () => {
  const lines: [string, string[]][] = [
    ["--steps 450", []],
    ["--steps 5", ["--steps 5: the run ends at step 5, before its warm-up of 10 steps"]],
    ["--warmup-steps 500", ["--warmup-steps 500: the run ends at step 450, before its warm-up of 500 steps"]],
    ["--stop-after 500", ["--stop-after 500: the run ends at step 450"]],
    ["--save-every 1000", ["--save-every 1000: the run ends at step 450"]],
    ["--max-new-tokens 8", [
      "--max-new-tokens 8: it has an effect only with --policy other than off, or --samples above 0; currently --policy is " +
      "off and --samples is 0",
    ]],
    ["--epochs 1 --stop-after 500 --save-every 1000", []],
    ["--policy adaptive --validate-every 50", []],
    ["--policy adaptive --validate-every never --threshold 0.2", []],
    ["--policy adaptive --epochs 3", []],
    ["--policy adaptive --validate-every end", [
      "--policy adaptive: without a validation before the end, --validate-every, the student's share of the responses " +
      "stays at 0",
    ]],
    ["--micro-batch-size 32", ["--micro-batch-size 32: it has no effect, a step has 16 rows"]],
    ["--distill-weight 0 --alpha 1", [
      "--alpha 1: it has an effect only with --distill-weight above 0, or --distill-weight-schedule other than constant; " +
      "currently --distill-weight is 0 and --distill-weight-schedule is constant",
    ]],
    ["--policy on --teacher-cache disk", [
      "--teacher-cache disk: it has an effect only with --policy other than on, or --policy on or mixed with a " +
      "--replay-schedule, or --policy adaptive; currently --policy is on and --replay-schedule is absent",
    ]],
  ];
  for (const [line, expected] of lines) assertEquals((await read(line.split(" "))).warnings, expected);
});

Deno.test("warnOfEpochs() warns of lengths beyond a run in epochs, whose steps are known by its rows", () => {
  const said = (settings: Record<string, unknown>, { epochs }: { epochs?: number } = { epochs: 2 }): string[] => {
    const [lines, before] = [[] as string[], console.error];
    console.error = (text: string) => void lines.push(text);
    try {
      const config = { steps: 14, warmupSteps: 10, ...settings };
      const origins = Object.fromEntries(Object.keys({ ...settings, epochs }).map((key) => [key, "--flag"]));
      warnOfEpochs(config, { schema: distillSchema, given: { ...config, epochs }, origins });
    } finally {
      console.error = before;
    }
    return lines;
  };
  const warmUp = "the run ends at step 14, before its warm-up of";
  assertEquals(said({ warmupSteps: 14, saveEvery: 14, validateEvery: "never" }), []);
  assertEquals(said({ warmupSteps: 15 }), [`warning: --warmup-steps 15: ${warmUp} 15 steps`]);
  assertEquals(said({ steps: 14, saveEvery: 20 }), ["warning: --save-every 20: the run ends at step 14"]);
  assertEquals(said({ warmupSteps: 15 }, {}), []);
});

Deno.test("a flag that turns off what is off, and a weight of 0, are accepted", async () => {
  const line = "--no-shard-optimizer --no-lora-merge --text-weight 0 --replay-schedule none " +
    "--alpha-schedule constant --objective gkd --keep-last 1 --no-tensorboard";
  assertEquals((await read(line.split(" "))).warnings, []);
});

Deno.test("values of a file without effect are warned about in one line, defaults not at all", async () => {
  const path = await Deno.makeTempFile({ suffix: ".json" });
  const values = {
    objective: "gkd",
    alpha: "inf",
    policyProbability: 0.2,
    threshold: 0,
    lossTolerance: 0.1,
    steps: 20,
  };
  await Deno.writeTextFile(path, JSON.stringify(values));
  const { config, warnings } = await read(["--config", path]);
  assertEquals([config.alpha, config.objective], [Infinity, "gkd"]);
  assertEquals(warnings, [
    `of ${path}, without effect in this run: "alpha" (only with --objective amid, alpha-beta, alphanet or abkd), ` +
    `"policyProbability" (only with --policy mixed)`,
  ]);
  await assertRejects(() => read(["--config", path, "--alpha", "1"]), UsageError, "Cannot use --alpha 1");
  await Deno.remove(path);
});

Deno.test("the rules look for values that their settings can have", () => {
  const rules: [ConfigSchema, readonly Effect[]][] = [[distillSchema, distillEffects], [sftSchema, sftEffects]];
  let looked = 0;
  for (const [schema, effects] of rules) {
    const fields = fieldsOf(schema);
    for (const { keys, values } of effects.flatMap(({ needs }) => needs)) {
      const field = fields.find(({ key }) => key === keys[0])!;
      for (const value of values ?? []) {
        const known = field.kind === "boolean" || typeof value === "boolean" ||
          (field.choices?.includes(String(value)) ?? true);
        assert(known, `${field.flag} ${value}`);
        looked += 1;
      }
    }
  }
  assert(looked > 40, `${looked} values`);
});

Deno.test("a schedule in a file that the objective cannot follow is warned about, and left out", async () => {
  const path = await Deno.makeTempFile({ suffix: ".json" });
  const values = { objective: "forward-kl", lambdaSchedule: "linear", lambdaEnd: 1, textWeightEnd: 2 };
  await Deno.writeTextFile(path, JSON.stringify(values));
  const { config, warnings } = await read(["--config", path]);
  assertEquals(Object.keys(mixtureOf(config)), ["objective"]);
  assert(
    warnings.length === 1 &&
      ["lambdaSchedule", "lambdaEnd", "textWeightEnd"].every((key) => warnings[0].includes(key)),
  );
  await Deno.remove(path);
});

Deno.test("distill and sft refuse more training rows than memory holds, before they draw them", async () => {
  for (const task of [distill, sft]) {
    const message = "Cannot use --train-rows: it must be at most 2000000, current value is 99999999";
    await assertRejects(() => task(["--train-rows", "99999999"]), UsageError, message);
  }
});
