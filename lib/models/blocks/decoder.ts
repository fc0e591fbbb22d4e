/**
 * The blocks that the families after GPT-2 share: a root-mean-square norm before attention and before a gated inner
 * layer, rotary positions, queries that share keys. What distinguishes a family is a field of its configuration.
 *
 * Shapes: `S` packed positions, `K` kept ones, `H` hidden width.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { embedding, rmsNorm, rotary } from "../../operations/mod.ts";
import { activations } from "./activations.ts";
import { cutDecoderConfig } from "./cut_decoder_config.ts";
import { DECODER_FIELDS, type DecoderConfig } from "./decoder_config.ts";
import type { ForwardInputs, ModelFamily } from "../family.ts";
import { decoderParameters, type InnerNames, innerNames } from "./decoder_parameters.ts";
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
 * @param names `model_type` of its config.json files, its class in transformers, and the fields of its own.
 * @param readConfig Reads its config.json.
 */
export function decoderFamily(
  names: Pick<ModelFamily, "modelType" | "architecture" | "headless" | "fields" | "dequantized">,
  readConfig: (json: Record<string, unknown>) => DecoderConfig,
): ModelFamily<DecoderConfig> {
  return {
    ...names,
    fields: { ...DECODER_FIELDS, ...names.fields },
    readConfig,
    cutConfig: (config, sizes) => cutDecoderConfig(config, { sizes, readConfig }),
    parameters: decoderParameters,
    parameterName(tensorName) {
      if (tensorName.endsWith(".rotary_emb.inv_freq")) return null; // old files hold the frequencies as tensors
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
  let x = config.embeddingScale === 1 ? words : tf.mul(words, config.embeddingScale);
  for (let layer = 0; layer < config.layers; layer++) {
    const keep = layer === config.layers - 1 ? inputs.keep : undefined;
    const blockInputs = { ...inputs, keep, layer, angles: angles.get(config.rotary[layer]) };
    x = throughBlock(x, blockInputs, (x, inputs) => block(config, x, inputs));
  }
  return norm(config, inputs, "model.norm", x);
}

/** One block. With `keep`, only those positions continue after the attention: nothing later depends on the others. */
function block(config: DecoderConfig, x: tf.Tensor, inputs: BlockInputs): tf.Tensor {
  const { layer, auxiliary } = inputs;
  const name = `model.layers.${layer}`;
  // The sums of auxiliary losses are those of all positions.
  const late = auxiliary && config.routed[layer] ? inputs.keep : undefined;
  const keep = late ? undefined : inputs.keep;
  const around = config.norms === "around";
  const chosen = (x: tf.Tensor) => keep ? tf.gather(x, keep) : x;
  const normed = (part: string, x: tf.Tensor) => norm(config, inputs, `${name}.${part}`, x);

  const attended = chosen(attention(config, normed("input_layernorm", x), inputs));
  const mixed = project(inputs, attended, { name: `${name}.self_attn.o_proj`, bias: config.biases.output });
  const afterAttention = tf.add(chosen(x), around ? normed("post_attention_layernorm", mixed) : mixed);

  const before = normed(around ? "pre_feedforward_layernorm" : "post_attention_layernorm", afterAttention);
  const moved = feedForward(config, before, { ...inputs, block: name });
  const result = tf.add(afterAttention, around ? normed("post_feedforward_layernorm", moved) : moved);
  return late ? tf.gather(result, late) : result;
}

/** The inner layer, or the block's experts. */
function feedForward(config: DecoderConfig, x: tf.Tensor, inputs: BlockInputs & { block: string }): tf.Tensor {
  const { experts, routed, biases, activation } = config;
  const { block, layer } = inputs;
  const inner = (x: tf.Tensor, names: InnerNames) => {
    const gate = project(inputs, x, { name: names.gate, bias: biases.inner, activation: activations[activation] });
    const up = project(inputs, x, { name: names.up, bias: biases.inner });
    return project(inputs, tf.mul(gate, up), { name: names.down, bias: biases.inner });
  };
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
  const clipped = (x: tf.Tensor) => limit === undefined ? x : tf.clipByValue(x, -limit, limit);
  const placed = (part: "q" | "k", heads: number) => {
    const plain = projected(part);
    const normal = clipped(config.headNorms ? headNorm(config, inputs, `${name}.${part}_norm`, plain) : plain);
    return angles ? rotary(normal, { ...angles, heads, turning: config.rotary[layer]!.width }) : normal;
  };
  const parts = { query: placed("q", heads), key: placed("k", keyValueHeads), value: clipped(projected("v")) };
  const sinks = config.sinks ? inputs.parameter(`${name}.sinks`) : undefined;
  return inputs.attend(layer, parts, { heads, keyValueHeads, scale, window: windows[layer], softCap, sinks });
}

/** Each head normalised by itself, or all together. */
function headNorm(config: DecoderConfig, inputs: ForwardInputs, name: string, x: tf.Tensor): tf.Tensor {
  if (config.headNorms === "together") return norm(config, inputs, name, x);
  const heads = tf.reshape(x, [-1, config.headSize]);
  return tf.reshape(norm(config, inputs, name, heads), x.shape);
}

function norm(config: DecoderConfig, { parameter }: ForwardInputs, name: string, x: tf.Tensor): tf.Tensor {
  const weight = parameter(`${name}.weight`);
  return rmsNorm(x, { gain: config.normsFromZero ? tf.add(weight, 1) : weight, epsilon: config.normEpsilon });
}
