/**
 * The blocks that the families after GPT-2 share: a root-mean-square norm before attention and before a gated inner
 * layer, rotary positions, queries that share keys. What distinguishes a family is a field of its configuration.
 *
 * Shapes: `S` packed positions, `K` kept ones, `H` hidden width.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { activate, type ActivationFunction, embedding, rotary } from "../../operations/mod.ts";
import { activations } from "./activations.ts";
import { cutDecoderConfig, type CutDecoderConfigOptions } from "./cut_decoder_config.ts";
import { DECODER_FIELDS, type DecoderConfig } from "./decoder_config.ts";
import type { ForwardInputs, ModelFamily } from "../family.ts";
import { headNorm, norm } from "./decoder_norms.ts";
import { decoderParameters, innerNames } from "./decoder_parameters.ts";
import type { InnerNames } from "./expert_parameters.ts";
import { expertNames } from "./expert_parameters.ts";
import { project } from "./projection.ts";
import { anglesOfLayers } from "./rotary/rotary_angles.ts";
import { balanceLoss } from "./balance_loss.ts";
import { areStacked } from "./experts_config.ts";
import { ofEachExpert, routedExperts } from "./routed_experts.ts";
import { stackedExperts } from "./stacked_experts.ts";
import { type BlockInputs, throughBlock } from "./through_block.ts";

/**
 * Makes a family of the shared blocks.
 *
 * @param family `model_type` of its config.json files, its class in transformers, its specific fields, and whether its
 * heads must divide the hidden width.
 * @param readConfig Reads its config.json.
 */
export function decoderFamily(
  { headsDivideHidden, ...names }:
    & Pick<ModelFamily, "modelType" | "architecture" | "headless" | "fields" | "dequantized">
    & Pick<CutDecoderConfigOptions, "headsDivideHidden">,
  readConfig: (json: Record<string, unknown>) => DecoderConfig,
): ModelFamily<DecoderConfig> {
  return {
    ...names,
    fields: { ...DECODER_FIELDS, ...names.fields },
    readConfig,
    cutConfig: (config, sizes) => cutDecoderConfig(config, { sizes, readConfig, headsDivideHidden }),
    parameters: decoderParameters,
    parameterName(tensorName) {
      if (tensorName.endsWith(".rotary_emb.inv_freq")) return null; // old files contain the frequencies as tensors
      return /^(model|lm_head)\./.test(tensorName) ? tensorName : `model.${tensorName}`;
    },
    embeddingName: "model.embed_tokens.weight",
    headName: "lm_head.weight",
    lengthClass: (config, length) => config.rotary.map((rotary) => rotary?.lengthClass?.(length) ?? 0).join(),
    auxiliaryLosses: ({ experts, routed }) =>
      experts && routed.includes(true) ? [balanceLoss(experts.count, experts.balanceWeight)] : [],
    states,
  };
}

function states(config: DecoderConfig, inputs: ForwardInputs): tf.Tensor {
  const words = embedding(inputs.parameter("model.embed_tokens.weight"), inputs.ids);
  const angles = anglesOfLayers(config.rotary, inputs);
  let x = scaled(words, config.embeddingScale);
  for (let layer = 0; layer < config.layers; layer++) {
    const keep = layer === config.layers - 1 ? inputs.keep : undefined;
    const blockInputs = { ...inputs, keep, layer, angles: angles.get(config.rotary[layer]) };
    x = throughBlock(x, blockInputs, (x, inputs) => block(config, x, inputs));
  }
  return scaled(norm(config, inputs, "model.norm", x), config.hiddenScale);
}

/** A tensor times a factor, if the family has one. */
const scaled = (x: tf.Tensor, factor = 1): tf.Tensor => factor === 1 ? x : tf.mul(x, factor);

