/**
 * The parameters of the shared blocks, by their names in the file.
 *
 * @module
 */
import type { DecoderConfig } from "./decoder_config.ts";
import type { ParameterRole, ParameterSpec } from "../family.ts";

/** Lists the parameters of a model, in the order in which they are written. */
export function decoderParameters(config: DecoderConfig): Map<string, ParameterSpec> {
  const { hiddenSize, innerSize, vocabularySize, headSize, heads, keyValueHeads, biases } = config;
  const start = { normal: config.initialDeviation };
  const specs = new Map<string, ParameterSpec>();
  const norm = (name: string, width: number) =>
    specs.set(`${name}.weight`, { shape: [width], role: "norm", start: config.normsFromZero ? "zeros" : "ones" });
  const projection = (
    name: string,
    [from, to]: [number, number],
    { bias, role = "projection" }: { bias: boolean; role?: ParameterRole },
  ) => {
    specs.set(`${name}.weight`, { shape: [to, from], role, start, projection: "output-first" });
    if (bias) specs.set(`${name}.bias`, { shape: [to], role: "bias", start: "zeros" });
  };
  const input = { bias: biases.queryKeyValue, role: "attention-input" } as const;
  specs.set("model.embed_tokens.weight", { shape: [vocabularySize, hiddenSize], role: "tokens", start });
  for (let layer = 0; layer < config.layers; layer++) {
    const block = `model.layers.${layer}`;
    norm(`${block}.input_layernorm`, hiddenSize);
    projection(`${block}.self_attn.q_proj`, [hiddenSize, heads * headSize], input);
    projection(`${block}.self_attn.k_proj`, [hiddenSize, keyValueHeads * headSize], input);
    projection(`${block}.self_attn.v_proj`, [hiddenSize, keyValueHeads * headSize], input);
    projection(`${block}.self_attn.o_proj`, [heads * headSize, hiddenSize], { bias: biases.output });
    if (config.headNorms) {
      norm(`${block}.self_attn.q_norm`, headSize);
      norm(`${block}.self_attn.k_norm`, headSize);
    }
    norm(`${block}.post_attention_layernorm`, hiddenSize);
    if (config.norms === "around") {
      norm(`${block}.pre_feedforward_layernorm`, hiddenSize);
      norm(`${block}.post_feedforward_layernorm`, hiddenSize);
    }
    projection(`${block}.mlp.gate_proj`, [hiddenSize, innerSize], { bias: biases.inner });
    projection(`${block}.mlp.up_proj`, [hiddenSize, innerSize], { bias: biases.inner });
    projection(`${block}.mlp.down_proj`, [innerSize, hiddenSize], { bias: biases.inner });
  }
  norm("model.norm", hiddenSize);
  if (!config.tiedHead) specs.set("lm_head.weight", { shape: [vocabularySize, hiddenSize], role: "head", start });
  return specs;
}
