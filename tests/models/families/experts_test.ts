/** What training a mixture of experts must hold to, beside agreeing with transformers. */
import { useEngine } from "../../../lib/engines/mod.ts";
import { addLora } from "../../../lib/models/lora/add_lora.ts";
import { mergeLora } from "../../../lib/models/mod.ts";
import { familyOf } from "../../../lib/models/families/families.ts";
import { Trainer, type TrainerOptions } from "../../../lib/training/step/trainer.ts";
import { assert, assertAllClose, assertEquals, assertThrows } from "../../support/mod.ts";
import { expertFamilies, tinyFamilies, tinyFamily } from "../../support/tiny_families.ts";
import { tinyRows } from "../../support/tiny_model.ts";

await useEngine("wasm");

const balanced = { output_router_logits: true, router_aux_loss_coef: 0.3 };

async function stepped(
  family: string,
  changes: Partial<TrainerOptions> = {},
  config: Record<string, unknown> = balanced,
  rows = tinyRows(5, { preamble: true }),
) {
  const student = tinyFamily(family, 1, config);
  const trainer = new Trainer({ student, totalSteps: 4, optimizer: { learningRate: 1e-3, clipNorm: 0 }, ...changes });
  const { loss, auxiliaryLosses } = await trainer.step(rows);
  const gradients = [...trainer.optimizer.slots.get("first")!].map(([name, moment]) =>
    [name, Array.from(moment.dataSync(), (part) => 10 * part)] as const
  );
  trainer.dispose();
  student.dispose();
  return { loss, balance: auxiliaryLosses?.balanceLoss, gradients: new Map(gradients) };
}

for (const family of expertFamilies) {
  Deno.test(`step() of ${family} has the same balance loss and gradients, however it is divided`, async () => {
    const whole = await stepped(family);
    assert(whole.balance! > 1);
    for (const changes of [{ microBatchSize: 2 }, { recompute: true }, { microBatchSize: 1, recompute: true }]) {
      const other = await stepped(family, changes);
      assertAllClose([other.loss, other.balance!], [whole.loss, whole.balance!], { atol: 1e-5 });
      for (const [name, gradient] of whole.gradients) {
        assertAllClose(other.gradients.get(name)!, gradient, { atol: 2e-5, rtol: 1e-3 });
      }
    }
    const without = await stepped(family, { auxiliaryWeights: { balanceLoss: 0 } });
    assertEquals(without.balance, undefined);
    assertAllClose([whole.loss - 0.3 * whole.balance!], [without.loss], { atol: 1e-5 });
  });
}

Deno.test("step() gives an expert that no token went to gradients of zeros", async () => {
  const rows = [{ ids: [3, 3, 3], promptLength: 1 }];
  const experts = { num_experts: 6, num_experts_per_tok: 1, output_router_logits: false };
  const { gradients } = await stepped("qwen3_moe", {}, experts, rows);
  const idle = [...gradients].filter(([name, gradient]) =>
    name.includes(".experts.") && gradient.every((part) => part === 0)
  );
  assert(idle.length >= 3 * 2 * 3, `${idle.length} idle parameters`);
  assert([...gradients].some(([name, gradient]) => name.includes(".experts.") && gradient.some((part) => part !== 0)));
});

Deno.test("addLora() adapts the projections of each expert, and mergeLora() adds them to its weights", async () => {
  const student = tinyFamily("mixtral", 1);
  const lora = addLora(student, { rank: 2, targets: ["w1", "w2", "gate"] });
  assertEquals(lora.pairs.size, 2 * (2 * 5 + 1));
  const trainer = new Trainer({ student, totalSteps: 4, optimizer: { learningRate: 1e-2 } });
  for (let step = 0; step < 3; step++) await trainer.step(tinyRows(4));
  const inputIds = [[1, 5, 40, 2, 8, 44]];
  const adapted = student.logits({ inputIds });
  mergeLora(student);
  assertAllClose(student.logits({ inputIds }), adapted, { atol: 1e-4 });
  trainer.dispose();
});

Deno.test("readConfig() refuses counts of experts that cannot be, naming the field", () => {
  const read = (family: string, changes: Record<string, unknown>) => () => {
    const json = { ...tinyFamilies[family], ...changes };
    return familyOf(json).readConfig(json);
  };
  assertThrows(read("mixtral", { num_experts_per_tok: 6 }), RangeError, `must be at most "num_local_experts" 5`);
  assertThrows(
    read("mixtral", { num_experts: 4 }),
    RangeError,
    `"num_experts" must equal "num_local_experts" 5`,
  );
  assertThrows(
    read("olmoe", { router_aux_loss_coef: -1 }),
    TypeError,
    "must be a non-negative number, current value is -1",
  );
  assertThrows(read("qwen3_moe", { mlp_only_layers: [0.5] }), TypeError, "must be a list of layers");
});
