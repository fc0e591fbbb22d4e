/** Checkpoints of the Python library transformers, in many shapes: theirs read by us, ours read by them. */
import { basename } from "node:path";
import { fileURLToPath } from "node:url";
import { EngineUnavailableError, useEngine } from "../../lib/engines/mod.ts";
import { generate, initializeModel, type LanguageModel, loadModel, saveModel } from "../../lib/models/mod.ts";
import { Trainer } from "../../lib/training/step/trainer.ts";
import { firstGradients } from "../support/first_gradients.ts";
import { assert, assertAllClose, assertEquals } from "../support/mod.ts";
import { python, testWithPython } from "../support/python.ts";
import { type CheckpointCase, checkpointCases } from "./checkpoint_cases.ts";

/** What computes, the engine that saves last. */
const engines = ["cpu", "torch", "wasm"] as const;
type Engine = (typeof engines)[number];
let lacksTorch: string | undefined;
try {
  await useEngine("torch");
} catch (error) {
  if (!(error instanceof EngineUnavailableError)) throw error;
  lacksTorch = error.reason;
}
await useEngine("wasm");

const script = (name: string) => fileURLToPath(new URL(`../python/${name}.py`, import.meta.url));
const runScript = (name: string, args: string[]) =>
  python(`import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name="__main__")`, [
    script(name),
    ...args,
  ]);

interface Golden {
  input_ids: number[][];
  logits: number[];
  logits_shape: number[];
  greedy_prompt: number[];
  greedy: number[];
  /**
   * The loss of rows behind their third token, the balance loss that it includes, and each gradient's norm and its projection
   * on a fixed direction.
   */
  training: { rows: number[][]; loss: number; balance: number | null; gradients: Record<string, [number, number]> };
}

const goldenOf = async (folder: string): Promise<Golden> =>
  JSON.parse(await Deno.readTextFile(`${folder}/golden.json`));

/** The largest differences from transformers: of a logit, a loss, and a gradient's norm or projection over 1 + its norm. */
interface Differences {
  logits: number;
  loss: number;
  gradients: number;
}

async function checkTheirs(folder: string, { name }: CheckpointCase): Promise<Differences> {
  const golden = await goldenOf(folder);
  const model = await loadModel(folder);
  const logits = model.logits({ inputIds: golden.input_ids });
  assertEquals(logits.shape, golden.logits_shape, name);
  const largest = golden.logits.reduce((most, logit) => Math.max(most, Math.abs(logit)), 0);
  assert(largest > 0.3, `${name}: logits of at most ${largest} would show nothing`);
  const numbers = logits.dataSync();
  assertAllClose(numbers, golden.logits, { atol: 1e-4, rtol: 0 });
  const off = golden.logits.map((logit, i) => Math.abs(logit - numbers[i])).reduce((most, one) => Math.max(most, one));
  const options = { maxNewTokens: golden.greedy.length, temperature: 0, stopTokens: [] };
  // Another, longer prompt beside it, so that the batch has slots that the first row does not use.
  const prompts = [golden.greedy_prompt, golden.input_ids[1].slice(0, 9)];
  assertEquals((await generate(model, prompts, options))[0], golden.greedy, name);
  logits.dispose();
  const differences = await checkGradients(model, golden.training, name);
  model.dispose();
  return { logits: off, ...differences };
}

/** A step of next-token loss. */
async function checkGradients(
  student: LanguageModel,
  training: Golden["training"],
  name: string,
): Promise<Omit<Differences, "logits">> {
  const { rows, loss, balance, gradients } = training;
  const trainer = new Trainer({ student, totalSteps: 5, optimizer: { learningRate: 1e-3, clipNorm: 0 } });
  const gradientOf = new Map(
    Object.entries(gradients).map(([tensor, summary]) => [student.family.parameterName(tensor), summary]),
  );
  const result = await trainer.step(rows.map((ids) => ({ ids, promptLength: 3 })));
  assertAllClose([result.loss], [loss], { atol: 1e-5 });
  assertEquals(result.auxiliaryLosses === undefined, balance === null, name);
  if (balance !== null) assertAllClose([result.auxiliaryLosses!.balanceLoss], [balance], { atol: 1e-5 });
  let most = 0;
  for (const [parameter, gradient] of firstGradients(trainer)) {
    const projection = gradient.reduce((sum, number, i) => sum + number * Math.cos(i), 0);
    const [norm, theirs] = gradientOf.get(parameter)!;
    const actual = [Math.hypot(...gradient), projection];
    const off = Math.max(...actual.map((number, i) => Math.abs(number - [norm, theirs][i]))) / (1 + norm);
    most = Math.max(most, off);
    assert(off < 1e-5, `${name}, ${parameter}: norm and projection ${actual}, expected ${[norm, theirs]}`);
  }
  trainer.dispose();
  return { loss: Math.abs(result.loss - loss), gradients: most };
}

