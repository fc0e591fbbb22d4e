"""Reads a GGUF file with transformers; writes logits and greedy tokens of prompts.

    python real_logits.py FOLDER FILE REQUEST OUTPUT

REQUEST is a JSON file {"prompts", "count"}: ids of each prompt, and how many tokens are generated. The logits of every position
go to OUTPUT/0.f32, OUTPUT/1.f32, … as float32; the tokens are printed as JSON.
"""
import json
import sys

import torch
import transformers
from transformers import AutoModelForCausalLM

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()

folder, file, request, output = sys.argv[1:]
with open(request) as source:
    asked = json.load(source)
prompts, count = asked["prompts"], asked["count"]
model = AutoModelForCausalLM.from_pretrained(folder, gguf_file=file, dtype=torch.float32).eval()
with torch.inference_mode():
    for number, prompt in enumerate(prompts):
        model(torch.tensor([prompt])).logits[0].numpy().tofile(f"{output}/{number}.f32")
    # All at once, padded on the left; by hand, so that no setting for generation in the file plays a part.
    longest = max(map(len, prompts))
    ids = torch.tensor([[0] * (longest - len(prompt)) + prompt for prompt in prompts])
    mask = torch.tensor([[0] * (longest - len(prompt)) + [1] * len(prompt) for prompt in prompts])
    places = (mask.cumsum(1) - 1).clamp(min=0)
    cache, greedy = None, []
    for _ in range(count):
        result = model(
            ids, attention_mask=mask, position_ids=places, past_key_values=cache, use_cache=True, logits_to_keep=1
        )
        cache, ids = result.past_key_values, result.logits[:, -1].argmax(-1, keepdim=True)
        mask, places = torch.cat([mask, torch.ones_like(ids)], 1), places[:, -1:] + 1
        greedy.append(ids[:, 0].tolist())
print(json.dumps(list(map(list, zip(*greedy)))))
