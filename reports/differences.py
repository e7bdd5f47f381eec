"""Where two texts differ, character by character, for eyes that compare."""

from difflib import SequenceMatcher
from itertools import groupby

ALIKE = 0.5  # texts less alike than this differ as a whole
LONGEST = 200  # characters compared one by one; longer texts are marked whole


def marked(text: str, other: str) -> tuple[tuple[str, bool], ...]:
    """The text in pieces, each with whether it differs from `other`; case and accents count as differences.

    Without another text nothing is marked. The pieces put together are the text.
    """
    if not text:
        return ()
    if not other or text == other:
        return ((text, False),)
    if max(len(text), len(other)) > LONGEST:
        return ((text, True),)
    same = [False] * len(text)
    matcher = SequenceMatcher(None, text, other, autojunk=False)
    if matcher.ratio() < ALIKE:
        return ((text, True),)
    for a, b, size in matcher.get_matching_blocks():
        at_edge = a == b == 0 or (a + size, b + size) == (len(text), len(other))
        if size > 1 or at_edge:  # one letter between two differences only flickers
            same[a : a + size] = [True] * size
    pieces = groupby(zip(text, same, strict=True), key=lambda pair: pair[1])
    return tuple(("".join(char for char, _ in piece), not agrees) for agrees, piece in pieces)
