"""Makes a tiny gpt-oss folder whose experts are stored in MXFP4, with what transformers dequantises them to, and logits.

    python make_mxfp4.py FOLDER
"""
import json
import sys

import torch
import transformers
from safetensors.torch import load_file, save_file
from transformers import AutoConfig, AutoModelForCausalLM, Mxfp4Config
from transformers.integrations.mxfp4 import convert_moe_packed_tensors

transformers.logging.set_verbosity_error()
transformers.logging.disable_progress_bar()
torch.set_num_threads(1)
folder = sys.argv[1]
sizes = {"hidden_size": 32, "intermediate_size": 64, "num_hidden_layers": 2, "num_attention_heads": 4, "head_dim": 8}
experts = {"num_local_experts": 3, "num_experts_per_tok": 2, "num_key_value_heads": 2}
config = AutoConfig.for_model("gpt_oss", vocab_size=61, max_position_embeddings=48, eos_token_id=5, **sizes, **experts)
torch.manual_seed(0)
AutoModelForCausalLM.from_config(config).save_pretrained(folder)
tensors = load_file(f"{folder}/model.safetensors")
numbers = {}
for name in [name for name in tensors if name.endswith(("gate_up_proj", "down_proj"))]:
    count, inputs, outputs = tensors.pop(name).shape
    blocks = torch.randint(0, 256, (count, outputs, inputs // 32, 16), dtype=torch.uint8)
    scales = torch.randint(120, 127, (count, outputs, inputs // 32), dtype=torch.uint8)
    scales[0, 0, 0] = 90
    tensors |= {f"{name}_blocks": blocks, f"{name}_scales": scales}
    numbers[name] = convert_moe_packed_tensors(blocks, scales, dtype=torch.float32).flatten().tolist()
save_file(tensors, f"{folder}/model.safetensors", {"format": "pt"})
with open(f"{folder}/config.json") as file:
    saved = json.load(file)
saved["quantization_config"] = {"quant_method": "mxfp4", "modules_to_not_convert": ["model.embed_tokens", "lm_head"]}
with open(f"{folder}/config.json", "w") as file:
    json.dump(saved, file)
model = AutoModelForCausalLM.from_pretrained(
    folder, quantization_config=Mxfp4Config(dequantize=True), dtype=torch.float32, attn_implementation="eager"
).eval()
ids = torch.randint(0, 61, (2, 9))
with torch.no_grad():
    logits = model(ids).logits.flatten().tolist()
with open(f"{folder}/golden.json", "w") as file:
    json.dump({"input_ids": ids.tolist(), "logits": logits, "numbers": numbers}, file)
