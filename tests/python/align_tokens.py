"""Spans of two tokenizers on texts, by the offsets that the library tokenizers gives for each token.

    python align_tokens.py REQUEST

REQUEST holds texts, two lists of tokenizer.json specifications, and pairs of their places. Prints for each pair and text
the ids of both, and the spans [start, size, other's start, other's size] whose characters both end together. Offsets are
of characters: tokens inside of one are joined with those that end it.
"""
import json
import sys

from tokenizers import Tokenizer

request = json.load(open(sys.argv[1]))
made = [Tokenizer.from_str(json.dumps(one)) for one in request["specifications"]]


def ends(encoding):
    """The character up to which the tokens go, after each; a token inside of a character ends nothing."""
    found = []
    for index, (_, end) in enumerate(encoding.offsets):
        following = encoding.offsets[index + 1][0] if index + 1 < len(encoding) else end
        found.append(end if following >= end else None)
    return found


def spans(one, other):
    ours, theirs = ends(one), ends(other)
    result, start, begin = [], 0, 0
    for place, end in enumerate(ours):
        if end is None or end not in theirs:
            continue
        stop = len(theirs) - 1 - theirs[::-1].index(end)
        result.append([start, place + 1 - start, begin, stop + 1 - begin])
        start, begin = place + 1, stop + 1
    return result


answers = []
for first, second in request["pairs"]:
    for text in request["texts"]:
        one, other = (made[place].encode(text, add_special_tokens=False) for place in (first, second))
        answers.append({"ids": [one.ids, other.ids], "spans": spans(one, other)})
print(json.dumps(answers))
