"""Sources of many files over many nights: only new ones are read, each row is landed once and keeps its key."""

import os
import sqlite3
from collections.abc import Callable
from pathlib import Path

import fsspec
import pytest

from connectors import sources
from connectors.sources.base import Landed
from connectors.sources.places.arrivals import Arrival
from rules.schema import Source
from rules.vocabulary import LANDED_FILES
from tests.pipelines.landings import Nights

DAY = 86_400
FORM = "kind: csv\nlocation: inbox/forms/*.csv\nfiles: new\nmode: append\ncolumns: {name: full_name, phone: phone}\n"


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    """A folder to which a form's exports come, one a day, without ids."""
    nights = Nights(tmp_path)
    nights.write("sources/forms.yml", FORM)
    day(nights, 1, "Anna Conti,0301", "Bea Huber,0302")
    return nights


def day(nights: Nights, number: int, *rows: str, name: str = "day{}.csv") -> Path:
    nights.write(f"inbox/forms/{name.format(number)}", "\n".join(["name,phone", *rows, ""]))
    path = nights.root / "inbox" / "forms" / name.format(number)
    os.utime(path, (1_700_000_000 + number * DAY,) * 2)
    return path


def people(nights: Nights) -> dict[str, str]:
    return names_of(nights, "forms")


def names_of(nights: Nights, source: str) -> dict[str, str]:
    """Key -> name, as the snapshot has them."""
    assert nights.before is not None
    raw = nights.before.read("land", "raw", source)
    return dict(zip(raw["_record_id"].to_pylist(), raw["name"].to_pylist(), strict=True))


