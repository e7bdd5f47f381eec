"""Keys from declared columns; rows that share an id are told apart by `#2`, `#3`, and stay so when they are sorted."""

import re
from collections import defaultdict
from collections.abc import Sequence

import pyarrow as pa
import pyarrow.compute as pc

from rules.keys.content import KNOWN, Keyed, own_columns, rows_where
from rules.keys.memory import known_of, remember

OURS = r"(/contact|@\d+)$"
"""The end of a key that we make ourselves, of a row's contact and of an id that became someone else."""
TURN = re.compile(r"^(.*)#(\d+)$", re.DOTALL)
GENERATION = r"@\d+$"
HALF = 0.5
"""Share of equal cells from which a row may be the one that had a number before."""
MOST = 200
"""Rows of one id that are compared one by one; more are numbered by content and order alone."""


def declared(
    raw: pa.Table, columns: Sequence[str], previous: pa.Table | None = None, known: pa.Table | None = None
) -> Keyed:
    """Keys from declared columns, joined by `|`; a repeated one gets `#2`, `#3`.

    `previous` and `known` are as for `recycled`: a row keeps its number by its content, then by its likeness, and no
    number is given again to someone else. An id that reads like one of our own making gets a number too. A row in
    which every key column is empty has no key (null). The result's `known` holds the numbers that were ever given.
    """
    parts = [pc.utf8_trim_whitespace(raw[name]) for name in columns]
    empty = [pc.equal(pc.fill_null(part, ""), "") for part in parts]
    none = empty[0]
    for part in empty[1:]:
        none = pc.and_(none, part)
    joined = pc.binary_join_element_wise(*parts, "|", null_handling="replace", null_replacement="")
    ids = pc.if_else(none, pa.scalar(None, pa.string()), joined)
    ours = pc.match_substring_regex(ids, OURS)
    ids = pc.if_else(ours, pc.binary_join_element_wise(ids, "#2", ""), ids)
    ids = ids.combine_chunks() if isinstance(ids, pa.ChunkedArray) else ids
    return _numbered(ids, raw, previous, known_of(known))


def _numbered(ids: pa.Array, raw: pa.Table, previous: pa.Table | None, known: pa.Table) -> Keyed:
    counts = pc.value_counts(ids.drop_null())
    repeated = (
        counts.filter(pc.greater(counts.field("counts"), 1)).field("values") if len(counts) else pa.array([], ids.type)
    )
    before = _Before(previous, known, ids)
    wanted = pa.array([*repeated.to_pylist(), *before.several], ids.type).unique()
    if not len(wanted):
        return Keyed(ids, known=known)
    texts: list[str | None] = ids.to_pylist()
    places: defaultdict[str, list[int]] = defaultdict(list)
    for row in pc.indices_nonzero(pc.is_in(ids, value_set=wanted)).to_pylist():
        places[str(texts[row])].append(row)
    taken = set(texts)
    for base, rows in places.items():
        for row, number in _numbers(rows, raw, before, base).items():
            texts[row] = _free(base, number, taken) if number != 1 else base
            taken.add(texts[row])
    numbered = pa.array(texts, pa.string())
    given = pa.array([r for rows in places.values() for r in rows if TURN.match(str(texts[r]))], pa.int64())
    hashes = raw["_hash"].take(given).combine_chunks()
    present = pa.table([numbered.take(given), hashes, pa.nulls(len(given), KNOWN.types[2])], schema=KNOWN)
    note = _note({b: r for b, r in places.items() if len(r) > 1}, raw)
    return Keyed(numbered, note, remember(known, present, KNOWN.empty_table()))


def _free(base: str, number: int, taken: set[str | None]) -> str:
    while (name := f"{base}#{number}") in taken:
        number += 1
    return name


