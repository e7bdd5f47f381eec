"""Published customers by any value: a look through all that is said of each, in memory since the last publication."""

import re
from collections.abc import Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Final

import duckdb

from connectors.store.state import Store
from connectors.workspace import Workspace
from rules import search as words

LOOKED_AT: Final = (
    "golden_id", "display_name", "given_name", "surname", "organisation_name", "birth_date", "tax_id", "email", "phone",
    "street", "house_number", "postcode", "city",
)  # fmt: skip

DIALLED: Final = 7
"""Digits from which on a text is taken for a number."""


class Search:
    """Of a workspace. May be asked from several threads."""

    def __init__(self, workspace: Workspace, store: Store) -> None:
        self.workspace, self.store = workspace, store
        self._turn = Lock()
        self._file: Path | None = None
        self._con = duckdb.connect(config={"threads": 2})
        self._tables: dict[tuple[str, ...], str] = {}

    def find(self, text: str, limit: int, hidden: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Customers of whom each word of a text stands in some value, the best known (most records) first.

        hidden: columns that are not looked at, so that nobody learns by trying what they hold.
        """
        file = (self.workspace.root / "published" / "latest").resolve() / "golden.parquet"
        number = _number(text)
        said = words.folded(text)
        wanted = [said.strip(), number] if number else said.split()
        if not wanted or not file.exists():
            return []
        every = " and ".join("contains(said, ?)" for _ in wanted)
        if number:
            every = "contains(said, ?) or contains(digits, ?)"
        with self._turn:
            table = self._table(file, tuple(sorted(hidden)))
            query = f"select golden_id from {table} where {every} order by records desc, golden_id limit ?"  # noqa: S608 - our own names
            ids = [row[0] for row in self._con.execute(query, [*wanted, limit]).fetchall()]
        known = {row["golden_id"]: row for row in self.store.golden(ids=ids).to_pylist()}
        return [known[golden_id] for golden_id in ids if golden_id in known]

    def _table(self, file: Path, hidden: tuple[str, ...]) -> str:
        """What is said of each customer, as it is searched; made when it is first asked for."""
        if file != self._file:
            for name in self._tables.values():
                self._con.execute(f"drop table {name}")
            self._file = file
            self._tables.clear()
        if hidden not in self._tables:
            name = f"said_{len(self._tables)}"
            said = words.sql(f"concat_ws(' ', {', '.join(name for name in LOOKED_AT if name not in hidden)})")
            shown = [name for name in ("phone", "tax_id") if name not in hidden]
            digits = f"regexp_replace(concat_ws(' ', {', '.join([chr(39) * 2, *shown])}), '[^0-9 ]', '', 'g')"
            query = f"select golden_id, records, {said} as said, {digits} as digits from read_parquet(?)"  # noqa: S608 - our own names
            self._con.execute(f"create table {name} as {query}", [str(file)])
            self._tables[hidden] = name
        return self._tables[hidden]


def _number(text: str) -> str:
    """The digits of a number as people write it, without the zeros dialled before it; empty for other text."""
    digits = re.sub(r"[\s()+./-]", "", text)
    return digits.lstrip("0") if digits.isdecimal() and len(digits) >= DIALLED else ""