/** One block. With `keep`, only those positions continue after the attention: nothing later depends on the others. */
function block(config: DecoderConfig, x: tf.Tensor, inputs: BlockInputs): tf.Tensor {
  const { layer, auxiliary } = inputs;
  const name = `model.layers.${layer}`;
  // The sums of auxiliary losses are those of all positions.
  const late = auxiliary && config.routed[layer] ? inputs.keep : undefined;
  const keep = late ? undefined : inputs.keep;
  const [before, behind] = [config.norms !== "behind", config.norms !== "before"];
  const chosen = (x: tf.Tensor) => keep ? tf.gather(x, keep) : x;
  const normed = (part: string, x: tf.Tensor) => norm(config, inputs, `${name}.${part}`, x);

  const seen = before ? normed("input_layernorm", x) : x;
  const attended = chosen(attention(config, seen, inputs));
  const mixed = project(inputs, attended, { name: `${name}.self_attn.o_proj`, bias: config.biases.output });
  const added = behind ? normed("post_attention_layernorm", mixed) : mixed;
  const afterAttention = tf.add(chosen(x), scaled(added, config.residualScale));

  const innerNorm = behind ? "pre_feedforward_layernorm" : "post_attention_layernorm";
  const behindAttention = () => before ? normed(innerNorm, afterAttention) : afterAttention;
  const moved = feedForward(config, config.parallel ? chosen(seen) : behindAttention(), { ...inputs, block: name });
  const addedBehind = behind ? normed("post_feedforward_layernorm", moved) : moved;
  const result = tf.add(afterAttention, scaled(addedBehind, config.residualScale));
  return late ? tf.gather(result, late) : result;
}

/** The inner layer, or the block's experts. */
function feedForward(config: DecoderConfig, x: tf.Tensor, inputs: BlockInputs & { block: string }): tf.Tensor {
  const { experts, routed, biases } = config;
  const { block, layer } = inputs;
  const activation = activations[config.activation];
  const projected = (name: string, x: tf.Tensor, activation?: ActivationFunction) =>
    project(inputs, x, { name, bias: biases.inner, activation });
  const inner = (x: tf.Tensor, names: InnerNames) =>
    projected(names.down, tf.mul(projected(names.gate, x, activation), projected(names.up, x)));
  if (config.fused) {
    const [gate, up] = tf.split(projected(`${block}.mlp.gate_up_proj`, x), 2, 1);
    return projected(innerNames(block).down, tf.mul(activate(gate, activation), up));
  }
  if (!experts || !routed[layer]) return inner(x, innerNames(block));
  const { form } = experts;
  const name = `${block}.${experts.name}`;
  const answer = (x: tf.Tensor2D, loads: readonly number[]) =>
    areStacked(form)
      ? stackedExperts(inputs, x, { ...form, name, loads })
      : ofEachExpert(x, loads, (x, expert) => inner(x, expertNames(name, expert, form)));
  return routedExperts(experts, x, { ...inputs, answer });
}

function attention(config: DecoderConfig, x: tf.Tensor, inputs: BlockInputs): tf.Tensor {
  const { heads, keyValueHeads, scale, windows, attentionSoftCap: softCap, queryKeyValueLimit: limit } = config;
  const { layer, angles } = inputs;
  const name = `model.layers.${layer}.self_attn`;
  const projected = (part: string) =>
    project(inputs, x, { name: `${name}.${part}_proj`, bias: config.biases.queryKeyValue });
  const widths = [heads, keyValueHeads, keyValueHeads].map((heads) => heads * config.headSize);
  const [query, key, value] = config.fused ? tf.split(projected("qkv"), widths, 1) : ["q", "k", "v"].map(projected);
  const clipped = (x: tf.Tensor) => limit === undefined ? x : tf.clipByValue(x, -limit, limit);
  const placed = (part: "q" | "k", { plain, heads }: { plain: tf.Tensor; heads: number }) => {
    const normal = clipped(headNorm(config, plain, { ...inputs, name: `${name}.${part}`, heads }));
    return angles ? rotary(normal, { ...angles, heads, turning: config.rotary[layer]!.width }) : normal;
  };
  const parts = {
    query: scaledByPosition(config, placed("q", { plain: query, heads }), inputs),
    key: placed("k", { plain: key, heads: keyValueHeads }),
    value: clipped(value),
  };
  const sinks = config.sinks ? inputs.parameter(`${name}.sinks`) : undefined;
  return inputs.attend(layer, parts, { heads, keyValueHeads, scale, window: windows[layer], softCap, sinks });
}

/** Queries times the family's position-dependent factor. */
function scaledByPosition(config: DecoderConfig, query: tf.Tensor, { positions }: ForwardInputs): tf.Tensor {
  const factors = config.queryScale && Float32Array.from(positions, config.queryScale);
  if (!factors || factors.every((factor) => factor === 1)) return query;
  return tf.mul(query, tf.tensor2d(factors, [factors.length, 1]));
}
