"""Continues prompts greedily with transformers, once for each set of options.

    python generate_adjusted.py FILE

The file holds {"folder", "prompts", "maxNewTokens", "options": [{…}]}, and "file" where the folder has a GGUF file; what is printed is, for each of the options, the new
tokens of each prompt.
"""
import json
import sys

import torch
import transformers
from transformers import AutoModelForCausalLM

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
torch.set_num_threads(1)
with open(sys.argv[1]) as file:
    asked = json.load(file)
source = {"gguf_file": asked["file"]} if "file" in asked else {"local_files_only": True}
model = AutoModelForCausalLM.from_pretrained(asked["folder"], dtype=torch.float32, **source).eval()
ends = model.generation_config.eos_token_id
ends = ends if isinstance(ends, list) else [] if ends is None else [ends]
by_length = {}
for place, prompt in enumerate(asked["prompts"]):
    by_length.setdefault(len(prompt), []).append(place)
results = []
for options in asked["options"]:
    if "sequence_bias" in options:
        options["sequence_bias"] = [[[token], float(bias)] for token, bias in options["sequence_bias"]]
    written = [None] * len(asked["prompts"])
    # Prompts of one length need no padding, whose tokens would count as repeated.
    for length, places in by_length.items():
        ids = torch.tensor([asked["prompts"][place] for place in places])
        out = model.generate(
            ids,
            attention_mask=torch.ones_like(ids),
            max_new_tokens=asked["maxNewTokens"],
            do_sample=False,
            pad_token_id=0,
            **options,
        )
        for place, row in zip(places, out[:, length:].tolist()):
            end = next((at + 1 for at, token in enumerate(row) if token in ends), len(row))
            written[place] = row[:end]
    results.append(written)
print(json.dumps(results))
