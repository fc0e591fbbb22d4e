/**
 * The parameters of the shared blocks, by their names in the file.
 *
 * @module
 */
import type { DecoderConfig } from "./decoder_config.ts";
import type { ParameterAxis, ParameterRole, ParameterSpec } from "../family.ts";

/** Lists the parameters of a model, in the order in which they are written. */
export function decoderParameters(config: DecoderConfig): Map<string, ParameterSpec> {
  const { hiddenSize, innerSize, vocabularySize, headSize, heads, keyValueHeads, biases } = config;
  const start = { normal: config.initialDeviation };
  const specs = new Map<string, ParameterSpec>();
  const norm = (name: string, { axis = "hidden", layer }: { axis?: ParameterAxis; layer?: number } = {}) =>
    specs.set(`${name}.weight`, {
      shape: [axis === "hidden" ? hiddenSize : headSize],
      axes: [axis],
      layer,
      role: "norm",
      start: config.normsFromZero ? "zeros" : "ones",
    });
  const extents = {
    hidden: hiddenSize,
    inner: innerSize,
    heads: heads * headSize,
    keyValueHeads: keyValueHeads * headSize,
  };
  const projection = (
    name: string,
    [from, to]: [keyof typeof extents, keyof typeof extents],
    { bias, layer, role = "projection" }: { bias: boolean; layer: number; role?: ParameterRole },
  ) => {
    const shape = [extents[to], extents[from]];
    specs.set(`${name}.weight`, { shape, axes: [to, from], layer, role, start, projection: "output-first" });
    if (bias) specs.set(`${name}.bias`, { shape: [extents[to]], axes: [to], layer, role: "bias", start: "zeros" });
  };
  const table = { shape: [vocabularySize, hiddenSize], axes: ["vocabulary", "hidden"] as const, start };
  specs.set("model.embed_tokens.weight", { ...table, role: "tokens" });
  for (let layer = 0; layer < config.layers; layer++) {
    const block = `model.layers.${layer}`;
    const input = { bias: biases.queryKeyValue, role: "attention-input", layer } as const;
    const inner = { bias: biases.inner, layer };
    norm(`${block}.input_layernorm`, { layer });
    projection(`${block}.self_attn.q_proj`, ["hidden", "heads"], input);
    projection(`${block}.self_attn.k_proj`, ["hidden", "keyValueHeads"], input);
    projection(`${block}.self_attn.v_proj`, ["hidden", "keyValueHeads"], input);
    projection(`${block}.self_attn.o_proj`, ["heads", "hidden"], { bias: biases.output, layer });
    if (config.headNorms) {
      norm(`${block}.self_attn.q_norm`, { axis: "fixed", layer });
      norm(`${block}.self_attn.k_norm`, { axis: "fixed", layer });
    }
    norm(`${block}.post_attention_layernorm`, { layer });
    if (config.norms === "around") {
      norm(`${block}.pre_feedforward_layernorm`, { layer });
      norm(`${block}.post_feedforward_layernorm`, { layer });
    }
    projection(`${block}.mlp.gate_proj`, ["hidden", "inner"], inner);
    projection(`${block}.mlp.up_proj`, ["hidden", "inner"], inner);
    projection(`${block}.mlp.down_proj`, ["inner", "hidden"], inner);
  }
  norm("model.norm");
  if (!config.tiedHead) specs.set("lm_head.weight", { ...table, role: "head" });
  return specs;
}
