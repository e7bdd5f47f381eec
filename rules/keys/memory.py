"""What is gone and may come back: its key, its content, and traces of its cells that nobody can read.

A trace is a 64-bit hash of one cell, one name's sound or one number of a row that went. By them a row is known again
that comes back under other column names, and an id that was away and now belongs to someone else is found out.
"""

import hashlib
import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence

import pyarrow as pa
import pyarrow.compute as pc

from rules.keys import names
from rules.keys.content import KNOWN

STRONG = ("email", "phone", "birth_date", "tax_id", "national_id", "iban")
"""Targets whose value is one customer's own."""
MOST = 2 / 3
"""Share of its cells by which a row that was gone is known again."""
COMMON = 20
"""A trace of more rows that are gone says too little to look them up by."""
Cells = Mapping[str, Sequence[str]]
"""Target (`full_name`, `phone`) -> values of a row."""


def cells_of(table: pa.Table, columns: Mapping[str, str]) -> list[dict[str, list[str]]]:
    """Filled cells of every row by the first word of their target (`phone.mobile` is a phone)."""
    rows: list[dict[str, list[str]]] = [{} for _ in range(len(table))]
    for name, target in columns.items():
        if name not in table.column_names:
            continue
        short = target if target in names.NAME_TARGETS else target.partition(".")[0]
        for row, value in zip(rows, table[name].to_pylist(), strict=True):
            if value and value.strip():
                row.setdefault(short, []).append(value)
    return rows


def bare(target: str, text: str) -> str:
    """A value without the way it is written: digits of a phone without its country, parts of a date in any order."""
    if target == "phone":
        return re.sub(r"\D", "", text)[-8:]
    if target == "birth_date":
        return " ".join(sorted(part.lstrip("0") for part in re.findall(r"\d+", text)))
    return re.sub(r"[\W_]+", "", text).casefold()


def marks(cells: Cells) -> set[tuple[str, str]]:
    """The values that are a customer's own."""
    return {(t, b) for t in STRONG for value in cells.get(t, ()) if (b := bare(t, value))}


def _hash(*parts: str) -> int:
    return int.from_bytes(hashlib.blake2b("\x1f".join(parts).encode("utf-8", "replace"), digest_size=8).digest(), "big")


NAMED = _hash("named")
"""The trace of every row that has a name."""


def traces_of_cells(values: Iterable[str]) -> set[int]:
    """One trace a filled cell, whatever its column."""
    return {_hash("cell", " ".join(value.split()).casefold()) for value in values}


def traces_of_person(cells: Cells) -> set[int]:
    """Traces of the name's sounds and of the numbers of one's own."""
    from rules.standardise import latin

    sounds = {_hash("name", latin.skeleton(word)) for word in names.words(cells)}
    return {*sounds, *({NAMED} if sounds else ()), *(_hash(*mark) for mark in marks(cells))}


def known_of(known: pa.Table | None) -> pa.Table:
    """The memory as it is now, also where an earlier version wrote it."""
    if known is None:
        return KNOWN.empty_table()
    if "traces" not in known.column_names:
        known = known.append_column("traces", pa.nulls(len(known), KNOWN.field("traces").type))
    return known.select(KNOWN.names).cast(KNOWN)


def remember(known: pa.Table, present: pa.Table, gone: pa.Table) -> pa.Table:
    """The memory after tonight: `present` and `gone` (schema KNOWN) take the place of what it said of their keys."""
    fresh = pa.concat_tables([present, gone])
    old = known.filter(pc.invert(pc.is_in(known["record_id"], value_set=fresh["record_id"].combine_chunks())))
    return pa.concat_tables([old, fresh]).sort_by("record_id").combine_chunks()


def gone_rows(previous: pa.Table, rows: pa.Array, columns: Mapping[str, str], own: Sequence[str]) -> pa.Table:
    """The memory of rows of yesterday that are there no more."""
    part = previous.take(rows)
    people = cells_of(part, columns)
    every = zip(*(part[name].to_pylist() for name in own), strict=True) if own else iter([()] * len(part))
    traces = [
        sorted(traces_of_cells(v for v in row if v) | traces_of_person(person))
        for row, person in zip(every, people, strict=True)
    ]
    return pa.table([part["_record_id"], part["_hash"], pa.array(traces, KNOWN.field("traces").type)], schema=KNOWN)


def back_by_traces(gone: pa.Table, rows: Sequence[Sequence[str]]) -> dict[int, tuple[str, int]]:
    """Number of a row (of filled cells) -> key of the one gone row whose cells it has, and how many they share.

    Equal rows are no rivals: of several that are gone the first comes back first.
    """
    by_trace: defaultdict[int, list[int]] = defaultdict(list)
    here = [traces_of_cells(row) for row in rows]
    every: set[int] = set().union(*here)
    kept: list[set[int]] = [set(traces or ()) for traces in gone["traces"].to_pylist()]
    for number, traces in enumerate(kept):
        for trace in traces & every:
            by_trace[trace].append(number)
    ids, hashes = gone["record_id"].to_pylist(), gone["hash"].to_pylist()
    fits: dict[int, dict[int, int]] = {}
    for n, traces in enumerate(here):
        shared = Counter(g for t in traces if len(by_trace[t]) <= COMMON for g in by_trace[t])
        near = {g: c for g, c in shared.items() if c >= max(2, MOST * min(len(traces), len(kept[g])))}
        fits[n] = {g: c for g, c in near.items() if c == max(near.values())}
    found: dict[int, tuple[str, int]] = {}
    wanted = Counter(h for h, _ in {(hashes[g], frozenset(here[n])) for n, many in fits.items() for g in many})
    for n, many in fits.items():
        free = sorted(g for g in many if ids[g] not in {key for key, _ in found.values()})
        if free and len({hashes[g] for g in many}) == 1 and wanted[hashes[free[0]]] <= len(many):  # no rival
            found[n] = ids[free[0]], many[free[0]]
    return found
