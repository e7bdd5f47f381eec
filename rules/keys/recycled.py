"""An id that became someone else: a debtor number that was given out again, tonight or while it was away."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz

from rules.keys import memory, names
from rules.keys.content import KNOWN, Keyed, codes, join_in_order, own_columns, rows_where
from rules.keys.declared import named

COMMON = 3
"""A number that more rows than this have is nobody's own (a dummy, the firm's switchboard)."""
LASTING = ("birth_date", "tax_id", "national_id")
"""Marks that a person never changes."""
CONTRARY = 70
"""Ratio (0 to 100) below which two lasting marks are two, and not one with a slip of the pen."""


def recycled(
    previous: pa.Table | None,
    current: pa.Table,
    columns: Mapping[str, str],
    known: pa.Table | None,
    *,
    whole: bool = True,
) -> Keyed:
    """Declared keys in which an id that became someone else carries a generation: `17`, then `17@2`.

    Someone else: both rows have a name, no word of the two resembles another in any script, and no e-mail, phone,
    birth date or number is shared (for a firm: no address either); or they share a part of the name alone while a
    birth date or number says that they are two. A marriage keeps the given name, a correction its e-mail: neither
    counts. `whole` False: `current` holds new rows only, so none is gone. The result's `known` is for next time.
    """
    ever = memory.known_of(known)
    ids = pc.cast(current["_record_id"], pa.string())
    generations = _generations(ever)
    texts = _with_generation(ids, generations)
    lines = current["_line"].to_pylist()
    notes: list[str] = []
    for row in [
        *_became_others(previous, current, texts, columns),
        *_returned_as_others(ever, current, texts, columns),
    ]:
        base = str(ids[row].as_py())
        generations[base] = generations.get(base, 1) + 1
        notes.append(f"{named(base)}line {lines[row]}")
    final = _with_generation(ids, generations) if notes else texts
    return Keyed(final, _said(notes), _remember(ever, generations, previous if whole else None, final, columns))


def _said(notes: list[str]) -> tuple[str, ...]:
    if not notes:
        return ()
    became = (
        "id became someone else and is a new record" if len(notes) == 1 else "ids became others and are new records"
    )
    more = f" and {len(notes) - 5} more" if len(notes) > 5 else ""
    return (f"{len(notes)} {became}: {'; '.join(notes[:5])}{more}",)


def _generations(known: pa.Table) -> dict[str, int]:
    found: dict[str, int] = {}
    marked = known["record_id"].filter(pc.match_substring_regex(known["record_id"], r"@\d+$"))
    for key in marked.to_pylist():
        base, _, number = key.rpartition("@")
        found[base] = max(found.get(base, 1), int(number))
    return found


def _with_generation(ids: pa.ChunkedArray, generations: dict[str, int]) -> pa.Array:
    whole = ids.combine_chunks()
    if not generations:
        return whole
    bases = pa.array(list(generations), pa.string())
    keys = pa.array([f"{base}@{number}" for base, number in generations.items()], pa.string())
    return pc.coalesce(keys.take(pc.index_in(whole, value_set=bases)), whole)


# --- tonight ----------------------------------------------------------------------------------------------


def _became_others(
    previous: pa.Table | None, current: pa.Table, texts: pa.Array, columns: Mapping[str, str]
) -> list[int]:
    """Rows of today whose key was someone else's yesterday."""
    if previous is None or not any(t in names.NAME_TARGETS for t in columns.values()):
        return []
    then = join_in_order(*codes(previous["_record_id"], texts))
    now = rows_where(then >= 0)
    same = pc.equal(previous["_hash"].take(pa.array(then[now])), current["_hash"].take(pa.array(now)))
    now = now[~same.to_numpy()]
    now = now[_perhaps(previous.take(pa.array(then[now])), current.take(pa.array(now)), columns)]
    before = memory.cells_of(previous.take(pa.array(then[now])), columns)
    after = memory.cells_of(current.take(pa.array(now)), columns)
    common = _common(previous, columns, before)
    return [n for n, b, a in zip(now.tolist(), before, after, strict=True) if someone_else(b, a, common)]


def _perhaps(before: pa.Table, now: pa.Table, columns: Mapping[str, str]) -> np.ndarray:
    """Pairs of rows whose names are not the same to the letter: only they are looked at one by one."""
    differ = np.zeros(len(now), bool)
    for name, target in columns.items():
        if target in names.NAME_TARGETS and name in before.column_names and name in now.column_names:
            left, right = (pc.fill_null(pc.utf8_lower(t[name]), "") for t in (before, now))
            differ |= pc.not_equal(left, right).to_numpy()
    return differ


