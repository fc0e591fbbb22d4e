"""Makes tiny checkpoints with transformers, each with its logits, a greedy continuation, and gradients by autograd.

    python make_checkpoints.py FOLDER CASES

CASES is a JSON list of {"name", "config", "json"?, "dtype"?, "shard"?, "base"?}; each becomes FOLDER/name with a golden.json.
"""
import json
import sys

import torch
import transformers
from transformers.core_model_loading import revert_weight_conversion
from transformers import AutoConfig, AutoModelForCausalLM

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
torch.set_num_threads(1)


def gradients(model, rows):
    """Of the mean next-token loss behind the third token of each row, and of the balance loss over all tokens where the
    model has one: the loss, and each gradient's norm and projection, by the names that files have."""
    for module in model.modules():
        if hasattr(module, "padding_idx"):
            module.padding_idx = None  # else the padding token's embedding would have no gradient
    losses, routed = [], []
    for row in rows:
        output = model(torch.tensor([row]))
        logits = output.logits[0]
        routed.append(getattr(output, "router_logits", None) or ())
        losses.append(torch.nn.functional.cross_entropy(logits[2:-1], torch.tensor(row[3:]), reduction="none"))
    loss, balance = torch.cat(losses).mean(), None
    if routed[0]:
        settings = model.num_experts, model.num_experts_per_tok
        layers = tuple(torch.cat(layer) for layer in zip(*routed))
        balance = sys.modules[type(model).__module__].load_balancing_loss_func(layers, *settings)
        loss = loss + model.router_aux_loss_coef * balance
        balance = balance.item()
    loss.backward()
    summaries = {}
    found = {name: parameter.grad for name, parameter in model.named_parameters() if parameter.grad is not None}
    if hasattr(model, "num_experts"):
        found = revert_weight_conversion(model, found)
    for name, gradient in found.items():
        flat = gradient.flatten().double()
        projection = (flat * torch.cos(torch.arange(flat.numel()).double())).sum()
        summaries[name] = [flat.norm().item(), projection.item()]
    return {"rows": rows, "loss": loss.item(), "balance": balance, "gradients": summaries}


folder, cases = sys.argv[1], json.loads(sys.argv[2])
for number, case in enumerate(cases):
    sizes = {"vocab_size": 61, "max_position_embeddings": 48, "eos_token_id": 5}
    config = AutoConfig.for_model(**case["config"] if "text_config" in case["config"] else sizes | case["config"])
    config.dropout = config.attn_pdrop = config.attention_dropout = 0.0
    model = AutoModelForCausalLM.from_config(config, attn_implementation="eager").eval()
    generator = torch.Generator().manual_seed(number)
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            noise = torch.randn(parameter.shape, generator=generator)
            scale = 0.1 if "norm" in name or "ln_" in name or name.endswith("bias") else 0.3 / parameter.shape[-1] ** 0.25
            parameter.copy_(parameter * ("norm" in name or "ln_" in name) + noise * scale)
    dtype = getattr(torch, case.get("dtype", "float32"))
    model.to(dtype)
    path = f"{folder}/{case['name']}"
    saved = model.base_model if case.get("base") else model
    saved.save_pretrained(path, max_shard_size=case.get("shard", "5GB"))
    if "json" in case:
        with open(f"{path}/config.json") as file:
            saved_config = json.load(file)
        with open(f"{path}/config.json", "w") as file:
            json.dump(saved_config | case["json"], file)
        model = AutoModelForCausalLM.from_pretrained(path, attn_implementation="eager").eval()
    if "dtype" in case:  # rounding a model rounds its angles too, which a file does not hold
        model = AutoModelForCausalLM.from_pretrained(path, dtype=torch.float32, attn_implementation="eager").eval()
    ids = torch.randint(0, config.get_text_config().vocab_size, (2, 29), generator=generator)
    prompt = ids[:1, :5]
    with torch.no_grad():
        logits = model(ids).logits
        row = prompt
        for _ in range(16):
            row = torch.cat([row, model(row).logits[:, -1:].argmax(-1)], 1)
    golden = {
        "input_ids": ids.tolist(),
        "logits": logits.flatten().tolist(),
        "logits_shape": list(logits.shape),
        "greedy_prompt": prompt[0].tolist(),
        "greedy": row[0, 5:].tolist(),
    }
    golden["training"] = gradients(model, [ids[0, :21].tolist(), ids[1, :9].tolist()])
    with open(f"{path}/golden.json", "w") as file:
        json.dump(golden, file)
