"""Reads folders with transformers, and lets each continue prompts greedily.

    python generate_ends.py JSON

The input is a list of {"folder", "prompts", "maxNewTokens", "eos"?}; what is printed is, for each, the end tokens that
transformers generates with ("eos", where given, in their place) and the new tokens of each prompt.
"""
import json
import sys

import torch
import transformers
from transformers import AutoModelForCausalLM

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
torch.set_num_threads(1)
results = []
for case in json.loads(sys.argv[1]):
    model = AutoModelForCausalLM.from_pretrained(case["folder"], local_files_only=True).eval()
    ends = model.generation_config.eos_token_id
    given = {} if case.get("eos") is None else {"eos_token_id": case["eos"]}
    written = []
    for prompt in case["prompts"]:
        ids = torch.tensor([prompt])
        out = model.generate(
            ids, attention_mask=torch.ones_like(ids), max_new_tokens=case["maxNewTokens"], do_sample=False, pad_token_id=0, **given
        )
        written.append(out[0, len(prompt):].tolist())
    results.append({"ends": ends if isinstance(ends, list) else [] if ends is None else [ends], "written": written})
print(json.dumps(results))
