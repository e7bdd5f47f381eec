"""Which row of today is which row of yesterday, for rows without ids whose content is no longer the same.

Two rows are compared if they share a rare cell or word, or stand between the same two known rows. Likeness is
the mean over their columns of the similarity of the cells, each weighted by its rarity (a shared city says
little, a shared phone much). Pairs are taken from the most alike down, each row once; where two fit almost
equally well, neither is taken.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz

from rules.vocabulary import RAW_PREFIX

ENOUGH = 0.55
"""Likeness (0 to 1) from which two rows may be one."""
ENOUGH_IN_PLACE = 0.4
"""The same for the only two rows that stand between the same two neighbours."""
MARGIN = 0.06
"""A rival this close makes a pair doubtful."""
IN_PLACE = 0.12
"""What standing between the same neighbours adds to likeness."""
MOST_SHARED = 400
"""A word shared by more pairs of rows than this is too common to look rows up by."""

Row = dict[str, str]


@dataclass(frozen=True)
class Found:
    pairs: dict[int, int] = field(default_factory=dict)
    """Row of today -> row of yesterday."""
    doubtful: list[int] = field(default_factory=list)
    """Rows of today that fit several rows of yesterday, in order."""


def pair(
    previous: pa.Table, current: pa.Table, old: Sequence[int], new: Sequence[int], ids: Sequence[str | None]
) -> Found:
    """Pairs among the open rows `new` of today and `old` of yesterday; `ids` are today's keys known so far."""
    columns = _aligned(previous, current)
    if not columns:
        return Found()
    found = _by_common_columns(previous, current, columns, old, new)
    taken = set(found.values())
    old = [row for row in old if row not in taken]
    new = [row for row in new if row not in found]
    before, now = _rows(previous, columns, old, 0), _rows(current, columns, new, 1)
    in_place, alone = _in_place(previous, ids, old, new)
    weigh = _Weigh(previous, columns, [*before.values(), *now.values()])
    scored = []
    for n, o in sorted(_sharing(before, now) | in_place):
        likeness = weigh.likeness(now[n], before[o])
        least = ENOUGH_IN_PLACE if (n, o) in alone else ENOUGH
        if likeness >= least:
            scored.append((likeness + IN_PLACE * ((n, o) in in_place), n, o))
    best = _one_to_one(scored)
    return Found({**found, **best.pairs}, best.doubtful)


def _aligned(previous: pa.Table, current: pa.Table) -> list[tuple[str, str]]:
    """Columns of yesterday and today that are one: the same name, or the same turn among those renamed."""
    names = [[n for n in t.column_names if n not in RAW_PREFIX] for t in (previous, current)]
    common = [(n, n) for n in names[0] if n in names[1]]
    rest = [[n for n in part if (n, n) not in common] for part in names]
    return common + (list(zip(*rest, strict=True)) if len(rest[0]) == len(rest[1]) else [])


def _by_common_columns(
    previous: pa.Table, current: pa.Table, columns: list[tuple[str, str]], old: Sequence[int], new: Sequence[int]
) -> dict[int, int]:
    """Rows that are equal, and unique, in the columns that both days have: a column came, went or was renamed."""
    if [a for a, _ in columns] == [n for n in current.column_names if n not in RAW_PREFIX] and all(
        a == b for a, b in columns
    ):
        return {}
    keys = []
    for table, side, rows in ((previous, 0, old), (current, 1, new)):
        part = table.select([c[side] for c in columns]).take(pa.array(rows, pa.int64()))
        keys.append(list(zip(*(column.to_pylist() for column in part.columns), strict=True)))
    places: list[dict[tuple[str | None, ...], list[int]]] = []
    for rows, values in zip((old, new), keys, strict=True):
        place: defaultdict[tuple[str | None, ...], list[int]] = defaultdict(list)
        for row, value in zip(rows, values, strict=True):
            place[value].append(row)
        places.append(place)
    return {
        rows[0]: places[0][value][0]
        for value, rows in places[1].items()
        if len(rows) == 1 and len(places[0].get(value, [])) == 1 and any(value)
    }


def _rows(table: pa.Table, columns: list[tuple[str, str]], rows: Sequence[int], side: int) -> dict[int, Row]:
    """Filled cells of some rows by column of yesterday, folded for comparison."""
    part = table.select([c[side] for c in columns]).take(pa.array(rows, pa.int64()))
    names = [c[0] for c in columns]
    return {
        row: {n: " ".join(v.split()).casefold() for n, v in zip(names, cells, strict=True) if v}
        for row, cells in zip(rows, zip(*(c.to_pylist() for c in part.columns), strict=True), strict=True)
    }


