"""The first stage: what lands, what is taken over, what a source that fails leaves behind."""

from pathlib import Path

import pytest

from rules.schema import Source
from rules.vocabulary import FACTS, RAW_PREFIX, REJECTS, SOURCES
from tests.pipelines.landings import DIARY, PEOPLE, Nights


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


def test_first_night(nights: Nights) -> None:
    """Every row lands with key, file, line and hash; the tables have the schemas of the vocabulary."""
    run = nights.run()
    raw = run.folder.read("land", "raw", "crm")
    assert raw.column_names == [*RAW_PREFIX, "no", "name", "phone"]
    assert raw.slice(0, 1).select(["_record_id", "_file", "_line"]).to_pylist() == [
        {"_record_id": "1", "_file": "crm.csv", "_line": 2}
    ]
    assert nights.ids("diary") == ["k000001", "k000002"]
    assert run.folder.read("land", "facts", "crm").schema.equals(FACTS)
    assert run.folder.read("land", "rejects", "crm").schema.equals(REJECTS)
    assert run.folder.read("land", "sources").schema.equals(SOURCES)
    assert run.changed == {"crm", "diary"}
    assert (nights.result.rows_out, nights.result.counts["landed"]) == (5, 2)


def test_unchanged_source_is_taken_over(nights: Nights) -> None:
    """A file that did not change costs a hash: its parts are those of the run before, and nothing is changed."""
    nights.run()
    run = nights.run()
    assert nights.states() == {"crm": "unchanged", "diary": "unchanged"}
    assert run.changed == set()
    assert {p.only.parts[-4] for p in run.folder.parts("land", "raw").values()} == {"r1"}


def test_new_settings_are_a_change(nights: Nights) -> None:
    """Another column map over the same file is a change; another owner is none."""
    nights.run()
    crm = nights.root / "sources" / "crm.yml"
    crm.write_text(crm.read_text() + "owner: anna\n")
    assert nights.run().changed == set()
    crm.write_text(crm.read_text().replace("phone: phone}", "phone: phone.mobile}"))
    assert nights.run().changed == {"crm"}


def test_sorted_file_of_the_same_records(nights: Nights) -> None:
    """A sorted, saved-again sheet lands anew with every key it had, and counts as no change."""
    nights.run()
    nights.write("inbox/diary.csv", "name,phone\nDora Ortiz,0304\nAnna Conti,0301\n")
    run = nights.run()
    assert nights.ids("diary") == ["k000002", "k000001"]
    assert nights.states()["diary"] == "landed"
    assert run.changed == set()


@pytest.mark.parametrize(
    ("content", "reason", "remedy"),
    [
        (None, "no such file", "location"),
        (b"", "empty", "Export"),
        (b"no,name,phone\n", "no row", "Check"),
        (b"no,full name,phone\n1,A,2\n2,B,3\n3,C,4\n", "no column 'name'", "'full name'"),
        (b"no,name,phone\n1,A,2\n", "66.7% are missing", "shrink_at_most"),
        (b"%PDF-1.7 not a table", "a PDF document", "another file"),
    ],
)
def test_failed_source_carries_its_last_good_snapshot(
    content: bytes | None, reason: str, remedy: str, nights: Nights
) -> None:
    """A source that is missing, empty, shrunk or of another shape says why; yesterday's rows stand in."""
    nights.run()
    if content is None:
        (nights.root / "inbox/crm.csv").unlink()
    else:
        nights.write("inbox/crm.csv", content)
    nights.write("inbox/diary.csv", DIARY + "Eve Soto,0305\n")
    run = nights.run()
    found = nights.source("crm")
    assert found["state"] == "carried"
    assert reason in str(found["reason"])
    assert remedy in str(found["remedy"])
    assert nights.ids("crm") == ["1", "2", "3"]
    assert run.changed == {"diary"}
    assert any(note.startswith("crm: ") and reason in note for note in nights.result.warnings)
    nights.write("inbox/crm.csv", PEOPLE)
    nights.run()
    assert nights.states()["crm"] == "unchanged"


def test_failed_first_night(nights: Nights) -> None:
    """With nothing to carry a source is failed and empty; its tables can be read all the same."""
    (nights.root / "inbox/crm.csv").unlink()
    nights.run()
    assert nights.states() == {"crm": "failed", "diary": "landed"}
    assert nights.ids("crm") == []
    nights.write("inbox/crm.csv", PEOPLE)
    assert nights.run().changed == {"crm"}


