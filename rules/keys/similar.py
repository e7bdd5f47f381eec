"""Which row of today is which row of yesterday, for rows without ids whose content is no longer the same.

First rows that are equal but for columns that came, went, were renamed or changed as a whole: a join. Then rows that
share a rare cell or word, or stand between the same two known rows, by the evidence for them (likeness), the
likeliest first and each row once. Where two fit almost equally well, or the name is another one's, neither is taken.
"""

import math
import re
from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field

import pyarrow as pa
from rapidfuzz import fuzz, process

from rules.keys import columns as by_column
from rules.keys.likeness import Row, Weigh
from rules.keys.place import in_place

ENOUGH = 4.0
"""Bits from which two rows may be one, where few rows are open; half a bit more for each doubling of them."""
NEARLY = 3.0
"""So many bits less, and people are asked."""
MARGIN = 3.0
"""A rival that is so many bits behind, or fewer, makes a pair doubtful."""
IN_PLACE, ALONE = 2.0, 5.0
"""Bits for standing between the same two known neighbours, and for being the only one there."""
MOST_SHARED = 400
"""A word shared by more pairs of rows than this is too common to look rows up by."""
FEW_PAIRS = 2_500
"""So many pairs are all compared."""
MOST_PAIRS = 4_000_000
"""So many pairs are compared as whole texts, where nothing else brought them together."""


@dataclass(frozen=True)
class Found:
    pairs: dict[int, int] = field(default_factory=dict)
    """Row of today -> row of yesterday."""
    doubts: list[tuple[int, int, float]] = field(default_factory=list)
    """Row of today, row of yesterday that it may be, likeness (0 to 1)."""


@dataclass(frozen=True)
class Scored:
    bits: float
    new: int
    old: int
    sure: bool
    content: tuple[str, str]
    """Hashes of the two rows: equal rows are no rivals of one another."""


def equal(previous: pa.Table, current: pa.Table, old: Sequence[int], new: Sequence[int]) -> dict[int, int]:
    """Row of today -> row of yesterday, of the open rows `new` and `old` that are equal in the columns that both days
    have, or in all of them but one that changed in most rows."""
    columns = by_column.aligned(previous, current)
    found: dict[int, int] = {}
    for one in (False, True):
        taken = set(found.values())
        left, right = [o for o in old if o not in taken], [n for n in new if n not in found]
        if left and right and columns:
            side = by_column.Equal(previous.take(pa.array(left)), current.take(pa.array(right)), columns)
            rows = side.but_for_one()[0] if one else side.join()
            found |= {right[n]: left[o] for n, o in enumerate(rows.tolist()) if o >= 0}
    return found


def pair(
    previous: pa.Table,
    current: pa.Table,
    old: Sequence[int],
    new: Sequence[int],
    ids: Sequence[str | None],
    targets: Mapping[str, str],
    back: Mapping[int, int],
) -> Found:
    """Pairs among the open rows `new` of today and `old` of yesterday, by likeness.

    `ids` are today's keys known so far, `targets` what columns mean (as in a source's declaration), `back` the cells
    that rows of today share with a row that went before yesterday: one of yesterday must have as many.
    """
    columns = by_column.aligned(previous, current)
    if not columns or not old or not new:
        return Found()
    parts = previous.take(pa.array(old)), current.take(pa.array(new))
    before = dict(zip(old, by_column.filled(parts[0], [a for a, _ in columns]), strict=True))
    renamed = parts[1].select([b for _, b in columns]).rename_columns([a for a, _ in columns])
    now = dict(zip(new, by_column.filled(renamed, [a for a, _ in columns]), strict=True))
    here, alone = in_place(previous["_record_id"].to_pylist(), ids, old, new)
    weigh = Weigh(previous, current, columns, targets, parts)
    enough = ENOUGH + 0.5 * math.log2(max(len(old), len(new)))
    hashes = [dict(zip(r, p["_hash"].to_pylist(), strict=True)) for r, p in zip((new, old), parts[::-1], strict=True)]
    scored = []
    for n, o in sorted(_candidates(before, now) | here):
        if n in back and len(before[o].items() & now[n].items()) < back[n]:
            continue
        weight = weigh.weigh(before[o], now[n])
        bits = weight.bits + (ALONE if (n, o) in alone else IN_PLACE if (n, o) in here else 0.0)
        if bits >= enough - NEARLY:
            sure = bits >= enough and not weight.other_name
            scored.append(Scored(bits - enough, n, o, sure, (hashes[0][n], hashes[1][o])))
    return _one_to_one(scored)


def _candidates(before: dict[int, Row], now: dict[int, Row]) -> set[tuple[int, int]]:
    """Pairs of rows worth a comparison: all of few; else those with a cell or word in common that few others have,
    and for rows that share nothing those whose whole texts are most alike."""
    if len(before) * len(now) <= FEW_PAIRS:
        return {(n, o) for n in now for o in before}
    pairs = _sharing(before, now)
    met = {n for n, _ in pairs}, {o for _, o in pairs}
    rest = [n for n in now if n not in met[0]], [o for o in before if o not in met[1]]
    return pairs | _like_texts(*rest, before, now)


def _sharing(before: dict[int, Row], now: dict[int, Row]) -> set[tuple[int, int]]:
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


def _like_texts(
    new: Sequence[int], old: Sequence[int], before: dict[int, Row], now: dict[int, Row]
) -> set[tuple[int, int]]:
    if not new or not old or len(new) * len(old) > MOST_PAIRS:
        return set()
    texts = [[" ".join(rows[r].values()) for r in part] for part, rows in ((new, now), (old, before))]
    scores = process.cdist(*texts, scorer=fuzz.ratio, score_cutoff=70, workers=1)
    return {(new[n], old[o]) for n in range(len(new)) for o in scores[n].argsort()[-3:].tolist() if scores[n][o] > 0}


def _one_to_one(scored: list[Scored]) -> Found:
    """The surest pairs from the best down; what a rival contests is a doubt, and holds what it contests."""
    by_new: defaultdict[int, list[Scored]] = defaultdict(list)
    by_old: defaultdict[int, list[Scored]] = defaultdict(list)
    for one in scored:
        by_new[one.new].append(one)
        by_old[one.old].append(one)
    pairs: dict[int, int] = {}
    used: set[int] = set()
    held: tuple[set[int], set[int]] = (set(), set())
    for one in sorted(scored, key=lambda s: (-s.bits, s.new, s.old)):
        if one.new in pairs or one.old in used or one.new in held[0] or one.old in held[1]:
            continue
        rivals = [r for r in by_old[one.old] if r.content[0] != one.content[0] and r.new not in pairs]
        rivals += [r for r in by_new[one.new] if r.content[1] != one.content[1] and r.old not in used]
        near = [r for r in rivals if r.bits > one.bits - MARGIN]
        if one.sure and not near:
            pairs[one.new] = one.old
            used.add(one.old)
        else:
            held[0].update({one.new, *(r.new for r in near)})
            held[1].update({one.old, *(r.old for r in near)})
    doubts = [
        (s.new, s.old, round(1 / (1 + 2.0**-s.bits), 4)) for s in scored if s.new not in pairs and s.old not in used
    ]
    return Found(pairs, sorted(doubts))
