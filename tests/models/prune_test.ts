/** Smaller models cut out of larger ones: what transformers makes of them, and what is left out. */
import { fileURLToPath } from "node:url";
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../lib/engines/mod.ts";
import { addLora, initializeModel, type LanguageModel, pruneModel, saveModel } from "../../lib/models/mod.ts";
import { withLayers } from "../../lib/models/prune/with_layers.ts";
import { assert, assertAllClose, assertEquals, assertRejects, assertThrows } from "../support/mod.ts";
import { python, testWithPython } from "../support/python.ts";
import { tinyFamilies, tinyFamily } from "../support/tiny_families.ts";

await useEngine("wasm");

const inputIds = [[1, 5, 50, 2, 8, 44, 3, 3, 9], [7, 7, 7, 0, 1, 2, 3, 4, 5]];
const families = Object.keys(tinyFamilies);

/** A model of four blocks, of the family's own kinds. */
const deep = (family: string, changes: Record<string, unknown> = {}): LanguageModel => {
  const { layer_types: types, no_rope_layers: turning, pad_token_id: padding } = tinyFamilies[family];
  const twice = (list: unknown) => Array.isArray(list) ? [...list, ...list] : undefined;
  return tinyFamily(family, 5, {
    [family === "gpt2" ? "n_layer" : "num_hidden_layers"]: 4,
    layer_types: twice(types),
    no_rope_layers: twice(turning),
    // A token that cuts of the vocabulary keep.
    ...(padding !== undefined && { pad_token_id: 20 }),
    // Each head of StableLM may have a norm of its own, and then no head can go.
    ...(family === "stablelm" && { qk_layernorm: false }),
    ...changes,
  });
};

/** The families whose the heads have the hidden width in total. */
const FILLED = ["gpt2", "opt", "olmoe", "gpt_neox", "olmo2", "stablelm"];

/** The families whose inner layers are all experts of another width. */
const WITHOUT_INNER = ["qwen3_moe"];

/** Sizes that every family has: where a head's width cannot be said, its heads fill the states. */
const sizesOf = ({ config }: LanguageModel) => {
  const filled = FILLED.includes(config.modelType);
  const heads = config.heads / 2;
  const innerSize = WITHOUT_INNER.includes(config.modelType) ? undefined : 8;
  return { hiddenSize: filled ? heads * config.headSize : 8, innerSize, heads };
};

const logitsOf = (model: LanguageModel, rows = inputIds) => {
  const logits = model.logits({ inputIds: rows });
  const numbers = logits.dataSync() as Float32Array;
  logits.dispose();
  return numbers;
};

testWithPython(["torch", "transformers"], "pruneModel() makes models that transformers computes alike", async (t) => {
  const parent = await Deno.makeTempDir();
  const made: { name: string; logits: Float32Array }[] = [];
  for (const family of families) {
    const model = deep(family);
    // The kept blocks of families whose windows alternate or begin late are not those that their place would give.
    for (
      const [name, options] of Object.entries({
        layers: { layers: [1, 3] },
        widths: { layers: [0, 1, 3], ...sizesOf(model), rows: inputIds },
        vocabulary: { vocabulary: Array.from({ length: 51 }, (_, id) => 51 - id) },
      })
    ) {
      const smaller = await pruneModel(model, options);
      const folder = `${parent}/${family} ${name}`;
      await saveModel(smaller, folder);
      await Deno.writeTextFile(`${folder}/ids.json`, JSON.stringify(inputIds));
      made.push({ name: `${family} ${name}`, logits: logitsOf(smaller) });
      smaller.dispose();
    }
    model.dispose();
  }
  const script = fileURLToPath(new URL("../python/read_checkpoints.py", import.meta.url));
  const run = `import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name="__main__")`;
  const read = JSON.parse(await python(run, [script, ...made.map(({ name }) => `${parent}/${name}`)]));
  for (const [index, { name, logits }] of made.entries()) {
    await t.step(name, () => {
      assertEquals(read[index].wrong, {});
      assertAllClose(read[index].logits, logits, { atol: 1e-4, rtol: 0 });
    });
  }
});

/** The families of which transformers loads no model whose heads do not divide the hidden width. */
const DIVIDED = ["llama", "gemma2", "gemma3_text"];

testWithPython(
  ["transformers"],
  "pruneModel() refuses a hidden width that heads do not divide where transformers does, and nowhere else",
  async () => {
    const named = families.filter((family) => !FILLED.includes(tinyFamily(family, 5).config.modelType));
    const refused: string[] = [];
    for (const family of named) {
      const model = deep(family);
      const cut = () => pruneModel(model, { hiddenSize: model.config.heads + 1, rows: inputIds });
      const message = `the hidden width must be a multiple of the ${model.config.heads} heads`;
      if (DIVIDED.includes(model.config.modelType)) {
        await assertRejects(cut, RangeError, message);
        refused.push(model.config.modelType);
      } else (await cut()).dispose();
      model.dispose();
    }
    assertEquals(refused.toSorted(), DIVIDED.toSorted());
    const types = named.map((family) => tinyFamily(family, 5).config.modelType);
    const program = `
import json, sys
from transformers import AutoConfig
def loads(kind):
    sizes = dict(hidden_size=21, num_attention_heads=4, num_key_value_heads=2, head_dim=6, pad_token_id=0)
    try: return AutoConfig.for_model(kind, **sizes) is not None
    except Exception as error: return "multiple" not in str(error)
print(json.dumps([kind for kind in sys.argv[1:] if not loads(kind)]))`;
    assertEquals(JSON.parse(await python(program, types)).toSorted(), DIVIDED.toSorted());
  },
);

