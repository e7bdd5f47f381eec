"""Why two records of a workspace were, or were not, merged, and how a customer came about."""

from itertools import product
from pathlib import Path
from typing import Final

import numpy as np

from pipelines import again
from pipelines.asked import Asked, Key, UnknownRecord, asked
from pipelines.context import Run
from pipelines.match import engine_of
from pipelines.weighing import weights
from reports import story, waterfall
from reports.format import plural, words
from rules.matching.engine import Matched
from rules.matching.explain import Explanation
from rules.matching.story import Story

LOOKED_AT: Final = 40
"""Records of a customer among which its strongest link to another is looked for."""


def why(root: Path, left: str, right: str | None = None) -> str:
    """The evidence in words and bars, and what became of the two; each a record (SOURCE:ID) or a golden id.

    Of one alone it tells how its customer came about. Raises UnknownRecord, NoSuchRun, schema.Mistakes.
    """
    with again.matched(root) as run:
        one = asked(run, left)
        other = asked(run, right) if right is not None else None
        if other is not None:
            _two_of_them(one, other)
        matched = engine_of(run)
        told = _customer(one, matched) if other is None else _two(run, one, other, matched)
    became = [f"{a.was} has become {a.golden_id}." for a in (one, other) if a is not None and a.was]
    return "\n".join([*became, *told]).replace("\u00a0", " ")


def _two_of_them(one: Asked, other: Asked) -> None:
    """Raises UnknownRecord where there is nothing to compare."""
    if one.records == other.records:
        same = "named twice" if one.name == other.name else f"all that there is of {other.name}"
        raise UnknownRecord(
            f"{one.name} is {same}. Name two, to see why they were or were not merged, or one alone, to see how its "
            "customer came about"
        )


def _customer(who: Asked, matched: Matched) -> list[str]:
    """How the customer of a record, or of a golden id, came about."""
    key = next((k for k in who.records if _is_here(k, matched)), None)
    if key is None:
        raise UnknownRecord(_not_here(who.records[0]))
    found = matched.story(key)
    if len(found.records) == 1:
        return [story.text(found)]
    told = f"{who.golden_id} is one customer of {len(found.records)} records: {story.names(found.records)}."
    return [told, "", story.text(found), "", *_cut(found, matched), "", waterfall.BITS]


def _cut(found: Story, matched: Matched) -> list[str]:
    """The link to cut first, field by field; of two records the only one."""
    if found.cut is None:
        return []
    told = matched.explain(found.cut.left, found.cut.right)
    what = "Their link" if len(found.records) == 2 else "The link to cut first"
    return [f"{what}, field by field:", told.sentence, "", *_evidence(told)]


def _two(run: Run, one: Asked, other: Asked, matched: Matched) -> list[str]:
    """What became of the two, and the evidence of the pair that speaks most for joining them."""
    left, right = pair = _strongest(one, other, matched)
    told = matched.explain(left, right)
    if not told.fields:  # a person and an organisation
        return [_verdict(one, other), told.sentence]
    said = [_verdict(one, other)]
    if len(one.records) > 1 or len(other.records) > 1:
        said.append(f"Of their pairs {_name(left)} and {_name(right)} speak most for joining them.")
    said += [*_decided(run, pair), *_in_spite(one, other, told, matched)]
    return [*said, told.sentence, "", *_evidence(told), "", waterfall.BITS]


def _strongest(one: Asked, other: Asked, matched: Matched) -> tuple[Key, Key]:
    """The pair with the greatest weight of all pairs of the two. Raises UnknownRecord where one was not compared."""
    lefts, rights = ([k for k in a.records if _is_here(k, matched)][:LOOKED_AT] for a in (one, other))
    for who, here in ((one, lefts), (other, rights)):
        if not here:
            raise UnknownRecord(_not_here(who.records[0]))
    pairs = [(a, b) for a, b in product(lefts, rights) if a != b]
    weight = weights(matched, pairs)
    return pairs[0] if np.isnan(weight).all() else pairs[int(np.nanargmax(weight))]


def _is_here(key: Key, matched: Matched) -> bool:
    return any(group.row(key) is not None for group in matched.groups.values())


def _not_here(key: Key) -> str:
    return f"{_name(key)} stands as it was: its source brought nothing in this run, so it was compared with nobody"


def _verdict(one: Asked, other: Asked) -> str:
    if one.golden_id != other.golden_id:
        ids = "" if one.is_customer and other.is_customer else f": {one.golden_id} and {other.golden_id}"
        return f"{_told(one)} and {_told(other)} are two customers{ids}."
    if one.is_customer or other.is_customer:
        record, customer = (other, one) if one.is_customer else (one, other)
        return f"{record.name} is one of the {plural(len(customer.records), 'record')} of {customer.name}."
    return f"{one.name} and {other.name} are one customer: {one.golden_id}."


def _told(who: Asked) -> str:
    return f"{who.name} ({plural(len(who.records), 'record')})" if who.is_customer else who.name


def _decided(run: Run, pair: tuple[Key, Key]) -> list[str]:
    """The decision of a person on the pair, where there is one in force."""
    for d in run.store.decisions().to_pylist():
        if {(d["left_source"], d["left_id"]), (d["right_source"], d["right_id"])} == set(pair):
            return [f"{d['user']} decided on {str(d['time'])[:10]}: {d['kind']}."]
    return []


def _in_spite(one: Asked, other: Asked, told: Explanation, matched: Matched) -> list[str]:
    """Where the pair by itself says otherwise than what became of it."""
    group = next(g for g in matched.groups.values() if g.row(told.left) is not None)
    alike, joined = told.weight >= group.clusters.evidence.cut, one.golden_id == other.golden_id
    if alike == joined:
        return []
    if joined:
        return ["This pair alone would not join them: other records of the customer, or a person, do."]
    return ["This pair alone would join them: a person, or what speaks against it among their other records, does not."]


def _name(key: Key) -> str:
    return ":".join(key)


def _evidence(told: Explanation) -> list[str]:
    """The waterfall, and in one line the fields of which neither record says anything."""
    rows = waterfall.steps(told)
    silent = [row.field for row in waterfall.fields(rows) if not (row.left or row.right or row.bits)]
    lines = [waterfall.text([row for row in rows if row.field not in silent])]
    return [*lines, f"Neither says: {', '.join(map(words, silent))}."] if silent else lines
