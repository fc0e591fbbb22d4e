"""What transformers' tokenizer makes of rows with the built-in vocabulary: writes tests/golden/tokens.json.

    python golden_tokens.py ../../data/tokenizer ../golden/tokens.json

A row is the Alpaca prompt (Taori et al., 2023), its response and the end token.
"""
import json
import random
import sys

import transformers
from transformers import AutoTokenizer

END = "<|endoftext|>"
REQUEST = "Write a response that appropriately completes the request."
WITH_INPUT = ("Below is an instruction that describes a task, paired with an input that provides further context. " + REQUEST
              + "\n\n### Instruction:\n{instruction}\n\n### Input:\n{input}\n\n### Response:\n")
WITHOUT = ("Below is an instruction that describes a task. " + REQUEST
           + "\n\n### Instruction:\n{instruction}\n\n### Response:\n")
pieces = """Name|a|wader|that|isn't|grey|.|,|:|;|"quoted"|(twice)|1984|3.1415|1,000,000|don't|we've|I'LL|x = y**2|C++|e.g.|
naïve|Größe|façade|Ελλάδα|Москва|日本語|한국어|العربية|हिन्दी|🙂|👩‍🔬|é|—|…|\t|\n|\n\n|  |   ||\u00a0|\u2003|
tuna|noun|verb|the|of a|Synonyms|https://example.org/?q=1&r=2|#tag|@name|100%|$5|_under_|CamelCase|ALLCAPS""".split("|")
draw = random.Random(20)


def text(least, most):
    return " ".join(draw.choice(pieces) for _ in range(draw.randint(least, most)))


tokenizer = AutoTokenizer.from_pretrained(sys.argv[1], local_files_only=True)
rows = []
for place in range(60):
    row = {"instruction": text(1, 30), "input": text(1, 40) if place % 3 == 0 else "", "output": text(1, 30)}
    prompt = (WITH_INPUT if row["input"] else WITHOUT).format(**row)
    ids = {"prompt_ids": prompt, "response_ids": row["output"] + END}
    encoded = {name: tokenizer.encode(part, add_special_tokens=False) for name, part in ids.items()}
    rows.append({**row, "prompt": prompt, **encoded})
about = f"transformers {transformers.__version__} with data/tokenizer: prompt and response, the end token behind it"
with open(sys.argv[2], "w", encoding="utf-8") as file:
    file.write('{\n"about": ' + json.dumps(about) + ',\n"rows": [\n')
    file.write(",\n".join(json.dumps(row, ensure_ascii=False) for row in rows) + "\n]\n}\n")
