"""Small tokenizers of many kinds, and what Python's `tokenizers` makes of texts over all of Unicode.

    python differential_tokenizers.py FOLDER TEXTS

writes FOLDER/texts.json, TEXTS texts from a fixed seed, and for each tokenizer FOLDER/<name>/ with tokenizer.json,
tokenizer_config.json, ids.json (of each text, one token sequence a line), decoded.json (the text of each of these
sequences), and random.json (sequences of random ids with their texts).
"""
import json
import os
import random
import sys
import unicodedata

from tokenizers import AddedToken, Regex, Tokenizer, decoders, models, normalizers, pre_tokenizers, processors, trainers

folder, count = sys.argv[1], int(sys.argv[2])
chance = random.Random(20260701)

# Texts.

CODE_POINTS = [point for point in range(0x110000) if not 0xD800 <= point < 0xE000]
CATEGORIES = {}
for point in CODE_POINTS:
    CATEGORIES.setdefault(unicodedata.category(chr(point)), []).append(chr(point))
# Blocks whose characters combine, change case or are new: where libraries differ.
BLOCKS = [(0x20, 0x7F), (0x80, 0x250), (0x250, 0x370), (0x370, 0x530), (0x590, 0x700), (0x900, 0xE00), (0xE00, 0x1100),
          (0x1100, 0x1200), (0x1C80, 0x1D00), (0x1DC0, 0x1F00), (0x1F00, 0x2000), (0x2000, 0x2070), (0x2070, 0x2200),
          (0x2460, 0x2500), (0x3000, 0x3100), (0x3130, 0x3190), (0x3200, 0x3400), (0x4E00, 0x4E80), (0xA640, 0xA6A0),
          (0xA720, 0xA800), (0xAC00, 0xAD00), (0xE000, 0xE010), (0xF900, 0xFB50), (0xFB50, 0xFE00), (0xFE00, 0xFE70),
          (0xFF00, 0x10000), (0x10400, 0x10600), (0x10780, 0x107C0), (0x10D40, 0x10D90), (0x11100, 0x11400),
          (0x16E40, 0x16F00), (0x1D400, 0x1D800), (0x1E000, 0x1E950), (0x1F100, 0x1F700), (0x1FBF0, 0x1FC00),
          (0x20000, 0x20010), (0x2F800, 0x2F810), (0xE0000, 0xE01F0), (0xF0000, 0xF0004), (0x10FFF0, 0x110000)]
TRICKY = """\ufeff|\u0085|\u200b|\u00a0|\u2028|\u2029|\u202f|\u3000|\u1680|\u180e|\u200c|\u200d|\u2060|\u0000|\u0001|\u001c|\u001f|\u007f
\u009f|\u00ad|\u034f|\u061c|\u0345|\u0301|\u0316|\u0334|\u0300\u0301|\u0344|\u0308\u0301|e\u0301|\u00e9|a\u0323\u0307|\u1e9b\u0323|\u212b|\u212a|\u2126|\u017f|\u00df|\u1e9e|\u0130|\u0131|i\u0307
\u03c3|\u03c2|\u03a3|\u01c5|\ufb01|\ufb03|\u00bd|\u2153|\u2082|\u2163|\u0663|\u0967|\u4e09|\u5341|\u00b2|\u2075|\u24b6|\u249c|\u1112\u1161\u11ab|\u1112\u1161|\ud55c|\uac00\u11a8|\u3131|\uffa1
\U0001f468\u200d\U0001f469\u200d\U0001f467|\U0001f1e9\U0001f1ea|\u2764\ufe0f|\U0001f44d\U0001f3fd|\U0001fae9|\u0915\u094d\u0937|\u0e33|\u0eb3|\u0dd9\u0dcf|\u1025\u102e|\u30ab\u3099|\u30ac|\uff76\uff9e|\u304b\u309a
\ufdd0|\uffff|\U0001fffe|\U0010ffff|\U000e0100|\ue000|\U000f0000|\u0378|\U000105c9|\U00016ea0|\ua7ce|\U00011de0|\u1c89|\ufffd|\u2581|\u2581\u2581|\u0120|\u010a|\u0100|\u00b7|\u2026|\u2014|\u300c|\uff01|\u055a
\r\n|\n\n|\r|\t|\x0b|\x0c| |  |   | \n | \u3000|'s|'S|'\u017f|'ll|'LL|'re|'ve|'d|n't| 'm| ' | .| ?| !| ,| do not|don't|\u2019s|1234567|3.14|12\u0663|a1b2|_|__init__|a-b|#\u0301|.\u0301""".replace("\n", "|").split("|")
WORDS = "the heron stands in shallow water and waits for fish while Grey CRANES walk over naïve cafés Straße İstanbul".split()
MARKS = ["</s>", "<s>", "<unk>", "<mark>", "<tag>", "<one>", "<norm>", "<Norm>", "<NORM>", "<both>", "heron", "Yes", "yes", "<0x41>", "<0xE2>", "<|end|>",
         "[SEP]", "[UNK]", "##s", "<pad>", " <mark> ", "\u0085<mark>\u2028", "<tag>\u0085", "<tag>\ufeff", "\u200b<mark>", "<one>\u0301", "_<one>", "<one>\u200d", "é<one>", "<norm>é", "<tag> <mark>", "<mark><tag>", "<longest>", "<longest>>"]


