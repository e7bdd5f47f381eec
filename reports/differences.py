"""Where two texts differ, character by character, for eyes that compare."""

from collections.abc import Iterator
from difflib import SequenceMatcher

ALIKE = 0.5  # texts less alike than this differ as a whole
LONGEST = 200  # characters compared one by one; longer texts are marked whole


def marked(text: str, other: str) -> tuple[tuple[str, bool], ...]:
    """The text in pieces, each with whether it differs from `other`; case and accents count as differences.

    Without another text nothing is marked. The pieces put together are the text; an empty piece that differs
    stands where `other` has something more.
    """
    if not text:
        return ()
    if not other or text == other:
        return ((text, False),)
    if max(len(text), len(other)) > LONGEST:
        return ((text, True),)
    matcher = SequenceMatcher(None, text, other, autojunk=False)
    if matcher.ratio() < ALIKE:
        return ((text, True),)
    return tuple(_pieces(text, other, matcher))


def _pieces(text: str, other: str, matcher: "SequenceMatcher[str]") -> Iterator[tuple[str, bool]]:
    """Runs that agree and runs that differ, one after the other, up to where the two end."""
    done = taken = 0
    for a, b, size in matcher.get_matching_blocks():
        at_edge = a == b == 0 or (a + size, b + size) == (len(text), len(other))
        if size > 1 or at_edge:  # one letter between two differences only flickers
            if a > done or b > taken:
                yield text[done:a], True
            if size:
                yield text[a : a + size], False
            done, taken = a + size, b + size
