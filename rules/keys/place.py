"""Rows that stand where others stood: between the same two rows whose keys are known."""

from collections.abc import Sequence

MOST = 10
"""A gap of more rows says nothing about which is which."""


def in_place(
    before_ids: Sequence[str], ids: Sequence[str | None], old: Sequence[int], new: Sequence[int]
) -> tuple[set[tuple[int, int]], set[tuple[int, int]]]:
    """Pairs (today, yesterday) between the same two known neighbours, and those of them that are alone there.

    `before_ids`, `ids`: the keys of both days in order, None where one is not known yet; `old`, `new`: the open rows.
    """
    open_old = set(old)
    known = {i for i in ids if i is not None}
    gone = [None if n in open_old or i not in known else i for n, i in enumerate(before_ids)]
    olds, news = _gaps(gone, open_old), _gaps(ids, set(new))
    pairs: set[tuple[int, int]] = set()
    alone: set[tuple[int, int]] = set()
    for gap, rows in news.items():
        others = olds.get(gap, [])
        if len(rows) == len(others) <= MOST:
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