/** The heads but for those of the last key, if there are several keys. */
function keptHeads({ config: { heads, keyValueHeads = heads } }: LanguageModel): number {
  return keyValueHeads > 1 ? heads - heads / keyValueHeads : heads;
}

/** Makes the first three inner units of each block, and the last heads that share a key of several, give nothing at all. */
function silence(model: LanguageModel): void {
  const { innerSize: inner, heads, headSize, keyValueHeads = heads } = model.config;
  const parts: Record<string, [extent: number, isIdle: (place: number) => boolean]> = {
    inner: [inner, (place) => place < 3],
    heads: [heads * headSize, (place) => place >= keptHeads(model) * headSize],
    keyValueHeads: [keyValueHeads * headSize, (place) => keyValueHeads > 1 && place >= (keyValueHeads - 1) * headSize],
  };
  for (const [name, { axes, projection, shape, role }] of model.family.parameters(model.config)) {
    const stacked = role === "expert" && !projection; // in one tensor: both of its axes are silenced
    const output = projection ? axes[projection === "input-first" ? 1 : 0] : axes.at(-1);
    const along = stacked && axes[1] === "inner" ? "inner" : output;
    const own = role === "norm" ? [] : [along ?? []].flat().filter((part) => part in parts);
    if (own.length === 0 || name.endsWith("sinks")) continue;
    const extent = shape[stacked ? axes.indexOf(along!) : projection === "output-first" ? 0 : shape.length - 1];
    const mask = own.flatMap((part) => {
      const [whole, isIdle] = parts[part];
      const each = own.length === 1 ? extent / whole : 1; // gate and up of an expert are neighbours
      return Array.from({ length: whole * each }, (_, place) => isIdle(Math.floor(place / each)) ? 0 : 1);
    });
    const across = projection === "output-first" || (stacked && axes[1] === along) ? [extent, 1] : [extent];
    const parameter = model.parameters.get(name)!;
    parameter.assign(tf.tidy(() => tf.mul(parameter, tf.tensor(mask, across))));
  }
}

for (const family of families) {
  Deno.test(`pruneModel() of ${family} leaves out inner units and heads that give nothing: logits stay`, async () => {
    const model = deep(family);
    silence(model);
    const { innerSize, heads } = model.config;
    // Without a field for the width of heads they fill the states, and cannot go alone.
    const fewer = FILLED.includes(family) ? heads : keptHeads(model);
    const narrower = WITHOUT_INNER.includes(family) ? innerSize : innerSize - 3;
    const smaller = await pruneModel(model, { innerSize: narrower, heads: fewer, rows: inputIds });
    assertAllClose(logitsOf(smaller), logitsOf(model), { atol: 2e-5, rtol: 0 });
    assert(smaller.parameterCount < model.parameterCount);
    for (const each of [model, smaller]) each.dispose();
  });

  Deno.test(`pruneModel() of ${family} keeps the logits of the kept tokens, under their new ids`, async () => {
    const model = deep(family);
    const vocabulary = Array.from({ length: 40 }, (_, id) => 45 - id);
    const smaller = await pruneModel(model, { vocabulary });
    const rows = inputIds.map((ids) => ids.map((id) => id % 40));
    const whole = logitsOf(model, rows.map((ids) => ids.map((id) => vocabulary[id])));
    const { vocabularySize } = model;
    const kept = Array.from({ length: 18 }, (_, at) => vocabulary.map((id) => whole[at * vocabularySize + id])).flat();
    assertAllClose(logitsOf(smaller, rows), kept, { atol: 1e-5, rtol: 0 });
    for (const each of [model, smaller]) each.dispose();
  });
}

Deno.test("pruneModel() with nothing to cut gives a copy of its own", async () => {
  const model = deep("llama");
  const before = logitsOf(model);
  const copy = await pruneModel(model, {});
  model.dispose();
  assertEquals(logitsOf(copy), before);
  copy.dispose();
});