def part():
    kind = chance.random()
    if kind < 0.14:
        return chance.choice(CATEGORIES[chance.choice(sorted(CATEGORIES))])
    if kind < 0.34:
        low, high = chance.choice(BLOCKS)
        return chr(chance.randrange(low, high))
    if kind < 0.56:
        return chance.choice(TRICKY)
    if kind < 0.76:
        return chance.choice(WORDS)
    if kind < 0.88:
        return chance.choice(MARKS)
    return chance.choice(" \n\t.,!?'-0123456789")


def text(place):
    if place < len(TRICKY):
        return TRICKY[place]
    pieces = [part() for _ in range(chance.choice([1, 2, 3, 5, 8, 13]))]
    return chance.choice(["", " ", "", " a"]).join(pieces)


texts = [text(place) for place in range(count)]

# Tokenizers.

corpus = [" ".join(chance.choice(WORDS) + chance.choice(["", "", "s", "ing", ".", ",", "!", " 12", "'s", "\n", " ½", "٣"])
                   for _ in range(12)) for _ in range(400)] + texts[:60]
BYTES = [f"<0x{byte:02X}>" for byte in range(256)]
ALPHABET = pre_tokenizers.ByteLevel.alphabet()
FLAGS = [AddedToken("<mark>", lstrip=True), AddedToken("<tag>", rstrip=True, normalized=False),
         AddedToken("<one>", single_word=True), AddedToken("<norm>", normalized=True), AddedToken("<both>", lstrip=True, rstrip=True, special=True),
         AddedToken("heron", single_word=True, normalized=False), AddedToken("Yes", normalized=True, lstrip=True), AddedToken("<longest>", normalized=False),
         AddedToken("<longest>>", normalized=False)]
made = {}


def make(name, tokenizer, trainer=trainers.BpeTrainer, added=(), end="</s>", **options):
    tokenizer.train_from_iterator(corpus, trainer(show_progress=False, **options))
    tokenizer.add_tokens(list(added))
    made[name] = (tokenizer, end)


def byte_level(name, parts=None, normalizer=None, added=(), model=None, prefix=False, decoder=None, **options):
    tokenizer = Tokenizer(models.BPE(**(model or {})))
    if normalizer:
        tokenizer.normalizer = normalizer
    cut = pre_tokenizers.ByteLevel(add_prefix_space=prefix, use_regex=parts is None)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([*parts, cut]) if parts else cut
    tokenizer.decoder = decoder or decoders.ByteLevel()
    tokenizer.post_processor = processors.ByteLevel(trim_offsets=False)
    make(name, tokenizer, vocab_size=420, special_tokens=["</s>"], initial_alphabet=ALPHABET, added=added, **options)


