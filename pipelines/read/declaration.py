"""The text of a source's declaration, written from what was seen, with a comment on each line for a newcomer."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import PurePosixPath
from typing import Any, Final

import yaml

from connectors.sources import sniff
from pipelines.read import guess
from pipelines.read.keys import Keys
from pipelines.read.look import Column, Looked, Table
from pipelines.read.words import counted
from rules import file_names, presets, schema

SURE: Final = 0.5
"""A meaning that is less sure is proposed in a comment."""
_PLAIN: Final = re.compile(r"[^\W\d_](?:[\w .()/€+-]*[\w.()/€+])?")
"""Text that YAML reads as text without quotes."""
WIDTH: Final = 34


@dataclass(frozen=True)
class Wanted:
    """What a declaration is written from."""

    looked: Looked
    table: Table
    location: str
    sheets: tuple[str, ...] = ()
    """Sheets to name, where not all of the workbook are this source."""
    given: Mapping[str, Any] = field(default_factory=dict)
    """Settings that the user gave: they stand in the declaration as they are."""
    fixed: Mapping[str, Any] = field(default_factory=dict)
    """Settings without which it would be read otherwise."""
    preset: str | None = None
    """The known product whose export it is."""
    settings: Mapping[str, Any] = field(default_factory=dict)
    """What that preset, or a kind of fixed columns, says by itself."""
    tables: tuple[Table, ...] = ()
    """All tables of the source, of all its files; none: `table` alone."""
    names: tuple[str, ...] = ()
    """Its files by name."""

    @property
    def rows(self) -> int:
        return sum(table.rows for table in self.tables or (self.table,))

    @property
    def from_name(self) -> str | None:
        """What the files' names tell of paper forms, as a pattern with groups; None where nothing does."""
        own = {name.casefold() for name in self.table.grid.table.column_names}
        if "from_name" in self.settings or sniff.KIND_FOR[self.looked.format] not in ("csv", "spreadsheet"):
            return None
        found = file_names.pattern(self.names)
        return found if found and own.isdisjoint(re.compile(found).groupindex) else None

    @property
    def key(self) -> str | None:
        """The column that tells every row apart, the table's own key, where nothing else says which."""
        return None if "id" in self.settings else self.keys.best

    @cached_property
    def keys(self) -> Keys:
        """What may be the key of its rows."""
        return Keys(self.table.columns, self.table.grid.table, [t.grid.table for t in self.tables or (self.table,)])

    @property
    def changed(self) -> str | None:
        """The column that says when a row was last true, where nothing else says which."""
        if "updated_at" in self.settings:
            return None
        return next((c.name for c in self.table.columns if c.meaning and c.meaning.target == "updated_at"), None)

    @property
    def left(self) -> list[Column]:
        """The columns that are not mapped already; beside those that are, the empty ones say nothing."""
        mapped = presets.of_headers(self.settings, self.table.grid.table.column_names)
        return [c for c in self.table.columns if c.name not in mapped and (c.filled or not mapped)]


def text(wanted: Wanted) -> str:
    """The declaration as YAML."""
    parts = (_head, _place, _reading, _record, _columns, _expect)
    return "\n".join(line for part in parts for line in part(wanted)) + "\n"


def quoted(value: str) -> str:
    """Text as a YAML scalar: plain where YAML 1.2 reads it as this text, else in double quotes."""
    words = ("true", "false", "null", "yes", "no", "on", "off")  # the last four for readers of YAML 1.1
    if _PLAIN.fullmatch(value) and value.lower() not in words:
        return value
    return yaml.safe_dump(value, allow_unicode=True, default_style='"', width=10**9).strip()


def _flow(values: Sequence[str]) -> str:
    return f"[{', '.join(map(quoted, values))}]"


def _said(line: str, comment: str = "") -> str:
    return f"{line:<{WIDTH}} # {comment}" if comment else line


def _head(wanted: Wanted) -> Iterator[str]:
    table = wanted.table
    size = f"{counted(wanted.rows, 'row')}, {counted(table.grid.table.num_columns, 'column')}"
    place = f"{len(wanted.names)} files ({wanted.names[0]}, …)" if len(wanted.names) > 1 else table.grid.place
    yield f"# Written by `goldseam read` from {_one_line(place)}: {size}."
    yield "# Go through it, correct it, then: goldseam check"


def _place(wanted: Wanted) -> Iterator[str]:
    form = wanted.looked.format
    if wanted.preset:
        yield _said(f"preset: {wanted.preset}", "the export of a known product: kind and columns come with it")
    elif wanted.from_name:
        yield _said("kind: form", f"{sniff.WORDS[form]}: sheets typed in from paper")
    else:
        yield _said(f"kind: {sniff.KIND_FOR[form]}", sniff.WORDS[form])
    alike = (
        "" if form == "sqlite" or "*" in wanted.location else f"; all that are named alike: {_alike(wanted.location)}"
    )
    yield _said(f"location: {quoted(wanted.location)}", f"from the workspace's folder{alike}")
    if form == "sqlite":
        yield _said(f"table: {quoted(wanted.table.grid.sheet or '')}", "or `query: select …`")
    elif wanted.sheets:
        yield _said(f"sheets: {_flow(wanted.sheets)}", "the other sheets are left alone")


def _alike(location: str) -> str:
    """`inbox/crm-2026-05.csv` -> `inbox/crm*.csv`."""
    path = PurePosixPath(location)
    return str(path.with_name(f"{path.stem.rstrip('0123456789-_. ()') or ''}*{path.suffix}"))


