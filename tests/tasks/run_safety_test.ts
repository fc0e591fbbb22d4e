import { fileURLToPath } from "node:url";
import { useEngine } from "../../lib/engines/mod.ts";
import { main as distill } from "../../tasks/distill.ts";
import { main as sft } from "../../tasks/sft.ts";
import { main as sweep } from "../../tasks/sweep.ts";
import { assert, assertEquals, assertRejects } from "../support/mod.ts";
import { jsonLines, playground, playgroundFlags } from "../support/playground.ts";

await useEngine("wasm");

const tasks = {
  distill: { main: distill, weights: "student/model.safetensors" },
  sft: { main: sft, weights: "model/model.safetensors" },
};
const flagsOf = (root: string, task: keyof typeof tasks, more: string[] = []): string[] => {
  const own = task === "distill"
    ? playgroundFlags(root)
    : ["--model", `${root}/student`, "--data", root, "--steps", "6", "--batch-size", "2", "--engine", "wasm"];
  return [...own, "--name", "run", "--schedule", "constant", "--warmup-steps", "2", ...more];
};

/** What a call says on standard error. */
async function saying<Value>(call: () => Promise<Value>): Promise<{ value: Value; said: string }> {
  const [before, lines] = [console.error, [] as string[]];
  console.error = (...parts: unknown[]) => void lines.push(parts.join(" "));
  try {
    return { value: await call(), said: lines.join("\n") };
  } finally {
    console.error = before;
  }
}

/** Every file of a folder with its bytes, as text. */
async function contentOf(folder: string): Promise<Record<string, string>> {
  const files: Record<string, string> = {};
  for await (const { name, isFile } of Deno.readDir(folder)) {
    const path = `${folder}/${name}`;
    if (isFile) files[name] = new TextDecoder("latin1").decode(await Deno.readFile(path));
    else for (const [inner, text] of Object.entries(await contentOf(path))) files[`${name}/${inner}`] = text;
  }
  return files;
}
const namesIn = (folder: string) => [...Deno.readDirSync(folder)].map(({ name }) => name).sort();

