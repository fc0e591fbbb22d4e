"""Greedy generation by `transformers`, with its key-value cache: what `deno task bench peer` compares with.

    echo '{"model": {...}, "batch": 16, "promptLength": 32, "newTokens": 128, ...}' | python generate.py
"""
import json
import resource
import sys
import time

import torch
import transformers
from transformers import GPT2Config, GPT2LMHeadModel


def main(settings):
    torch.manual_seed(1)
    shape, device = settings["model"], torch.device(settings["device"])
    config = GPT2Config(
        vocab_size=shape["vocabulary"], n_positions=1024, n_embd=shape["width"], n_layer=shape["layers"],
        n_head=shape["heads"],
    )
    model = GPT2LMHeadModel(config).to(device=device, dtype=getattr(torch, settings["precision"])).eval()
    batch, length, new = settings["batch"], settings["promptLength"], settings["newTokens"]
    rows = [[(row * 31 + place * 17) % shape["vocabulary"] for place in range(length)] for row in range(batch)]
    ids = torch.tensor(rows, device=device)
    seconds = []
    for _ in range(settings["steps"] + 1):
        began = time.perf_counter()
        with torch.no_grad():
            result = model.generate(
                ids, attention_mask=torch.ones_like(ids), max_new_tokens=new, min_new_tokens=new, do_sample=False,
                pad_token_id=0,
            )
        result = result.cpu()
        seconds.append(time.perf_counter() - began)
        assert result.shape == (batch, length + new), f"the result is {tuple(result.shape)}"
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    if device.type == "cuda":
        peak = torch.cuda.max_memory_reserved(device) / 2**20
    print(json.dumps({"seconds": seconds[1:], "peakMiB": round(peak), "version": transformers.__version__}))


main(json.load(sys.stdin))
