/**
 * The blocks that the families after GPT-2 share: a root-mean-square norm before attention and before a gated inner layer,
 * rotary positions, queries that share keys. What a family has of its own is a field of its configuration.
 *
 * Shapes: `S` packed positions, `K` kept ones, `H` hidden width.
 *
 * @module
 */
import * as tf from "@tensorflow/tfjs-core";
import { type ActivationFunction, embedding, rmsNorm, rotary } from "../../operations/mod.ts";
import { activations } from "./activations.ts";
import { cutDecoderConfig } from "./cut_decoder_config.ts";
import { DECODER_FIELDS, type DecoderConfig } from "./decoder_config.ts";
import type { ForwardInputs, ModelFamily } from "../family.ts";
import { decoderParameters } from "./decoder_parameters.ts";
import { project } from "./projection.ts";
import { anglesOfLayers } from "./rotary/rotary_angles.ts";
import { type BlockInputs, throughBlock } from "./through_block.ts";

/**
 * Makes a family of the shared blocks.
 *
 * @param names `model_type` of its config.json files, its class in transformers, and the fields of its own.
 * @param readConfig Reads its config.json.
 */
export function decoderFamily(
  names: Pick<ModelFamily, "modelType" | "architecture" | "headless" | "fields">,
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

/** One block. With `keep`, only those positions go on after the attention: nothing later looks at the others. */
function block(config: DecoderConfig, x: tf.Tensor, inputs: BlockInputs): tf.Tensor {
  const { keep } = inputs;
  const name = `model.layers.${inputs.layer}`;
  const around = config.norms === "around";
  const chosen = (x: tf.Tensor) => keep ? tf.gather(x, keep) : x;
  const normed = (part: string, x: tf.Tensor) => norm(config, inputs, `${name}.${part}`, x);

  const attended = chosen(attention(config, normed("input_layernorm", x), inputs));
  const mixed = project(inputs, attended, { name: `${name}.self_attn.o_proj`, bias: config.biases.output });
  const afterAttention = tf.add(chosen(x), around ? normed("post_attention_layernorm", mixed) : mixed);

  const before = normed(around ? "pre_feedforward_layernorm" : "post_attention_layernorm", afterAttention);
  const inner = (part: string, x: tf.Tensor, activation?: ActivationFunction) =>
    project(inputs, x, { name: `${name}.mlp.${part}`, bias: config.biases.inner, activation });
  const gate = inner("gate_proj", before, activations[config.activation]);
  const moved = inner("down_proj", tf.mul(gate, inner("up_proj", before)));
  return tf.add(afterAttention, around ? normed("post_feedforward_layernorm", moved) : moved);
}

function attention(config: DecoderConfig, x: tf.Tensor, inputs: BlockInputs): tf.Tensor {
  const { heads, keyValueHeads, scale, windows, attentionSoftCap: softCap } = config;
  const { layer, angles } = inputs;
  const name = `model.layers.${layer}.self_attn`;
  const projected = (part: string) =>
    project(inputs, x, { name: `${name}.${part}_proj`, bias: config.biases.queryKeyValue });
  const placed = (part: "q" | "k", heads: number) => {
    const plain = projected(part);
    const normal = config.headNorms ? headNorm(config, inputs, `${name}.${part}_norm`, plain) : plain;
    return angles ? rotary(normal, { ...angles, heads, turning: config.rotary[layer]!.width }) : normal;
  };
  const parts = { query: placed("q", heads), key: placed("k", keyValueHeads), value: projected("v") };
  return inputs.attend(layer, parts, { heads, keyValueHeads, scale, window: windows[layer], softCap });
}

/** Each head normalised by itself. */
function headNorm(config: DecoderConfig, inputs: ForwardInputs, name: string, x: tf.Tensor): tf.Tensor {
  const heads = tf.reshape(x, [-1, config.headSize]);
  return tf.reshape(norm(config, inputs, name, heads), x.shape);
}

function norm(config: DecoderConfig, { parameter }: ForwardInputs, name: string, x: tf.Tensor): tf.Tensor {
  const weight = parameter(`${name}.weight`);
  return rmsNorm(x, { gain: config.normsFromZero ? tf.add(weight, 1) : weight, epsilon: config.normEpsilon });
}
