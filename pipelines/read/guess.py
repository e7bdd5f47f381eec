"""Where most customers of a table are: a guess for a declaration, with its grounds, that a person corrects."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from pipelines.read.look import LOOKED, Column, Table
from rules import column_names, schema

ENOUGH: Final = 0.2
"""Share of the phones, addresses or texts that has to speak for a country."""
FEWEST: Final = 2
"""Values that have to."""
MAJORITY: Final = 0.5
"""Share that has to be exceeded: of the numbers that name a country, and of those that a country's plan must know."""
PHONES: Final = 200
"""Numbers that are held against a country's own plan."""
Signs = Mapping[str, Mapping[str, Any]]


@dataclass(frozen=True)
class Country:
    """A country (ISO 3166), its usual language (ISO 639) and what tells of it."""

    code: str
    language: str
    why: str
    is_sure: bool = True
    """Whether a declaration may say so; else it asks."""


@cache
def _signs() -> Signs:
    loaded, _ = schema.load(files("pipelines").joinpath("read/guess.yml").read_text("utf-8"), "guess.yml")
    return dict(loaded)


def country(table: Table) -> Country | None:
    """The country that most speaks for: codes of phones, mail domains, letters, then words of the headers.

    None where nothing tells, and where phones of several countries stand there and none has the most by far.
    """
    with_code, phones = _hits(table, "phone", r"^(\+|00)[ ()]*\d")
    if with_code >= FEWEST and with_code >= ENOUGH * phones:
        return _by_phones(table, with_code)
    return _by_mail(table) or _by_letters(table) or _by_headers(table)


def _by_phones(table: Table, with_code: int) -> Country | None:
    """The country of more than half of the numbers that name theirs."""
    for code, signs in _signs().items():
        hits, phones = _hits(table, "phone", rf"^(\+|00)[ ()]*{signs['dial']}")
        if hits >= FEWEST and hits > MAJORITY * with_code:
            return _found(code, f"{hits / phones:.0%} of the phones begin with +{signs['dial']}")
    return None


def _by_mail(table: Table) -> Country | None:
    shares = {code: _share(table, "email", rf"(?i)\.{signs['domain']}\s*$") for code, signs in _signs().items()}
    code = _first(shares)
    return (
        _found(code, f"{shares[code]:.0%} of the mail addresses end in .{_signs()[code]['domain']}") if code else None
    )


def _by_letters(table: Table) -> Country | None:
    letters = {code: signs["letters"] for code, signs in _signs().items() if "letters" in signs}
    shares = {code: _share(table, "", f"[{those}]") for code, those in letters.items()}
    code = _first(shares)
    if not code:
        return None
    return _found(code, f"{shares[code]:.0%} of the cells hold letters of its language ({_signs()[code]['language']})")


def _by_headers(table: Table) -> Country | None:
    """The country whose language most of the headers are in; it is sure where its phones are phones there."""
    headers = [column_names.fold(name) for name in table.grid.table.column_names]
    counts = {code: sum(map(words.__contains__, headers)) for code, words in _header_words().items()}
    code = max(counts, key=lambda c: counts[c])
    if counts[code] < FEWEST or list(counts.values()).count(counts[code]) > 1:
        return None
    why = f"{counts[code]} headers are in its language ({_signs()[code]['language']})"
    valid = _valid_phones(table, code)
    if valid is None:
        return _found(code, why)
    return _found(code, f"{why}, {valid:.0%} of the phones are numbers there", is_sure=valid > MAJORITY)


def _valid_phones(table: Table, code: str) -> float | None:
    """The share of the phones that are numbers of a country; None where there is no phone."""
    from rules.standardise import phones

    cells = [cell for cells in _cells(table, "phone") for cell in cells.slice(0, PHONES).to_pylist()]
    start = f"+{_signs()[code]['dial']}"
    fit = [any((phone.canonical or "").startswith(start) for phone in phones.read(cell, code)) for cell in cells]
    return sum(fit) / len(fit) if fit else None


@cache
def _header_words() -> dict[str, frozenset[str]]:
    return {code: frozenset(map(column_names.fold, signs.get("headers", ()))) for code, signs in _signs().items()}


def _found(code: str, why: str, *, is_sure: bool = True) -> Country:
    return Country(code, _signs()[code]["language"], why, is_sure)


def _first(shares: Mapping[str, float]) -> str | None:
    """The country with the greatest share, where that is enough; the first of equal ones."""
    best = max(shares, key=lambda code: shares[code])
    return best if shares[best] >= ENOUGH else None


def _share(table: Table, kind: str, pattern: str) -> float:
    hits, filled = _hits(table, kind, pattern)
    return hits / filled if hits >= FEWEST else 0.0


def _hits(table: Table, kind: str, pattern: str) -> tuple[int, int]:
    """How many filled cells of a kind of columns (phones, e-mails, else names and places) match, of how many."""
    every = list(_cells(table, kind))
    return sum(pc.sum(pc.match_substring_regex(c, pattern)).as_py() or 0 for c in every), sum(map(len, every))


def _cells(table: Table, kind: str) -> Iterator[pa.ChunkedArray]:
    for column in table.columns:
        if _is(column, kind):
            yield table.grid.table[column.name].slice(0, LOOKED).drop_null()


def _is(column: Column, kind: str) -> bool:
    target = column.meaning.target if column.meaning else "ignore"
    if kind:
        return target.partition(".")[0] == kind
    return target.endswith("name") or target.startswith("address.")
