/** Every field of config.json, family by family, against the configuration classes and the logits of transformers. */
import { fileURLToPath } from "node:url";
import { useEngine } from "../../../lib/engines/mod.ts";
import { fieldsOf } from "../../../lib/models/config/check_config.ts";
import { familyOf } from "../../../lib/models/families/families.ts";
import { initializeModel } from "../../../lib/models/initialize_model.ts";
import { loadModel, saveModel } from "../../../lib/models/load_model.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../../support/mod.ts";
import { python, testWithPython } from "../../support/python.ts";
import { tinyFamilies } from "../../support/tiny_families.ts";
import { configChanges, configValues } from "../config_values.ts";

await useEngine("wasm");

const ids = [[1, 5, 40, 2, 8, 44, 3, 3, 9, 12], [7, 7, 7, 0, 1, 2, 3, 4, 5, 6]];
const families: Record<string, Record<string, unknown>> = Object.fromEntries(
  [...Object.entries(tinyFamilies), ["ministral", { ...tinyFamilies.mistral, model_type: "ministral" }]]
    .map(([family, config]) => [family as string, { ...config as Record<string, unknown>, eos_token_id: 7 }]),
);

interface Case {
  family: string;
  changes: Record<string, unknown>;
}

const cases: Case[] = Object.keys(families).flatMap((family) => {
  const known = Object.keys(fieldsOf(familyOf({ model_type: family })));
  const special = ["model_type", "architectures", "auto_map"];
  const strange = Object.keys(configValues).filter((name) => !known.includes(name));
  // Fields whose values are of no interest are walked over in one family; those of other families with one value.
  const valuesOf = (field: string) => configValues[field] ?? (family === "gpt2" ? [2] : []);
  return [
    { family, changes: {} },
    ...known.filter((name) => !special.includes(name)).flatMap((field) =>
      valuesOf(field).map((value) => ({ family, changes: { [field]: value } }))
    ),
    ...strange.map((field) => ({ family, changes: { [field]: configValues[field].at(-2) ?? configValues[field][0] } })),
  ];
});
cases.push(...configChanges.map(([family, changes]) => ({ family, changes })));

/** Logits of a folder whose config.json is changed so, or the error. */
async function ourLogits(folder: string, changes: Record<string, unknown>): Promise<number[] | Error> {
  const path = `${folder}/config.json`;
  const original = await Deno.readTextFile(path);
  try {
    // Numbers such as 1.0 are written as they are for Python, whose fields may be floats alone.
    await Deno.writeTextFile(path, JSON.stringify({ ...JSON.parse(original), ...changes }));
    const model = await loadModel(folder);
    const logits = model.logits({ inputIds: ids });
    const numbers = Array.from(logits.dataSync());
    logits.dispose();
    model.dispose();
    return numbers;
  } catch (error) {
    return error as Error;
  } finally {
    await Deno.writeTextFile(path, original);
  }
}

const distance = (a: number[], b: number[]) => a.reduce((most, x, i) => Math.max(most, Math.abs(x - b[i])), 0);

