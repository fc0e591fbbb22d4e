/** The flags --precision and --teacher-precision. */
import { main as distill } from "../../tasks/distill.ts";
import { main as evaluate } from "../../tasks/evaluate.ts";
import { main as pseudoTargets } from "../../tasks/pseudo_targets.ts";
import { main as replayStep } from "../../tasks/replay_step.ts";
import { main as select } from "../../tasks/select.ts";
import { main as sft } from "../../tasks/sft.ts";
import { UsageError } from "../../tasks/support/usage_error.ts";
import { testOnTorch } from "../engines/torch/support.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";
import { jsonLines, playground, playgroundFlags } from "../support/playground.ts";

/** A few steps with the built-in models, on rows that are few but whole. */
const builtIn = [
  "--steps",
  "12",
  "--batch-size",
  "4",
  "--train-rows",
  "48",
  "--valid-rows",
  "16",
  "--test-rows",
  "4",
  "--warmup-steps",
  "2",
  "--validate-every",
  "end",
  "--engine",
  "torch",
];

interface Result {
  precision: string;
  student: { validLoss: number };
}

const resultOf = async (folder: string): Promise<Result> =>
  JSON.parse(await Deno.readTextFile(`${folder}/result.json`));

testOnTorch("task distill in bfloat16 ends within 3 % of the loss in float32, and the result reports how", async () => {
  const root = await Deno.makeTempDir();
  const runs: Record<string, string[]> = {
    exact: [],
    low: ["--precision", "bfloat16"],
    lowTeacher: ["--teacher-precision", "bfloat16"],
  };
  const losses: Record<string, { loss: number; validLoss: number }> = {};
  for (const [name, flags] of Object.entries(runs)) {
    assertEquals(await distill([...builtIn, ...flags, "--name", name], root), 0);
    const { precision, student: { validLoss } } = await resultOf(`${root}/${name}`);
    assertEquals(precision, name === "low" ? "bfloat16" : "float32");
    const steps = (await jsonLines(`${root}/${name}/metrics.jsonl`)).filter(({ type }) => type === "step");
    losses[name] = { loss: Number(steps.at(-1)!.loss), validLoss };
  }
  const { exact, ...others } = losses;
  for (const [name, found] of Object.entries(others)) {
    for (const key of ["loss", "validLoss"] as const) {
      const apart = Math.abs(found[key] / exact[key] - 1);
      assert(apart < 0.03 && apart > 0, `${key} of ${name}: ${found[key]} against ${exact[key]}`);
    }
  }
  await Deno.remove(root, { recursive: true });
});

testOnTorch("a run continues in the precision that it began in, and in no other", async () => {
  const root = await playground();
  const flags = [...playgroundFlags(root), "--engine", "torch", "--name", "trial"];
  const low = [...flags, "--precision", "bfloat16"];
  assertEquals(await distill([...low, "--stop-after", "2"], `${root}/runs`), 130);
  await assertRejects(
    () => distill([...flags, "--resume"], `${root}/runs`),
    RangeError,
    "precision is bfloat16 there, float32 here",
  );
  await assertRejects(
    () => distill([...low, "--teacher-precision", "float32", "--resume"], `${root}/runs`),
    RangeError,
    "teacherPrecision is absent there, float32 here",
  );
  assertEquals(await distill([...low, "--resume"], `${root}/runs`), 0);
  assertEquals(await distill([...low, "--name", "whole"], `${root}/runs`), 0);
  const weights = (name: string) => Deno.readFile(`${root}/runs/${name}/student/model.safetensors`);
  assertEquals(await weights("trial"), await weights("whole"));
  await Deno.remove(root, { recursive: true });
});

testOnTorch("tasks sft, evaluate, select and pseudo-targets work in bfloat16", async () => {
  const root = await playground();
  const common = ["--engine", "torch", "--precision", "bfloat16"];
  const lengths = ["--max-length", "72", "--max-prompt-length", "64"];
  const trained = ["--model", `${root}/student`, "--data", root, "--steps", "2", "--batch-size", "2", "--name", "sft"];
  assertEquals(await sft([...trained, ...common], `${root}/runs`), 0);
  assertEquals((await resultOf(`${root}/runs/sft`)).precision, "bfloat16");
  await select(["--run", `${root}/runs/sft`, ...lengths, ...common]);
  const sets = ["--model", `student=${root}/student`, "--sets", `mine=${root}`, "--seeds", "1"];
  await evaluate([...sets, "--tokenizer", "data/tokenizer", ...lengths, ...common], `${root}/runs`);
  const { precision } = JSON.parse(await Deno.readTextFile(`${root}/runs/evaluation/engine.json`));
  assertEquals(precision, "bfloat16");
  const written = ["--teacher", `${root}/teacher`, "--data", root, "--name", "written", ...lengths];
  assertEquals(await pseudoTargets([...written, ...common], `${root}/runs`), 0);
  await Deno.remove(root, { recursive: true });
});

Deno.test("tasks refuse bfloat16 on an engine that has none, naming the flag and the engine that has it", async () => {
  const root = await playground();
  const runs = `${root}/runs`;
  const low = ["--engine", "wasm", "--precision", "bfloat16"];
  const said = "Cannot use --precision bfloat16: the engine wasm computes in float32 only, --engine torch in bfloat16";
  const flags = playgroundFlags(root);
  const calls = [
    () => distill([...flags, ...low], runs),
    () => sft(["--data", root, ...low], runs),
    () => evaluate(low, runs),
    () => pseudoTargets(["--data", root, ...low], runs),
  ];
  for (const call of calls) await assertRejects(call, UsageError, said);
  await assertRejects(
    () => distill([...flags, "--teacher-precision", "bfloat16"], runs),
    UsageError,
    "Cannot use --teacher-precision bfloat16: the engine in use stores models in float32 only",
  );
  await assertRejects(() => distill([...flags, "--precision", "float8"], runs), UsageError, "--precision");
  await Deno.remove(root, { recursive: true });
});

testOnTorch("task replay-step takes a step again in the run's precision, or in float32 on another engine", async () => {
  const root = await playground();
  const flags = [...playgroundFlags(root), "--engine", "torch", "--precision", "bfloat16", "--name", "trial"];
  // So long a learning rate is infinite weights soon, and then a loss that is no number.
  await assertRejects(() => distill([...flags, "--learning-rate", "1e38", "--clip-norm", "0"], `${root}/runs`), Error);
  const failures = `${root}/runs/trial/failures`;
  const [{ name }] = [...Deno.readDirSync(failures)];
  const lines: string[] = [];
  const { log } = console;
  console.log = (text: string) => lines.push(text);
  try {
    await replayStep([`${failures}/${name}`]);
    await replayStep([`${failures}/${name}`, "--engine", "wasm"]);
  } finally {
    console.log = log;
  }
  assert(lines.some((line) => line.startsWith("on torch in bfloat16")), lines.join("\n"));
  assert(lines.some((line) => line.startsWith("on wasm: ")), lines.join("\n"));
  await Deno.remove(root, { recursive: true });
});
