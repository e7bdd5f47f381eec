"""The page of `goldseam dedupe`."""

from dataclasses import replace

import fictional_dedupe
import pytest

from reports import dedupe
from reports.dedupe import Group, Row
from reports.waterfall import BITS


def test_columns_say_what_they_were_taken_for_and_how_to_overrule(pages: dict[str, str]) -> None:
    """Every column stands there with its meaning and reason, and the option that overrules it."""
    for column in fictional_dedupe.COLUMNS[:-1]:
        assert column.name in pages["dedupe"]
        assert column.why in pages["dedupe"]
    assert "--as COLUMN=MEANING" in pages["dedupe"]


def test_differences_are_marked_against_the_usual_value() -> None:
    """In a cluster the value that stands out is the one that is marked."""
    rows = (Row("a:1", ("Falmouth",)), Row("a:2", ("Falmuth",)), Row("a:3", ("Falmouth",)), Row("a:4", ("",)))
    compared = dedupe.compared(Group("1", 4, ("Town",), rows))
    shown = ["".join(f"[{t}]" if differs else t for t, differs in cells[0].pieces) for _, cells in compared.rows]
    assert shown == ["Falmouth", "Falm[]uth", "Falmouth", ""]
    assert dedupe.compared(Group("1", 2, ("Town",), (Row("a", ("Falmmouth",)), *rows))).rows[0][1][0].pieces[1] == (
        "m",
        True,
    )


@pytest.mark.parametrize(
    ("records", "customers", "expected"),
    [(0, 0, "There is no record"), (5, 5, "no two of them are the same"),
     (5, 3, "5 records are 3 customers: 2 were there already.")],
)  # fmt: skip
def test_headlines(records: int, customers: int, expected: str) -> None:
    """The result in one sentence, whatever it is."""
    report = replace(fictional_dedupe.EMPTY, records=records, customers=customers)
    assert expected in dedupe.headline(report).replace("\u00a0", " ")


def test_blocking_thresholds_and_close_calls_are_shown(pages: dict[str, str]) -> None:
    """What was compared, from where it was joined and where the model was least sure."""
    html = pages["dedupe"]
    assert "surname and birth date" in html
    assert "joined from 55.0" in html
    assert html.count('class="drawing waterfall"') == len(fictional_dedupe.SAMPLES)


def test_bits_are_explained_once(pages: dict[str, str]) -> None:
    """In the first section that has bits, and nowhere on a page that has none."""
    assert pages["dedupe"].count(BITS) == 1
    assert BITS not in pages["dedupe-empty"]
    only = replace(fictional_dedupe.REPORT, groups=())
    assert dedupe.context(only).bits_in == "close"
    assert dedupe.context(replace(only, samples=())).bits_in == "model"
    assert dedupe.render(replace(only, samples=())).count(BITS) == 1


def test_nothing_found_is_said_in_every_section(pages: dict[str, str]) -> None:
    """An empty file gives a whole page of sentences, and no empty table."""
    assert pages["dedupe-empty"].count('class="empty"') == 6
    assert "<tbody>" not in pages["dedupe-empty"]
