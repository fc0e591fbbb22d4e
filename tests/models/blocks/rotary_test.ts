/** Rotary frequencies and magnitudes of every kind of scaling, against the functions of transformers. */
import * as tf from "@tensorflow/tfjs-core";
import { useEngine } from "../../../lib/engines/mod.ts";
import { readRotary } from "../../../lib/models/blocks/rotary/read_rotary.ts";
import { rotaryAngles } from "../../../lib/models/blocks/rotary/rotary_angles.ts";
import { assertAllClose, assertEquals, assertThrows } from "../../support/mod.ts";
import { python, testWithPython } from "../../support/python.ts";

await useEngine("cpu");

const HEAD = 16;
const llama3 = { rope_type: "llama3", factor: 8, low_freq_factor: 1, high_freq_factor: 4 };
const yarn = { rope_type: "yarn", factor: 4, rope_theta: 50 };
const ramp = (from: number) => Array.from({ length: HEAD / 2 }, (_, pair) => from + pair / 3);
const longrope = { rope_type: "longrope", short_factor: ramp(1), long_factor: ramp(4) };

/** config.json files, and the part of a head that turns where the family has such. */
const cases: { json: Record<string, unknown>; partial?: number }[] = [
  { json: {} },
  { json: { rope_theta: 500_000 } },
  { json: { rope_parameters: { rope_theta: 300, rope_type: "default" }, rope_theta: 7 } },
  { json: { partial_rotary_factor: 0.5 }, partial: 1 },
  { json: { rope_parameters: { rope_type: "linear", factor: 3, partial_rotary_factor: 0.25 } }, partial: 1 },
  { json: { rope_scaling: { type: "linear", factor: 2.5 } } },
  { json: { rope_scaling: { type: "dynamic", factor: 2 }, rope_theta: 100 } },
  { json: { rope_parameters: { rope_type: "dynamic", factor: 3.5, partial_rotary_factor: 0.75 } }, partial: 1 },
  { json: { rope_scaling: { ...llama3, original_max_position_embeddings: 16 } } },
  { json: { rope_scaling: llama3, rope_theta: 40 } },
  { json: { rope_scaling: { ...yarn, original_max_position_embeddings: 16 } } },
  { json: { rope_parameters: yarn } },
  { json: { rope_parameters: { ...yarn, factor: null, original_max_position_embeddings: 32 } } },
  { json: { rope_parameters: { ...yarn, truncate: false, beta_fast: 9, beta_slow: 2 } } },
  { json: { rope_parameters: { ...yarn, rope_theta: 1e6, beta_fast: 1.5, beta_slow: 1.5 } } },
  { json: { rope_parameters: { ...yarn, attention_factor: 0.7 } } },
  { json: { rope_parameters: { ...yarn, mscale: 2, mscale_all_dim: 0.5 } } },
  { json: { rope_parameters: { ...yarn, mscale: 2, mscale_all_dim: 0 } } },
  { json: { rope_parameters: { ...longrope, original_max_position_embeddings: 24 } } },
  { json: { rope_scaling: { ...longrope, type: "longrope", factor: 16 }, original_max_position_embeddings: 20 } },
  { json: { rope_parameters: { ...longrope, attention_factor: 1.3, original_max_position_embeddings: 24 } } },
  { json: { rope_parameters: { ...longrope, factor: 0.5 } } },
];

const script = `
import json, sys, warnings, torch, transformers
from transformers import LlamaConfig
from transformers.modeling_rope_utils import ROPE_INIT_FUNCTIONS
transformers.logging.set_verbosity(transformers.logging.CRITICAL)
results = []
for case in json.loads(sys.argv[1]):
    config = LlamaConfig(hidden_size=64, num_attention_heads=4, head_dim=16, max_position_embeddings=64, **case)
    config.standardize_rope_params()
    parameters = config.rope_parameters
    kind, angles = parameters["rope_type"], {}
    for length in [10, 20, 64, 90]:
        if kind == "default":
            width = int(16 * parameters.get("partial_rotary_factor", 1.0))
            frequencies = 1 / (parameters["rope_theta"] ** (torch.arange(0, width, 2, dtype=torch.float) / width))
            magnitude = 1
        else:
            frequencies, magnitude = ROPE_INIT_FUNCTIONS[kind](config, None, seq_len=length)
        positions = torch.tensor([0.0, 1.0, length - 1.0])
        turned = positions[:, None] * frequencies
        angles[length] = [(turned.cos() * magnitude).flatten().tolist(), (turned.sin() * magnitude).flatten().tolist()]
    results.append(angles)
print(json.dumps(results))
`;

