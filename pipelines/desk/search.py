"""Published customers by any value that people have in hand, in memory since the last publication."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path
from threading import Lock
from typing import Any, Final

import duckdb

from connectors.store.state import Store
from connectors.workspace import Workspace
from pipelines.desk import searched
from pipelines.desk.look import Looks
from rules import search as words
from rules.standardise import dates, latin

DIALLED: Final = 7
"""Digits from which on a text is taken for a number."""
DAY: Final = len("1998-10-17")
_DATE: Final = re.compile(r"\d{1,4}([./\s-]{1,2})\w{1,12}\.?([./\s-]{1,2})\d{2,4}")
_PARTED: Final = re.compile(r"\d{3} \d{2,3}")
"""A postcode as Greece, Sweden or India part it."""
_BLANK: Final = re.compile(r"[\W_]")
LAST: Final = "\U0010ffff"
Hit = tuple[int, str, str]
"""A customer's number, and the kind and the value by which they were found."""


Made = tuple[Path, tuple[str, ...]]
"""What the tables were made of: the published file, and the fields that are hidden from viewers."""


class Search:
    """Of a workspace. May be asked from several threads."""

    def __init__(self, workspace: Workspace, store: Store, looks: Looks) -> None:
        self.workspace, self.store, self._looks = workspace, store, looks
        self._turn, self._making = Lock(), Lock()
        self._made: Made | None = None
        self._con = duckdb.connect()

    def find(self, text: str, limit: int, hidden: Sequence[str] = ()) -> list[dict[str, Any]]:
        """Customers by a whole value of theirs; then those of whom each word of a text stands in some value, the best
        known (most records) first. Beside the columns of GOLDEN, `found`: by what, in words.

        hidden: fields that are not looked at, so that nobody learns by trying what they hold.
        """
        asked = _asked(text)
        if not asked or not self._wanted(hidden)[0].exists():
            return []
        serves = self._made is not None and (not hidden or tuple(hidden) == self._made[1])
        if not (serves and self._making.locked()):  # while others make it anew, that of before will do
            self.make_ready(hidden)
        with self._turn:
            whole = self._known(text, hidden)
            each = [(word, whole if word == text else self._known(word, hidden)) for word in asked]
            found = self._all(whole, each, limit, hidden)
            rows = self._rows(found)
            hits = [*whole, *(hit for _, some in each for hit in some)]
            left = {n: [word for word, some in each if all(of != n for of, *_ in some)] for n in rows}
            by = self._by(rows, left, hidden)
        for n, row in rows.items():
            row["found"] = ", ".join(dict.fromkeys([*_told(hits, n, row), *by[n]][: len(asked) + 1]))
        return list(rows.values())

    def make_ready(self, hidden: Sequence[str] = ()) -> None:
        """Make the tables of the publication in force, where they are not there yet: half a minute for a million."""
        with self._making:
            wanted = self._wanted(hidden)
            if wanted == self._made or not wanted[0].exists():
                return
            look, con = self._looks.now(), duckdb.connect(config={"threads": 2})
            searched.make(con, wanted[0], look.run.folder if look else None, wanted[1])
            with self._turn:
                self._con, self._made = con, wanted

    def _wanted(self, hidden: Sequence[str]) -> Made:
        """Where nothing is hidden now, that is kept apart which was hidden last, or is by setting."""
        file = (self.workspace.root / "published" / "latest").resolve() / "golden.parquet"
        return file, tuple(hidden or (self._made[1] if self._made else self.workspace.firm.desk.hidden))

    def _known(self, text: str, hidden: Sequence[str]) -> list[Hit]:
        """Customers of whom a value is this text; an e-mail also by its beginning, a number dialled by either end."""
        term, folded, number = searched.term(text), words.folded(text).strip(), _number(text)
        bare = searched.without_country(term)
        spans = [("true", term, term)]
        if bare and bare != term:
            spans.append(("kind = 'tax_id'", bare, bare))
        if "@" in folded:
            spans.append(("kind = 'email'", folded, folded + LAST))
        if number:
            back = searched.BACKWARDS + number[::-1]
            spans += [("kind = 'phone'", number, number + LAST), ("kind = 'phone'", back, back + LAST)]
        some = " union all ".join(
            f"select * from known where term between ? and ? and {which}"  # noqa: S608 - our own SQL
            for which, _, _ in spans
        )
        shown = "kind not in (select unnest(?::varchar[]))"
        query = f"select n, kind, value from ({some}) where {shown} order by n limit {searched.MOST}"  # noqa: S608 - our own SQL
        ends = [end for _, *both in spans for end in both]
        return list(dict.fromkeys(self._con.execute(query, [*ends, list(hidden)]).fetchall()))

    def _all(
        self, whole: Sequence[Hit], each: Sequence[tuple[str, Sequence[Hit]]], limit: int, hidden: Sequence[str]
    ) -> list[tuple[int, str]]:
        """Number and golden id of those who are found, the whole value first, other spellings of a name last."""
        said, alike, values, sounding = [], [], [], []
        for word, hits in each:
            says, of = _says(word, masked=bool(hidden))
            said.append(f"({says} or n in (select unnest(?::int[])))")
            alike.append(f"({said[-1]} or n in (select unnest(?::int[])))")
            values += [*of, [n for n, _, _ in hits]]
            sounding += [*of, [n for n, _, _ in hits], self._spelled(word, hidden)]
        first = [n for n, _, _ in whole]
        query = (
            f"select n, golden_id from said where n in (select unnest(?::int[])) or ({' and '.join(alike)}) "  # noqa: S608 - our own names
            f"order by n not in (select unnest(?::int[])), not ({' and '.join(said)}), n limit ?"
        )
        return self._con.execute(query, [first, *sounding, first, *values, limit]).fetchall()

    def _spelled(self, word: str, hidden: Sequence[str]) -> list[int]:
        """Customers of whom a record has a name that sounds like this word."""
        heard = "" if searched.NAMES & {*hidden} else searched.sound(word)
        found = self._con.execute("select ns from spelled where sound = ?", [heard]).fetchone() if heard else None
        return list(found[0]) if found else []

    def _rows(self, found: Iterable[tuple[int, str]]) -> dict[int, dict[str, Any]]:
        """What is published of them, by number."""
        of = {golden_id: n for n, golden_id in found}
        known = {row["golden_id"]: row for row in self.store.golden(ids=list(of)).to_pylist()}
        return {n: known[golden_id] for golden_id, n in of.items() if golden_id in known}

    def _by(
        self, rows: dict[int, dict[str, Any]], left: dict[int, list[str]], hidden: Sequence[str]
    ) -> dict[int, list[str]]:
        """The fields of each in which the words stand that are `left` to be found."""
        fields = [name for name in searched.LOOKED_AT if name not in hidden]
        values = [str(row[name] or "") for row in rows.values() for name in fields]
        found = self._con.execute(f"select {words.sql('unnest(?)')}", [values]).fetchall() if values else []
        folded = iter(value for (value,) in found)
        return {n: _fields({name: next(folded) for name in fields}, left[n]) for n in rows}