def read_files(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> list[str]:
    """The files of the source that a reader is given in the next night."""
    seen: list[str] = []
    reader = sources.KINDS["csv"]

    def reads(name: str, source: Source, root: Path) -> Landed:
        found = reader(name, source, root)
        seen.extend(path.name for path in found.files if name == "forms")
        return found

    monkeypatch.setitem(sources.KINDS, "csv", reads)
    nights.run()
    return seen


def test_only_the_new_file_is_read(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    """The rows of yesterday's file stay, though nobody reads it; its record moves on with the snapshot."""
    nights.run()
    day(nights, 2, "Carla Nikas,0303")
    assert read_files(nights, monkeypatch) == ["day2.csv"]
    assert people(nights) == {"k000001": "Anna Conti", "k000002": "Bea Huber", "k000003": "Carla Nikas"}
    assert nights.before is not None
    record = nights.before.read("land", "files", "forms")
    assert record.schema.equals(LANDED_FILES)
    assert [(row["file"], row["rows"]) for row in record.to_pylist()] == [("day1.csv", 2), ("day2.csv", 1)]


def test_a_renamed_file_and_an_emptied_inbox_change_nothing(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    """What was landed is known by its content; moved to an archive it stays landed."""
    nights.run()
    path = day(nights, 1, "Anna Conti,0301", "Bea Huber,0302")
    path = path.rename(path.with_name("monday.csv"))
    assert read_files(nights, monkeypatch) == []
    path.unlink()
    assert read_files(nights, monkeypatch) == []
    assert (nights.states()["forms"], len(people(nights))) == ("unchanged", 2)


def test_a_corrected_file_is_read_again_under_its_old_keys(nights: Nights) -> None:
    """A corrected spelling is the same person; whoever is new in another file is not taken for her."""
    nights.run()
    day(nights, 1, "Bea Huber,0302", "Anna Contti,0301")
    day(nights, 2, "Anna Contti,0301", "Beate Huber,0302")
    nights.run()
    assert people(nights) == {
        "k000001": "Anna Contti", "k000002": "Bea Huber", "k000003": "Anna Contti", "k000004": "Beate Huber",
    }  # fmt: skip
    assert "forms: day1.csv changed after being landed: read again" in nights.result.notes


def test_another_file_under_an_old_name_holds_new_rows(nights: Nights) -> None:
    """`export.csv`, written over every day, is no correction: nobody takes the key of whom he resembles."""
    nights.run()
    day(nights, 1, "Anna Conte,0399", "Ben Huber,0388")
    nights.run()
    assert list(people(nights).values()) == ["Anna Conti", "Bea Huber", "Anna Conte", "Ben Huber"]


def test_a_corrected_declaration_reaches_the_rows_landed_before(nights: Nights) -> None:
    """Another encoding gives other texts: what is still there is read again, under its keys."""
    cp1253 = "name,phone\nΆννα Κόντη,0301\nΒέα Χούμπερ,0302\n".encode("cp1253")
    nights.declare("forms", "encoding: cp1251\n")
    nights.write("inbox/forms/day1.csv", cp1253)
    nights.run()
    before = people(nights)
    path = nights.root / "sources" / "forms.yml"
    path.write_text(path.read_text("utf-8").replace("cp1251", "cp1253"), "utf-8")
    nights.run()
    assert people(nights).keys() == before.keys()
    assert set(people(nights).values()) == {"Άννα Κόντη", "Βέα Χούμπερ"}


def test_another_declaration_over_an_emptied_inbox_is_a_change_of_the_same_rows(nights: Nights) -> None:
    """Nothing is there to be read again: the rows stay, and are worked on anew; so with ids."""
    nights.run()
    before = people(nights)
    (nights.root / "inbox/forms/day1.csv").unlink()
    nights.declare("forms", "country: GR\n")
    assert "forms" in nights.run().changed
    assert people(nights) == before
    assert nights.run().changed == set()
    nights.declare("forms", "id: phone\n")
    assert "forms" in nights.run().changed
    assert people(nights) == before


def test_with_ids_a_row_that_came_again_takes_the_place_of_the_old_one(nights: Nights) -> None:
    """Declared ids need no likeness."""
    path = nights.root / "sources" / "forms.yml"
    path.write_text(FORM + "id: phone\n", "utf-8")
    nights.run()
    day(nights, 2, "Anna Conti-Huber,0301")
    nights.run()
    assert people(nights) == {"0302": "Bea Huber", "0301": "Anna Conti-Huber"}


def test_a_promise_made_later_binds_the_rows_that_come(nights: Nights) -> None:
    """In a source that only grows nobody can mend a row of last year; `rows_at_least` counts them all."""
    day(nights, 1, "Anna Conti,", "Bea Huber,0302")
    nights.run()
    (nights.root / "inbox/forms/day1.csv").unlink()
    nights.declare("forms", "expect: {never_empty: [phone], rows_at_least: 3}\n")
    day(nights, 2, "Carla Nikas,0303")
    nights.run()
    assert nights.states()["forms"] == "landed"
    day(nights, 3, "Dora Ortiz,")
    nights.run()
    assert "day3.csv, line 2, column phone" in str(nights.source("forms")["reason"])


def test_rejects_of_files_that_are_not_read_again_stay(nights: Nights) -> None:
    """A row that was left out is kept with its place for as long as its file counts."""
    path = nights.root / "sources" / "forms.yml"
    path.write_text(FORM + "id: phone\n", "utf-8")
    day(nights, 1, "Anna Conti,0301", "Bea Huber,")
    nights.run()
    day(nights, 2, "Carla Nikas,0303", "Dora Ortiz,")
    run = nights.run()
    rejects = run.folder.read("land", "rejects", "forms").to_pylist()
    assert [(row["file"], row["line"]) for row in rejects] == [("day1.csv", 3), ("day2.csv", 3)]
    assert nights.source("forms")["rejected"] == 2


def test_facts_of_files_that_are_not_read_again_stay(nights: Nights) -> None:
    """Invoices of a folder that grows: those of yesterday do not vanish."""
    invoices = FORM.replace("phone: phone", "phone: number") + "id: phone\nyields: fact\nfact: invoice\n"
    nights.write("sources/forms.yml", invoices)
    nights.run()
    day(nights, 2, "Carla Nikas,0303")
    run = nights.run()
    assert run.folder.read("land", "facts", "forms")["number"].to_pylist() == ["0301", "0302", "0303"]


def test_a_broken_new_file_stops_the_source_until_it_is_mended(nights: Nights) -> None:
    """Yesterday's snapshot stands in; nothing of the night is counted as landed."""
    nights.run()
    nights.write("inbox/forms/day2.csv", "first,second\nx,y\n")
    day(nights, 3, "Carla Nikas,0303")
    nights.write("inbox/forms/day2.csv", b"%PDF-1.7 no table")
    nights.run()
    assert (nights.states()["forms"], len(people(nights))) == ("carried", 2)
    day(nights, 2, "Dora Ortiz,0304")
    nights.run()
    assert (nights.states()["forms"], len(people(nights))) == ("landed", 4)


def test_the_newest_file_stands_for_all(nights: Nights) -> None:
    """A full export a day under a new name: the newest one counts, and is unchanged until a newer one comes."""
    path = nights.root / "sources" / "forms.yml"
    path.write_text(FORM.replace("files: new\nmode: append", "files: newest"), "utf-8")
    nights.run()
    day(nights, 2, "Anna Conti,0301", "Bea Huber,0302", "Carla Nikas,0303")
    nights.run()
    assert list(people(nights).values()) == ["Anna Conti", "Bea Huber", "Carla Nikas"]
    assert "forms: day2.csv is the newest of 2 files (by its time); passed over: day1.csv" in nights.result.notes
    assert nights.run().changed == set()


def test_a_source_far_away_is_named_by_its_own_names(nights: Nights) -> None:
    """Records, scorecard and record of files show no temporary name."""
    memory = fsspec.filesystem("memory")
    memory.pipe_file("/far/away/a.csv", b"name,phone\nAnna Conti,0301\n")
    path = nights.root / "sources" / "forms.yml"
    path.write_text(FORM.replace("inbox/forms/*.csv", "memory://far/away/*.csv"), "utf-8")
    run = nights.run()
    assert nights.source("forms")["files"] == "a.csv"
    assert run.folder.read("land", "raw", "forms")["_file"].to_pylist() == ["a.csv"]


def test_a_watermarked_database_is_told_what_was_landed(nights: Nights, monkeypatch: pytest.MonkeyPatch) -> None:
    """The last published rows go to the reader; none under another declaration, so that everything is asked for."""
    asked: list[int | None] = []
    read_arrived = sources.read_arrived

    def spy(name: str, arrival: Arrival, root: Path, before: Callable[..., object] | None) -> Landed:
        if name == "crm":
            asked.append(None if before is None else len(before))  # type: ignore[arg-type]  # a table has a length
        return read_arrived(name, arrival, root)

    monkeypatch.setattr(sources, "read_arrived", spy)
    nights.run()
    nights.write("inbox/crm.csv", "no,name,phone\n1,Anna,1\n2,Bea,2\n3,Carla,3\n4,Dora,4\n")
    nights.run()
    nights.declare("crm", "country: GR\n")
    nights.run()
    assert asked == [None, 3, None]


def test_a_database_with_a_watermark_is_asked_for_what_changed(nights: Nights) -> None:
    """The rows of yesterday stand beside those that changed; under another declaration all are asked for."""
    with sqlite3.connect(nights.root / "shop.db") as shop:
        shop.execute("create table people (no text, name text, changed text)")
        shop.executemany(
            "insert into people values (?, ?, ?)", [("1", "Anna", "2026-01-01"), ("2", "Bea", "2026-01-02")]
        )
    nights.write(
        "sources/shop.yml",
        "kind: sql\nlocation: sqlite:///shop.db\ntable: people\nid: no\nwatermark: changed\n"
        "columns: {name: full_name}\n",
    )
    nights.run()
    with sqlite3.connect(nights.root / "shop.db") as shop:
        shop.execute("update people set name = 'Annah' where no = '1'")  # its watermark says that nothing changed
        shop.execute("insert into people values ('3', 'Carla', '2026-01-03')")
    nights.run()
    assert names_of(nights, "shop") == {"1": "Anna", "2": "Bea", "3": "Carla"}
    nights.declare("shop", "country: GR\n")
    nights.run()
    assert names_of(nights, "shop") == {"1": "Annah", "2": "Bea", "3": "Carla"}
    nights.run()
    assert nights.states()["shop"] == "unchanged"