testWithPython(
  ["torch", "transformers"],
  "readRotary() has the angles of transformers, whatever the scaling",
  async () => {
    const jsons = JSON.stringify(cases.map(({ json }) => json));
    const theirs: Record<string, [number[], number[]]>[] = JSON.parse(await python(script, [jsons]));
    for (const [index, { json, partial }] of cases.entries()) {
      const rotary = readRotary(json, { headSize: HEAD, contextLength: 64, partial });
      for (
        const [length, [cosines, sines]] of Object.entries(theirs[index]).map(([key, angles]) =>
          [+key, angles] as const
        )
      ) {
        const places = { positions: Int32Array.of(0, 1, length - 1), lengths: new Int32Array(3).fill(length) };
        const ours = tf.tidy(() => {
          const angles = rotaryAngles(rotary, places);
          return [angles.cosines.dataSync(), angles.sines.dataSync()];
        });
        // A unit in the last place of a frequency is this much at the farthest position.
        assertAllClose(ours[0], cosines, { atol: 2e-5, rtol: 0 });
        assertAllClose(ours[1], sines, { atol: 2e-5, rtol: 0 });
      }
    }
  },
);

Deno.test("rotaryAngles() turns each row by the frequencies of its own length", () => {
  const rotary = readRotary(
    { rope_scaling: { ...longrope, original_max_position_embeddings: 4 } },
    { headSize: HEAD, contextLength: 64 },
  );
  const angles = (lengths: number[]) => {
    const places = { positions: Int32Array.of(3, 3), lengths: Int32Array.from(lengths) };
    return Array.from(rotaryAngles(rotary, places).sines.dataSync());
  };
  const half = HEAD / 2;
  const [short, long] = [angles([4, 4]).slice(0, half), angles([5, 5]).slice(0, half)];
  assertAllClose(angles([4, 5]), [...short, ...long], { atol: 0, rtol: 0 });
  assertEquals(short.join() === long.join(), false);
});

Deno.test("readRotary() refuses what it cannot read, naming field and value", () => {
  const refused: [Record<string, unknown>, string][] = [
    [
      { rope_scaling: { rope_type: "proportional" } },
      `"rope_type" must be one of default, linear, dynamic, yarn, longrope`,
    ],
    [{ rope_scaling: { rope_type: "dynamic" } }, `"factor" must be a number above 0, current value is absent`],
    [{ rope_scaling: { rope_type: "yarn" } }, `"factor" must be a number above 0, current value is absent`],
    [{ rope_scaling: { ...yarn, truncate: "no" } }, `"truncate" must be true or false, current value is "no"`],
    [{ rope_scaling: { ...yarn, beta_fast: -1 } }, `"beta_fast" must be a number above 0, current value is -1`],
    [{ rope_scaling: { ...yarn, mrope_section: [1] } }, `must only have the keys rope_type, type`],
    [{ rope_scaling: { ...longrope, long_factor: [1] } }, `"long_factor" must be a list of 8 numbers above 0`],
    [{ rope_scaling: { ...longrope, short_factor: ramp(0) } }, `"short_factor" must be a list of 8 numbers above 0`],
    [{ rope_scaling: { ...llama3, original_max_position_embeddings: 0.5 } }, `must be a positive whole number`],
    [{ partial_rotary_factor: 1.5 }, `at most 1 is possible as "partial_rotary_factor", current value is 1.5`],
    [{ partial_rotary_factor: 0.2 }, `an even width above 0, current value is 3`],
    [{ partial_rotary_factor: 0.01 }, `an even width above 0, current value is 0`],
  ];
  for (const [json, part] of refused) {
    assertThrows(() => readRotary(json, { headSize: HEAD, contextLength: 64, partial: 1 }), Error, part);
  }
});
