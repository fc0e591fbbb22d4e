"""Counts the work of transformers' models by torch's own counter, and says what their parameters are for.

Reads a JSON list of {config, rows, length} from its argument; prints for each the floating-point operations of a forward
pass with logits at every position, of its backward pass, of one with frozen weights, and each parameter's kind. Models are on the device "meta": they have
no numbers, so that large ones cost nothing.
"""
import json
import sys

import torch
from torch.utils.flop_counter import FlopCounterMode
from transformers import AutoConfig, AutoModelForCausalLM


def kind(module, name, model):
    if name == "bias" and hasattr(module, "weight") and module.weight.dim() == 2:
        return "bias"
    if module is model.get_input_embeddings():
        return "tokens"
    if module is model.get_output_embeddings():
        return "head"
    if isinstance(module, torch.nn.Embedding):
        return "positions"
    return "norm" if module.weight is not None and module.weight.dim() == 1 else "projection"


def measure(config, rows, length):
    with torch.device("meta"):
        model = AutoModelForCausalLM.from_config(AutoConfig.for_model(**config), attn_implementation="eager")
        ids = torch.zeros(rows, length, dtype=torch.long)
    mask = torch.zeros(rows, 1, length, length, device="meta")
    with FlopCounterMode(display=False) as counter:
        logits = model(ids, attention_mask=mask, position_ids=ids).logits
        forward = counter.get_total_flops()
        logits.sum().backward()
        counted = counter.get_total_flops()
        # Frozen weights, as beside adapters: gradients in the states alone.
        width = model.get_input_embeddings().weight.shape[1]
        states = torch.zeros(rows, length, width, device="meta", requires_grad=True)
        model.requires_grad_(False)
        model(inputs_embeds=states, attention_mask=mask, position_ids=ids).logits.sum().backward()
        frozen = counter.get_total_flops() - counted - forward
    kinds = {
        f"{path}.{name}": kind(module, name, model)
        for path, module in model.named_modules()
        for name, _ in module.named_parameters(recurse=False)
    }
    return {"forward": forward, "backward": counted - forward, "frozen": frozen, "kinds": kinds}


print(json.dumps([measure(**case) for case in json.loads(sys.argv[1])]))
