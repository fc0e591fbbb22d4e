/** What parameters are for, and the work they are counted as, against transformers' modules and torch's own counter. */
import { fileURLToPath } from "node:url";
import { describeModel, stepWork } from "../../lib/planning/mod.ts";
import type { Lora } from "../../lib/models/lora/lora.ts";
import type { ParameterRole } from "../../lib/models/mod.ts";
import { sizeOf } from "../../lib/models/parameter_counts.ts";
import { estimateMemory } from "../../lib/training/memory/estimate_memory.ts";
import { assert, assertEquals } from "../support/mod.ts";
import { python, testWithPython } from "../support/python.ts";
import { realConfigs } from "../support/real_configs.ts";
import { type CheckpointCase, checkpointCases } from "./checkpoint_cases.ts";

type Kind = "tokens" | "positions" | "projection" | "norm" | "bias" | "head";

/** What a role is among PyTorch's modules. */
const kindOf: Record<ParameterRole, Kind> = {
  "tokens": "tokens",
  "positions": "positions",
  "norm": "norm",
  "bias": "bias",
  "head": "head",
  "attention-input": "projection",
  "projection": "projection",
  "expert": "projection",
  "before-blocks": "projection",
  "behind-blocks": "projection",
};

interface Counted {
  forward: number;
  backward: number;
  frozen: number;
  kinds: Record<string, Kind>;
}

const script = fileURLToPath(new URL("../python/count_flops.py", import.meta.url));

async function counted(cases: { config: unknown; rows?: number; length?: number }[]): Promise<Counted[]> {
  const run = `import runpy, sys; sys.argv = sys.argv[1:]; runpy.run_path(sys.argv[0], run_name="__main__")`;
  return JSON.parse(await python(run, [script, JSON.stringify(cases)]));
}

/** Whether transformers' model runs without numbers, and has nothing beside its text. */
function isCountable({ config }: CheckpointCase): boolean {
  const { rope_type: kind } = (config.rope_parameters ?? {}) as { rope_type?: string };
  return kind !== "dynamic" && config.text_config === undefined;
}

/** Three blocks of each show as much as all. */
const allConfigs = [
  ...Object.entries(realConfigs).map(([name, config]) => {
    const layers = config.model_type === "gpt2" ? "n_layer" : "num_hidden_layers";
    return { name, config: { ...config, [layers]: 3 } };
  }),
  ...checkpointCases.filter(isCountable).map(({ name, config }) => ({ name, config })),
];
let references: Promise<Counted[]> | undefined;
// The work is counted of the real ones.
const counts = () =>
  references ??= counted(
    allConfigs.map(({ config, name }) => ({ config, ...Object.hasOwn(realConfigs, name) && { rows: 2, length: 32 } })),
  );

testWithPython(["torch", "transformers"], "parameters have the roles of transformers' modules", async () => {
  const references = await counts();
  for (const [index, { name, config }] of allConfigs.entries()) {
    const { family, config: read } = describeModel(config);
    const specs = [...family.parameters(read)];
    const kinds = Object.fromEntries(specs.map(([parameter, { role }]) => [parameter, kindOf[role]]));
    const theirs = Object.entries(references[index].kinds)
      .flatMap(([tensor, kind]) => {
        const parameter = family.parameterName(tensor);
        return parameter === null || (read.tiedHead && parameter === family.headName) ? [] : [[parameter, kind]];
      });
    assertEquals(Object.entries(kinds).sort(), theirs.sort(), name);
    for (const [parameter, { role, shape, projection }] of specs) {
      const isOwn = kindOf[role] === "projection" && shape.length === 2; // experts in one tensor have no adapter each
      assertEquals(projection !== undefined, isOwn, `${name}: ${parameter}`);
    }
  }
});

testWithPython(["torch", "transformers"], "stepWork() is what torch counts, of every family", async () => {
  const references = await counts();
  const batch = { rows: 2, positions: 64, keptTokens: 64, longestRow: 32 };
  for (const [index, { name, config }] of allConfigs.slice(0, Object.keys(realConfigs).length).entries()) {
    const model = describeModel(config);
    const lora = { parameters: new Map() } as unknown as Lora; // adapters of no width: the frozen weights alone
    const [whole, frozen] = [model, { ...model, lora }].map((student) => stepWork({ student, batch }));
    const ratios = {
      forward: (whole.forward + whole.head / 3) / references[index].forward,
      backward: (whole.backward + 2 * whole.head / 3) / references[index].backward,
      frozen: (frozen.backward + frozen.head / 2) / references[index].frozen,
    };
    for (const [pass, ratio] of Object.entries(ratios)) {
      // torch counts rotary angles as a product of matrices.
      assert(Math.abs(ratio - 1) < 1e-4, `${name}: ${pass} counts as ${ratio} of torch's`);
    }
  }
});

Deno.test("stepWork() has only keys, queries and values of the last block for what is not kept", () => {
  const student = describeModel(realConfigs["tiny-llama"]);
  const batch = { rows: 2, positions: 192, keptTokens: 192 };
  const whole = stepWork({ student, batch });
  const kept = stepWork({ student, batch: { ...batch, keptTokens: 10 } });
  const behind = 2048 * 2048 + 3 * 2048 * 5632;
  assertEquals(whole.forward - kept.forward, 2 * behind * 182);
});

Deno.test("work and memory of a model do not depend on its context's length", () => {
  const batch = { rows: 4, longestRow: 64, positions: 256, keptTokens: 100 };
  for (const [name, config] of Object.entries(realConfigs)) {
    const field = config.model_type === "gpt2" ? "n_positions" : "max_position_embeddings";
    const [model, other] = [config, { ...config, [field]: 777 }].map(describeModel);
    const [{ activations, block, teacherBlock }, others] = [model, other].map((student) =>
      estimateMemory({ student, teacher: student, batch })
    );
    assertEquals([activations, block, teacherBlock], [others.activations, others.block, others.teacherBlock], name);
    const [work, otherWork] = [model, other].map((student) => stepWork({ student, batch }));
    assertEquals([work.forward, work.backward], [otherWork.forward, otherWork.backward], name);
  }
});

Deno.test("gpt2-medium's activations are those of its 24 blocks of sixteen widths", () => {
  const student = describeModel(realConfigs["gpt2-medium"]);
  const batch = { rows: 1, longestRow: 100, positions: 100, keptTokens: 100 };
  const { activations, student: parameters } = estimateMemory({ student, batch, fused: true, attention: "packed" });
  // Per position and block: sixteen widths in and out of matrices, and two besides.
  assertEquals(activations, 4 * 24 * 100 * (16 + 2) * 1024);
  const specs = [...student.family.parameters(student.config).values()];
  assertEquals(parameters, 4 * specs.reduce((sum, spec) => sum + sizeOf(spec), 0));
  assertEquals(parameters, 4 * 354_823_168);
});