testWithPython(
  ["torch", "transformers"],
  "loadModel() never differs from transformers without a word, whichever field of config.json has another value",
  async (t) => {
    const root = await Deno.makeTempDir();
    for (const [family, config] of Object.entries(families)) {
      await saveModel(initializeModel(config, { seed: 5 }), `${root}/${family}`);
      await Deno.writeTextFile(`${root}/${family}/ids.json`, JSON.stringify(ids));
    }
    const ours: (number[] | Error)[] = [];
    for (const { family, changes } of cases) ours.push(await ourLogits(`${root}/${family}`, changes));
    // What is refused here is not compared.
    const compared = [...cases.keys()].filter((index) => !(ours[index] instanceof Error));
    await Deno.writeTextFile(`${root}/cases.json`, JSON.stringify(compared.map((index) => cases[index])));
    const script = fileURLToPath(new URL("../../python/config_fields.py", import.meta.url));
    const program = `import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name="__main__")`;
    const output = await python(program, [script, root, `${root}/cases.json`]);
    const theirs: { fields: Record<string, string[]>; logits: (number[] | string)[] } = JSON.parse(output);
    const theirLogits = new Map(compared.map((index, place) => [index, theirs.logits[place]]));

    await t.step("every field of transformers' classes, and every attribute that its code reads, has a rule", () => {
      for (const family of Object.keys(families)) {
        const rules = fieldsOf(familyOf({ model_type: family }));
        assert(theirs.fields[family].length > 60);
        assertEquals([family, ...theirs.fields[family].filter((field) => !Object.hasOwn(rules, field))], [family]);
      }
    });

    const tally = { same: 0, changed: 0, refused: 0 };
    const effective = new Set<string>();
    const base = new Map<string, number[]>();
    for (const [index, { family, changes }] of cases.entries()) {
      const name = `${family} ${JSON.stringify(changes)}`;
      const mine = ours[index];
      const [field] = Object.keys(changes);
      const rule = fieldsOf(familyOf({ model_type: family }))[field];
      if (mine instanceof Error) {
        assert(field !== undefined, `${name}: ${mine.stack}`);
        assert(rule !== "inert" || Object.keys(changes).length > 1, `${name} is inert, but: ${mine.message}`);
        const named = [RangeError, TypeError].some((kind) => mine instanceof kind) &&
          mine.message.includes(`${root}/${family}/`);
        assert(named, `${name}: ${mine.stack}`);
        tally.refused += 1;
        continue;
      }
      const expected = theirLogits.get(index)!;
      if (field === undefined) {
        assert(Array.isArray(expected), `${name}: ${expected}`);
        assert(Math.max(...expected) > 0.3);
        base.set(family, expected);
      }
      if (typeof expected === "string") {
        // What transformers itself takes for an error may still have one meaning only.
        assert(distance(mine, base.get(family)!) < 1e-4 || rule === "read", `${name}: ${expected}`);
        continue;
      }
      const off = distance(mine, expected);
      assert(off < 1e-4, `${name}: logits are off by ${off}`);
      const moved = distance(expected, base.get(family)!);
      if (rule === "inert" && Object.keys(changes).length === 1) {
        assert(moved < 1e-4, `${name} is said to have no effect, it moves logits by ${moved}`);
      }
      if (moved > 1e-3 && Object.keys(changes).length === 1) effective.add(`${family} ${field}`);
      tally[moved > 1e-3 ? "changed" : "same"] += 1;
    }

    await t.step(`${cases.length} configurations: ${JSON.stringify(tally)}`, () => {
      const wanted: Record<string, string[]> = {
        gpt2: ["n_head", "num_attention_heads", "activation_function", "layer_norm_epsilon", "scale_attn_weights"],
        opt: ["num_attention_heads", "activation_function"],
        llama: ["hidden_act", "rms_norm_eps", "rope_theta", "rope_parameters", "rope_scaling"],
        mistral: ["hidden_act", "sliding_window", "layer_types", "rope_theta"],
        ministral: ["hidden_act", "sliding_window", "layer_types", "rope_theta"],
        qwen2: ["hidden_act", "rope_parameters"],
        qwen3: ["hidden_act", "sliding_window", "layer_types", "use_sliding_window", "max_window_layers"],
        mixtral: ["num_experts_per_tok", "sliding_window", "rope_theta"],
        qwen3_moe: ["num_experts_per_tok", "norm_topk_prob"],
        olmoe: ["num_experts_per_tok", "norm_topk_prob", "clip_qkv"],
        gpt_oss: ["num_experts_per_tok", "swiglu_alpha", "swiglu_limit", "sliding_window", "layer_types"],
        gemma2: ["hidden_activation", "query_pre_attn_scalar", "layer_types", "attn_logit_softcapping"],
        gpt_neox: ["hidden_act", "rotary_pct", "rotary_emb_base", "use_parallel_residual", "layer_norm_eps"],
        stablelm: ["hidden_act", "partial_rotary_factor", "layer_norm_eps"],
        gemma: ["hidden_act", "rms_norm_eps"],
        phi3: ["rope_parameters", "rope_scaling", "sliding_window"],
        smollm3: ["no_rope_layers", "sliding_window", "layer_types"],
        granite: ["embedding_multiplier", "attention_multiplier", "residual_multiplier", "logits_scaling"],
        olmo2: ["rms_norm_eps", "rope_parameters"],
        ministral3: ["sliding_window", "rope_parameters"],
        gemma3_text: ["query_pre_attn_scalar", "rope_parameters", "layer_types", "sliding_window"],
      };
      const missing = Object.entries(wanted).flatMap(([family, fields]) =>
        fields.map((field) => `${family} ${field}`).filter((one) => !effective.has(one))
      );
      assertEquals(missing, []);
    });
  },
);

