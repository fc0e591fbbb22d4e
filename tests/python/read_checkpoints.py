"""Loads checkpoints with transformers and prints, as JSON, each one's logits for the ids in its ids.json.

    python read_checkpoints.py FOLDER...
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
for folder in sys.argv[1:]:
    model, report = AutoModelForCausalLM.from_pretrained(
        folder, output_loading_info=True, attn_implementation="eager", experts_implementation="eager", local_files_only=True
    )
    if hasattr(model, "num_experts"):
        model.set_experts_implementation("eager")  # grouped products ask for sizes that divide by four
    wrong = {key: sorted(map(str, value)) for key, value in report.items() if value}
    with open(f"{folder}/ids.json") as file:
        ids = torch.tensor(json.load(file))
    with torch.no_grad():
        logits = model.eval()(ids).logits.float()
    eos = model.generation_config.eos_token_id
    results.append({"logits": logits.flatten().tolist(), "dtype": str(model.dtype), "wrong": wrong, "eos": eos})
print(json.dumps(results))
