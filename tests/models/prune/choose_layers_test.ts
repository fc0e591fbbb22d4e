/** Which blocks are kept. */
import { useEngine } from "../../../lib/engines/mod.ts";
import {
  evenLayers,
  influentialLayers,
  type LanguageModel,
  layerInfluence,
  layersByLoss,
  saveModel,
} from "../../../lib/models/mod.ts";
import { assert, assertAllClose, assertEquals } from "../../support/mod.ts";
import { python, testWithPython } from "../../support/python.ts";
import { tinyFamily } from "../../support/tiny_families.ts";

await useEngine("wasm");

const rows = [[1, 5, 50, 2, 8, 44, 3, 3, 9], [7, 7, 7, 0, 1], [2, 3]];

Deno.test("evenLayers() keeps the first and the last, and no block twice", () => {
  assertEquals(evenLayers(30, 4), [0, 10, 19, 29]);
  assertEquals(evenLayers(3, 1), [0]);
  for (let total = 1; total < 40; total++) {
    for (let count = 1; count <= total; count++) {
      const kept = evenLayers(total, count);
      assertEquals([kept.length, new Set(kept).size], [count, count]);
      assertEquals([kept[0], kept.at(-1)], [0, count === 1 ? 0 : total - 1]);
    }
  }
});

Deno.test("influentialLayers() keeps the largest, in order, of equals the first", () => {
  assertEquals(influentialLayers([0.1, 0.5, 0.1, 0.9], 3), [0, 1, 3]);
});

testWithPython(["torch", "transformers"], "layerInfluence() is that of transformers' hidden states", async () => {
  const models = ["gpt2", "qwen3", "gemma2"].map((family) => tinyFamily(family, 3));
  const folders = await Promise.all(models.map(async (model) => {
    const folder = await Deno.makeTempDir();
    await saveModel(model, folder);
    return folder;
  }));
  const program = `
import json, sys, torch, transformers
transformers.logging.set_verbosity_error()
influences = []
for folder in sys.argv[2:]:
    model = transformers.AutoModelForCausalLM.from_pretrained(folder, attn_implementation="eager").eval()
    blocks, sums, count = (model.transformer.h if hasattr(model, "transformer") else model.model.layers), {}, 0
    def hook(layer):
        def look(module, inputs, output):
            after = output[0] if isinstance(output, tuple) else output
            sums[layer] = sums.get(layer, 0) + torch.cosine_similarity(inputs[0], after, -1).sum().item()
        return look
    for layer, block in enumerate(blocks): block.register_forward_hook(hook(layer))
    with torch.no_grad():
        for row in json.loads(sys.argv[1]):
            model(torch.tensor([row])); count += len(row)
    influences.append([1 - sums[layer] / count for layer in sums])
print(json.dumps(influences))`;
  const theirs = JSON.parse(await python(program, [JSON.stringify(rows), ...folders]));
  for (const [index, model] of models.entries()) {
    assertAllClose(await layerInfluence(model, rows, { batchSize: 2 }), theirs[index], { atol: 1e-5, rtol: 0 });
    model.dispose();
  }
});

Deno.test("layersByLoss() drops the block whose absence costs least, each time again", async () => {
  const model = tinyFamily("llama", 3, { num_hidden_layers: 4 });
  // The cost of a set of blocks, as a table would have it: without block 0 the last counts most.
  const seen: string[] = [];
  const costs: Record<string, number> = {
    "1,2,3": 1,
    "0,2,3": 2,
    "0,1,3": 3,
    "0,1,2": 4,
    "2,3": 9,
    "1,3": 5,
    "1,2": 7,
  };
  const found = new Map([...model.parameters].map(([name, parameter]) => [parameter, /layers\.(\d)/.exec(name)?.[1]]));
  const steps: string[] = [];
  const loss = (view: LanguageModel) => {
    const layers = [...new Set([...view.parameters.values()].map((parameter) => found.get(parameter)))];
    seen.push(layers.filter((layer) => layer !== undefined).join());
    return Promise.resolve(costs[seen.at(-1)!]);
  };
  const kept = await layersByLoss(model, {
    count: 2,
    loss,
    onLoss: (done, total) => void steps.push(`${done}/${total}`),
  });
  assertEquals(kept, [1, 3]);
  assertEquals(seen, ["1,2,3", "0,2,3", "0,1,3", "0,1,2", "2,3", "1,3", "1,2"]);
  assertEquals(steps.at(-1), "7/7");
  assert(steps.length === 7);
  // With the losses of the first round it goes on with the second, and adds what it computes.
  const known = new Map(Object.entries(costs).slice(0, 4));
  seen.length = steps.length = 0;
  const again = await layersByLoss(model, {
    count: 2,
    loss,
    known: { get: (layers) => known.get(layers.join()), set: (layers, loss) => void known.set(layers.join(), loss) },
    onLoss: (done, total) => void steps.push(`${done}/${total}`),
  });
  assertEquals([again, seen, steps.at(-1)], [[1, 3], ["2,3", "1,3", "1,2"], "7/7"]);
  assertEquals(Object.fromEntries(known), costs);
  model.dispose();
});
