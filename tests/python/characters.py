"""What stages of `tokenizers` make of every character of Unicode, as digests by block.

    python characters.py STAGES

reads the JSON list of stages from the file STAGES, each `["normalizer" or "pre_tokenizer", stage]`, and prints for each a
list of digests: the MD5 of what becomes of 256 characters and so on, each between two letters. Of the planes that hold
nothing, or characters for private use alone, there are some hundred.
"""
import hashlib
import json
import sys

from tokenizers import Tokenizer, models

with open(sys.argv[1], encoding="utf-8") as file:
    stages = json.load(file)
RANGES = [(0, 0xD800), (0xE000, 0x33500), (0xE0000, 0xE1000), (0xEFF00, 0xF0100), (0x10FF00, 0x110000)]
characters = [chr(point) for low, high in RANGES for point in range(low, high)]
blocks = ["a" + "b\na".join(characters[start:start + 256]) + "b" for start in range(0, len(characters), 256)]


def outcome(kind, stage):
    saved = json.loads(Tokenizer(models.BPE()).to_str())
    tokenizer = Tokenizer.from_str(json.dumps({**saved, kind: stage}))
    if kind == "normalizer":
        return tokenizer.normalizer.normalize_str
    return lambda text: "|".join(part for part, _ in tokenizer.pre_tokenizer.pre_tokenize_str(text))


digests = []
for kind, stage in stages:
    become = outcome(kind, stage)
    digests.append([hashlib.md5(become(block).encode()).hexdigest() for block in blocks])
print(json.dumps(digests))
