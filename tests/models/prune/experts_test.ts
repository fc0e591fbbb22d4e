/** Mixtures of experts with fewer experts: those that transformers sends the most positions to. */
import { useEngine } from "../../../lib/engines/mod.ts";
import { type LanguageModel, loadModel, pruneModel, saveModel } from "../../../lib/models/mod.ts";
import { assert, assertAllClose, assertEquals, assertRejects } from "../../support/mod.ts";
import { python, testWithPython } from "../../support/python.ts";
import { expertFamilies, tinyFamily } from "../../support/tiny_families.ts";

await useEngine("wasm");

const inputIds = Array.from(
  { length: 6 },
  (_, row) => Array.from({ length: 11 }, (_, i) => (row * 17 + i * i * 5) % 51),
);

/** Counts, with transformers, where positions go; then what the smaller model's files have of the larger one's. */
const program = `
import json, sys, torch
from safetensors.torch import load_file
from transformers import AutoModelForCausalLM
folder, ids = sys.argv[1], torch.tensor(json.loads(sys.argv[2]))
results = []
for name in sys.argv[3:]:
    options = {"attn_implementation": "eager", "experts_implementation": "eager"}
    whole = AutoModelForCausalLM.from_pretrained(f"{folder}/{name}", **options).eval()
    smaller, report = AutoModelForCausalLM.from_pretrained(f"{folder}/{name} cut", output_loading_info=True, **options)
    chosen = whole.config.num_experts_per_tok
    count = smaller.config.num_local_experts
    with torch.no_grad():
        routed = whole(ids, output_router_logits=True).router_logits
        logits = smaller.eval()(ids).logits
    kept = []
    for logit in routed:
        loads = logit.reshape(-1, logit.shape[-1]).topk(chosen).indices.flatten().bincount(minlength=logit.shape[-1])
        kept.append(sorted(loads.argsort(descending=True, stable=True)[:count].tolist()))
    ours, theirs = load_file(f"{folder}/{name} cut/model.safetensors"), load_file(f"{folder}/{name}/model.safetensors")
    routers = sorted(key for key in ours if key.endswith((".gate.weight", ".router.weight")))
    same = [torch.equal(ours[key], theirs[key][places]) for key, places in zip(routers, kept, strict=True)]
    wrong = {key: sorted(map(str, value)) for key, value in report.items() if value}
    results.append({"kept": kept, "same": same, "wrong": wrong, "count": count,
                    "chosen": smaller.config.num_experts_per_tok, "logits": logits.flatten().tolist()})
print(json.dumps(results))
`;

const logitsOf = (model: LanguageModel) => {
  const logits = model.logits({ inputIds });
  const numbers = logits.dataSync() as Float32Array;
  logits.dispose();
  return numbers;
};

testWithPython(
  ["torch", "transformers"],
  "pruneModel() keeps the experts to which transformers sends the most positions, and has its logits",
  async (t) => {
    const folder = await Deno.makeTempDir();
    const made: { family: string; name: string; experts: number; chosen: number; logits: Float32Array }[] = [];
    for (const family of expertFamilies) {
      const model = tinyFamily(family, 5);
      const { num_experts_per_tok: whole = 2 } = model.config.json as { num_experts_per_tok?: number };
      for (const experts of [whole + 1, whole, 1]) {
        const name = `${family} ${experts}`;
        await saveModel(model, `${folder}/${name}`);
        const smaller = await pruneModel(model, { experts, rows: inputIds });
        await saveModel(smaller, `${folder}/${name} cut`);
        made.push({ family, name, experts, chosen: Math.min(whole, experts), logits: logitsOf(smaller) });
        smaller.dispose();
      }
      model.dispose();
    }
    const args = [folder, JSON.stringify(inputIds), ...made.map(({ name }) => name)];
    const theirs = JSON.parse(await python(program, args));
    for (const [index, { name, experts, chosen, logits }] of made.entries()) {
      await t.step(name, async () => {
        const { kept, same, wrong, ...found } = theirs[index];
        assertEquals([same, wrong], [kept.map(() => true), {}], JSON.stringify(kept));
        assertEquals([found.count, found.chosen], [experts, chosen]);
        assertAllClose(logits, found.logits, { atol: 1e-4, rtol: 0 });
        const again = await loadModel(`${folder}/${name} cut`);
        assertAllClose(logitsOf(again), logits, { atol: 0, rtol: 0 });
        again.dispose();
      });
    }
    // Were the first experts kept whatever they do, this would show it.
    const places: number[][] = theirs.flatMap(({ kept }: { kept: number[][] }) => kept);
    assert(places.some((kept) => kept.some((expert, place) => expert !== place)));
  },
);

for (const family of expertFamilies) {
  Deno.test(`pruneModel() of ${family} cuts experts, blocks and widths together`, async () => {
    const model = tinyFamily(family, 5);
    const { innerSize, hiddenSize, heads, headSize } = model.config;
    const filled = family === "olmoe";
    const smaller = await pruneModel(model, {
      layers: [1],
      experts: 3,
      heads: heads / 2,
      hiddenSize: filled ? heads / 2 * headSize : hiddenSize - 3,
      ...(family !== "qwen3_moe" && { innerSize: innerSize - 1 }),
      rows: inputIds,
    });
    assertEquals([smaller.config.expertCount, smaller.config.layers], [3, 1]);
    assert(logitsOf(smaller).every(Number.isFinite));
    for (const each of [model, smaller]) each.dispose();
  });
}

Deno.test("pruneModel() refuses experts of a model without them, too many, and without rows", async () => {
  const [dense, mixed, plain] = [
    tinyFamily("llama", 5),
    tinyFamily("mixtral", 5),
    tinyFamily("qwen3_moe", 5, { mlp_only_layers: [0] }),
  ];
  await assertRejects(
    () => pruneModel(dense, { experts: 2, rows: inputIds }),
    RangeError,
    "experts must be absent, this llama is no mixture of experts, current value is 2",
  );
  await assertRejects(
    () => pruneModel(mixed, { experts: 6, rows: inputIds }),
    RangeError,
    "experts must be a whole number in 1..5, current value is 6",
  );
  await assertRejects(
    () => pruneModel(mixed, { experts: 2 }),
    RangeError,
    "at least one row to calibrate on is needed",
  );
  await assertRejects(
    () => pruneModel(plain, { layers: [0], experts: 2, rows: inputIds }),
    RangeError,
    "the number of experts must remain 6, no kept block of this qwen3_moe has experts, current value is 2",
  );
  for (const model of [dense, mixed, plain]) model.dispose();
});
