import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../../lib/engines/mod.ts";
import { baseOfAdapter } from "../../../lib/models/lora/adapter_base.ts";
import { loadModel, saveModel } from "../../../lib/models/load_model.ts";
import { initializeModel } from "../../../lib/models/initialize_model.ts";
import { addLora, mergeLora } from "../../../lib/models/lora/add_lora.ts";
import { LORA_FIELDS } from "../../../lib/models/lora/lora_fields.ts";

import { saveAdaptedModel } from "../../../lib/models/lora/save_adapted.ts";
import { loadLora, saveLora } from "../../../lib/models/lora/lora_folder.ts";
import { encodeSafetensors } from "../../../lib/models/weights/safetensors.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../../support/mod.ts";
import { python, testWithPython } from "../../support/python.ts";
import { checkpointCases } from "../checkpoint_cases.ts";
import { tinyModel } from "../../support/tiny_model.ts";

await useEngine("wasm");

const inputIds = [[1, 2, 3, 4, 5], [9, 8, 7, 6, 5]];

const logitsOf = (model: ReturnType<typeof tinyModel>) => tf.tidy(() => model.logits({ inputIds }).dataSync().slice());

/** Of a model: its folder, and the folder of adapters for it that add something. */
async function playground(targets = ["c_attn", "c_fc"], model = tinyModel(3)) {
  const root = await Deno.makeTempDir();
  await saveModel(model, `${root}/base`);
  const { pairs } = addLora(model, { rank: 2, alpha: 5, dropout: 0.1, seed: 5, targets, base: `${root}/base` });
  let seed = 1;
  for (const { b } of pairs.values()) tf.tidy(() => b.assign(tf.randomNormal(b.shape, 0, 0.1, "float32", seed++)));
  await saveLora(model, `${root}/adapter`);
  return { root, model };
}

Deno.test("loadLora() reads what saveLora() wrote, bit for bit", async () => {
  const { root, model } = await playground();
  const other = await loadModel(`${root}/base`);
  const { settings } = await loadLora(other, `${root}/adapter`, { seed: 5 });
  assertEquals(settings, model.lora!.settings);
  assertEquals([...other.trainable.keys()].toSorted(), [...model.trainable.keys()].toSorted());
  assertEquals(logitsOf(other), logitsOf(model));
});

Deno.test("saveModel() refuses adapters, which a folder of the model would lose", async () => {
  const { root, model } = await playground();
  const saving = () => saveModel(model, `${root}/lost`);
  await assertRejects(saving, TypeError, "must have no adapters, which would be lost; merge them with mergeLora()");
  await assertRejects(() => Deno.stat(`${root}/lost`), Deno.errors.NotFound);
  await saveAdaptedModel(model, `${root}/again`);
  mergeLora(model);
  await saveModel(model, `${root}/merged`);
});

Deno.test("loadLora() keeps the targets, or takes whole names where these would mean more than there is", async () => {
  const { root } = await playground(["c_attn"]);
  const path = `${root}/adapter/adapter_config.json`;
  const config = JSON.parse(await Deno.readTextFile(path));
  const whole = ["transformer.h.0.attn.c_attn", "transformer.h.1.attn.c_attn"];
  for (const [targets, kept] of [[["c_attn"], ["c_attn"]], [["c_attn", "c_fc"], whole], [".*\\.(c_attn)", whole]]) {
    await Deno.writeTextFile(path, JSON.stringify({ ...config, target_modules: targets }));
    assertEquals((await loadLora(await loadModel(`${root}/base`), `${root}/adapter`)).settings.targets, kept);
  }
});

Deno.test("loadModel() loads a folder of adapters with the model that they name, or a model", async () => {
  const { root, model } = await playground();
  assertEquals(await baseOfAdapter(`${root}/adapter`), `${root}/base`);
  assertEquals(await baseOfAdapter(`${root}/base`), undefined);
  assertEquals(logitsOf(await loadModel(`${root}/adapter`)), logitsOf(model));
  assertEquals((await loadModel(`${root}/base`)).lora, undefined);
  const file = `${root}/adapter/adapter_config.json`;
  await Deno.writeTextFile(file, (await Deno.readTextFile(file)).replace(`"${root}/base"`, "null"));
  await assertRejects(() => loadModel(`${root}/adapter`), RangeError, "must name base_model_name_or_path");
});