def test_ids_empty_repeated_and_recycled(nights: Nights) -> None:
    """A row without id is a reject with its content, a repeated id gets `#2`, one that became someone else `@2`."""
    nights.write("inbox/crm.csv", PEOPLE + "2,Twice,0309\n,Nobody,0310\n")
    run = nights.run()
    assert nights.ids("crm") == ["1", "2", "3", "2#2"]
    (reject,) = run.folder.read("land", "rejects", "crm").to_pylist()
    assert reject["line"] == 6
    assert "Nobody" in reject["content"]
    for phone in ("0999", "0888"):
        nights.write("inbox/crm.csv", PEOPLE.replace("Bea Huber,0302", f"Igor Petrov,{phone}") + "4,Eve Soto,0311\n")
        nights.run()
        assert nights.ids("crm") == ["1", "2@2", "3", "4"]


def test_promises(nights: Nights) -> None:
    """`rows_at_least` and `never_empty` stop the source, the place of the first empty cell is named."""
    crm = nights.root / "sources" / "crm.yml"
    crm.write_text(crm.read_text() + "expect: {rows_at_least: 4, never_empty: [phone]}\n")
    nights.write("inbox/crm.csv", PEOPLE.replace("0302", ""))
    nights.run()
    reason = str(nights.source("crm")["reason"])
    assert "3 rows where at least 4 are expected" in reason
    assert "1 row is empty in 'phone', which never is (the first in line 3)" in reason


def test_append_keeps_what_came_before(nights: Nights) -> None:
    """To a source of mode append only new rows come: those of before stay."""
    crm = nights.root / "sources" / "crm.yml"
    crm.write_text(crm.read_text() + "mode: append\n")
    nights.run()
    nights.write("inbox/crm.csv", "no,name,phone\n4,Dora Ortiz,0304\n2,Bea Huber,0777\n")
    nights.run()
    assert sorted(nights.ids("crm")) == ["1", "2", "3", "4"]


def test_unmapped_columns_are_kept_and_listed(nights: Nights) -> None:
    """What the map does not name lands with the raw record and is listed; a date column that is named is not."""
    nights.declare("crm", "updated_at: changed\n")
    nights.write("inbox/crm.csv", "no,name,phone,colour,changed\n1,Anna,0301,red,2026-01-01\n")
    run = nights.run()
    assert nights.source("crm")["unmapped"] == "colour"
    assert run.folder.read("land", "raw", "crm")["colour"].to_pylist() == ["red"]


def test_facts_land_apart(nights: Nights) -> None:
    """Tickets are facts; with a caller's name they are customer records of the same key too."""
    nights.write(
        "sources/tickets.yml",
        "kind: csv\nlocation: inbox/t.csv\nid: t\nyields: fact\nfact: ticket\ncolumns: {t: number, who: full_name}\n",
    )
    nights.write(
        "sources/visits.yml",
        "kind: csv\nlocation: inbox/t.csv\nid: t\nyields: fact\ncustomers: crm\ncolumns: {t: number, c: customer_id}\n",
    )
    nights.write("inbox/t.csv", "t,who,c\nT1,Anna,1\nT2,Bea,2\n")
    run = nights.run()
    tickets, visits = (run.folder.read("land", "facts", name).to_pylist() for name in ("tickets", "visits"))
    assert [(f["kind"], f["customer_source"], f["customer_id"]) for f in tickets] == [
        ("ticket", "tickets", "T1"),
        ("ticket", "tickets", "T2"),
    ]
    assert [(f["customer_source"], f["customer_id"]) for f in visits] == [("crm", "1"), ("crm", "2")]
    assert nights.ids("tickets") == ["T1", "T2"]
    assert nights.ids("visits") == []
    nights.run()
    assert set(nights.states().values()) == {"unchanged"}


def test_unreadable_source_ends_alone(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever a reader stumbles over (a disk that fails) is a reason in words, and the other sources land."""
    from connectors import sources

    def stumble(*_: object) -> None:
        raise OSError(5, "Input/output error", "crm.csv")

    monkeypatch.setitem(sources.KINDS, "csv", stumble)
    nights.run()
    assert "Input/output error" in str(nights.source("crm")["reason"])


@pytest.mark.parametrize(
    ("error", "reason"), [(TypeError("Anna Conti"), "gave up (TypeError)"), (MemoryError(), "not enough memory")]
)
def test_what_no_reader_foresaw_ends_its_source_alone(
    error: Exception, reason: str, nights: Nights, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its words, which may hold a customer's, go into the run's folder and into no message."""
    from connectors import sources

    reader = sources.KINDS["csv"]

    def stumble(name: str, source: Source, root: Path) -> sources.Landed:
        if name == "crm":
            raise error
        return reader(name, source, root)

    monkeypatch.setitem(sources.KINDS, "csv", stumble)
    run = nights.run()
    assert nights.states() == {"crm": "failed", "diary": "landed"}
    (warning,) = nights.result.warnings
    assert reason in warning
    assert "Anna" not in warning
    path = run.folder.root / "land" / "crm.error.txt"
    assert path.exists() == warning.endswith(f"Details: {path}") == isinstance(error, TypeError)