def _sharing(before: dict[int, Row], now: dict[int, Row]) -> set[tuple[int, int]]:
    """Pairs of rows with a cell or word in common that few others have."""
    index: tuple[defaultdict[str, list[int]], defaultdict[str, list[int]]] = (defaultdict(list), defaultdict(list))
    for place, rows in zip(index, (before, now), strict=True):
        for row, cells in rows.items():
            for word in _words(cells.values()):
                place[word].append(row)
    return {
        (n, o)
        for word, news in index[1].items()
        if word in index[0] and len(news) * len(index[0][word]) <= MOST_SHARED
        for n in news
        for o in index[0][word]
    }


def _words(cells: Iterable[str]) -> set[str]:
    """Whole cells, and their words of three characters and more."""
    values = list(cells)
    return {*values, *(w for v in values for w in re.findall(r"\w{3,}", v))}


def _in_place(
    previous: pa.Table, ids: Sequence[str | None], old: Sequence[int], new: Sequence[int]
) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Pairs between the same two known neighbours, and those of them that are alone there."""
    before_ids: list[str] = previous["_record_id"].to_pylist()
    open_old = set(old)
    known = {i for i in ids if i is not None}
    gone = [None if n in open_old or i not in known else i for n, i in enumerate(before_ids)]
    olds, news = _gaps(gone, open_old), _gaps(ids, set(new))
    pairs: set[tuple[int, int]] = set()
    alone: set[tuple[int, int]] = set()
    for gap, rows in news.items():
        others = olds.get(gap, [])
        if len(rows) == len(others) <= 10:
            pairs |= set(zip(rows, others, strict=True))
        if len(rows) == len(others) == 1:
            alone.add((rows[0], others[0]))
    return pairs, alone


def _gaps(ids: Sequence[str | None], wanted: set[int]) -> dict[tuple[str, str], list[int]]:
    """Wanted rows by the known keys above and below them."""
    gaps: dict[tuple[str, str], list[int]] = {}
    above, waiting = "", []
    for row, key in enumerate([*ids, ""]):
        if key is None:
            waiting += [row] if row in wanted else []
            continue
        if waiting:
            gaps[(above, key)] = waiting
        above, waiting = key, []
    return gaps


class _Weigh:
    """Likeness of two rows, by the rarity of their cells among yesterday's."""

    def __init__(self, previous: pa.Table, columns: list[tuple[str, str]], rows: Iterable[Row]) -> None:
        self._total = max(2, len(previous))
        needed: defaultdict[str, set[str]] = defaultdict(set)
        for row in rows:
            for name, value in row.items():
                needed[name].add(value)
        self._counts = {name: self._count(previous[name], needed[name]) for name, _ in columns}

    @staticmethod
    def _count(column: pa.ChunkedArray, needed: set[str]) -> dict[str, int]:
        counts: defaultdict[str, int] = defaultdict(int)
        for item in pc.value_counts(column).to_pylist():
            value = " ".join((item["values"] or "").split()).casefold()
            if value in needed:
                counts[value] += item["counts"]
        return counts

    def likeness(self, left: Row, right: Row) -> float:
        """0 to 1."""
        total = agreed = 0.0
        for name in sorted(left.keys() | right.keys()):
            a, b = left.get(name), right.get(name)
            if a is None or b is None:
                total += 0.5 * self._weight(name, a or b or "")
                continue
            weight = min(self._weight(name, a), self._weight(name, b)) if a == b else self._weight(name, b)
            total += weight
            agreed += weight * (1.0 if a == b else _similar(a, b))
        return agreed / total if total else 0.0

    def _weight(self, name: str, value: str) -> float:
        return 0.2 + math.log2(self._total / max(1, min(self._total, self._counts[name].get(value, 1))))


def _similar(a: str, b: str) -> float:
    ratio = fuzz.ratio(a, b) / 100
    return ratio if ratio >= 0.5 else 0.0


def _one_to_one(scored: list[tuple[float, int, int]]) -> Found:
    by_new: defaultdict[int, list[tuple[float, int]]] = defaultdict(list)
    by_old: defaultdict[int, list[tuple[float, int]]] = defaultdict(list)
    for score, n, o in scored:
        by_new[n].append((score, o))
        by_old[o].append((score, n))
    pairs: dict[int, int] = {}
    used: set[int] = set()
    doubtful: set[int] = set()
    for score, n, o in sorted(scored, key=lambda s: (-s[0], s[1], s[2])):
        if n in pairs or n in doubtful or o in used:
            continue
        rivals = [r for s, r in by_old[o] if r != n and r not in pairs and s > score - MARGIN]
        others = [r for s, r in by_new[n] if r != o and r not in used and s > score - MARGIN]
        if rivals or others:
            doubtful |= {n, *rivals}
            used |= {o} if rivals else set()
            continue
        pairs[n] = o
        used.add(o)
    return Found(pairs, sorted(doubtful))
