"""Small tokenizers of the kinds that language models have, and what Python's `tokenizers` makes of some texts.

    python make_tokenizers.py FOLDER

writes FOLDER/<kind>/{tokenizer.json,tokenizer_config.json} and FOLDER/expected.json.
"""
import json
import os
import sys

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

folder = sys.argv[1]
words = "the heron stands in shallow water and waits for fish while grey cranes walk over wet fields".split()
endings = ["", "s", "ing", ".", ",", "!", " 12", " naïve", "'s", "\n"]
state = 7


def word():
    global state
    state = (state * 1103515245 + 12345) % 2**31
    return words[state // 65536 % len(words)] + endings[state // 1024 % 10]


corpus = [" ".join(word() for _ in range(12)).capitalize() for _ in range(400)]
byte_tokens = [f"<0x{byte:02X}>" for byte in range(256)]
alphabet = pre_tokenizers.ByteLevel.alphabet()
made = {}


def make(name, tokenizer, end, trainer=trainers.BpeTrainer, added=(), **options):
    tokenizer.train_from_iterator(corpus, trainer(show_progress=False, **options))
    tokenizer.add_special_tokens(list(added))
    os.makedirs(f"{folder}/{name}", exist_ok=True)
    tokenizer.save(f"{folder}/{name}/tokenizer.json")
    with open(f"{folder}/{name}/tokenizer_config.json", "w") as file:
        json.dump({"eos_token": end}, file)
    made[name] = tokenizer


def byte_level(pattern=None, normalizer=None, **model):
    tokenizer = Tokenizer(models.BPE(**model))
    if normalizer:
        tokenizer.normalizer = normalizer
    cut = pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=pattern is None)
    parts = [pre_tokenizers.Split(Regex(pattern), "isolated"), cut] if pattern else [cut]
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence(parts) if pattern else cut
    tokenizer.decoder = decoders.ByteLevel()
    return tokenizer


def sentence_piece(strip=True):
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, fuse_unk=True))
    steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    tokenizer.decoder = decoders.Sequence(steps + ([decoders.Strip(" ", 1, 0)] if strip else []))
    return tokenizer


cut = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|%s| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
marks = [AddedToken("<|im_start|>", normalized=False), AddedToken("<mark>", lstrip=True), AddedToken("<tag>", rstrip=True)]

make("gpt2", byte_level(), "<|end|>", vocab_size=400, special_tokens=["<|end|>"], initial_alphabet=alphabet)
make("qwen", byte_level(cut % r"\p{N}", normalizers.NFC()), "<|end|>", vocab_size=400, special_tokens=["<|end|>"],
     initial_alphabet=alphabet, added=marks)
make("llama3", byte_level(cut % r"\p{N}{1,3}", ignore_merges=True), "<|end|>", vocab_size=400,
     special_tokens=["<|end|>"], initial_alphabet=alphabet)

llama = sentence_piece()
llama.normalizer = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])
llama.post_processor = processors.TemplateProcessing(single="<s> $A", special_tokens=[("<s>", 1)])
make("llama", llama, "</s>", vocab_size=500, special_tokens=["<unk>", "<s>", "</s>"] + byte_tokens, limit_alphabet=40,
     added=marks)
mistral = sentence_piece()
mistral.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="first", split=False)
make("metaspace", mistral, "</s>", vocab_size=500, special_tokens=["<unk>", "<s>", "</s>"] + byte_tokens)
gemma = sentence_piece(strip=False)
gemma.normalizer = normalizers.Replace(" ", "▁")
gemma.pre_tokenizer = pre_tokenizers.Split(" ", "merged_with_previous")
make("gemma", gemma, "<eos>", vocab_size=500, special_tokens=["<pad>", "<eos>", "<bos>", "<unk>"] + byte_tokens + ["\n"],
     limit_alphabet=40)

unigram = Tokenizer(models.Unigram())
unigram.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
unigram.pre_tokenizer = pre_tokenizers.Metaspace()
unigram.decoder = decoders.Metaspace()
make("unigram", unigram, "</s>", trainers.UnigramTrainer, vocab_size=150, special_tokens=["<pad>", "</s>", "<unk>"],
     unk_token="<unk>")
pieces = Tokenizer(models.WordPiece(unk_token="[UNK]"))
pieces.normalizer = normalizers.BertNormalizer(lowercase=True)
pieces.pre_tokenizer = pre_tokenizers.BertPreTokenizer()
pieces.decoder = decoders.WordPiece()
make("wordpiece", pieces, "[SEP]", trainers.WordPieceTrainer, vocab_size=150, special_tokens=["[UNK]", "[SEP]"])

texts = [
    "The heron waits", "  two  blanks ", "line\nbreak\n\n\ttab", "naïve café ½ ﬁ Å", "emoji 😀 👩‍👩‍👧", "日本語 text",
    "a</s>b <s> c<|end|>\nd", "[SEP] x [UNK]<eos>", "don't DON'T we'll 12345 3.14", "", "x" * 50, "\u00a0blank\u200b",
    "e\u0301 joined", "<0x41>", "▁already ▁▁", "a <mark> b <tag>  c<|im_start|>user\n", *corpus[:30],
]
rows = {}
for name, tokenizer in made.items():
    ids = [tokenizer.encode(text, add_special_tokens=False).ids for text in texts]
    decoded = [tokenizer.decode(row, skip_special_tokens=False) for row in ids]
    rows[name] = [{"text": text, "ids": row, "decoded": back} for text, row, back in zip(texts, ids, decoded)]
with open(f"{folder}/expected.json", "w") as file:
    json.dump(rows, file)