def sentence_piece(name, normalizer=None, pre_tokenizer=None, strip=True, added=(), model=None, limit=60, decoder=None):
    tokenizer = Tokenizer(models.BPE(**{"unk_token": "<unk>", "byte_fallback": True, "fuse_unk": True, **(model or {})}))
    if normalizer:
        tokenizer.normalizer = normalizer
    if pre_tokenizer:
        tokenizer.pre_tokenizer = pre_tokenizer
    steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
    tokenizer.decoder = decoder or decoders.Sequence(steps + ([decoders.Strip(" ", 1, 0)] if strip else []))
    make(name, tokenizer, vocab_size=600, special_tokens=["<unk>", "<s>", "</s>", *BYTES], limit_alphabet=limit, added=added)


def word_level(name, pre_tokenizer, normalizer=None, added=(), size=300):
    tokenizer = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    make(name, tokenizer, trainers.WordLevelTrainer, vocab_size=size, special_tokens=["[UNK]", "</s>"], added=added)


def cut_characters(name, pre_tokenizer, normalizer=None, added=(), **model):
    """Cuts seen through a byte-pair model with a byte for whatever has no token: each part's bytes are told apart by an end."""
    tokenizer = Tokenizer(models.BPE(unk_token="<unk>", byte_fallback=True, end_of_word_suffix="</w>", **model))
    if normalizer:
        tokenizer.normalizer = normalizer
    tokenizer.pre_tokenizer = pre_tokenizer
    tokenizer.decoder = decoders.BPEDecoder()
    make(name, tokenizer, vocab_size=700, special_tokens=["<unk>", "</s>", *BYTES], limit_alphabet=80,
         end_of_word_suffix="</w>", added=added)


def charsmap(rules):
    """SentencePiece's table of rules: a double array over the bytes of what is replaced, and the replacements."""
    tree, replacements = {}, b""
    for source, target in rules.items():
        node = tree
        for byte in source.encode():
            node = node.setdefault(byte, {})
        node[0] = len(replacements)
        replacements += target.encode() + b"\0"
    units, taken, lowest = {}, {0}, 1
    queue = [(0, 0, tree)]
    while queue:
        place, label, node = queue.pop(0)
        while lowest in taken:
            lowest += 1
        offset = next(offset for offset in range(1, 2**21) if (place ^ offset) >= lowest - 256
                      and all((place ^ offset ^ byte) not in taken for byte in node))
        units[place] = label | (offset << 10) | ((0 in node) << 8)
        for byte, child in node.items():
            there = place ^ offset ^ byte
            taken.add(there)
            if byte == 0:
                units[there] = child | 1 << 31
            else:
                queue.append((there, byte, child))
    array = b"".join(units.get(place, 0).to_bytes(4, "little") for place in range(max(units) + 256))
    return len(array).to_bytes(4, "little") + array + replacements


RULES = {point: unicodedata.normalize("NFKC", point) for point in map(chr, [*range(0xA0, 0x250), *range(0x1E00, 0x2100), *range(0x2460, 0x2500), *range(0xFB00, 0xFB10), *range(0xFF00, 0xFFF0), *range(0x1D400, 0x1D440)])
         if unicodedata.normalize("NFKC", point) != point}
RULES |= {"e\u0301": "é", "\r\n": " ", "\n": " ", "\t": " ", "\u200b": "", "\ufeff": "", "\u0915\u094d": "k", "\u1112\u1161": "하", "T": "", "ss": "ß", "\U0001f1e9\U0001f1ea": "DE", "h": "hh", "\U0001f44d": "+"}

