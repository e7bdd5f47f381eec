"""Which rows need no test: whatever a rule looks at is as it was when they were tested last.

Most rules look at one record. A rule that counts (`count_of:`) looks at all rows of its source; so when rows change,
those are concerned too whose values are counted with theirs. Where a rule counts in an order (`nth_of:`) or counts
what is itself worked out, every row is. A rule that compares with the day of the run judges otherwise when that comes.
"""

from collections.abc import Iterable
from typing import Final, NamedTuple, TypeAlias

import pyarrow as pa
import pyarrow.compute as pc

from rules.expectations import columns, helpers
from rules.expectations.rule import Check

COUNT: Final = "count_of:"
Counted: TypeAlias = dict[str, set[tuple[str, ...]]]
"""Table -> groups of its columns whose values are counted together."""
TODAY: Final = "$today"
DATES: Final = "expect_column_values_to_be_dates"


class Dated(NamedTuple):
    """A column that a rule compares with the day of the run."""

    table: str
    column: str
    from_then: bool
    """Whether a date that was the day of one run is judged otherwise on a later day; else only those that lay ahead."""


def dated(checks: Iterable[Check]) -> set[Dated]:
    """What rules compare with the day of the run."""
    found = set()
    for check in checks:
        named = {argument for argument, value in check.rule.kwargs.items() if value == TODAY}
        from_then = named != {"max_value"} or check.rule.type != DATES
        for column in check.tested if named else ():
            found |= {Dated(check.table, need, from_then) for need in helpers.needs(check.table, column)}
    return found


def counted(checks: Iterable[Check]) -> Counted | None:
    """What rules count; None where it cannot be told which rows that concerns. Facts are tested whole, and left out."""
    found: Counted = {}
    for check in (c for c in checks if c.table != "facts"):
        for column in (c for c in check.columns if c.startswith(tuple(columns.COUNTERS))):
            names = tuple(dict.fromkeys(column.removeprefix(COUNT).split(",")))
            if not column.startswith(COUNT) or any(helpers.is_helper(check.table, name) for name in names):
                return None
            found.setdefault(check.table, set()).add(names)
    return found


def recounted(groups: Iterable[tuple[str, ...]], rows: pa.Table, old: pa.Table, changed: pa.Array) -> pa.Array:
    """Ids of the records with a value that is counted another number of times than before.

    `rows` are all of one source's, `old` those of before of the records in `changed`.
    """
    new = rows.filter(pc.is_in(rows["record_id"], value_set=changed))
    found = [pa.array([], pa.string())]
    for names in groups:
        values = _recounted(names, new, old)
        found.append(helpers.text(rows["record_id"]).filter(pc.is_in(_joined(names, rows), value_set=values)))
    return pc.unique(pa.concat_arrays(found))


def counting(groups: Iterable[tuple[str, ...]], rows: pa.Table, tested: pa.Array) -> pa.Table:
    """Rows of the records that are not tested, and share a counted value with one that is."""
    mine = pc.is_in(rows["record_id"], value_set=tested)
    shared = pa.chunked_array([pa.repeat(False, len(rows))])
    for names in groups:
        key = _joined(names, rows)
        shared = pc.or_(shared, pc.is_in(key, value_set=pc.unique(key.filter(mine)).drop_null()))
    return rows.filter(pc.and_(shared, pc.invert(mine)))


def _recounted(names: tuple[str, ...], new: pa.Table, old: pa.Table) -> pa.Array:
    """The values that stand in more or fewer rows of `new` than of `old`, as `_joined` has them."""
    signed = [
        rows.select(list(names)).append_column("\x1f", pa.repeat(pa.scalar(sign, pa.int64()), rows.num_rows))
        for rows, sign in ((new, 1), (old, -1))
    ]
    sums = pa.concat_tables(signed).group_by(list(names)).aggregate([("\x1f", "sum")])
    return _joined(names, sums.filter(pc.not_equal(sums["\x1f_sum"], 0))).drop_null()


def _joined(names: tuple[str, ...], rows: pa.Table) -> pa.Array:
    """The values of some columns as one text; null where the first is, since that is not counted."""
    first, *rest = (helpers.text(rows[name]) for name in names)
    return pc.binary_join_element_wise(first, *(pc.fill_null(part, "\x1e") for part in rest), "\x1f")
