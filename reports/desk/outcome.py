"""Whom the records of a case would be once it is answered: what “same” of two customers, and “different” of one, makes.

An answer is about two records; the others go where their evidence is. So “same” can part a customer, and whoever says
it shall know that before.
"""

from collections.abc import Sequence
from dataclasses import dataclass

from connectors.store.decisions import wanted
from connectors.store.desk.filter import Case
from reports.desk.seen import Seen
from reports.desk.services import Key


@dataclass(frozen=True)
class Part:
    """A customer that there would be. `name`: of its first record; `more`: how many records it has besides."""

    name: str
    more: int


@dataclass(frozen=True)
class Outcome:
    """Of the answer that changes something."""

    together: bool
    """Whether the two are one customer now: then it is “different” that changes something."""
    records: int
    """Of the two customers, or of the one."""
    first: Part
    """The customer of the left record."""
    others: tuple[Part, ...]
    """Those besides, that of the right record first where it is another."""


def outcome(seen: Seen, case: Case, customers: tuple[Sequence[Key], Sequence[Key]]) -> Outcome | None:
    """`customers`: all records of the customer of either record. None: there is nothing to tell, or too much to work
    out.
    """
    one, other = customers
    keys = list(dict.fromkeys([*case[1:], *one, *other]))
    if case.left not in one or case.right not in other or len(keys) == 2:
        return None
    together = set(one) == set(other)
    found = seen.desk.parted(keys, wanted("different" if together else "same", case.left, case.right))
    if not found:
        return None
    names = seen.desk.names([part[0] for part in found])
    first, *others = (Part(names[part[0]], len(part) - 1) for part in found)
    return Outcome(together, len(keys), first, tuple(others))