split = pre_tokenizers.Split
LLAMA3 = r"(?i:'s|'t|'re|'ve|'m|'ll|'d)|[^\r\n\p{L}\p{N}]?\p{L}+|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"
QWEN = LLAMA3.replace("{1,3}", "")
O200K = r"[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]*[\p{Ll}\p{Lm}\p{Lo}\p{M}]+(?i:'s|'t|'re|'ve|'m|'ll|'d)?|[^\r\n\p{L}\p{N}]?[\p{Lu}\p{Lt}\p{Lm}\p{Lo}\p{M}]+[\p{Ll}\p{Lm}\p{Lo}\p{M}]*(?i:'s|'t|'re|'ve|'m|'ll|'d)?|\p{N}{1,3}| ?[^\s\p{L}\p{N}]+[\r\n/]*|\s*[\r\n]+|\s+(?!\S)|\s+"
DEEPSEEK = [split(Regex(r"\p{N}{1,3}"), "isolated"), split(Regex(r"[一-龥぀-ゟ゠-ヿ]+"), "isolated"),
            split(Regex(r"[!\"#$%&'()*+,\-./:;<=>?@\[\\\]^_`{|}~][A-Za-z]+|[^\r\n\p{L}\p{P}\p{S}]?[\p{L}\p{M}]+| ?[\p{P}\p{S}]+[\r\n]*|\s*[\r\n]+|\s+(?!\S)|\s+"), "isolated")]
metaspace = lambda scheme, cuts=True: pre_tokenizers.Metaspace(replacement="▁", prepend_scheme=scheme, split=cuts)
prepend = normalizers.Sequence([normalizers.Prepend("▁"), normalizers.Replace(" ", "▁")])

byte_level("gpt2", added=FLAGS)
byte_level("gpt2-prefix", prefix=True, added=FLAGS)
byte_level("llama3", [split(Regex(LLAMA3), "isolated")], model={"ignore_merges": True}, added=FLAGS)
byte_level("qwen", [split(Regex(QWEN), "isolated")], normalizers.NFC(), added=FLAGS)
byte_level("gpt4o", [split(Regex(O200K), "removed", invert=True)])
byte_level("deepseek", DEEPSEEK, normalizers.Sequence([]))
byte_level("starcoder", [pre_tokenizers.Digits(individual_digits=True), pre_tokenizers.ByteLevel(add_prefix_space=False)])
byte_level("falcon", [pre_tokenizers.Punctuation("contiguous"), pre_tokenizers.ByteLevel(add_prefix_space=False), pre_tokenizers.Digits(individual_digits=False), split(Regex("[0-9][0-9][0-9]"), "isolated")])
byte_level("lower-clip", [split(Regex(r"'s|'t|'re|'ve|'m|'ll|'d|[\p{L}]+|[\p{N}]|[^\s\p{L}\p{N}]+"), "removed", invert=True)],
           normalizers.Sequence([normalizers.NFC(), normalizers.Replace(Regex(r"\s+"), " "), normalizers.Lowercase()]), added=FLAGS)

sentence_piece("llama-legacy", prepend, added=FLAGS)
sentence_piece("metaspace-first", None, metaspace("first", False), added=FLAGS)
sentence_piece("metaspace-always", None, metaspace("always"), added=FLAGS, decoder=decoders.Metaspace("▁", "always"))
sentence_piece("metaspace-never", None, metaspace("never"), strip=False, added=FLAGS, decoder=decoders.Metaspace("▁", "never"))
sentence_piece("metaspace-first-cut", normalizers.Sequence([normalizers.Strip(), normalizers.NFKC()]), pre_tokenizers.Sequence([pre_tokenizers.Punctuation(), metaspace("first")]), added=FLAGS)
sentence_piece("metaspace-first-prepend", prepend, pre_tokenizers.Sequence([split("▁", "isolated"), metaspace("first")]))
sentence_piece("metaspace-first-nmt", normalizers.Sequence([normalizers.Nmt(), normalizers.StripAccents(), normalizers.Replace(Regex("^h|er"), "")]), metaspace("first"), added=FLAGS)
sentence_piece("gemma", normalizers.Replace(" ", "▁"), split(" ", "merged_with_previous"), strip=False, added=FLAGS)
sentence_piece("unfused", prepend, None, model={"byte_fallback": False, "fuse_unk": False})
sentence_piece("fused", prepend, None, model={"byte_fallback": False}, limit=30)
sentence_piece("digits-yi", normalizers.Replace(" ", "▁"), pre_tokenizers.Digits(individual_digits=True))