for (const [task, { main, weights }] of Object.entries(tasks) as [keyof typeof tasks, typeof tasks.sft][]) {
  Deno.test(`task ${task} --resume with more steps or epochs lengthens a run, to the bytes of one of that length`, async () => {
    const root = await playground();
    // The last of these flags holds.
    const run = (name: string, more: string[]) => main(flagsOf(root, task, ["--name", name, ...more]), `${root}/runs`);
    assertEquals(await run("whole", ["--steps", "10"]), 0);
    const whole = await Deno.readFile(`${root}/runs/whole/${weights}`);
    const stepsOf = async (name: string) =>
      (await jsonLines(`${root}/runs/${name}/metrics.jsonl`)).flatMap(({ type, step }) =>
        type === "step" ? [step] : []
      );
    const ways: Record<string, [first: string[], then: string[]]> = {
      ended: [["--steps", "6"], ["--steps", "10"]],
      // Two of the four rows a step: an epoch has two.
      epochs: [["--epochs", "3"], ["--epochs", "5"]],
      stopped: [["--steps", "6", "--stop-after", "3"], ["--steps", "10"]],
    };
    for (const [name, [first, then]] of Object.entries(ways)) {
      const without = (flags: string[]) => {
        const at = flags.indexOf("--steps");
        return then.includes("--epochs") ? [...flags.slice(0, at), ...flags.slice(at + 2)] : flags;
      };
      const start = (more: string[]) => main(without(flagsOf(root, task, ["--name", name, ...more])), `${root}/runs`);
      assertEquals(await start(first), name === "stopped" ? 130 : 0);
      const { value, said } = await saying(() => start([...then, "--resume"]));
      assertEquals(value, 0, said);
      const folder = `${root}/runs/${name}`;
      const warned = (await jsonLines(`${folder}/metrics.jsonl`)).map(({ message }) => message);
      const change = "the run, planned for 6 steps, continues to 10: schedules span 10 steps from here on";
      assert(warned.includes(change), `${warned}`);
      assertEquals(await Deno.readFile(`${folder}/${weights}`), whole, name);
      assertEquals(await stepsOf(name), Array.from({ length: 10 }, (_, i) => i + 1));
      assertEquals(JSON.parse(await Deno.readTextFile(`${folder}/config.json`)).training.steps, 10);
      assertEquals(namesIn(folder).includes("result-step-6.json"), name !== "stopped");
    }
    await assertRejects(
      () => run("ended", ["--steps", "9", "--resume"]),
      RangeError,
      "10 steps have been taken, the run must have at least that many, current value is 9",
    );
    const before = await contentOf(`${root}/runs/ended`);
    await assertRejects(
      () => run("ended", ["--seed", "5", "--steps", "12", "--resume"]),
      RangeError,
      "seed is 1 there",
    );
    assertEquals(await contentOf(`${root}/runs/ended`), before);
  });

  Deno.test(`task ${task} --overwrite leaves what is there until the new run has passed every check`, async () => {
    const root = await playground();
    const runs = `${root}/runs`;
    assertEquals(await main(flagsOf(root, task), runs), 0);
    const before = await contentOf(`${runs}/run`);
    await Deno.mkdir(`${root}/broken`);
    for (const split of ["train", "valid", "test"]) {
      await Deno.writeTextFile(`${root}/broken/${split}.jsonl`, '{"instruction": "a", "output": "b"}\n{"instruction":');
    }
    const faults = [
      ["--learning-rate", "-1"],
      ["--data", `${root}/broken`],
      ["--data", `${root}/nowhere`],
      ["--tokenizer", `${root}/nowhere`],
      [task === "distill" ? "--student" : "--model", `${root}/nowhere`],
      ["--engine", "webgpu", "--device", "nowhere"],
      ["--text", `${root}/nowhere.txt`, "--text-weight", "1"],
      ["--resume"],
      ...(task === "distill"
        ? [["--teacher", `${root}/nowhere`], ["--lambda", "2"], ["--policy", "mixed", "--policy-probability", "7"]]
        : []),
    ];
    for (const fault of faults) {
      const { said } = await saying(async () =>
        await assertRejects(() => main(flagsOf(root, task, [...fault, "--overwrite"]), runs), Error)
      );
      assertEquals(await contentOf(`${runs}/run`), before, `${fault}: ${said}`);
      assertEquals(namesIn(runs), ["run"], `${fault}`);
    }
    // A loss that is no number in the first step: the step is kept for its replay, the old run beside it.
    const diverging = ["--learning-rate", "1e38", "--clip-norm", "0", "--warmup-steps", "0", "--overwrite"];
    await saying(() => assertRejects(() => main(flagsOf(root, task, diverging), runs), Error));
    assertEquals(await contentOf(`${runs}/.run.replaced-1`), before);

    const { value, said } = await saying(() => main(flagsOf(root, task, ["--seed", "2", "--overwrite"]), runs));
    assertEquals(value, 0);
    assert(said.includes(`the content of ${runs}/run is kept as ${runs}/.run.replaced-2`), said);
    assertEquals(namesIn(runs), ["run"]);
    const after = await contentOf(`${runs}/run`);
    assert(after[weights] !== before[weights] && after["result.json"] !== before["result.json"]);
  });

  Deno.test(`task ${task} resumes from a sound checkpoint whatever happened to its records`, async () => {
    const root = await playground();
    const runs = `${root}/runs`;
    const watched = ["--tensorboard", "--samples", "1", "--sample-every", "1"];
    assertEquals(await main(flagsOf(root, task, [...watched, "--name", "whole"]), runs), 0);
    const whole = await Deno.readFile(`${runs}/whole/${weights}`);
    const cut = (path: string) => Deno.writeTextFile(path, Deno.readTextFileSync(path).slice(0, -30));
    const damages: Record<string, (folder: string) => Promise<unknown>> = {
      shortened: (folder) => cut(`${folder}/metrics.jsonl`),
      missing: (folder) => Deno.remove(`${folder}/metrics.jsonl`),
      zeros: (folder) => Deno.writeFile(`${folder}/metrics.jsonl`, new Uint8Array(4000)),
      folder: async (folder) => {
        await Deno.remove(`${folder}/metrics.jsonl`);
        await Deno.mkdir(`${folder}/metrics.jsonl`);
      },
      samples: (folder) => Deno.writeTextFile(`${folder}/samples.jsonl`, "{\n", { append: false }),
      config: (folder) => Deno.remove(`${folder}/config.json`),
      event: async (folder) => {
        const name = namesIn(folder).find((name) => name.startsWith("events."))!;
        await Deno.writeTextFile(`${folder}/${name}`, "nothing of that kind");
      },
      report: (folder) => Deno.mkdir(`${folder}/report.html`),
    };
    const start = (name: string, more: string[]) =>
      main(flagsOf(root, task, [...watched, "--name", name, ...more]), runs);
    assertEquals(await start("stopped", ["--stop-after", "4"]), 130);
    for (const [name, damage] of Object.entries(damages)) {
      await new Deno.Command("cp", { args: ["-r", `${runs}/stopped`, `${runs}/${name}`] }).output();
      await damage(`${runs}/${name}`);
      const { value, said } = await saying(() => start(name, ["--resume"]));
      assertEquals(value, 0, `${name}: ${said}`);
      assertEquals(await Deno.readFile(`${runs}/${name}/${weights}`), whole, name);
      assert(namesIn(`${runs}/${name}`).includes("result.json"), name);
      if (["shortened", "missing", "zeros", "folder"].includes(name)) {
        assert(said.includes(`warning: ${runs}/${name}/metrics.jsonl`), `${name}: ${said}`);
        assertEquals(namesIn(`${runs}/${name}`).includes("metrics.damaged-1.jsonl"), name !== "missing");
        const steps = (await jsonLines(`${runs}/${name}/metrics.jsonl`)).filter(({ type }) => type === "step");
        assertEquals(steps.slice(-2).map(({ step }) => step), [5, 6]);
        assertEquals(steps.length, name === "shortened" ? 5 : 2);
      }
      if (name === "samples") assert(said.includes("samples.damaged-1.jsonl"), said);
      if (name === "report" && task === "distill") assert(said.includes("the report could not be written"), said);
    }
  });
}

