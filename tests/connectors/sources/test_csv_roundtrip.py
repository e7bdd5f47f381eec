"""Whatever the csv module of the standard library writes, in any dialect, is read back as it was."""

import csv as stdlib
import io
import tempfile
from pathlib import Path

from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from connectors.sources import csv
from connectors.sources.base import Grid
from rules.schema import Source
from tests.connectors.sources.written import aged

HEADER = ["Key", "First name", "Phone", "Remark", "Town"]
LETTERS = st.characters(
    exclude_categories=("Cs", "Cc"), include_characters="\n\t", exclude_characters="\ufeff\u2028\u2029\x85"
)
CELL = st.one_of(
    st.sampled_from(
        ["", "0042", "a,b", 'said "yes"', "O'Brien", "x;y", "two\nlines", " padded ", "Ελένη", "#1", "NULL", "1.5"]
    ),
    st.text(LETTERS, max_size=12),
)
WORD = st.sampled_from(["Anna", "O'Brien", 'the "old" one', "a, b", "x; y", "Άννα", "two\nlines", "5 | 6", ""])
ENDS = st.sampled_from(["\r\n", "\n"])
QUOTING = st.sampled_from([stdlib.QUOTE_MINIMAL, stdlib.QUOTE_ALL])


def written(rows: list[list[str]], delimiter: str, end: str, quoting: int, quote: str = '"') -> str:
    text = io.StringIO()
    writer = stdlib.writer(text, delimiter=delimiter, lineterminator=end, quoting=quoting, quotechar=quote)  # type: ignore[arg-type] # an int is one
    writer.writerows(rows)
    return text.getvalue()


def read(text: str, **said: object) -> Grid:
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "a.csv"
        path.write_bytes(text.encode())
        aged(path)
        return csv.grid(path, "a.csv", Source(kind="csv", location="a.csv", encoding="utf-8", **said))  # type: ignore[arg-type] # settings of a declaration


def cells(grid: Grid) -> list[list[str]]:
    return [[v or "" for v in row.values()] for row in grid.table.to_pylist()]


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(1, 10**6).map(str), CELL, CELL, CELL, CELL).map(list), min_size=1, max_size=8),
    st.sampled_from([",", ";", "\t", "|"]), ENDS, QUOTING, st.sampled_from(['"', "'"]),
)  # fmt: skip
def test_with_the_dialect_given(rows: list[list[str]], delimiter: str, end: str, quoting: int, quote: str) -> None:
    """Any cells at all, where the declaration says delimiter and quote."""
    grid = read(written([HEADER, *rows], delimiter, end, quoting, quote), delimiter=delimiter, quote=quote, header=1)
    assert cells(grid) == rows
    assert grid.rejects == ()


@settings(max_examples=60, deadline=None, derandomize=True, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.lists(st.tuples(st.integers(1, 10**6).map(str), WORD, WORD, WORD, WORD).map(list), min_size=4, max_size=12),
    st.sampled_from([",", ";", "\t", "|"]), ENDS, QUOTING,
)  # fmt: skip
def test_with_nothing_given(rows: list[list[str]], delimiter: str, end: str, quoting: int) -> None:
    """A table of names and remarks, where the reader finds out by itself."""
    grid = read(written([HEADER, *rows], delimiter, end, quoting))
    assert grid.table.column_names == HEADER
    assert cells(grid) == rows
