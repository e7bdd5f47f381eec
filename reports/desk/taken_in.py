"""What became of a review pack that came back, case by case: the customers by their names, and where to look."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from connectors.store.desk.filter import Case, Filter
from reports.desk.access import Person
from reports.desk.seen import Seen
from reports.desk.services import Services
from rules.packs import Answered, Judged, Problem


@dataclass(frozen=True)
class Named:
    """A case; `names` is empty where it is not among this person's."""

    case: Case
    names: tuple[str, ...]
    there: bool
    """Whether there is a page of it: it is in the queue, decided or not."""


@dataclass(frozen=True)
class Rows:
    """The rows of a workbook, by what became of them."""

    taken: tuple[tuple[Named, Answered], ...]
    problems: tuple[tuple[Problem, Named | None], ...]
    """None: the row is of no case of the pack."""
    left_out: tuple[tuple[Named, str], ...]
    """Each with why."""


def rows(
    desk: Services, person: Person, cases: Sequence[Case], judged: Judged, taken: Sequence[int],
    left_out: Mapping[int, str],
) -> Rows:  # fmt: skip
    """`cases` of the pack, `taken` and `left_out` by their places in it."""
    told = {*taken, *left_out, *(one.place for one in judged.problems if one.place is not None)}
    named = {place: _named(desk, person, cases[place]) for place in told}
    return Rows(
        tuple((named[place], judged.good[place]) for place in taken),
        tuple((one, None if one.place is None else named[one.place]) for one in judged.problems),
        tuple((named[place], why) for place, why in left_out.items()),
    )


def _named(desk: Services, person: Person, case: Case) -> Named:
    seen, keys = Seen(desk, person), case[1:]
    if set(keys) <= seen.outside(keys):
        return Named(case, (), there=False)
    names = desk.names(keys)
    there = desk.store.case(case, seen.limited(Filter())) is not None
    return Named(case, (names[case.left], names[case.right]), there)