Deno.test("task distill continues to its end when its metrics vanish while it runs", async () => {
  const root = await playground();
  const path = `${root}/runs/run/metrics.jsonl`;
  const watch = setInterval(() => {
    try {
      Deno.removeSync(path);
    } catch {
      // It is not there yet, or not any more.
    }
  }, 1);
  try {
    const { value, said } = await saying(() => distill(flagsOf(root, "distill"), `${root}/runs`));
    assertEquals(value, 0, said);
  } finally {
    clearInterval(watch);
  }
  const names = namesIn(`${root}/runs/run`);
  assert(["student", "result.json", "report.html"].every((name) => names.includes(name)), `${names}`);
  assertEquals(names.includes("metrics.jsonl"), false);
});

Deno.test("task distill in a folder that a live run uses is refused, naming the process, and the run ends well", async () => {
  const root = await playground();
  const repository = fileURLToPath(new URL("../../", import.meta.url));
  const flags = flagsOf(root, "distill", [
    "--tokenizer",
    `${repository}data/tokenizer`,
    "--steps",
    "60",
    "--save-every",
    "1",
  ]);
  const args = [
    "run",
    "--quiet",
    "--no-prompt",
    "--allow-read",
    "--allow-write",
    "--allow-env",
    "--allow-sys=hostname",
  ];
  const child = new Deno.Command(Deno.execPath(), {
    args: [...args, `${repository}tasks/distill.ts`, ...flags],
    cwd: root,
    stdout: "null",
    stderr: "piped",
  }).spawn();
  const stderr = new Response(child.stderr).text();
  const saved = () => {
    try {
      return namesIn(`${root}/runs/run/checkpoints`).some((name) => name.startsWith("step-"));
    } catch {
      return false;
    }
  };
  while (!saved()) await new Promise((resolve) => setTimeout(resolve, 20));
  for (const way of [["--resume"], ["--resume", "auto"], ["--overwrite"], []]) {
    await assertRejects(
      () => distill([...flags, ...way], `${root}/runs`),
      Error,
      `Cannot use ${root}/runs/run: process ${child.pid} on ${Deno.hostname()} has been using it since`,
    );
  }
  assertEquals((await child.status).code, 0, await stderr);
  const steps = (await jsonLines(`${root}/runs/run/metrics.jsonl`)).filter(({ type }) => type === "step");
  assertEquals(steps.map(({ step }) => step), Array.from({ length: 60 }, (_, i) => i + 1));
  assertEquals(namesIn(`${root}/runs`), ["run"]);
});

Deno.test("task sweep --overwrite puts the old sweep back if none of its runs takes a step, and removes it at the end", async () => {
  const root = await playground();
  const flags = [...playgroundFlags(root), "--name", "orders", "--vary", "alpha=-1,0.5", "--steps", "2"];
  const { value } = await saying(() => sweep(flags, `${root}/runs`));
  assertEquals(value, 0);
  const before = await contentOf(`${root}/runs/orders`);
  const faulty = [...flags, "--overwrite", "--data", `${root}/nowhere`];
  const failed = await saying(() => sweep(faulty, `${root}/runs`));
  assertEquals(failed.value, 1);
  assert(failed.said.includes("is restored"), failed.said);
  assertEquals(await contentOf(`${root}/runs/orders`), before);
  assertEquals((await saying(() => sweep([...flags, "--overwrite", "--seed", "2"], `${root}/runs`))).value, 0);
  assertEquals(namesIn(`${root}/runs`), ["orders"]);
});
