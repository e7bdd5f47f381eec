"""Where most customers of a table are: a guess for a declaration, with its grounds, that a person corrects."""

from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from typing import Any, Final

import pyarrow.compute as pc

from pipelines.read.look import LOOKED, Column, Table
from rules import schema

ENOUGH: Final = 0.2
"""Share of the phones, addresses or texts that has to speak for a country."""
FEWEST: Final = 2
"""Values that have to."""


@dataclass(frozen=True)
class Country:
    """A country (ISO 3166), its usual language (ISO 639) and what tells of it."""

    code: str
    language: str
    why: str


@cache
def _signs() -> dict[str, dict[str, Any]]:
    loaded, _ = schema.load(files("pipelines").joinpath("read/guess.yml").read_text("utf-8"), "guess.yml")
    return dict(loaded)


def country(table: Table) -> Country | None:
    """The country that phones, mail domains and letters speak for most; None where nothing does."""
    found = []
    for code, signs in _signs().items():
        shares = {
            f"phones begin with +{signs['dial']}": _share(table, "phone", rf"^(\+|00)[ ()]*{signs['dial']}"),
            f"mail addresses end in .{signs['domain']}": _share(table, "email", rf"(?i)\.{signs['domain']}\s*$"),
        }
        if "letters" in signs:
            shares[f"cells hold letters of its language ({signs['language']})"] = _share(
                table, "", f"[{signs['letters']}]"
            )
        what = max(shares, key=lambda w: shares[w])
        found.append((sum(shares.values()), Country(code, signs["language"], f"{shares[what]:.0%} of the {what}")))
    best = max(found, key=lambda f: f[0])
    return best[1] if best[0] >= ENOUGH else None


def _share(table: Table, kind: str, pattern: str) -> float:
    """The share of the filled cells of a kind of columns (phones, e-mails, else names and places) that match."""
    hits = filled = 0
    for column in table.columns:
        if _is(column, kind):
            cells = table.grid.table[column.name].slice(0, LOOKED).drop_null()
            filled += len(cells)
            hits += pc.sum(pc.match_substring_regex(cells, pattern)).as_py() or 0
    return hits / filled if hits >= FEWEST else 0.0


def _is(column: Column, kind: str) -> bool:
    target = column.meaning.target if column.meaning else "ignore"
    if kind:
        return target.partition(".")[0] == kind
    return target.endswith("name") or target.startswith("address.")
