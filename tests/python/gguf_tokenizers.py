"""What transformers makes of texts by the tokenizer in a GGUF file.

    python gguf_tokenizers.py FILE REQUEST

REQUEST holds texts, conversations, and the cut that transformers lacks for this file (a tokenizer.json's pre_tokenizer,
or null). Prints for each text its ids without special tokens and their text, for each conversation its prompt.
"""
import json
import os
import sys

from tokenizers import Tokenizer
from transformers import AutoTokenizer, GemmaTokenizer

path, request = sys.argv[1], json.load(open(sys.argv[2]))
# Which class it is AutoTokenizer finds out by reading the file with gguf, half a minute for 262 thousand tokens.
kind = GemmaTokenizer if "gemma" in os.path.basename(path) else AutoTokenizer
tokenizer = kind.from_pretrained(os.path.dirname(path), gguf_file=os.path.basename(path))
if request["cut"] is not None:
    specification = json.loads(tokenizer.backend_tokenizer.to_str())
    specification["pre_tokenizer"] = request["cut"]
    tokenizer._tokenizer = Tokenizer.from_str(json.dumps(specification))
ids = [tokenizer.encode(text, add_special_tokens=False) for text in request["texts"]]
print(json.dumps({
    "ids": ids,
    "texts": [tokenizer.decode(one, skip_special_tokens=False) for one in ids],
    "prompts": [tokenizer.apply_chat_template(one, tokenize=False, add_generation_prompt=True)
                for one in request["conversations"]],
    "ends": [tokenizer.bos_token_id, tokenizer.eos_token_id, tokenizer.unk_token_id, tokenizer.pad_token_id],
}))
