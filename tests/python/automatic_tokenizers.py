"""Folders of tokenizers with many settings, and what transformers' AutoTokenizer makes of them.

    python automatic_tokenizers.py FOLDER

writes FOLDER/<name>/ for each and FOLDER/expected.json: of each name its ids and texts.
"""
import json
import os
import sys

from tokenizers import AddedToken, Tokenizer, decoders, models, normalizers, pre_tokenizers, trainers
from transformers import AutoTokenizer

folder = sys.argv[1]
corpus = ["the heron stands, in shallow water ! and waits isn't it for fish's sake . <a> <b> Hello"] * 3
TEXTS = ["the heron<|end|> <pad>\u0085<img>  <a>\u2028 <b> <zz>\u00a0<norm><NORM> x<one>y <one> hello Hello", "a != b . c , d ? e 's isn't", " <mark>  the \n<old> <both> <|end|><|end|>",
         "", "<pad>", " Hello<zz>", "\ufeff<zz> \u3000<a>", "I 'm 've do not n't"]


def token(content, **flags):
    return {"content": content, "lstrip": False, "rstrip": False, "single_word": False, "normalized": False, "special": False, **flags}


def byte_level():
    made = Tokenizer(models.BPE())
    made.pre_tokenizer, made.decoder = pre_tokenizers.ByteLevel(add_prefix_space=False), decoders.ByteLevel()
    made.train_from_iterator(corpus, trainers.BpeTrainer(vocab_size=300, show_progress=False, special_tokens=["<|end|>"],
                                                         initial_alphabet=pre_tokenizers.ByteLevel.alphabet()))
    made.add_tokens([AddedToken("<mark>", lstrip=True), AddedToken("<old>", rstrip=True, normalized=False)])
    return made


def pieces():
    made = Tokenizer(models.WordPiece(unk_token="[UNK]"))
    made.normalizer, made.pre_tokenizer = normalizers.BertNormalizer(), pre_tokenizers.BertPreTokenizer()
    made.decoder = decoders.WordPiece(cleanup=False)
    made.train_from_iterator(corpus, trainers.WordPieceTrainer(vocab_size=200, show_progress=False, special_tokens=["[UNK]", "<|end|>"]))
    return made


END = {"eos_token": "<|end|>"}
LISTED = {"0": token("<|end|>", special=True), "400": token("<zz>", lstrip=True, normalized=True), "399": token("<one>", single_word=True),
          "7": token("<norm>", normalized=True), "401": token("<mark>", rstrip=True)}
OLDER = {"eos_token": "<|end|>", "pad_token": {**token("<pad>", lstrip=True), "normalized": True}, "additional_special_tokens": ["<a>", "<b>"]}
OLDER["pad_token"].pop("special")
SETTINGS = {
    "plain": END,
    "prefix": {**END, "add_prefix_space": True},
    "class": {**END, "tokenizer_class": "PreTrainedTokenizerFast", "add_prefix_space": True, "do_lower_case": True},
    "clean": {**END, "clean_up_tokenization_spaces": True},
    "clean-in-spite": {**END, "clean_up_tokenization_spaces": True, "clean_up_tokenization_spaces_for_bpe_even_though_it_will_corrupt_output": True},
    "named": {**END, "pad_token": "<pad>", "image_token": "<img>", "additional_special_tokens": ["<a>", "<b>", "<a>"]},
    "named-twice": {**END, "pad_token": "<pad>", "unk_token": "<pad>", "mask_token": None, "extra_special_tokens": {"zz_token": "<zz>"}},
    "objects": {"eos_token": {"__type": "AddedToken", **token("<|end|>")}, "pad_token": {"__type": "AddedToken", **token("<pad>", lstrip=True)}, "extra_special_tokens": ["<a>"]},
    "listed": {**END, "added_tokens_decoder": LISTED},
    "listed-named": {**END, "pad_token": "<zz>", "added_tokens_decoder": LISTED, "bos_token": "<one>", "extra_special_tokens": ["<b>", "<norm>"]},
    "split": {**END, "split_special_tokens": True, "pad_token": "<pad>"},
    "extra-both": {**END, "extra_special_tokens": ["<a>"], "additional_special_tokens": ["<b>"]},
    "limits": {**END, "model_max_length": 4, "padding_side": "left", "truncation_side": "left"},
}
expected = {}


def write(path, value):
    with open(f"{folder}/{path}", "w", encoding="utf-8") as file:
        json.dump(value, file)


def record(name):
    loaded = AutoTokenizer.from_pretrained(f"{folder}/{name}")
    rows = [loaded(text, add_special_tokens=False).input_ids for text in TEXTS]
    size = len(loaded)
    extra = [[id, (id * 7 + 3) % size, (id * 5 + 1) % size] for id in range(0, size, 3)]
    expected[name] = {"rows": [[text, ids] for text, ids in zip(TEXTS, rows)], "decoded": [[ids, loaded.decode(ids)] for ids in rows + extra if ids],
                      "end": loaded.eos_token_id}


for kind, made in [("bytes", byte_level()), ("pieces", pieces())]:
    for setting, config in SETTINGS.items():
        name = f"{kind}-{setting}"
        os.makedirs(f"{folder}/{name}")
        made.save(f"{folder}/{name}/tokenizer.json")
        write(f"{name}/tokenizer_config.json", config)
        record(name)
    for setting, config in [("older", END), ("older-listed", {**END, "added_tokens_decoder": LISTED}), ("older-only", {})]:
        name = f"{kind}-{setting}"
        os.makedirs(f"{folder}/{name}")
        made.save(f"{folder}/{name}/tokenizer.json")
        write(f"{name}/tokenizer_config.json", config)
        write(f"{name}/special_tokens_map.json", OLDER)
        if setting != "older-only":
            write(f"{name}/added_tokens.json", {"<zz>": 999, "<a>": 998, "<|end|>": 0, "<norm>": 997})
        record(name)
    name = f"{kind}-truncated"
    os.makedirs(f"{folder}/{name}")
    made.enable_truncation(3)
    made.enable_padding(length=20)
    made.save(f"{folder}/{name}/tokenizer.json")
    write(f"{name}/tokenizer_config.json", END)
    record(name)
write("expected.json", expected)