def _told(hits: Iterable[Hit], n: int, row: dict[str, Any]) -> list[str]:
    """The values by which a customer was found, in words; of those that their row shows anyway, what they are."""
    mine, seen = [hit[1:] for hit in hits if hit[0] == n], {*row.values()}
    shown = {kind for kind, value in mine if value in seen}
    return [_called(kind) if kind in shown else f"{_called(kind)} {value}" for kind, value in mine]


def _asked(text: str) -> list[str]:
    """What has to stand somewhere, each: the words of a text; a number, a date or a postcode as a whole."""
    if _number(text) or _days(text):
        return [text]
    return [text.replace(" ", "")] if _PARTED.fullmatch(text.strip()) else words.folded(text).split()


def _says(word: str, masked: bool) -> tuple[str, list[str]]:
    """SQL of whether a word, or the digits of a number, stand in what is said of a customer; with its values."""
    of = [("open", written) for written in _written(word)]
    of += [("open_digits", _number(word))] if _number(word) and not _days(word) else []
    if not masked:
        of += [(column.replace("open", "shut"), value) for column, value in of]
    return " or ".join(f"contains({column}, ?)" for column, _ in of), [value for _, value in of]


def _fields(row: dict[str, str], asked: Sequence[str]) -> list[str]:
    """The first field in which each word stands, in words; what stands in none is a name of one of its records."""
    found = []
    for word in asked:
        number, written = _number(word), _written(word)
        holds = (
            name for name, value in row.items()
            if any(one in value or (name == "postcode" and one in _BLANK.sub("", value)) for one in written)
            or (name in searched.NAMES and written[-1] in latin.latin(value))
            or (number and number in re.sub(r"\D", "", value))
        )  # fmt: skip
        found += [_called(name) for name in holds][:1] or ["name"]
    return found


def _written(word: str) -> list[str]:
    """A word as it is searched: as people write it, and in the Latin letters in which every name is kept besides; of a
    date, the days that it may mean.
    """
    folded = words.folded(word).strip()
    return _days(word) or list(dict.fromkeys([folded, latin.latin(word) or folded]))


def _days(text: str) -> list[str]:
    """The days (ISO) that people may mean by a text, the day before the month first; none where it is no date."""
    if not _DATE.fullmatch(text.strip()):
        return []
    told = [dates.read(text.strip(), order)[0] for order in ("DMY", "MDY")]
    return list(dict.fromkeys(day for day in told if day and len(day) == DAY))


_CALLED: Final = {
    "display_name": "name", "organisation_name": "name", "email": "e-mail", "phone": "telephone", "iban": "IBAN",
    "given_name": "name", "surname": "name", "customer_no": "customer number", "house_number": "street",
}  # fmt: skip


def _called(kind: str) -> str:
    return _CALLED.get(kind, kind.replace("_", " "))


def _number(text: str) -> str:
    """The digits of a number as people write it, without the zeros dialled before it; empty for other text."""
    digits = re.sub(r"\(0\)|[\s()+./'’-]", "", text)
    return digits.lstrip("0") if digits.isdecimal() and len(digits) >= DIALLED else ""
