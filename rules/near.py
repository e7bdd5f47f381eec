"""What somebody may have meant who wrote a word that is not known."""

from collections.abc import Iterable, Sequence
from difflib import get_close_matches
from typing import Final

MOST: Final = 3
"""Words that are proposed at most."""


def meant(word: str, known: Iterable[str], otherwise: str) -> str:
    """`Did you mean 'surname' or 'name'?`, the nearest of the known words first; `otherwise` where none is near."""
    by_case = {name.casefold(): name for name in known}
    near = get_close_matches(word.strip().casefold(), list(by_case), n=MOST)
    return f"Did you mean {either([repr(by_case[n]) for n in near])}?" if near else otherwise


def either(words: Sequence[str]) -> str:
    """`a, b or c`."""
    return " or ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))
