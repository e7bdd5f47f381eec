"""The other records of the two customers of a case: how many there are, and what speaks against their being one.

“Same” is said of two records, and of the others only what their evidence lets follow. So whoever says it is told what
there is besides.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import product
from typing import Final

from connectors.store.decisions import APART
from connectors.store.desk.filter import Case
from reports.desk.chain import Link, links
from reports.desk.parting import MOST
from reports.desk.seen import Seen
from reports.desk.services import Key, Record
from reports.desk.spelt import folded
from rules.record_key import ends

NAMED: Final = 4
"""Names that are told."""
LOOKED_AT: Final = 30
"""Records of either customer that are compared with those of the other."""
WHOLE_DATE: Final = len("1980-12-31")


@dataclass(frozen=True)
class Two:
    """Two records that say different things of what a customer has one of."""

    field: str
    one: tuple[Key, str]
    other: tuple[Key, str]
    """The record, and what it says."""


@dataclass(frozen=True)
class Beside:
    """Of two customers; of a case of one customer, or of records that belong to nobody, there is nothing to tell."""

    records: int
    """How many records the two customers have together."""
    names: tuple[str, ...]
    """What the other records are called, each once and the first of many, where it is not what the two are called."""
    decided: tuple[Link, ...]
    """What people decided that keeps a record of the one apart from one of the other."""
    facts: tuple[Two, ...]

    @property
    def more(self) -> int:
        """How many records there are besides the two of the case."""
        return self.records - 2

    @property
    def may_be_whole(self) -> bool:
        """Whether one may say that the two customers are one with all their records: nobody decided otherwise."""
        return self.records <= MOST and not self.decided


def beside(seen: Seen, case: Case, sides: tuple[Sequence[Key], Sequence[Key]]) -> Beside | None:
    """`sides`: all records of the customer of either record of the case. None: there is nothing to tell."""
    one, other = sides
    if case.left not in one or case.right not in other or set(one) & set(other) or len(one) + len(other) == 2:
        return None
    return Beside(
        len(one) + len(other), _names(seen, case, [*one, *other]),
        links(seen, [
            row for row in seen.desk.store.decided_on([*one, *other])
            if row["kind"] in APART and len({key in one for key in ends(row)}) == 2 and set(ends(row)) != {*case[1:]}
        ]),
        () if seen.masks else _facts(seen, case, one[:LOOKED_AT], other[:LOOKED_AT]),
    )  # fmt: skip


def against(seen: Seen, case: Case, sides: tuple[Sequence[Key], Sequence[Key]]) -> tuple[Two, ...]:
    """What the other records of the customers contradict either record of the case in; of two customers as of one."""
    one, other = sides
    if seen.masks or case.left not in one or case.right not in other:
        return ()
    of = {case.left: [key for key in other if key not in case][:LOOKED_AT],
          case.right: [key for key in one if key not in case][:LOOKED_AT]}  # fmt: skip
    records = seen.records([*of, *(key for keys in of.values() for key in keys)])
    pairs = [(records[key], records[rest]) for key, keys in of.items() for rest in keys]
    return _contradictions(pairs)


def _names(seen: Seen, case: Case, keys: Sequence[Key]) -> tuple[str, ...]:
    """A name that is only written otherwise is no other name."""
    names = seen.desk.names(keys)
    once: dict[str, str] = {}
    for key in (*case[1:], *keys):
        once.setdefault(folded(names[key]), names[key])
    known = {folded(names[key]) for key in case[1:]}
    return tuple(name for word, name in once.items() if word not in known)[:NAMED]


def _facts(seen: Seen, case: Case, one: Sequence[Key], other: Sequence[Key]) -> tuple[Two, ...]:
    """Of each field the first two records of the two customers that contradict each other, those first of which one is
    on the page; but not the two of the case, which are both before everybody's eyes.
    """
    records = seen.records([*one, *other])
    seen_first = (sorted(one, key=lambda key: key != case.left), sorted(other, key=lambda key: key != case.right))
    pairs = [(records[a], records[b]) for a, b in product(*seen_first) if (a, b) != case[1:]]
    return _contradictions(pairs)


def _contradictions(pairs: Sequence[tuple[Record, Record]]) -> tuple[Two, ...]:
    found = (next(_differ(name, pairs), None) for name in ("tax_id", "birth_date"))
    return tuple(two for two in found if two)


def _differ(name: str, pairs: Sequence[tuple[Record, Record]]) -> Iterator[Two]:
    for a, b in pairs:
        one, other = _sure(a, name), _sure(b, name)
        if one and other and one[0] == other[0] and one[1] != other[1]:
            yield Two(name, (a.key, a.fields[name][0]), (b.key, b.fields[name][0]))


def _sure(record: Record, name: str) -> tuple[str, str] | None:
    """What a record says without any doubt: the kind of what is said, and the value."""
    if name == "tax_id":
        return record.tax
    value = record.fields.get(name, ("",))[0]
    return (name, value) if len(value) == WHOLE_DATE and not record.doubts.get(name) else None
