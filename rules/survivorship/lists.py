"""Things a customer has several of: contact points and addresses, merged, dated, one of each kind primary."""

from dataclasses import dataclass
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules import vocabulary as words
from rules.survivorship.entries import Entries, Members, known_days
from rules.survivorship.runs import Bools, Floats, Ints, Runs, numbered

TEXTS: Final = ("kind", "type", "value", "since", "last_confirmed", "sources")


@dataclass(frozen=True)
class Points:
    """Distinct contact points of golden records, sorted by golden record and kind; one row a point."""

    golden: Ints
    columns: pa.Table
    """Texts: kind, type, value, since, last_confirmed, sources."""
    primary: Bools
    valid: Bools
    """Whether it passed its check."""

    def invalid_primaries(self, size: int) -> Bools:
        """Whether the primary of any kind failed its check, one a golden record."""
        invalid = np.zeros(size, bool)
        invalid[self.golden[self.primary & ~self.valid]] = True
        return invalid

    def table(self, ids: pa.Array) -> pa.Table:
        """vocabulary.CONTACT_POINTS."""
        more = {"golden_id": pc.take(ids, pa.array(self.golden)), "primary": pa.array(self.primary)}
        columns = {**{name: self.columns[name] for name in TEXTS}, **more}
        return pa.table([columns[field.name] for field in words.CONTACT_POINTS], schema=words.CONTACT_POINTS)


@dataclass(frozen=True)
class Merged:
    """Entries that are one thing: their number, sorted, and the entries in that order."""

    rows: Ints
    """Entries, sorted by number."""
    runs: Runs


def merged(number: Ints) -> Merged:
    """Entries by the number of what they are; entries with a negative number are left out."""
    order = np.argsort(number, kind="stable")
    order = order[number[order] >= 0]
    return Merged(order, Runs.over(number[order]))


def any_flag(entries: Entries, flag: str) -> Bools:
    """The entries any of whose columns bears a flag."""
    marked = np.zeros(len(entries.row), bool)
    for name in entries.doubted():
        marked |= entries.flagged(name, flag)
    return marked


def best_types(entries: Entries, points: Merged, weight: Floats) -> pa.Array:
    """The type that most votes give a point; a named one before `other`."""
    types, names = ranked(pc.fill_null(entries.column("type"), "other"))
    code = types[points.rows]
    candidate, first = numbered(points.runs.of, code)
    votes = np.bincount(candidate, weight[points.rows], len(first))
    runs = Runs.over(points.runs.of[first])
    named = pc.not_equal(names, "other").to_numpy(zero_copy_only=False)[code[first]]
    alive = np.ones(len(first), bool)
    for key in (named, np.round(votes, 9), -code[first]):
        alive = runs.keep_best(alive, key)
    return pc.take(names, pa.array(code[first][alive]))


def dates_of(entries: Entries, points: Merged, today: str) -> tuple[pa.Array, pa.Array]:
    """ISO dates on which a point is first and last known to have been true; null where nobody says."""
    since, entered, updated = _record_dates(entries)
    first = pc.coalesce(since, entered)
    last = pc.coalesce(updated, since, entered)
    late = known_days(since, today) > known_days(last, today)
    last = pc.if_else(pa.array(late), since, last)
    return _extreme(first, points, today, 1), _extreme(last, points, today, -1)


def _record_dates(entries: Entries) -> tuple[pa.Array, pa.Array, pa.Array]:
    people = entries.members
    found = [entries.column("since")]
    for name in ("entered_at", "updated_at"):
        values = pa.nulls(len(people.row), pa.string())
        if name in people.records.column_names:
            values = people.column(name)
        found.append(pc.take(values, pa.array(entries.member)))
    return found[0], found[1], found[2]


def _extreme(dates: pa.Array, points: Merged, today: str, sign: int) -> pa.Array:
    days = known_days(dates, today)[points.rows]
    known = days >= 0
    alive = points.runs.keep_best(np.ones(len(days), bool), np.where(known, -sign * days, -np.inf))
    at = points.runs.keep_first(alive)
    rows = pa.array(points.rows[at], mask=~known[at])
    return pc.utf8_slice_codeunits(pc.take(dates, rows), 0, 10)


def source_names(people: Members, run: Ints, member: Ints) -> pa.Array:
    """The sources of the members of each run, by name, joined by `;`."""
    _, first = numbered(run, people.source[member])
    runs = Runs.over(run[first])
    names = pc.take(people.sources, pa.array(people.source[member[first]]))
    offsets = np.append(runs.start, len(first)).astype(np.int32)
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), names), ";")


def ranked(values: pa.Array) -> tuple[Ints, pa.Array]:
    """Values as numbers in alphabetical order, and the value of each number. Null is no value."""
    coded = pc.dictionary_encode(values)
    order = pc.sort_indices(coded.dictionary)
    place = np.empty(len(order), np.int64)
    place[order.to_numpy()] = np.arange(len(order))
    return place[coded.indices.to_numpy(zero_copy_only=False)], pc.take(coded.dictionary, order)
