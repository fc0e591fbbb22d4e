"""Counts the work of transformers' models by torch's own counter, and says what their parameters are for.

Reads a JSON list of {config, rows?, length?} from its argument; prints for each, where it has rows, the floating-point
operations of a forward pass with logits at every position, of its backward pass, of one with frozen weights; and each
parameter's kind, by the names that files have. Models are on the device "meta": they have no numbers, so that large ones cost nothing; but mixtures
of experts, whose shapes depend on numbers.
"""
import json
import sys

import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoConfig, AutoModelForCausalLM
from transformers.core_model_loading import revert_weight_conversion


def kind(module, name, model):
    if name.endswith("_bias") or name == "sinks":
        return "bias"
    if not hasattr(module, "weight"):
        return "projection"  # experts
    if name == "bias" and hasattr(module, "weight") and module.weight.dim() == 2:
        return "bias"
    if module is model.get_input_embeddings():
        return "tokens"
    if module is model.get_output_embeddings():
        return "head"
    if isinstance(module, torch.nn.Embedding):
        return "positions"
    return "norm" if module.weight is not None and module.weight.dim() == 1 else "projection"


def measure(config, rows=0, length=0):
    settings = AutoConfig.for_model(**config)
    settings.output_router_logits = False
    device = "cpu" if hasattr(settings, "num_experts_per_tok") else "meta"
    with torch.device(device):
        ways = {"attn_implementation": "eager"} | ({"experts_implementation": "eager"} if device == "cpu" else {})
        model = AutoModelForCausalLM.from_config(settings, **ways)
    return (work(model, rows, length, device) if rows > 0 else {}) | {"kinds": kinds_of(model)}


def work(model, rows, length, device):
    ids = torch.zeros(rows, length, dtype=torch.long, device=device)
    mask = torch.zeros(rows, 1, length, length, device=device)
    with FlopCounterMode(display=False) as counter:
        logits = model(ids, attention_mask=mask, position_ids=ids).logits
        forward = counter.get_total_flops()
        logits.sum().backward()
        counted = counter.get_total_flops()
        # Frozen weights, as beside adapters: gradients in the states alone.
        width = model.get_input_embeddings().weight.shape[1]
        states = torch.zeros(rows, length, width, device=device, requires_grad=True)
        model.requires_grad_(False)
        model(inputs_embeds=states, attention_mask=mask, position_ids=ids).logits.sum().backward()
        frozen = counter.get_total_flops() - counted - forward
    return {"forward": forward, "backward": counted - forward, "frozen": frozen}


def kinds_of(model):
    kinds = {
        f"{path}.{name}": "head" if path == "lm_head" else kind(module, name, model)
        for path, module in model.named_modules()
        for name, _ in module.named_parameters(recurse=False)
    }
    files = revert_weight_conversion(model, {name: parameter.detach() for name, parameter in model.named_parameters()})
    # In files GPT-NeoX's head has another name; others that are not the model's own are experts'.
    return {name: kinds.get(name, "head" if name.startswith("embed_out.") else "projection") for name in files}


print(json.dumps([measure(**case) for case in json.loads(sys.argv[1])]))
