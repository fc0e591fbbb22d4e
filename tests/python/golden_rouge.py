"""Scores of rouge-score, and verdicts of exact match, on made-up pairs: writes tests/golden/rouge.json.

    pip install rouge-score==0.1.2
    python golden_rouge.py ../golden/rouge.json

Exact match is that of Super-NaturalInstructions' evaluation (Wang et al., 2022): lower case, without punctuation, runs of
white space as one space; articles count.
"""
import json
import random
import string
import sys
from importlib.metadata import version

from rouge_score import rouge_scorer

stems = """wade relate operate condition digitize vary study carry apply try fly die tie happy easy hope hop plan feed agree
motor triple formal allow replace adjust depend adopt activate angular homolog communicate bowdler effect probate rate
cease control roll heron stork river 1980s 2nd b2b don't o'clock state-of-the-art""".split()
endings = ["", "", "", "s", "es", "ed", "ing", "ly", "ness", "ational", "fulness", "ization", "'s", "er", "ies", "able"]
others = ["the", "a", "of", "is", "über", "naïve", "中文", "😀", "3.14", "1,000", "—", "...", "(a)", "I", "x"]
scorer = rouge_scorer.RougeScorer(["rougeL"], use_stemmer=True)
draw = random.Random(20)


def word():
    return draw.choice(others) if draw.random() < 0.3 else draw.choice(stems) + draw.choice(endings)


def text(length):
    return " ".join(word() for _ in range(length))


def changed(reference):
    words = []
    for one in reference.split(" "):
        chance = draw.random()
        if chance < 0.15:
            continue
        words.append(word() if chance < 0.25 else one.upper() if chance < 0.3 else one)
        if chance > 0.9:
            words.append(word())
        if chance > 0.97:
            words[-1] += draw.choice([",", ".", "!\n", " \t", "\u00a0", "\u2003", "\x1c"])
    return draw.choice([" ", " ", "  ", "\n"]).join(words)


def plain(answer):
    return " ".join("".join(c for c in answer.lower() if c not in string.punctuation).split())


by_hand = [
    ("", ["a b"]), ("a b", [""]), ("...", ["..."]), ("The heron.", ["the heron"]), ("A heron", ["heron"]),
    ("中文 答案", ["中文 答案"]), ("1,000.50 dollars", ["1000 dollars", "1,000.50 dollar"]),
    ("dying ties skies happily generously relational", ["die tie sky happy generous relate"]),
    ("<n>line\nbreaks\tand tabs", ["line breaks and tabs"]), ("don't", ["dont"]), ("\u2003x\u0085y ", ["x y"]),
    ("İstanbul ﬁrst STRASSE straße", ["istanbul first strasse"]), ("a a a b", ["a b a a"]), ("b\u200ba", ["ba"]),
]
cases = list(by_hand)
for place in range(240):
    references = [text(draw.randint(1, 90 if place % 8 == 0 else 20)) for _ in range(draw.choice([1, 1, 2, 3]))]
    chosen = draw.choice(references)
    cases.append((chosen.upper() + "." if place % 6 == 0 else changed(chosen), references))

pairs = []
for prediction, references in cases:
    score = max(scorer.score(reference, prediction)["rougeL"].fmeasure for reference in references)
    exact = plain(prediction) in [plain(reference) for reference in references]
    pairs.append({"prediction": prediction, "references": references, "rougeL": score, "exact": exact})
about = (f"rouge-score {version('rouge-score')} with its stemmer, nltk {version('nltk')}: the best rougeL F measure over "
         "the references; exact match as tests/python/golden_rouge.py has it")
with open(sys.argv[1], "w", encoding="utf-8") as file:
    file.write('{\n"about": ' + json.dumps(about) + ',\n"pairs": [\n')
    file.write(",\n".join(json.dumps(pair, ensure_ascii=False) for pair in pairs) + "\n]\n}\n")