/** The largest differences of each family on each engine. */
function worst(found: readonly { item: CheckpointCase; engine: Engine; differences: Differences }[]): string {
  const lines = new Map<string, string[]>();
  for (const { item: { config: { model_type } } } of found) lines.set(String(model_type), []);
  for (const [family, line] of lines) {
    for (const engine of engines) {
      const own = found.filter((one) => one.item.config.model_type === family && one.engine === engine);
      const most = (part: keyof Differences) =>
        Math.max(...own.map(({ differences }) => differences[part])).toExponential(0);
      if (own.length > 0) line.push(`${engine} ${most("logits")} ${most("loss")} ${most("gradients")}`);
    }
  }
  return [...lines].map(([family, line]) => `  ${family.padEnd(12)} ${line.join(", ")}`).join("\n");
}

/** A model of each family from random numbers of our own, saved, with its logits. */
async function saveNewModels(parent: string): Promise<{ folder: string; logits: Float32Array }[]> {
  const made = [];
  const flat = checkpointCases.filter(({ config }) => config.text_config === undefined);
  const families = new Map(flat.map(({ config }) => [config.model_type, config]));
  for (const [family, config] of families) {
    const common = {
      vocab_size: 61,
      eos_token_id: 7,
      [family === "opt" ? "init_std" : "initializer_range"]: 0.3,
      [family === "gpt2" ? "n_positions" : "max_position_embeddings"]: 48,
      ...(/^gemma[23]/.test(String(family)) && { final_logit_softcapping: 20 }),
    };
    const model = initializeModel({ ...config, ...common }, { seed: 3 });
    const inputIds = [[1, 5, 60, 2, 8, 44, 3, 3, 9], [7, 7, 7, 0, 1, 2, 3, 4, 5]];
    const logits = model.logits({ inputIds });
    const folder = `${parent}/new ${family}`;
    await saveModel(model, folder);
    await Deno.writeTextFile(`${folder}/ids.json`, JSON.stringify(inputIds));
    made.push({ folder, logits: logits.dataSync() as Float32Array });
    logits.dispose();
    model.dispose();
  }
  return made;
}

testWithPython(
  ["torch", "transformers"],
  "loadModel() reads what transformers saves, step() has its gradients, saveModel() writes what it reads",
  async (t) => {
    const theirs = await Deno.makeTempDir(), ours = await Deno.makeTempDir();
    await runScript("make_checkpoints", [theirs, JSON.stringify(checkpointCases)]);
    const found: Parameters<typeof worst>[0][number][] = [];
    for (const engine of engines) {
      const ignore = engine === "torch" && lacksTorch !== undefined;
      if (!ignore) await useEngine(engine);
      for (const item of checkpointCases) {
        const fn = async () => {
          found.push({ item, engine, differences: await checkTheirs(`${theirs}/${item.name}`, item) });
        };
        await t.step({ name: `theirs on ${engine}: ${item.name}`, ignore, fn });
      }
    }
    console.log(`differences of logits, losses, gradients:\n${worst(found)}`);
    for (const { name, dtype } of checkpointCases) {
      const model = await loadModel(`${theirs}/${name}`);
      const format = dtype === "bfloat16" ? "BF16" : dtype === "float16" ? "F16" : "F32";
      await saveModel(model, `${ours}/${name}`, { format, shardBytes: name.includes("shards") ? 20_000 : undefined });
      await Deno.writeTextFile(
        `${ours}/${name}/ids.json`,
        JSON.stringify((await goldenOf(`${theirs}/${name}`)).input_ids),
      );
      model.dispose();
    }
    const made = await saveNewModels(ours);
    const folders = [...checkpointCases.map(({ name }) => `${ours}/${name}`), ...made.map(({ folder }) => folder)];
    const read = JSON.parse(await runScript("read_checkpoints", folders));
    for (const [index, { folder, logits }] of made.entries()) {
      await t.step(`ours, from nothing: ${basename(folder)}`, () => {
        const theirs = read[checkpointCases.length + index];
        assertEquals([theirs.wrong, theirs.eos], [{}, 7]);
        assertAllClose(theirs.logits, logits, { atol: 1e-4, rtol: 0 });
      });
    }
    for (const [index, { name, dtype = "float32" }] of checkpointCases.entries()) {
      await t.step(`ours: ${name}`, async () => {
        const { logits, dtype: loaded, wrong } = read[index];
        assertEquals(wrong, {});
        assertEquals(loaded, `torch.${dtype}`);
        const golden = await goldenOf(`${theirs}/${name}`);
        if (dtype === "float32") assertAllClose(logits, golden.logits, { atol: 1e-5, rtol: 0 });
      });
    }
  },
);
