"""The model of tables too small to learn from: classes with fixed parameters, read from `described.yml`."""

from dataclasses import replace
from functools import cache
from typing import Annotated

import numpy as np
from pydantic import Field as Limit

from rules.matching.config import Field, default
from rules.matching.expected import expect
from rules.matching.model import Branch, Model
from rules.matching.types import Floats, PatternCounts
from rules.schema import Strict
from rules.vocabulary import PartyType, Relation

SHAPE = 2.0
"""What is described counts for as much as so many pairs of one customer that were seen."""
STEPS = 50

Part = Annotated[float, Limit(ge=0, le=1)]


class Explained(Strict):
    """Levels of `field` by chance where field `by` is equal."""

    field: str
    by: str
    levels: tuple[Part, ...]


class Class(Strict):
    """One class of pairs: how many for each pair of the same customer, and which fields are meant to agree."""

    relation: Relation
    share: Annotated[float, Limit(gt=0)]
    agree: dict[str, Part]


class Described(Strict):
    """`described.yml`."""

    same_pairs: Annotated[float, Limit(gt=0)]
    agree: dict[str, tuple[Part, ...]]
    chance: dict[str, tuple[Part, ...]]
    explained: tuple[Explained, ...]
    person: tuple[Class, ...]
    organisation: tuple[Class, ...]


@cache
def _described() -> Described:
    return default("described.yml", Described)


def model(fields: tuple[Field, ...], party: PartyType, records: int, notes: tuple[str, ...]) -> Model:
    """The described model for `records` records of one type of party; nothing in it is measured."""
    said = _described()
    classes = said.person if party == PartyType.PERSON else said.organisation
    share = np.array([c.share for c in classes])
    same = said.same_pairs * max(records, 2)
    random = [np.array(said.chance[f.kind]) for f in fields]
    theta = np.stack([np.concatenate([np.zeros(0), *(_levels(c, f) for f in fields)]) for c in classes], 1)
    return Model(
        party=str(party), fields=fields, theta=theta, share=share / share.sum(), random=random,
        relations=tuple(c.relation for c in classes), tree=_tree(fields, random), pairs=float(same * share.sum()),
        all_pairs=max(records * (records - 1) / 2, 1.0), mates=2 * said.same_pairs, notes=notes, described=True,
    )  # fmt: skip


def scaled(model: Model, counted: PatternCounts) -> Model:
    """The model with as many pairs of one customer as these patterns show, drawn to what is described.

    The one thing that differs most between small tables. The number of pairs is Poisson with a gamma prior of SHAPE,
    found by EM (Dempster, Laird and Rubin 1977).
    """
    same = model.columns(Relation.SAME, Relation.MOVED)
    described = float(model.share[same].sum()) * model.pairs
    odds = expect(counted.patterns, model).log_odds
    times = 1.0
    for _ in range(STEPS):
        probability = 1 / (1 + np.exp(-np.clip(odds + np.log(times), -500, 500)))
        times = (SHAPE + float(counted.counts @ probability)) / (SHAPE + described)
    size = model.share * model.pairs
    size[same] *= times
    mates = model.mates * times
    return replace(model, share=size / size.sum(), pairs=float(size.sum()), mates=mates)


def _levels(which: Class, field: Field) -> Floats:
    """Levels of a field in a class: those of one value written twice, or those of strangers."""
    said = _described()
    part = which.agree.get(field.name, which.agree.get(str(field.role), 0.0))
    return part * np.array(said.agree[field.kind]) + (1 - part) * np.array(said.chance[field.kind])


def _tree(fields: tuple[Field, ...], random: list[Floats]) -> tuple[Branch, ...]:
    at = {f.name: i for i, f in enumerate(fields)}
    return tuple(
        Branch(at[e.field], at[e.by], np.array(e.levels), random[at[e.field]])
        for e in _described().explained
        if e.field in at and e.by in at and len(e.levels) == len(random[at[e.field]])
    )