for behavior in ["removed", "isolated", "merged_with_previous", "merged_with_next", "contiguous"]:
    for invert in [False, True]:
        pattern = Regex(r"\s+|\p{N}|[aeiou](?=\w)|\b-\b") if behavior != "contiguous" else Regex(r"[\p{P}\s]|\d{2}")
        cut_characters(f"split-{behavior}-{invert}", split(pattern, behavior, invert))
cut_characters("split-empty", split(Regex(r"(?=[A-Z])|(?<=\p{N})|x*"), "merged_with_next"))
cut_characters("split-text", split("e.", "merged_with_previous", False), normalizers.Replace(".", "e."))
cut_characters("split-word", pre_tokenizers.Sequence([split(Regex(r"\w+|[^\w\s]+"), "isolated"), split(Regex(r"[[:upper:]]|[^\w\p{P}]"), "isolated"), split(Regex(r"\B|^a|a$"), "isolated")]))
cut_characters("punctuation", pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Punctuation("merged_with_next")]))
cut_characters("whitespace", pre_tokenizers.Whitespace(), normalizers.NFD(), added=FLAGS)
cut_characters("digits", pre_tokenizers.Sequence([pre_tokenizers.WhitespaceSplit(), pre_tokenizers.Digits(False)]), normalizers.NFKD(), added=FLAGS)
cut_characters("delimiter", pre_tokenizers.Sequence([pre_tokenizers.CharDelimiterSplit("e"), pre_tokenizers.FixedLength(3)]))
cut_characters("lowercase", pre_tokenizers.WhitespaceSplit(), normalizers.Sequence([normalizers.Lowercase(), normalizers.Strip(left=False)]), added=FLAGS)
cut_characters("accents", pre_tokenizers.BertPreTokenizer(), normalizers.Sequence([normalizers.NFD(), normalizers.StripAccents()]), added=FLAGS)
cut_characters("bytes-normalized", pre_tokenizers.WhitespaceSplit(), normalizers.ByteLevel(), added=FLAGS)
cut_characters("bert-kept", pre_tokenizers.BertPreTokenizer(), normalizers.BertNormalizer(clean_text=True, handle_chinese_chars=True, strip_accents=False, lowercase=False), added=FLAGS)
cut_characters("bert-stripped", pre_tokenizers.BertPreTokenizer(), normalizers.BertNormalizer(clean_text=False, handle_chinese_chars=False, strip_accents=True, lowercase=True), added=FLAGS)
word_level("words", pre_tokenizers.Whitespace(), normalizers.NFKC(), added=FLAGS)

wordpiece = Tokenizer(models.WordPiece(unk_token="[UNK]", max_input_chars_per_word=20))
wordpiece.normalizer, wordpiece.pre_tokenizer = normalizers.BertNormalizer(lowercase=True), pre_tokenizers.BertPreTokenizer()
wordpiece.decoder = decoders.WordPiece()
make("wordpiece", wordpiece, trainers.WordPieceTrainer, vocab_size=500, special_tokens=["[UNK]", "[SEP]", "</s>"], added=FLAGS)
prefixed = Tokenizer(models.BPE(unk_token="[UNK]", continuing_subword_prefix="##"))
prefixed.pre_tokenizer, prefixed.decoder = pre_tokenizers.Whitespace(), decoders.WordPiece(prefix="##", cleanup=False)
make("prefixed", prefixed, vocab_size=500, special_tokens=["[UNK]", "</s>"], continuing_subword_prefix="##", limit_alphabet=60)
ctc = Tokenizer(models.WordLevel(unk_token="<unk>"))
ctc.pre_tokenizer, ctc.decoder = split("", "isolated"), decoders.CTC()
make("ctc", ctc, trainers.WordLevelTrainer, vocab_size=120, special_tokens=["<unk>", "<pad>", "|", "</s>"])