Deno.test("loadModel() refuses another head, other code and unknown fields, naming file and field", async () => {
  const root = await Deno.makeTempDir();
  await saveModel(initializeModel(families.llama, { seed: 5 }), root);
  const original = JSON.parse(await Deno.readTextFile(`${root}/config.json`));
  const load = async (changes: Record<string, unknown>) => {
    await Deno.writeTextFile(`${root}/config.json`, JSON.stringify({ ...original, ...changes }));
    return await loadModel(root);
  };
  const cases: [Record<string, unknown>, string][] = [
    [{ architectures: ["LlamaForSequenceClassification"] }, `"architectures" must name LlamaForCausalLM or LlamaModel`],
    [{ architectures: "Qwen2ForCausalLM" }, `"architectures" must name LlamaForCausalLM or LlamaModel`],
    [
      { auto_map: { AutoModelForCausalLM: "modeling_x.X" } },
      `only code for tokenizers and other heads is supported as`,
    ],
    [{ logits_scaling: 8 }, `the field "logits_scaling" is unknown, current value is 8`],
    [{ residual_multiplier: 0.2 }, `the field "residual_multiplier" is unknown`],
    [{ rope_interleaved: true }, `the field "rope_interleaved" is unknown`],
    [{ norm_type: "layernorm" }, `the field "norm_type" is unknown, current value is "layernorm"`],
    [
      { quantization_config: { bits: 4 } },
      `weights must not be quantised, "quantization_config" names the method {"bits":4}`,
    ],
    [
      { quantization_config: { load_in_4bit: true } },
      `method "bitsandbytes"; use the folder it was made from, or dequantise it`,
    ],
    [
      { quantization_config: { quant_method: "bitsandbytes" } },
      `from_pretrained(folder).dequantize().save_pretrained(`,
    ],
    [{ quantization_config: { quant_method: "compressed-tensors" } }, `CompressedTensorsConfig(run_compressed=False)`],
    [{ quantization_config: { quant_method: "fp8" } }, `FineGrainedFP8Config(dequantize=True)`],
    ...["gptq", "awq", "toString"].map((quant_method): [Record<string, unknown>, string] => [
      { quantization_config: { quant_method, bits: 4 } },
      `method "${quant_method}"; use the folder it was made from, which has unquantised weights, or the model as a GGUF file`,
    ]),
    [{ activation: "geglu" }, `only "swiglu" is supported as "activation", current value is "geglu"`],
    [{ is_causal: false }, `only true is supported as "is_causal", current value is false`],
    [
      { layer_types: ["sliding_attention", "full_attention"] },
      `only full_attention throughout is supported as "layer_types"`,
    ],
    [{ text_config: { hidden_size: 1 } }, `only null is supported as "text_config"`],
    [{ model_type: "mamba" }, `"model_type" must be one of gpt2, opt, llama`],
  ];
  for (const [changes, part] of cases) {
    await assertRejects(() => load(changes), Error, `Cannot read ${root}/config.json: `);
    await assertRejects(() => load(changes), Error, part);
  }
  // What real folders have besides.
  const model = await load({
    architectures: ["LLaMAForCausalLM"],
    auto_map: { AutoTokenizer: ["t.T", null] },
    rope_interleaved: false,
    _name_or_path: "x",
    unsloth_version: "2025.1",
    "transformers.js_config": { dtype: "q4" },
    use_mrope: false,
    is_llama_config: true,
    activation: "swiglu",
    pretraining_tp: 1,
    rope_scaling: null,
    quantization_config: { quant_method: "gguf", gguf_file: "x.gguf" },
    pruned_heads: {},
    max_length: 20,
    temperature: 0.7,
    tokenizer_class: "LlamaTokenizer",
    torch_dtype: "bfloat16",
    extra: null,
  });
  assertAllClose(
    model.logits({ inputIds: ids }),
    initializeModel(families.llama, { seed: 5 }).logits({ inputIds: ids }),
  );
});