testWithPython(
  ["torch", "safetensors"],
  "loadLora() reads adapter_model.bin, which older versions of peft write",
  async () => {
    const { root, model } = await playground();
    const program = `
import os, sys, torch
from safetensors.torch import load_file
torch.save(load_file(sys.argv[1] + ".safetensors"), sys.argv[1] + ".bin")
os.remove(sys.argv[1] + ".safetensors")
`;
    await python(program, [`${root}/adapter/adapter_model`]);
    assertEquals(logitsOf(await loadModel(`${root}/adapter`)), logitsOf(model));
    await Deno.remove(`${root}/adapter/adapter_model.bin`);
    await assertRejects(
      () => loadModel(`${root}/adapter`),
      Deno.errors.NotFound,
      "adapter_model.safetensors, nor adapter_model.bin",
    );
  },
);

testWithPython(
  ["peft", "transformers"],
  "saveLora() writes what Python's peft loads with the same logits, of every family",
  async () => {
    const made = [await playground(["c_attn", "mlp.c_proj"])];
    const families = new Map(checkpointCases.map(({ config }) => [config.model_type, config]));
    for (const config of families.values()) {
      // Weights large enough for a wrong adapter to show.
      const sizes = "text_config" in config ? {} : { vocab_size: 60, initializer_range: 0.2 };
      const model = initializeModel({ ...sizes, ...config }, { seed: 1 });
      // In transformers 5 experts are no modules, which peft could adapt.
      const hasExperts = model.config.expertShare !== undefined;
      made.push(await playground(hasExperts ? ["q_proj", "v_proj", "o_proj"] : ["all-linear"], model));
    }
    const program = `
import json, sys, torch
from peft import PeftModel
from transformers import AutoModelForCausalLM
inputs = torch.tensor(json.loads(sys.argv[1]))
for root in sys.argv[2:]:
    base = AutoModelForCausalLM.from_pretrained(root + "/base", attn_implementation="eager")
    model = PeftModel.from_pretrained(base, root + "/adapter").eval()
    with torch.no_grad():
        logits = model(inputs).logits
        merged = model.merge_and_unload()(inputs).logits
    assert torch.allclose(logits, merged, atol=1e-4, rtol=1e-3), (logits - merged).abs().max()
    print(json.dumps(logits.flatten().tolist()))
`;
    const lines = (await python(program, [JSON.stringify(inputIds), ...made.map(({ root }) => root)])).trim().split(
      "\n",
    );
    assertEquals(lines.length, 1 + families.size);
    made.forEach(({ model }, index) =>
      assertAllClose(logitsOf(model), JSON.parse(lines[index]), { atol: 1e-3, rtol: 1e-3 })
    );
  },
);

testWithPython(["peft", "transformers"], "loadLora() reads what Python's peft saved, with either scale", async () => {
  const { root } = await playground();
  const program = `
import json, sys, torch
from peft import LoraConfig, get_peft_model
from transformers import AutoModelForCausalLM
torch.manual_seed(1)
for other in [False, True]:
    base = AutoModelForCausalLM.from_pretrained(sys.argv[1] + "/base")
    config = LoraConfig(r=4, lora_alpha=8, lora_dropout=0.1, target_modules=["c_attn", "c_proj"], fan_in_fan_out=True,
                        task_type="CAUSAL_LM", use_rslora=other, init_lora_weights=False)
    model = get_peft_model(base, config).eval()
    model.save_pretrained(f"{sys.argv[1]}/peft-{other}")
    with torch.no_grad():
        print(json.dumps(model(torch.tensor(json.loads(sys.argv[2]))).logits.flatten().tolist()))
`;
  const lines = (await python(program, [root, JSON.stringify(inputIds)])).trim().split("\n");
  for (const [index, other] of ["False", "True"].entries()) {
    const model = await loadModel(`${root}/base`);
    const { settings } = await loadLora(model, `${root}/peft-${other}`);
    assertEquals([settings.rank, settings.base, settings.targets.toSorted()], [4, `${root}/base`, [
      "c_attn",
      "c_proj",
    ]]);
    assertAllClose(logitsOf(model), JSON.parse(lines[index]), { atol: 1e-4 });
  }
});