for name, fallback in [("unigram", False), ("unigram-bytes", True)]:
    unigram = Tokenizer(models.Unigram())
    unigram.normalizer = normalizers.Sequence([normalizers.Nmt(), normalizers.NFKC(), normalizers.Replace(Regex(" {2,}"), " ")])
    unigram.pre_tokenizer, unigram.decoder = metaspace("always"), decoders.Metaspace()
    make(name, unigram, trainers.UnigramTrainer, vocab_size=450, special_tokens=["<pad>", "</s>", "<unk>", *(BYTES if fallback else [])],
         unk_token="<unk>", added=FLAGS)
    if fallback:
        saved = json.loads(unigram.to_str())
        saved["model"]["byte_fallback"] = True
        steps = [decoders.Replace("▁", " "), decoders.ByteFallback(), decoders.Fuse()]
        unigram = Tokenizer.from_str(json.dumps(saved))
        unigram.decoder = decoders.Sequence(steps)
        made[name] = (unigram, "</s>")


for name, scheme in [("precompiled", "always"), ("precompiled-first", "first")]:
    unigram = Tokenizer(models.Unigram())
    unigram.normalizer = normalizers.Sequence([normalizers.Precompiled(charsmap(RULES)), normalizers.Replace(Regex(" {2,}"), "▁")])
    unigram.pre_tokenizer, unigram.decoder = metaspace(scheme), decoders.Metaspace(prepend_scheme=scheme)
    make(name, unigram, trainers.UnigramTrainer, vocab_size=300, special_tokens=["<unk>", "</s>"], unk_token="<unk>", added=FLAGS)

# Bytes that stand for a character without a token, and are joined.
saved = json.loads(made["llama-legacy"][0].to_str())
for left, right in [("<0xC3>", "<0xA9>"), ("<0xE2>", "<0x80>"), ("<0xE2><0x80>", "<0xA8>"), ("<0x80>", "<0xA9>"), ("▁", "<0xC3>"), ("<0xA8>", "t")]:
    saved["model"]["vocab"][left + right] = max(saved["model"]["vocab"].values()) + 1
    saved["model"]["merges"].append([left, right])
saved["added_tokens"] = [token for token in saved["added_tokens"] if token["content"] in saved["model"]["vocab"]]
made["joined-bytes"] = (Tokenizer.from_str(json.dumps(saved)), "</s>")


def write(path, value):
    with open(f"{folder}/{path}", "w", encoding="utf-8") as file:
        json.dump(value, file)


for name, (tokenizer, end) in made.items():
    os.makedirs(f"{folder}/{name}", exist_ok=True)
    tokenizer.no_truncation()
    tokenizer.save(f"{folder}/{name}/tokenizer.json")
    # As it is read from the file, which is what another library has too.
    tokenizer = Tokenizer.from_file(f"{folder}/{name}/tokenizer.json")
    write(f"{name}/tokenizer_config.json", {"eos_token": end, "clean_up_tokenization_spaces": False})
    ids = [encoding.ids for encoding in tokenizer.encode_batch(texts, add_special_tokens=False)]
    size = tokenizer.get_vocab_size()
    sequences = [[chance.randrange(size) for _ in range(chance.choice([1, 2, 4, 9]))] for _ in range(count // 10)]
    write(f"{name}/ids.json", ids)
    write(f"{name}/decoded.json", tokenizer.decode_batch(ids, skip_special_tokens=False))
    write(f"{name}/random.json", [[row, tokenizer.decode(row, skip_special_tokens=False)] for row in sequences])
write("texts.json", texts)
