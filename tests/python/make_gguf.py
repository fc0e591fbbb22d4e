"""Makes tiny models with transformers, writes them as GGUF files as llama.cpp's converter lays them out, and computes logits.

    python make_gguf.py FOLDER CASES

CASES is a JSON list of {"name", "architecture", "config", "type", "direct"?, "metadata"?}; each becomes FOLDER/name/model.gguf
with a golden.json. The logits are those of transformers reading the file; with "direct", of the model that it was made from,
which must then be stored in F32: where transformers passes over something that the file says.
"""
import json
import os
import sys

import numpy as np
import torch
import transformers
from gguf import GGMLQuantizationType, GGUFWriter, MODEL_ARCH_NAMES, RopeScalingType, get_tensor_name_map, quants
from transformers import AutoConfig, AutoModelForCausalLM

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
torch.set_num_threads(1)


def permuted(weights, heads):
    return weights.reshape(heads, 2, weights.shape[0] // heads // 2, *weights.shape[1:]).swapaxes(1, 2).reshape(weights.shape)


def laid_out(architecture, config, name, weights):
    """What the converter does to a tensor."""
    if architecture == "llama" and (".q_proj." in name or ".k_proj." in name):
        heads = config.num_attention_heads if ".q_proj." in name else config.num_key_value_heads
        return permuted(weights, heads)
    if architecture.startswith("gemma") and "norm.weight" in name:
        return weights + 1
    if architecture == "gpt2" and weights.ndim == 2 and (".c_" in name):
        return weights.T
    return weights


def parts_of(model):
    """The tensors by the names that they have in files; experts together, their gates and ups apart, as GGUF has them."""
    for name, parameter in model.state_dict().items():
        if name.endswith("mlp.experts.gate_up_proj"):
            gate, up = parameter.chunk(2, 1)
            yield name.replace("gate_up_proj", "gate_proj.weight"), gate
            yield name.replace("gate_up_proj", "up_proj.weight"), up
        elif name.endswith("mlp.experts.down_proj"):
            yield f"{name}.weight", parameter
        else:
            yield name, parameter


def write(path, architecture, model, case):
    config = model.config
    writer = GGUFWriter(path, architecture)
    layers = config.num_hidden_layers
    writer.add_context_length(config.max_position_embeddings)
    writer.add_embedding_length(config.hidden_size)
    writer.add_block_count(layers)
    writer.add_feed_forward_length(getattr(config, "intermediate_size", None) or 4 * config.hidden_size)
    writer.add_head_count(config.num_attention_heads)
    if architecture == "gpt2":
        writer.add_layer_norm_eps(config.layer_norm_epsilon)
    else:
        head = getattr(config, "head_dim", None) or config.hidden_size // config.num_attention_heads
        writer.add_head_count_kv(config.num_key_value_heads)
        writer.add_layer_norm_rms_eps(config.rms_norm_eps)
        writer.add_key_length(head)
        writer.add_value_length(head)
        writer.add_rope_dimension_count(head)
        parameters = config.rope_parameters.get("full_attention", config.rope_parameters)
        writer.add_rope_freq_base(parameters["rope_theta"])
    if getattr(config, "sliding_window", None):
        writer.add_sliding_window(config.sliding_window)
    writer.add_vocab_size(config.vocab_size)
    writer.add_eos_token_id(5)
    for key, value in case.get("metadata", {}).items():
        if key == "add_rope_scaling_type":
            writer.add_rope_scaling_type(RopeScalingType(value))
        else:
            getattr(writer, key)(value)
    for name, values in case.get("tensors", {}).items():
        writer.add_tensor(name, np.array(values, np.float32))
    arch = next(key for key, value in MODEL_ARCH_NAMES.items() if value == architecture)
    names = get_tensor_name_map(arch, layers)
    wanted = GGMLQuantizationType[case["type"]]
    for name, parameter in parts_of(model):
        if name == "lm_head.weight" and config.tie_word_embeddings:
            continue
        weights = np.ascontiguousarray(laid_out(architecture, config, name, parameter.numpy()))
        module, suffix = name.rsplit(".", 1)
        fits = weights.ndim > 1 and weights.shape[-1] % 32 == 0
        kind = wanted if fits else GGMLQuantizationType.F32
        writer.add_tensor(f"{names.get_name(module)}.{suffix}", quants.quantize(weights, kind), raw_dtype=kind)
    writer.write_header_to_file()
    writer.write_kv_data_to_file()
    writer.write_tensors_to_file()
    writer.close()


folder, cases = sys.argv[1], json.loads(sys.argv[2])
for number, case in enumerate(cases):
    config = AutoConfig.for_model(**{"vocab_size": 61, "max_position_embeddings": 48, "eos_token_id": 5, **case["config"]})
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
    generator = torch.Generator().manual_seed(number)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            scale = 0.1 if "norm" in name or "ln_" in name or name.endswith("bias") else 0.3 / parameter.shape[-1] ** 0.25
            parameter.copy_(parameter * ("norm" in name or "ln_" in name) + noise * scale)
    path = f"{folder}/{case['name']}"
    os.makedirs(path)
    write(f"{path}/model.gguf", case["architecture"], model, case)
    if not case.get("direct"):
        model = AutoModelForCausalLM.from_pretrained(
            path, gguf_file="model.gguf", dtype=torch.float32, attn_implementation="eager"
        ).eval()
    ids = torch.randint(0, config.vocab_size, (2, 29), generator=generator)
    with torch.no_grad():
        logits = model(ids).logits
    golden = {"input_ids": ids.tolist(), "logits": logits.flatten().tolist(), "logits_shape": list(logits.shape)}
    with open(f"{path}/golden.json", "w") as file:
        json.dump(golden, file)
