"""Where EM starts: classes as people would describe them, and random ones beside them."""

import numpy as np

from rules.matching.config import Field
from rules.matching.types import Floats
from rules.vocabulary import PartyType, Role

CLASSES = 6
RANDOM_STARTS = 3

PARTS = {"given": ("given_name", "name"), "birth": ("birth_date",)}
# What agrees in each class that a start knows of: roles, or one of PARTS.
PERSON: tuple[tuple[str, ...], ...] = (
    ("person", "family", "place"),  # the same person
    ("person", "family"),  # who moved
    ("family", "place"),  # household
    ("given", "family"),  # namesake
    ("place",),  # neighbours
    ("given", "family", "place"),  # father and son of one name
    ("birth", "family", "place"),  # twins
    ("person", "place"),  # who married
    ("family",),
    (),
)
ORGANISATION: tuple[tuple[str, ...], ...] = (
    ("organisation", "person", "place"),  # the same firm at the same place
    ("organisation", "person"),  # branches, or the firm that moved
    ("place",),  # another firm in the same building
    ("organisation",),  # a common name
    ("person", "place"),
    (),
)


def agreement(random: list[Floats]) -> list[Floats]:
    """Levels of a field when two records are of one person, before anything is known."""
    return [np.append(np.full(len(u) - 1, 0.15 / (len(u) - 1)), 0.85) for u in random]


def starts(fields: tuple[Field, ...], random: list[Floats], patterns: int, party: PartyType) -> list[Floats]:
    """Start values of theta, (levels, classes) each: one by roles, the others drawn with fixed seeds."""
    classes = max(2, min(CLASSES, 2 + patterns // 20))
    described = PERSON if party == PartyType.PERSON else ORGANISATION
    kinds = [*[k for k in described if k][: classes - 1], ()]
    out = [np.stack([_class(fields, random, set(k)) for k in kinds], 1)]
    return out + [_drawn(fields, random, classes, seed) for seed in range(RANDOM_STARTS)]


def described(fields: tuple[Field, ...], random: list[Floats], party: PartyType) -> Floats:
    """The described classes in which pairs have something to do with each other: at least two roles agree."""
    kinds = [
        k for k in (PERSON if party == PartyType.PERSON else ORGANISATION) if len(k) > 1 and not PARTS.keys() & set(k)
    ]
    return np.stack([_class(fields, random, set(k)) for k in kinds], 1)


def _class(fields: tuple[Field, ...], random: list[Floats], roles: set[str]) -> Floats:
    """Fields of these roles agree, the others are near chance."""
    agree = agreement(random)
    parts = []
    for f, a, u in zip(fields, agree, random, strict=True):
        named = f.role in roles or any(f.name in PARTS[r] for r in roles & PARTS.keys())
        parts.append(a if named or (f.role == Role.TEXT and len(roles) > 1) else 0.9 * u + 0.1 / len(u))
    return np.concatenate([np.zeros(0), *parts])


def _drawn(fields: tuple[Field, ...], random: list[Floats], classes: int, seed: int) -> Floats:
    rng = np.random.default_rng(seed)
    agree = agreement(random)
    columns = [np.concatenate(agree), np.concatenate(random)]
    for _ in range(classes - 2):
        pick = rng.random(len(fields)) < 0.5
        columns.append(np.concatenate([agree[i] if pick[i] else 0.9 * u + 0.1 / len(u) for i, u in enumerate(random)]))
    return np.stack(columns, 1)