Deno.test("pruneModel() keeps whole groups of heads where they divide, else thins each out, or does as it is asked", async () => {
  const model = deep("llama", { hidden_size: 24, num_attention_heads: 6, num_key_value_heads: 2 });
  const sharesOf = async (options: { heads?: number; keyValueHeads?: number }) => {
    const smaller = await pruneModel(model, { ...options, rows: inputIds });
    const { heads, keyValueHeads } = smaller.config;
    smaller.dispose();
    return [heads, keyValueHeads];
  };
  assertEquals(await sharesOf({ heads: 3 }), [3, 1]);
  assertEquals(await sharesOf({ heads: 4 }), [4, 2]);
  assertEquals(await sharesOf({ heads: 2 }), [2, 2]);
  assertEquals(await sharesOf({ heads: 2, keyValueHeads: 1 }), [2, 1]);
  const cases: [Parameters<typeof pruneModel>[1], string][] = [
    [
      { heads: 5 },
      "heads must be a multiple of the 3 heads that share a key, to keep whole groups, or of the 2 groups",
    ],
    [{ heads: 6, keyValueHeads: 1 }, "keyValueHeads must divide the 6 heads of the query into groups of at most 3"],
    [{ heads: 7 }, "heads must be a whole number in 1..6, current value is 7"],
    [{ hiddenSize: 25 }, "hiddenSize must be a whole number in 1..24, current value is 25"],
    [{ innerSize: 0.5 }, "innerSize must be a whole number in 1..20, current value is 0.5"],
    [{ innerSize: 21, names: { innerSize: "--ffn" } }, "Cannot prune: --ffn must be a whole number in 1..20"],
    [{ layers: [] }, "layers must be ascending indices in 0..3, at least one, current value is an empty list"],
    [{ layers: [2, 1] }, "layers must be ascending indices in 0..3, at least one, current value is 2,1"],
    [{ layers: [0, 4] }, "current value is 0,4"],
    [{ vocabulary: [1, 53] }, "tokens must be distinct and in 0..52, current value at index 1 is 53"],
    [{ vocabulary: [1, 2, 1] }, "current value at index 2 is 1"],
    [{ innerSize: 4, rows: [] }, "at least one row to calibrate on is needed, current count is 0"],
  ];
  for (const [options, message] of cases) {
    await assertRejects(() => pruneModel(model, { rows: inputIds, ...options }), RangeError, message);
  }
  addLora(model);
  await assertRejects(() => pruneModel(model, {}), TypeError, "it has adapters; merge them with mergeLora()");
  model.dispose();
});

Deno.test("pruneModel() gives the tokens that settings name their new ids, and refuses to lose one", async () => {
  const model = deep("llama", { eos_token_id: [7, 9], pad_token_id: 9, bos_token_id: null });
  const smaller = await pruneModel(model, { vocabulary: [9, 1, 7, 2] });
  const { json, endTokens } = smaller.config;
  assertEquals([json.eos_token_id, json.pad_token_id, json.bos_token_id, endTokens], [[2, 0], 0, null, [2, 0]]);
  await assertRejects(
    () => pruneModel(model, { vocabulary: [7, 1] }),
    RangeError,
    "Cannot cut the vocabulary: it must keep token 9, the model's eos_token_id",
  );
  for (const each of [model, smaller]) each.dispose();
});

Deno.test("pruneModel() refuses heads that do not fill the states, and blocks whose place counts", async () => {
  const gpt2 = deep("gpt2", { scale_attn_by_inverse_layer_idx: true });
  await assertRejects(
    () => pruneModel(gpt2, { hiddenSize: 8, rows: inputIds }),
    RangeError,
    "the hidden width must equal the number of heads times 6; it is 8 with 2 heads, which are 12",
  );
  await assertRejects(
    () => pruneModel(gpt2, { layers: [0, 2] }),
    RangeError,
    'blocks must keep their indices if "scale_attn_by_inverse_layer_idx" is set, block 2 would move',
  );
  const experts = deep("qwen3_moe");
  await assertRejects(
    () => pruneModel(experts, { innerSize: 7, rows: inputIds }),
    RangeError,
    "the inner width must remain 20, no kept block of this qwen3_moe has inner layers of it, current value is 7",
  );
  const opt = deep("opt");
  await assertRejects(
    () => pruneModel(opt, { heads: 2, rows: inputIds }),
    RangeError,
    "Cannot cut opt: the hidden width",
  );
  for (const model of [gpt2, experts, opt]) model.dispose();
});

Deno.test("withLayers() shares the parameters, and has the logits of a model without the other blocks", () => {
  for (const family of families) {
    const model = deep(family);
    // Blocks whose last projections are 0 pass the states on as they are, where norms stand before them.
    if (family === "opt") continue;
    const lastOnes = [...model.family.parameters(model.config)].filter(([, { layer, axes, projection, role }]) => {
      const output = projection === "output-first" ? axes[0] : axes.at(-1);
      return (layer === 0 || layer === 2) && role !== "norm" && output === "hidden";
    });
    assert(lastOnes.length >= 4, family);
    for (const [name] of lastOnes) {
      const parameter = model.parameters.get(name)!;
      parameter.assign(tf.tidy(() => tf.zerosLike(parameter)));
    }
    const view = withLayers(model, [1, 3]);
    assertAllClose(logitsOf(view), logitsOf(model), { atol: 1e-5, rtol: 0 });
    const own = new Set(model.parameters.values());
    assert([...view.parameters.values()].every((parameter) => own.has(parameter)));
    model.dispose();
  }
  const tiny = initializeModel(tinyFamilies.llama, { seed: 1 });
  assertThrows(() => withLayers(tiny, [2]), RangeError, "layers must be ascending indices in 0..1");
  tiny.dispose();
});