class _Before:
    """The rows that had an id with a number, by id: yesterday's, and those that are gone."""

    def __init__(self, previous: pa.Table | None, known: pa.Table, ids: pa.Array) -> None:
        self.previous = previous
        self.row: dict[str, int] = {}
        """Key as declared (without generation) -> row of yesterday."""
        self.hash: dict[str, str] = {}
        if previous is not None:
            self._read(previous["_record_id"], previous["_hash"], ids, at=True)
        self._read(known["record_id"], known["hash"], ids, at=False)
        self.by_base: defaultdict[str, dict[int, str]] = defaultdict(dict)
        for key in self.hash:
            base, number = _parted(key)
            self.by_base[base][number] = key
        self.several = [base for base, numbers in self.by_base.items() if any(n > 1 for n in numbers)]

    def _read(self, keys: pa.ChunkedArray, hashes: pa.ChunkedArray, ids: pa.Array, *, at: bool) -> None:
        """Numbered keys, and the plain keys of the same ids or of ids that stand more than once today."""
        theirs = pc.is_in(keys, value_set=ids)
        numbered = pc.and_(pc.match_substring_regex(keys, r"#\d+(@\d+)?$"), pc.invert(theirs))
        counts = pc.value_counts(ids.drop_null())
        many = counts.filter(pc.greater(counts.field("counts"), 1)).field("values").to_pylist() if len(counts) else []
        bare = pc.replace_substring_regex(keys, GENERATION, "")
        bases = {_parted(key)[0] for key in bare.filter(numbered).to_pylist()} | set(many)
        plain = pc.is_in(bare, value_set=pa.array(sorted(bases), pa.string()))
        for row in rows_where(pc.or_(numbered, plain)).tolist():
            key = bare[row].as_py()
            if key not in self.hash and (at or TURN.match(key)):
                self.hash[key] = hashes[row].as_py() or ""
                if at:
                    self.row[key] = row


def _parted(key: str) -> tuple[str, int]:
    match = TURN.match(key)
    return (match[1], int(match[2])) if match else (key, 1)


def _numbers(rows: list[int], raw: pa.Table, before: _Before, base: str) -> dict[int, int]:
    """Row -> its number: what it had, by content, then by likeness; others take 1 where it is free, then new ones."""
    had = dict(sorted(before.by_base.get(base, {}).items()))
    hashes = dict(zip(rows, raw["_hash"].take(pa.array(rows)).to_pylist(), strict=True))
    found: dict[int, int] = {}
    waiting: defaultdict[str, list[int]] = defaultdict(list)
    for number, key in reversed(had.items()):
        waiting[before.hash[key]].append(number)
    for row in rows:
        if waiting[hashes[row]]:
            found[row] = waiting[hashes[row]].pop()
    left = {n: before.row[k] for n, k in had.items() if n not in found.values() and k in before.row}
    found |= _by_likeness([r for r in rows if r not in found], left, raw, before.previous)
    fresh = max(had, default=0)
    for row in rows:
        if row not in found:
            first = 1 not in found.values()
            fresh = fresh if first else max(fresh, 1) + 1
            found[row] = 1 if first else fresh
    return found


def _by_likeness(rows: list[int], left: dict[int, int], raw: pa.Table, previous: pa.Table | None) -> dict[int, int]:
    """Row -> number of the row of yesterday with most equal cells, the best first."""
    if previous is None or not left or not rows or len(rows) * len(left) > MOST**2:
        return {}
    names = [n for n in own_columns(raw) if n in previous.column_names]
    now = raw.select(names).take(pa.array(rows)).to_pylist()
    then = previous.select(names).take(pa.array(list(left.values()))).to_pylist()
    scored = sorted(
        (-_share(a, b), row, number)
        for row, a in zip(rows, now, strict=True)
        for number, b in zip(left, then, strict=True)
    )
    found: dict[int, int] = {}
    for share, row, number in scored:
        if -share >= HALF and row not in found and number not in found.values():
            found[row] = number
    return found


def _share(left: dict[str, str | None], right: dict[str, str | None]) -> float:
    filled = [n for n in left if left[n] or right[n]]
    return sum(left[n] == right[n] for n in filled) / len(filled) if filled else 0.0


def _note(places: dict[str, list[int]], raw: pa.Table) -> tuple[str, ...]:
    if not places:
        return ()
    several = pc.count_distinct(raw["_file"]).as_py() > 1
    shown = []
    for key in sorted(places)[:5]:
        part = raw.select(["_file", "_line"]).take(pa.array(places[key][:4])).to_pylist()
        lines = ", ".join(f"{r['_file']}:{r['_line']}" if several else str(r["_line"]) for r in part)
        shown.append(f"{named(key)}lines {lines}")
    more = f" and {len(places) - 5} more" if len(places) > 5 else ""
    stand = "record id stands" if len(places) == 1 else "record ids stand"
    return (f"{len(places)} {stand} more than once: {'; '.join(shown)}{more}",)


def named(key: str) -> str:
    """A key for a note, which may end in a log: a number of the firm's own, but no e-mail address or name."""
    return f"{key} in " if re.fullmatch(r"[\w./|#-]*\d[\w./|#-]*", key, re.ASCII) and len(key) <= 20 else ""
