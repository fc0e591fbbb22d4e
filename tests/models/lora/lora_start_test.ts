/** Adapters whose start changed the model they belong to, against Python's peft. */
import { useEngine } from "../../../lib/engines/mod.ts";
import { loadModel } from "../../../lib/models/load_model.ts";
import { initializeModel } from "../../../lib/models/initialize_model.ts";
import type { LanguageModel } from "../../../lib/models/language_model.ts";
import { mergeLora } from "../../../lib/models/lora/add_lora.ts";
import { LORA_FIELDS } from "../../../lib/models/lora/lora_fields.ts";
import { loadLora, saveLora } from "../../../lib/models/lora/lora_folder.ts";
import { saveModel } from "../../../lib/models/save_model.ts";
import { rightSingularVectors } from "../../../lib/models/lora/singular_vectors.ts";
import { randomStream } from "../../../lib/random/random.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../../support/mod.ts";
import { python, testWithPython } from "../../support/python.ts";
import { expertFamilies, tinyFamilies } from "../../support/tiny_families.ts";

await useEngine("wasm");

const inputIds = [[1, 2, 3, 4, 5], [9, 8, 7, 6, 5]];
const logitsOf = (model: LanguageModel) => {
  const logits = model.logits({ inputIds });
  const numbers = Float32Array.from(logits.dataSync());
  logits.dispose();
  return numbers;
};

/** An adapter that Python's peft makes, moves away from its start, and saves. */
interface PeftCase {
  family: string;
  /** Settings of LoraConfig. */
  config: Record<string, unknown>;
  /** Whether it is saved as plain adapters, by `path_initial_model_for_weight_conversion`. */
  convert?: boolean;
}

const linear = ["q_proj", "v_proj", "down_proj"];
const targets: Record<string, string[]> = {
  gpt2: ["c_attn", "c_fc"],
  opt: ["q_proj", "fc1", "fc2", "project_in"],
  phi3: ["qkv_proj", "gate_up_proj", "down_proj"],
  gpt_neox: ["query_key_value", "dense", "dense_4h_to_h"],
};
const targetsOf = (family: string) => targets[family] ?? linear;

// In transformers 5 experts are no modules, which peft could adapt.
const families = Object.entries(tinyFamilies).filter(([family]) => !expertFamilies.includes(family));

const cases: PeftCase[] = families.flatMap(([family]) => {
  const starts = [true, false, "gaussian", "orthogonal", "eva", "pissa", ...(family === "gpt2" ? [] : ["olora"])];
  const plain = { r: 4, lora_alpha: 6, target_modules: targetsOf(family) };
  // To adapters, families whose projections have the same names are alike.
  if (family !== "llama" && targets[family] === undefined) {
    return ["pissa", "olora"].map((start) => ({ family, config: { ...plain, init_lora_weights: start } }));
  }
  return [
    ...starts.map((start) => ({ family, config: { ...plain, init_lora_weights: start } })),
    ...starts.slice(5).flatMap((start) => [
      { family, config: { ...plain, r: 2, use_rslora: true, init_lora_weights: start } },
      { family, config: { ...plain, init_lora_weights: start }, convert: true },
      { family, config: { ...plain, r: 2, use_rslora: true, init_lora_weights: start }, convert: true },
    ]),
    { family, config: { ...plain, layers_to_transform: [1], init_lora_weights: "pissa" } },
    { family, config: { ...plain, layers_to_transform: 0, layers_pattern: family === "gpt2" ? "h" : "layers" } },
    { family, config: { ...plain, exclude_modules: [targetsOf(family)[1]], init_lora_weights: "pissa" } },
    {
      family,
      config: { ...plain, target_modules: `.*\\.1\\..*(${targetsOf(family).join("|")})`, init_lora_weights: "pissa" },
    },
    { family, config: { ...plain, r: 1, target_modules: "all-linear", init_lora_weights: "pissa" } },
  ];
});
// peft takes QR factors of a GPT-2 weight as it is stored, which only fits where it is square.
cases.push({ family: "gpt2", config: { r: 3, target_modules: ["attn.c_proj"], init_lora_weights: "olora" } });

const MAKE = `
import copy, functools, json, sys, torch, warnings, contextlib, io
warnings.filterwarnings("ignore")
import transformers
transformers.logging.set_verbosity_error(); transformers.logging.disable_progress_bar()
from peft import LoraConfig, PeftModel, get_peft_model
from transformers import AutoModelForCausalLM
torch.set_num_threads(1)
root, inputs = sys.argv[1], torch.tensor(json.loads(sys.argv[2]))
read = functools.cache(
    lambda family: AutoModelForCausalLM.from_pretrained(f"{root}/{family}", attn_implementation="eager").eval())
load = lambda family: copy.deepcopy(read(family))  # adapters change the model that they are put on
`;