def _reading(wanted: Wanted) -> Iterator[str]:
    """How to read the file, where that does not go without saying."""
    seen, given = wanted.table.seen, wanted.given
    usual = {"encoding": (None, "utf-8"), "delimiter": (None, ","), "quote": (None, '"')}
    for key, plain in usual.items():
        value = given.get(key) or getattr(seen, key)
        if key in given or (value not in plain and wanted.looked.format == "text"):
            yield _said(f"{key}: {quoted(value)}", "as you said" if key in given else "as it was found")
    if given.get("widths"):
        yield _said(f"widths: [{', '.join(map(str, given['widths']))}]", "characters of each column, as you said")
    for key, value in {**wanted.fixed, **given}.items():
        if key in _HEADERS:
            yield _said(f"{key}: {value}", _HEADERS[key] if value else "there is none: columns go by numbers")
    if wanted.from_name:
        told = " and ".join(re.compile(wanted.from_name).groupindex)
        pattern = wanted.from_name.replace("'", "''")
        yield _said(f"from_name: '{pattern}'", f"{told} stand{'s' if ' and ' not in told else ''} in the files' names")
    if wanted.table.apostrophes and "apostrophes" not in wanted.settings:
        yield _said("apostrophes: true", "takes off the ' that the export wrote before numbers")


_HEADERS: Final = {"header": "the line of the header", "header_rows": "rows that the header has"}


def _record(wanted: Wanted) -> Iterator[str]:
    if "mode" not in wanted.settings:
        yield _said("mode: full", "full: a row that is missing is gone; append: only new rows come")
    if wanted.key:
        yield _said(f"id: {_flow([wanted.key])}", wanted.keys.told)
    elif not wanted.settings.get("id") and not wanted.table.is_of_records:
        carried = "keys are carried from run to run"
        if wanted.keys.unique:
            told = f"is it the record's key? Every row has another; else {carried}"
            yield _said(f"# id: {_flow([wanted.keys.unique])}", told)
        else:
            yield _said("# id: [COLUMN]", f"no column was recognised as the key: {carried}")
    if wanted.changed:
        yield _said(f"updated_at: {quoted(wanted.changed)}", "when a row was last true")
    yield from _where(wanted)


def _where(wanted: Wanted) -> Iterator[str]:
    if said := wanted.given.get("country"):
        yield _said(f"country: {said}", "decides how phones, dates and addresses are read")
        return
    found = guess.country(wanted.table)
    if found and found.is_sure:
        yield _said(f"country: {found.code}", f"a guess: {found.why}. Correct it, or delete the line")
        yield _said(f"language: {found.language}", "a guess")
    elif found:
        yield _said(f"# country: {found.code}", f"is it so? {found.why}. Delete the # if it is, or correct it")
    elif "address.country" not in {t.replace("billing.", "") for t in wanted.settings.get("columns", {}).values()}:
        yield _said(
            "# country: XX", "in which country are most of them? Two letters, as IT; else what goldseam.yml says"
        )


def _columns(wanted: Wanted) -> Iterator[str]:
    left = [c for c in wanted.left if c.name != wanted.changed]
    mapped = [c for c in left if _target(c)]
    named = list(re.compile(wanted.from_name or "").groupindex)
    yield ""
    if wanted.settings.get("columns") and not left:
        return
    yield "# Your columns on the left, Goldseam's on the right. What is not named is kept with the raw record."
    if not mapped and not named and not wanted.settings.get("columns"):
        yield "# No column was recognised. Delete the # of those that you know, and write what they mean:"
        yield "# full_name, surname, organisation_name, email, phone, address.street, …"
    yield "columns:" if mapped or named else "# columns:"
    for column in left:
        target = _target(column)
        yield _said(f"  {quoted(column.name)}: {target}", _why(column)) if target else _spare(column)
    for group in named:
        yield _said(f"  {group}: {group}", "from the file's name")
    yield from _choices(wanted)
    yield ""


def _choices(wanted: Wanted) -> Iterator[str]:
    """Questions of several answers, one column an answer: folded into one column a question."""
    found = {} if "choices" in wanted.settings else wanted.table.choices
    if found:
        yield ""
        yield "# One question each, whose answers stand in a column of their own."
        yield "choices:"
        yield from (f"  {quoted(question)}: {_flow(columns)}" for question, columns in found.items())


def _target(column: Column) -> str | None:
    """What a column is mapped to; None where it is only proposed, or means nothing."""
    m = column.meaning
    if m is None or m.confidence < SURE or not schema.is_target(m.target) or m.target.startswith("text."):
        return None
    if m.is_key:
        from rules.column_names import by_header

        named = by_header(column.name)
        return "customer_no" if named and named[0] == "customer_no" else None
    return None if m.target in ("ignore", "updated_at") else m.target


def _why(column: Column) -> str:
    return f"{column.meaning.confidence:.0%} sure, {column.meaning.why}" if column.meaning else ""


def _spare(column: Column) -> str:
    m = column.meaning
    target = m.target if m and schema.is_target(m.target) and m.target != "updated_at" else "ignore"
    return _said(f"  # {quoted(column.name)}: {target}", m.why if m else "it could not be told")


def _expect(wanted: Wanted) -> Iterator[str]:
    never = f", never_empty: {_flow([wanted.key])}" if wanted.key else ""
    least = _rounded(wanted.rows // 2)
    yield "# What the file must look like, or it stops before anything of it is used."
    yield f"expect: {{rows_at_least: {least}, shrink_at_most: 0.2{never}}}"


def _rounded(rows: int) -> int:
    """A number with two digits and noughts: 1,237 -> 1,200."""
    digits = max(0, len(str(rows)) - 2)
    return max(1, int(rows // 10**digits * 10**digits))


def _one_line(value: str) -> str:
    return "".join(c if c.isprintable() else " " for c in value)
