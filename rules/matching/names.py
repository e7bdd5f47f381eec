"""Names of persons, compared part by part: spelling, short forms, initials, order."""

from functools import cache
from importlib.resources import files
from typing import Final

from rapidfuzz.distance import JaroWinkler

from rules import schema

MISMATCH: Final = 0.75
"""Parts less alike than this (Jaro-Winkler) say nothing for each other."""
LEFT_OVER: Final = 0.35
"""Weight of a part that the other name lacks, as a share of its length."""


@cache
def _forms() -> dict[str, frozenset[int]]:
    """given name -> numbers of the groups of interchangeable forms it belongs to."""
    text = files("rules").joinpath("defaults/matching/given_names.yml").read_text("utf-8")
    data, _ = schema.load(text, "given_names.yml")
    out: dict[str, set[int]] = {}
    for number, line in enumerate(data["groups"]):
        for name in line.split():
            out.setdefault(name, set()).add(number)
    return {name: frozenset(groups) for name, groups in out.items()}


def same_given(a: str, b: str) -> bool:
    """Whether two given names are forms of one name (Robert, Bob; Konstantinos, Kostas)."""
    forms = _forms()
    return a in forms and b in forms and not forms[a].isdisjoint(forms[b])


def part_level(a: str, b: str) -> int:
    """2: short form, or one of several names; 1: an initial that fits; 0 otherwise. (Levels of kind `name`.)"""
    if same_given(a, b):
        return 2
    if len(a) == 1 or len(b) == 1:
        return int(a[:1] == b[:1])
    if " " in a or " " in b:
        x, y = set(a.split()), set(b.split())
        if any(len(part) > 1 for part in x & y):
            return 2
        return max((part_level(p, q) for p in x for q in y if " " not in p + q), default=0)
    return 0


def _alike(a: str, b: str) -> float:
    if a == b:
        return 1.0
    if len(a) == 1 or len(b) == 1:
        return 0.6 if a[0] == b[0] else 0.0
    if same_given(a, b):
        return 0.9
    s = float(JaroWinkler.similarity(min(a, b), max(a, b)))
    return s if s >= MISMATCH else 0.0


def similarity(a: str, b: str) -> float:
    """0 to 1 for two names in Latin comparison form: parts paired greedily, weighed by the longer part's length.

    Method: token-aligned Jaro-Winkler; a part left over counts a third of its length.
    """
    x, y = a.split(), b.split()
    if sorted(x) == sorted(y):
        return 1.0 if x else 0.0
    scored = sorted(((-_alike(p, q), i, j) for i, p in enumerate(x) for j, q in enumerate(y)))
    left, right, got, total = set(range(len(x))), set(range(len(y))), 0.0, 0.0
    for negative, i, j in scored:
        if negative < 0 and i in left and j in right:
            weight = max(len(x[i]), len(y[j]))
            got, total = got - negative * weight, total + weight
            left.discard(i)
            right.discard(j)
    total += LEFT_OVER * (sum(len(x[i]) for i in left) + sum(len(y[j]) for j in right))
    both = min(len(left), len(right))
    # Parts that stand against each other contradict; parts that one side merely lacks do not.
    total += (1 - LEFT_OVER) * both * 4
    return got / total if total else 0.0