testWithPython(
  ["peft", "transformers"],
  "loadLora() has the logits of peft's own reload, whatever the start; saveLora() writes what peft loads with the same",
  async () => {
    const root = await Deno.makeTempDir();
    for (const [family, config] of families) {
      await saveModel(initializeModel(config, { seed: 4 }), `${root}/${family}`);
    }
    const program = MAKE + `
for index, case in enumerate(json.loads(sys.argv[3])):
    torch.manual_seed(index)
    config = LoraConfig(task_type="CAUSAL_LM", **case["config"])
    model = get_peft_model(load(case["family"]), config)
    folder = f"{root}/adapter-{index}"
    if case.get("convert"):
        start = f"{folder}-start"
        model.peft_config["default"].init_lora_weights = True
        model.save_pretrained(start)
        model.peft_config["default"].init_lora_weights = case["config"]["init_lora_weights"]
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            if "lora_" in name: parameter += 0.1 * torch.randn_like(parameter)
        if case.get("convert"):
            trained = model.eval()(inputs).logits
            with contextlib.redirect_stdout(io.StringIO()):
                model.save_pretrained(folder, path_initial_model_for_weight_conversion=start)
        else:
            model.save_pretrained(folder)
        logits = PeftModel.from_pretrained(load(case["family"]), folder).eval()(inputs).logits
        if case.get("convert"): assert torch.allclose(logits, trained, atol=1e-3), (logits - trained).abs().max()
        base = load(case["family"])(inputs).logits
    print(json.dumps({"logits": logits.flatten().tolist(), "moved": (logits - base).abs().max().item()}))
`;
    const lines = (await python(program, [root, JSON.stringify(inputIds), JSON.stringify(cases)])).trim().split("\n");
    assertEquals(lines.length, cases.length);
    for (const [index, { family, config }] of cases.entries()) {
      const { logits, moved } = JSON.parse(lines[index]);
      assert(moved > 0.05, `${JSON.stringify(cases[index])}: logits that move by ${moved} would show nothing`);
      const model = await loadModel(`${root}/${family}`);
      const lora = await loadLora(model, `${root}/adapter-${index}`);
      const ours = logitsOf(model);
      const worst = ours.reduce((most, logit, i) => Math.max(most, Math.abs(logit - logits[i])), 0);
      assert(worst < 1e-3, `${JSON.stringify(cases[index])}: off by ${worst}`);
      const start = ["pissa", "olora"].find((start) => start === config.init_lora_weights && !cases[index].convert);
      assertEquals(lora.settings.start, start);
      if (start) await assertRejects(() => saveModel(model, `${root}/never`), TypeError, `initialized by ${start}`);
      await saveLora(model, `${root}/ours-${index}`);
      mergeLora(model);
      assertAllClose(logitsOf(model), logits, { atol: 1e-3, rtol: 0 });
      model.dispose();
    }
    const reload = MAKE + `
with torch.no_grad():
    for index, case in enumerate(json.loads(sys.argv[3])):
        model = PeftModel.from_pretrained(load(case["family"]), f"{root}/ours-{index}").eval()
        print(json.dumps(model(inputs).logits.flatten().tolist()))
`;
    const again = (await python(reload, [root, JSON.stringify(inputIds), JSON.stringify(cases)])).trim().split("\n");
    for (const [index] of cases.entries()) {
      assertAllClose(JSON.parse(again[index]), JSON.parse(lines[index]).logits, { atol: 1e-3, rtol: 0 });
    }
  },
);

testWithPython(["peft"], "LORA_FIELDS states how each field of peft's LoraConfig is handled", async () => {
  const program = `import dataclasses, json, peft
print(json.dumps([field.name for field in dataclasses.fields(peft.LoraConfig)]))`;
  const fields: string[] = JSON.parse((await python(program)).trim().split("\n").at(-1)!);
  assert(fields.length > 40);
  assertEquals(fields.filter((field) => !Object.hasOwn(LORA_FIELDS, field)), []);
});

testWithPython(
  ["torch"],
  "rightSingularVectors() spans what a singular value decomposition in float64 does",
  async () => {
    const random = randomStream(3);
    const made = [[7, 7, 3], [40, 9, 4], [9, 40, 4], [120, 200, 8], [200, 120, 1], [30, 30, 30]].map((
      [rows, columns, rank],
    ) => ({
      rows,
      columns,
      rank,
      numbers: Float32Array.from({ length: rows * columns }, () => random.uniform() - 0.5),
    }));
    const identity = Float32Array.from({ length: 36 }, (_, i) => i % 7 === 0 ? (i < 18 ? 2 : 1) : 0);
    made.push({ rows: 6, columns: 6, rank: 3, numbers: identity });
    const program = `
import json, sys, torch
for matrix in json.load(open(sys.argv[1])):
    weight = torch.tensor(matrix["numbers"], dtype=torch.float32).double().reshape(matrix["rows"], matrix["columns"])
    vectors = torch.linalg.svd(weight, full_matrices=False)[2][: matrix["rank"]]
    print(json.dumps((vectors.T @ vectors).flatten().tolist()))
`;
    const file = await Deno.makeTempFile();
    await Deno.writeTextFile(file, JSON.stringify(made.map((matrix) => ({ ...matrix, numbers: [...matrix.numbers] }))));
    const lines = (await python(program, [file])).trim().split("\n");
    made.forEach((matrix, index) => {
      const vectors = rightSingularVectors(matrix, matrix.rank);
      const projector = Array.from(
        { length: matrix.columns ** 2 },
        (_, at) => vectors.reduce((sum, v) => sum + v[Math.floor(at / matrix.columns)] * v[at % matrix.columns], 0),
      );
      assertAllClose(projector, JSON.parse(lines[index]), { atol: 1e-9, rtol: 0 });
    });
  },
);
