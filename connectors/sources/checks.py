"""Whether a source is what its declaration says: mapped columns there, rows enough, no column empty that never is."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz, process

from connectors.sources.base import SourceFailed
from connectors.sources.tables.header import plain
from rules import column_names, meaning
from rules.keys import own_columns
from rules.schema import Problem, Source


def columns(raw: pa.Table, source: Source, previous: Collection[str] = ()) -> list[SourceFailed]:
    """Declared columns that the source lacks, one failure each, with the likeliest renamed one.

    What is `optional` (a preset's columns are) may be missing from an export that never had it, but not once it was
    there (`previous`).
    """
    there = own_columns(raw)
    optional = set(source.optional) - set(previous)
    dates = source.updated_at.values() if isinstance(source.updated_at, dict) else [source.updated_at]
    uses = {
        **dict.fromkeys((d for d in dates if d and not source.preset), "updated_at"),
        **source.columns,
        **dict.fromkeys(source.expect.never_empty, "expect.never_empty"),
        **dict.fromkeys(source.id, "id"),
    }
    missing = [c for c, use in uses.items() if c not in there and (c not in optional or use == "id")]
    spare = [c for c in there if c not in uses]
    failures = [_vanished(c, uses[c], spare, source, raw) for c in missing]
    if source.yields == "customer" and not source.columns and not failures:
        remedy = f"The source has: {', '.join(there)}. Say what they mean under `columns`"
        failures.append(SourceFailed("no column is mapped: not one record would come of it", remedy))
    if source.columns and not failures and not any(c in there for c in source.columns):
        remedy = f"The source has: {', '.join(there)}. Name them under `columns`"
        failures.append(SourceFailed("not one mapped column is there", remedy))
    return failures


def _vanished(column: str, use: str, spare: Sequence[str], source: Source, raw: pa.Table) -> SourceFailed:
    there, key = own_columns(raw), use if use in _KEYS else "columns"
    if same := [c for c in there if plain(c) == plain(column)]:  # the declaration spells it in two ways
        remedy = f"It is the column {same[0]!r}: write it so under `{key}`, too"
        return SourceFailed(f"there is no column {column!r} (used as {use})", remedy, column=column)
    near = _likeliest(column, use, spare, source, raw)
    remedy = (
        f"It is likeliest {near!r} now: rename it in `{key}`, or in the source"
        if near
        else f"The source has: {', '.join(there)}. Correct `{key}`, or ask for the column"
    )
    return SourceFailed(f"there is no column {column!r} (used as {use})", remedy, column=column)


_KEYS: Final = ("id", "updated_at", "expect.never_empty")
"""Settings besides `columns` that name columns."""


def _likeliest(column: str, target: str, spare: Sequence[str], source: Source, raw: pa.Table) -> str | None:
    """The unmapped column that means the same by header or values, or nearly (a mobile for a phone); else the one of
    the most similar name."""
    by_name = [(c, m[0]) for c in spare if (m := column_names.by_header(c))]
    if same := [c for c, means in by_name if means == target]:
        return same[0]
    found = [m for m in meaning.recognise(raw, source.columns) if m.column in spare]
    held = [(m.column, "id" if m.is_key else m.target) for m in found if m.is_key or m.target != "ignore"]
    for alike in (str, _family):
        if same := [c for c, means in held if alike(means) == alike(target)]:
            return same[0]
    near = process.extractOne(
        column_names.fold(column), {c: column_names.fold(c) for c in spare}, scorer=fuzz.WRatio, score_cutoff=65
    )
    return str(near[2]) if near else None


def _family(target: str) -> str:
    """Targets of which one may stand for another: phones of any kind, a whole name or a firm's."""
    if target in ("full_name", "organisation_name"):
        return "name"
    return "phone" if target.startswith("phone.") else target


def expectations(raw: pa.Table, source: Source, rows_before: int, total: int | None = None) -> list[SourceFailed]:
    """What the source promised in `expect` and did not keep.

    `rows_before`: of the last published run; `total`: rows of the whole snapshot, where `raw` is what came today.
    """
    expect, rows = source.expect, len(raw) if total is None else total
    failures = []
    if rows < expect.rows_at_least:
        reason = f"{rows:,} rows where at least {expect.rows_at_least:,} are expected"
        failures.append(SourceFailed(reason, "Check the export, or lower `expect.rows_at_least`"))
    missing = rows_before - rows
    if source.mode == "full" and missing > round(
        rows_before * expect.shrink_at_most, 6
    ):  # 0.7 of 10 is 7, and not less
        lost = _percent(missing / rows_before)
        reason = f"{rows:,} rows where the last published run had {rows_before:,}: {lost} are missing"
        most = _percent(expect.shrink_at_most)
        failures.append(SourceFailed(reason, f"At most {most} may be (`expect.shrink_at_most`)"))
    for column in expect.never_empty:
        if column in raw.column_names:
            failures += _empty(raw, column)
    return failures


def _percent(share: float) -> str:
    """`20%`, and `20.1%` where that is more than it."""
    return f"{share:.1%}".replace(".0%", "%")


def _empty(raw: pa.Table, column: str) -> list[SourceFailed]:
    """The files of several that lack a column altogether, and the first empty cell of the others."""
    empty = pc.equal(pc.utf8_trim_whitespace(pc.fill_null(raw[column], "")), "")
    without = raw.filter(empty)
    if not len(without):
        return []
    filled = set(pc.unique(raw.filter(pc.invert(empty))["_file"]).to_pylist())
    lacking = [file for file in pc.unique(without["_file"]).to_pylist() if file and file not in filled]
    if not filled or not lacking:
        return [_empty_cell(without, column)]
    rest = without.filter(pc.invert(pc.is_in(without["_file"], value_set=pa.array(lacking))))
    cells = [_empty_cell(rest, column)] if len(rest) else []
    return [*(_without_column(raw, file, column) for file in lacking), *cells]


def _without_column(raw: pa.Table, file: str, column: str) -> SourceFailed:
    rows = raw.filter(pc.equal(raw["_file"], file))
    there = [c for c in own_columns(rows) if rows[c].null_count < len(rows)]
    return SourceFailed(
        f"this file has no column {column!r}, or nothing in it, though other files of the source do",
        f"It has: {', '.join(there)}. Where these are other records, narrow `location`, and declare a source for them",
        file=file,
        column=column,
    )


def _empty_cell(empty: pa.Table, column: str) -> SourceFailed:
    count, first = len(empty), empty.slice(0, 1).to_pylist()[0]
    rows = "1 row is" if count == 1 else f"{count:,} rows are"
    return SourceFailed(
        f"{rows} empty in {column!r}, which never is (the first in line {first['_line']})",
        "Fill it in, or take it out of `expect.never_empty`",
        file=first["_file"] or "",
        sheet=first["_sheet"],
        line=first["_line"] or 0,
        column=column,
    )


def unmapped(raw: pa.Table, source: Source) -> list[str]:
    """Columns that the declaration does not name; they are kept with the raw record."""
    dates = source.updated_at.values() if isinstance(source.updated_at, dict) else [source.updated_at]
    choices = [column for several in source.choices.values() for column in several]
    named = {*source.columns, *source.id, *dates, *choices}
    return [column for column in own_columns(raw) if column not in named]


def inspect(
    name: str, source: Source, root: Path, lines: Mapping[tuple[str | int, ...], int] | None = None
) -> list[Problem]:
    """Everything wrong with a source, without landing it; `lines` are those of its file's keys."""
    from connectors.sources import KINDS, read

    lines = lines or {}
    if name == "all":
        return [_problem(name, lines, ("",), SourceFailed("`all` is a word of the program's own", "Rename the file"))]
    if source.kind not in KINDS:
        near = process.extractOne(source.kind, list(KINDS), score_cutoff=60)
        remedy = f"Did you mean {near[0]!r}?" if near else f"Known kinds: {', '.join(KINDS)}"
        return [_problem(name, lines, ("kind",), SourceFailed(f"there is no kind {source.kind!r}", remedy))]
    try:
        raw = read(name, source, root).raw
    except SourceFailed as failure:
        return [_problem(name, lines, (_key(failure),), failure)]
    problems = [_problem(name, lines, _used_in(f), f) for f in columns(raw, source)]
    return problems + [_problem(name, lines, ("expect",), f) for f in expectations(raw, source, 0)]


def _used_in(failure: SourceFailed) -> tuple[str, ...]:
    """The setting that names a column which is not there."""
    for key in _KEYS:
        if f"(used as {key})" in failure.reason:
            return tuple(key.split("."))
    return ("columns", failure.column)


def _key(failure: SourceFailed) -> str:
    return "sheets" if failure.sheet and "no sheet" in failure.reason else "location"


def _problem(
    name: str, lines: Mapping[tuple[str | int, ...], int], key: tuple[str, ...], failure: SourceFailed
) -> Problem:
    line = lines.get(key) or lines.get(key[:1], 0)
    place = f"{failure.place}: " if failure.place and failure.place != f"column {failure.column}" else ""
    return Problem(
        f"sources/{name}.yml", line, ".".join(k for k in key if k), f"{place}{failure.reason}", failure.remedy
    )
