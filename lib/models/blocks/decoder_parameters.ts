/**
 * The parameters of the shared blocks, by their names in the file.
 *
 * @module
 */
import type { DecoderConfig } from "./decoder_config.ts";
import { expertParameters } from "./expert_parameters.ts";
import type { ParameterRole, ParameterSpec } from "../family.ts";
import type { InnerNames } from "./expert_parameters.ts";

/** The units along an axis of a projection. */
type Axis = "hidden" | "inner" | "heads" | "keyValueHeads";

/** The names of a block's inner layer. */
export const innerNames = (block: string): InnerNames => ({
  gate: `${block}.mlp.gate_proj`,
  up: `${block}.mlp.up_proj`,
  down: `${block}.mlp.down_proj`,
});

/** Lists the parameters of a model, in the order in which they are saved. */
export function decoderParameters(config: DecoderConfig): Map<string, ParameterSpec> {
  const { hiddenSize, innerSize, vocabularySize, headSize, heads, keyValueHeads, biases } = config;
  const start = { normal: config.initialDeviation };
  const specs = new Map<string, ParameterSpec>();
  const extents: Record<Axis, number> = {
    hidden: hiddenSize,
    inner: innerSize,
    heads: heads * headSize,
    keyValueHeads: keyValueHeads * headSize,
  };
  const norm = (name: string, { axis = "hidden", layer }: { axis?: Axis | "fixed"; layer?: number } = {}) => {
    const shape = [axis === "fixed" ? headSize : extents[axis]];
    const shared = { shape, axes: [axis], layer, role: "norm" as const };
    specs.set(`${name}.weight`, { ...shared, start: config.normsFromZero ? "zeros" : "ones" });
    if (config.layerNorms && axis === "hidden") specs.set(`${name}.bias`, { ...shared, start: "zeros" });
  };
  const projection = (
    name: string,
    [from, to]: [Axis, Axis | readonly Axis[]],
    { bias, layer, role = "projection" }: { bias: boolean; layer: number; role?: ParameterRole },
  ) => {
    const outputs = [to].flat().reduce((sum, axis) => sum + extents[axis as Axis], 0);
    const shape = [outputs, extents[from]];
    specs.set(`${name}.weight`, { shape, axes: [to, from], layer, role, start, projection: "output-first" });
    if (bias) specs.set(`${name}.bias`, { shape: [outputs], axes: [to], layer, role: "bias", start: "zeros" });
  };
  const table = { shape: [vocabularySize, hiddenSize], axes: ["vocabulary", "hidden"] as const, start };
  specs.set("model.embed_tokens.weight", { ...table, role: "tokens" });
  for (let layer = 0; layer < config.layers; layer++) {
    const block = `model.layers.${layer}`;
    const input = { bias: biases.queryKeyValue, role: "attention-input", layer } as const;
    const inner = { bias: biases.inner, layer };
    if (config.norms !== "behind") norm(`${block}.input_layernorm`, { layer });
    if (config.fused) {
      projection(`${block}.self_attn.qkv_proj`, ["hidden", ["heads", "keyValueHeads", "keyValueHeads"]], input);
    } else {
      projection(`${block}.self_attn.q_proj`, ["hidden", "heads"], input);
      projection(`${block}.self_attn.k_proj`, ["hidden", "keyValueHeads"], input);
      projection(`${block}.self_attn.v_proj`, ["hidden", "keyValueHeads"], input);
    }
    projection(`${block}.self_attn.o_proj`, ["heads", "hidden"], { bias: biases.output, layer });
    if (config.sinks) {
      specs.set(`${block}.self_attn.sinks`, { shape: [heads], axes: ["heads"], layer, role: "bias", start });
    }
    if (config.headNorms === "own") {
      for (const [part, count] of [["q", heads], ["k", keyValueHeads]] as const) {
        for (let head = 0; head < count; head++) {
          norm(`${block}.self_attn.${part}_layernorm.norms.${head}`, { axis: "fixed", layer });
        }
      }
    } else if (config.headNorms) {
      const together = config.headNorms === "together";
      norm(`${block}.self_attn.q_norm`, { axis: together ? "heads" : "fixed", layer });
      norm(`${block}.self_attn.k_norm`, { axis: together ? "keyValueHeads" : "fixed", layer });
    }
    if (!config.parallel) norm(`${block}.post_attention_layernorm`, { layer });
    if (config.norms === "around") norm(`${block}.pre_feedforward_layernorm`, { layer });
    if (config.norms !== "before") norm(`${block}.post_feedforward_layernorm`, { layer });
    if (config.experts && config.routed[layer]) {
      for (const [name, spec] of expertParameters(config.experts, { block, layer, hiddenSize, start })) {
        specs.set(name, spec);
      }
      continue;
    }
    const { gate, up, down } = innerNames(block);
    if (config.fused) projection(`${block}.mlp.gate_up_proj`, ["hidden", ["inner", "inner"]], inner);
    else for (const name of [gate, up]) projection(name, ["hidden", "inner"], inner);
    projection(down, ["inner", "hidden"], inner);
  }
  norm("model.norm");
  if (!config.tiedHead) specs.set("lm_head.weight", { ...table, role: "head" });
  return specs;
}