Deno.test("loadLora() refuses settings and tensors that it cannot use, naming file and field", async () => {
  const { root } = await playground();
  const config = JSON.parse(await Deno.readTextFile(`${root}/adapter/adapter_config.json`));
  const attempt = async (changes: Record<string, unknown>) => {
    await Deno.writeTextFile(`${root}/adapter/adapter_config.json`, JSON.stringify({ ...config, ...changes }));
    return await loadLora(await loadModel(`${root}/base`), `${root}/adapter`);
  };
  const cases: [Record<string, unknown>, new (...args: never[]) => Error, string][] = [
    [{ peft_type: "IA3" }, SyntaxError, 'peft_type must be "LORA"'],
    [{ use_dora: true }, RangeError, 'only false is supported as "use_dora", current value is true'],
    [{ bias: "all" }, RangeError, 'only "none" is supported as "bias", current value is "all"'],
    [{ modules_to_save: ["lm_head"] }, RangeError, 'only null is supported as "modules_to_save"'],
    [{ task_type: "SEQ_CLS" }, RangeError, 'only "CAUSAL_LM" is supported as "task_type"'],
    [{ rank_pattern: { c_fc: 3 } }, RangeError, 'only the "r" of all projections is supported as "rank_pattern"'],
    [{ alpha_pattern: { c_fc: 3 } }, RangeError, '"alpha_pattern", current value is {"c_fc":3}'],
    [{ unknown_to_us: 1 }, RangeError, 'the field "unknown_to_us" is unknown, current value is 1'],
    [{ init_lora_weights: "pissa_niter_4" }, RangeError, "found by random sampling"],
    [{ init_lora_weights: "corda" }, RangeError, '"init_lora_weights" must be one of true, false, "gaussian"'],
    [{ init_lora_weights: "loftq" }, RangeError, "replaces the weights by quantized ones"],
    [{ init_lora_weights: "lora_ga" }, RangeError, "path_initial_model_for_weight_conversion"],
    [{ init_lora_weights: 3 }, RangeError, "current value is 3"],
    [
      { exclude_modules: ["h.0.attn.c_attn"] },
      RangeError,
      '"transformer.h.0.attn.c_attn" must be a projection',
    ],
    [{ layers_to_transform: [1] }, RangeError, '"transformer.h.0.attn.c_attn" must be a projection'],
    [{ layers_to_transform: "1" }, SyntaxError, "layers_to_transform must be a layer"],
    [{ r: 0 }, SyntaxError, "r must be a positive whole number, current value is 0"],
    [{ r: 3 }, RangeError, "must have the shape [3,16], the file has [2,16]"],
    [{ lora_dropout: 1 }, SyntaxError, "lora_dropout"],
    [{ target_modules: null }, SyntaxError, "target_modules"],
  ];
  for (const [changes, kind, part] of cases) await assertRejects(() => attempt(changes), kind, part);
  await attempt({
    modules_to_save: null,
    rank_pattern: {},
    use_dora: false,
    unknown_to_us: false,
    eva_config: { rho: 2 },
  });
  await attempt({
    rank_pattern: { c_fc: 2 },
    layers_to_transform: [0, 1],
    layers_pattern: "h",
    exclude_modules: "nothing",
  });

  const write = (shapes: Record<string, number[]>, value = 0) =>
    Deno.writeFile(
      `${root}/adapter/adapter_model.safetensors`,
      ReadableStream.from(
        encodeSafetensors(
          new Map(Object.entries(shapes)),
          (name) => Promise.resolve(new Float32Array(shapes[name].reduce((a, b) => a * b)).fill(value)),
          "F32",
        ),
      ),
    );
  const module = "base_model.model.transformer.h.0.attn.c_attn";
  const pair = { [`${module}.lora_A.weight`]: [2, 16], [`${module}.lora_B.weight`]: [48, 2] };
  const files: [Record<string, number[]>, number, string][] = [
    [{ [`${module}.lora_A.weight`]: [2, 16] }, 0, "lora_B of"],
    [{ ...pair, "lm_head.weight": [1] }, 0, '"lm_head.weight" is not a tensor of an adapter'],
    [
      { "base_model.model.x.lora_A.weight": [2, 2], "base_model.model.x.lora_B.weight": [2, 2] },
      0,
      '"x" is not a projection',
    ],
    [pair, NaN, "holds NaN at index 0"],
  ];
  for (const [shapes, value, part] of files) {
    await write(shapes, value);
    await assertRejects(() => attempt({}), RangeError, part);
  }
});

Deno.test("saveLora() refuses a model without adapters", async () => {
  await assertRejects(() => saveLora(tinyModel(1), "nowhere"), TypeError, "the model has none");
});

Deno.test("loadLora() refuses every setting of another computation, by name, unless it has no effect", async () => {
  const { root } = await playground();
  const path = `${root}/adapter/adapter_config.json`;
  const config = JSON.parse(await Deno.readTextFile(path));
  const refused = Object.keys(LORA_FIELDS).filter((field) => typeof LORA_FIELDS[field] !== "string");
  assert(refused.length > 15);
  for (const field of refused) {
    for (const value of [7, "other", { c_attn: 9 }, ["c_fc"]]) {
      await Deno.writeTextFile(path, JSON.stringify({ ...config, [field]: value }));
      const load = async () => await loadLora(await loadModel(`${root}/base`), `${root}/adapter`);
      await assertRejects(load, RangeError, `Cannot read ${path}: only`);
      await assertRejects(load, RangeError, `is supported as "${field}"`);
    }
  }
});
