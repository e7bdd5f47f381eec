"""Any table, without configuration: read, its columns recognised, its values standardised."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.compute as pc

from connectors import sources
from connectors.sources.base import Landed
from pipelines.context import counted
from rules import column_names, meaning, schema
from rules.meaning import Meaning
from rules.near import meant
from rules.standardise.table import standardise
from rules.vocabulary import RAW_PREFIX

DOUBTED: Final = ("birth_date", "tax_id", "national_id", "value")
"""Fields of which a suspect value is no evidence; `value` is a contact point's."""
KEPT: Final = ("date_heaped", "date_implausible")
"""Doubts that leave the value, or its year, as evidence."""
UNNEEDED: Final = "meaning unknown, and not needed: the other columns tell enough"

MOST_USED: Final = (
    "full_name", "given_name", "surname", "organisation_name", "birth_date", "tax_id", "customer_no", "email", "phone",
    "address.full", "address.street", "address.house_number", "address.postcode", "address.city", "ignore",
)  # fmt: skip
"""What a column can be taken for, of the many words that there are."""


@dataclass(frozen=True)
class Read:
    """One file, ready to be matched."""

    name: str
    raw: pa.Table
    meanings: tuple[Meaning, ...]
    tables: dict[str, pa.Table]
    """vocabulary.STANDARD_TABLES."""
    notes: tuple[str, ...]


def read(
    files: Sequence[Path], id_column: str | None, overrides: Mapping[str, str], country: str | None
) -> tuple[Read, ...]:
    """Read files. Raises SourceFailed where one cannot be read, schema.Mistakes where `overrides` make no sense."""
    landed = [sources.open_table(path, id_column) for path in files]
    check_overrides(overrides, [one.raw for one in landed])
    fixed = {**({id_column: "ignore"} if id_column else {}), **overrides}
    meanings = meaning.agreed([meaning.recognise(one.raw, fixed) for one in landed])
    return tuple(
        _read(path, name, one, found, country)
        for path, name, one, found in zip(files, names(files), landed, meanings, strict=True)
    )


def _read(path: Path, name: str, landed: Landed, meanings: tuple[Meaning, ...], country: str | None) -> Read:
    columns = {m.column: m.target for m in meanings}
    source = schema.Source(kind="table", location=str(path), columns=columns, country=country)
    tables = standardise(landed.raw, name, source, split_contacts=False)
    return Read(name, landed.raw, meanings, tables, (*landed.notes, *_unused(tables["flags"])))


def _unused(flags: pa.Table) -> Iterator[str]:
    """A sentence a doubt that keeps cells from being evidence, most cells first."""
    invalid = pc.equal(flags["flag"], "invalid")
    doubted = pc.and_(pc.equal(flags["flag"], "suspect"), pc.is_in(flags["field"], pa.array(DOUBTED)))
    found = flags.filter(pc.or_(invalid, doubted))
    for row in found.group_by(["rule", "message"]).aggregate([([], "count_all")]).sort_by(
        [("count_all", "descending"), ("rule", "ascending")]
    ).to_pylist():  # fmt: skip
        if row["rule"] not in KEPT:
            yield f"{counted(row['count_all'], 'cell', 'cells')} not used as evidence: {row['message']}"


def told(reads: Sequence[Read], compared: Collection[str]) -> tuple[Read, ...]:
    """The files; where matching (which `compared` some fields) had no need of a column of text, it says so."""

    def said(m: Meaning) -> Meaning:
        return replace(m, why=UNNEEDED) if m.target.startswith("text.") and m.target not in compared else m

    return tuple(replace(r, meanings=tuple(map(said, r.meanings))) for r in reads)


def names(files: Sequence[Path]) -> list[str]:
    """The source name of each file: its name without extension; two files of one name are told apart by a number."""
    taken: dict[str, int] = {}
    found = []
    for path in files:
        taken[path.stem] = taken.get(path.stem, 0) + 1
        found.append(path.stem if taken[path.stem] == 1 else f"{path.stem} ({taken[path.stem]})")
    return found


def check_overrides(overrides: Mapping[str, str], tables: Sequence[pa.Table]) -> None:
    """Raises schema.Mistakes, naming every override whose column or target does not exist."""
    columns = {c for table in tables for c in table.column_names if c not in RAW_PREFIX}
    problems = [_problem(column, target, columns) for column, target in overrides.items()]
    if found := [p for p in problems if p]:
        raise schema.Mistakes(found)


def _problem(column: str, target: str, columns: set[str]) -> schema.Problem | None:
    at = f"--as {column}={target}"
    if column not in columns:
        remedy = meant(column, sorted(columns), f"Columns: {', '.join(sorted(columns))}")
        return schema.Problem(at, 0, "", f"there is no column {column!r}", remedy)
    if not schema.is_target(target):
        return schema.Problem(at, 0, "", f"{target!r} is no standard column", _remedy(target))
    return None


def _remedy(target: str) -> str:
    """What was meant: a word that headers have for it, another spelling, else what is used most."""
    header, sure = column_names.by_header(target) or ("", 0.0)
    if sure == 1:
        return f"Did you mean {header!r}?"
    return meant(target, schema.TARGETS, f"Most used: {', '.join(MOST_USED)}, or text.NAME for any other column")
