"""Whether a source is what its declaration says: mapped columns there, rows enough, no column empty that never is."""

from collections.abc import Collection, Mapping, Sequence
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
from rapidfuzz import fuzz, process

from connectors.sources.base import SourceFailed
from rules import column_names
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
    failures = [_vanished(c, uses[c], spare, there) for c in missing]
    if source.columns and not failures and not any(c in there for c in source.columns):
        remedy = f"The source has: {', '.join(there)}. Name them under `columns`"
        failures.append(SourceFailed("not one mapped column is there", remedy))
    return failures


def _vanished(column: str, use: str, spare: Sequence[str], there: Sequence[str]) -> SourceFailed:
    near = _likeliest(column, use, spare)
    remedy = (
        f"It is likeliest {near!r} now: rename it in `columns`, or in the source"
        if near
        else f"The source has: {', '.join(there)}. Correct `columns`, or ask for the column"
    )
    return SourceFailed(f"there is no column {column!r} (used as {use})", remedy, column=column)


def _likeliest(column: str, target: str, spare: Sequence[str]) -> str | None:
    """The unmapped column that means the same, else the one of the most similar name."""
    same = [c for c in spare if (m := column_names.by_header(c)) and m[0] == target]
    if same:
        return same[0]
    near = process.extractOne(
        column_names.fold(column), {c: column_names.fold(c) for c in spare}, scorer=fuzz.WRatio, score_cutoff=65
    )
    return str(near[2]) if near else None


def expectations(raw: pa.Table, source: Source, rows_before: int, total: int | None = None) -> list[SourceFailed]:
    """What the source promised in `expect` and did not keep.

    `rows_before`: of the last published run; `total`: rows of the whole snapshot, where `raw` is what came today.
    """
    expect, rows = source.expect, len(raw) if total is None else total
    failures = []
    if rows < expect.rows_at_least:
        reason = f"{rows:,} rows where at least {expect.rows_at_least:,} are expected"
        failures.append(SourceFailed(reason, "Check the export, or lower `expect.rows_at_least`"))
    if source.mode == "full" and rows < rows_before * (1 - expect.shrink_at_most):
        lost = 1 - rows / rows_before
        reason = f"{rows:,} rows where the last published run had {rows_before:,}: {lost:.0%} are missing"
        failures.append(SourceFailed(reason, f"At most {expect.shrink_at_most:.0%} may be (`expect.shrink_at_most`)"))
    empty = [_empty_cell(raw, column) for column in expect.never_empty if column in raw.column_names]
    return [*failures, *(failure for failure in empty if failure)]


def _empty_cell(raw: pa.Table, column: str) -> SourceFailed | None:
    empty = pc.equal(pc.utf8_trim_whitespace(pc.fill_null(raw[column], "")), "")
    count = pc.sum(empty).as_py() or 0
    if not count:
        return None
    first = raw.filter(empty).slice(0, 1).to_pylist()[0]
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
    problems = [_problem(name, lines, ("columns", f.column), f) for f in columns(raw, source)]
    return problems + [_problem(name, lines, ("expect",), f) for f in expectations(raw, source, 0)]


def _key(failure: SourceFailed) -> str:
    return "sheets" if failure.sheet and "no sheet" in failure.reason else "location"


def _problem(
    name: str, lines: Mapping[tuple[str | int, ...], int], key: tuple[str, ...], failure: SourceFailed
) -> Problem:
    line = lines.get(key) or lines.get(("id",) if "used as id" in failure.reason else key[:1], 0)
    place = f"{failure.place}: " if failure.place and failure.place != f"column {failure.column}" else ""
    return Problem(
        f"sources/{name}.yml", line, ".".join(k for k in key if k), f"{place}{failure.reason}", failure.remedy
    )