def _common(table: pa.Table, columns: Mapping[str, str], rows: list[dict[str, list[str]]]) -> set[tuple[str, str]]:
    """Of the marks of some rows those that more than COMMON rows have: they say nothing."""
    found: set[tuple[str, str]] = set()
    wanted = {v for row in rows for t in memory.STRONG for v in row.get(t, ())}
    for name, target in columns.items():
        short = target.partition(".")[0]
        if wanted and short in memory.STRONG and name in table.column_names:
            there = table[name].filter(pc.is_in(table[name], value_set=pa.array(sorted(wanted), pa.string())))
            counts = pc.value_counts(there).to_pylist()
            found |= {(short, memory.bare(short, c["values"])) for c in counts if c["counts"] > COMMON}
    return found


def someone_else(before: memory.Cells, now: memory.Cells, common: set[tuple[str, str]] = frozenset()) -> bool:  # type: ignore[assignment] # an empty frozenset is read only
    """Whether two rows of one id (target -> values) are two customers; `common` marks are no evidence."""
    compared = names.compare(before, now)
    if not compared.replaced:
        return False
    marks = memory.marks(before), memory.marks(now)
    if (marks[0] & marks[1]) - common:
        return False
    if compared.common:
        return _contrary(marks[0], marks[1])
    firm = before.get("organisation_name") or now.get("organisation_name")
    return not (firm and _one_address(before, now))


def _contrary(before: set[tuple[str, str]], now: set[tuple[str, str]]) -> bool:
    """Both have a birth date or number of their own, and the two are no misspelling of one another."""
    for target in LASTING:
        left, right = ([v for t, v in side if t == target] for side in (before, now))
        if left and right and max(fuzz.ratio(a, b) for a in left for b in right) < CONTRARY:
            return True
    return False


def _one_address(before: memory.Cells, now: memory.Cells) -> bool:
    """An address cell that holds a number (a street with its house) is the same."""
    left, right = ({memory.bare("address", v) for v in side.get("address", ())} for side in (before, now))
    return any(len(text) > 6 and any(c.isdigit() for c in text) for text in left & right)


# --- after a time away ------------------------------------------------------------------------------------


def _returned_as_others(known: pa.Table, current: pa.Table, texts: pa.Array, columns: Mapping[str, str]) -> list[int]:
    """Rows of today whose key was away and had been another's: they share no trace of name or number with it."""
    gone = known.filter(pc.is_valid(known["traces"]))
    where = pc.index_in(texts, value_set=gone["record_id"].combine_chunks())
    now = rows_where(pc.is_valid(where))
    kept = gone.take(where.take(pa.array(now)))
    people = memory.cells_of(current.take(pa.array(now)), columns)
    found = []
    for row, person, traces in zip(now.tolist(), people, kept["traces"].to_pylist(), strict=True):
        here, there = memory.traces_of_person(person), set(traces)
        if memory.NAMED in here and memory.NAMED in there and not (here & there) - {memory.NAMED}:
            found.append(row)
    return found


def _remember(
    known: pa.Table,
    generations: dict[str, int],
    previous: pa.Table | None,
    ids: pa.Array,
    columns: Mapping[str, str],
) -> pa.Table:
    """Generations; what went tonight; what went before and did not come back."""
    keys = sorted(f"{base}@{number}" for base, number in generations.items())
    present = pa.table([keys, [""] * len(keys), pa.nulls(len(keys), KNOWN.types[2])], schema=KNOWN)
    gone = KNOWN.empty_table()
    if previous is not None and any(t in names.NAME_TARGETS for t in columns.values()):
        rows = rows_where(pc.invert(pc.is_in(previous["_record_id"], value_set=ids)))
        gone = memory.gone_rows(previous, pa.array(rows), columns, own_columns(previous))
    back = pc.and_(pc.is_in(known["record_id"], value_set=ids), pc.is_valid(known["traces"]))
    kept = known.filter(pc.invert(back))
    present = present.filter(pc.and_(_not_in(present, gone), _not_in(present, kept)))
    return memory.remember(kept, present, gone)


def _not_in(table: pa.Table, other: pa.Table) -> pa.ChunkedArray:
    return pc.invert(pc.is_in(table["record_id"], value_set=other["record_id"].combine_chunks()))
