"""Which files a run reads: the newest, the new ones, and none that is still being written."""

import os
import time
from collections.abc import Callable, Sequence
from pathlib import Path

import fsspec
import pyarrow as pa
import pytest

from connectors.sources import SourceFailed, fingerprint, gather
from connectors.sources.places import files, local
from connectors.sources.places.arrivals import Arrival
from connectors.sources.places.known_files import Known
from rules.schema import Source

LONG_AGO = 1_700_000_000


@pytest.fixture
def inbox(tmp_path: Path) -> Path:
    """Three files, an hour apart; the one called first is the youngest."""
    (tmp_path / "in").mkdir()
    for hours, name in enumerate(("c.csv", "b.csv", "a.csv")):
        write(tmp_path / "in" / name, name, LONG_AGO + hours * 3600)
    return tmp_path


def write(path: Path, text: str, modified: float = LONG_AGO) -> None:
    path.write_text(text)
    os.utime(path, (modified, modified))


def source(**settings: object) -> Source:
    return Source.model_validate({"kind": "csv", "location": "in/*.csv", **settings})


def arrive(
    root: Path, known: Known | None = None, *, anew: bool = False, **settings: object
) -> tuple[Arrival, Sequence[str]]:
    with gather(source(**settings), root, known, anew=anew) as arrival:
        return arrival, [file.name for file in arrival.choice.files]


def record(arrival: Arrival) -> Known:
    """What a run that read these files keeps of them."""
    return Known(arrival.record("shop", {"a.csv": 1}))


# --- newest -------------------------------------------------------------------------------------------------


def test_the_newest_file_alone(inbox: Path) -> None:
    """By the time it was changed, not by its name; what was passed over is said."""
    arrival, names = arrive(inbox, files="newest")
    assert names == ["a.csv"]
    assert arrival.notes == ("a.csv is the newest of 3 files (by its time); passed over: b.csv, c.csv",)


def test_of_two_files_of_one_time_the_name_decides(inbox: Path) -> None:
    """So that every run chooses alike."""
    write(inbox / "in" / "b.csv", "b", LONG_AGO + 7200)
    assert arrive(inbox, files="newest")[1] == ["b.csv"]


# --- new ----------------------------------------------------------------------------------------------------


def new(root: Path, known: Known | None = None, *, anew: bool = False) -> tuple[Arrival, Sequence[str]]:
    return arrive(root, known, anew=anew, files="new", mode="append")


def test_files_landed_before_are_not_read_again(inbox: Path) -> None:
    """Known by their content: under another name too."""
    first, names = new(inbox)
    assert names == ["a.csv", "b.csv", "c.csv"]
    known = record(first)
    (inbox / "in" / "b.csv").rename(inbox / "in" / "z.csv")
    write(inbox / "in" / "d.csv", "d")
    second, names = new(inbox, known)
    assert names == ["d.csv"]
    assert second.notes == ("3 files landed before were not read again",)
    assert second.choice.again == {}


def test_without_a_new_file_the_digest_is_the_same(inbox: Path) -> None:
    """Also when the files were moved away: an empty inbox is no failure where something was landed before."""
    first, _ = new(inbox)
    digest, known = fingerprint.of_files(first), record(first)
    for path in (inbox / "in").iterdir():
        path.unlink()
    second, names = new(inbox, known)
    assert (names, fingerprint.of_files(second)) == ([], digest)
    with pytest.raises(SourceFailed, match="no file matches"):
        new(inbox)


def test_a_changed_file_is_said_and_read_again(inbox: Path) -> None:
    """With the name it had, so that its rows find their keys."""
    known = record(new(inbox)[0])
    write(inbox / "in" / "b.csv", "b corrected")
    second, names = new(inbox, known)
    assert names == ["b.csv"]
    assert second.choice.again == {"b.csv": {"b.csv"}}
    assert second.notes[0] == "b.csv changed after being landed: read again"


def test_a_copy_is_read_once(inbox: Path) -> None:
    """Two new files of one content are one file."""
    write(inbox / "in" / "copy of a.csv", "a.csv")
    arrival, names = new(inbox)
    assert names == ["a.csv", "b.csv", "c.csv"]
    assert arrival.notes == ("copy of a.csv is a copy of a.csv: it is read once",)


def test_after_a_change_of_the_declaration_what_is_there_is_read_again(inbox: Path) -> None:
    """A corrected encoding must reach the rows landed before; each file keeps the names that its rows came under."""
    known = record(new(inbox)[0])
    (inbox / "in" / "b.csv").rename(inbox / "in" / "z.csv")
    arrival, names = new(inbox, known, anew=True)
    assert names == ["a.csv", "c.csv", "z.csv"]
    assert arrival.choice.again == {"a.csv": {"a.csv"}, "c.csv": {"c.csv"}, "z.csv": {"b.csv"}}


def test_the_record_has_every_file_with_its_content_and_rows(inbox: Path) -> None:
    """One row a file; of a source of new files those of before stay in it."""
    known = record(new(inbox)[0])
    assert known.table.select(["source", "file", "size", "modified", "rows"]).to_pylist()[0] == {
        "source": "shop", "file": "a.csv", "size": 5, "modified": "2023-11-15T00:13:20.000000+00:00", "rows": 1,
    }  # fmt: skip
    (inbox / "in" / "a.csv").unlink()
    write(inbox / "in" / "d.csv", "d")
    arrival, _ = new(inbox, known)
    assert record(arrival).table["file"].to_pylist() == ["a.csv", "b.csv", "c.csv", "d.csv"]
    assert record(arrive(inbox, known)[0]).table["file"].to_pylist() == ["b.csv", "c.csv", "d.csv"]


# --- still being written ------------------------------------------------------------------------------------


def while_waiting(monkeypatch: pytest.MonkeyPatch, happens: Callable[[], object]) -> None:
    """What somebody else does between the two looks."""
    monkeypatch.setattr(time, "sleep", lambda _: happens())


@pytest.mark.parametrize("name", ["b.csv.part", "b.csv.crdownload", "b.CSV.FILEPART", "b.tmp"])
def test_what_programs_call_unfinished_is_left(name: str, tmp_path: Path) -> None:
    """The names that browsers and file transfers use until a file is whole."""
    (tmp_path / "in").mkdir()
    for file in ("a.csv", name):
        write(tmp_path / "in" / file, "x")
    arrival, names = arrive(tmp_path, location="in/*")
    assert names == ["a.csv"]
    assert arrival.notes == (f"{name} is still being written: left for the next run",)
    assert arrive(tmp_path, location=f"in/{name}")[1] == [name]  # named, it is meant


def test_a_file_that_grows_is_left(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Only young files are looked at twice; one that changes between the looks waits for the next run."""
    write(inbox / "in" / "b.csv", "b", time.time())
    while_waiting(monkeypatch, lambda: write(inbox / "in" / "b.csv", "b and more", time.time()))
    arrival, names = arrive(inbox)
    assert names == ["a.csv", "c.csv"]
    assert arrival.notes == ("b.csv is still being written: left for the next run",)


def test_a_settled_place_is_looked_at_once(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """No pause where every file is old enough."""
    while_waiting(monkeypatch, lambda: pytest.fail("it waited"))
    assert len(arrive(inbox)[1]) == 3


def test_a_known_file_that_is_written_anew_stops_a_full_source(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Left out, its records would be taken for gone."""
    known = record(arrive(inbox)[0])
    write(inbox / "in" / "b.csv", "b", time.time())
    while_waiting(monkeypatch, lambda: write(inbox / "in" / "b.csv", "b and more", time.time()))
    with pytest.raises(SourceFailed, match="would be taken for gone") as failed:
        arrive(inbox, known)
    assert failed.value.file == "b.csv"
    assert new(inbox, known)[1] == []  # in a source that only grows nothing is taken for gone


def test_with_nothing_else_there_the_source_fails(tmp_path: Path) -> None:
    """Its last snapshot stands in."""
    (tmp_path / "in").mkdir()
    write(tmp_path / "in" / "a.csv.part", "x")
    with pytest.raises(SourceFailed, match=r"a.csv.part is still being written") as failed:
        arrive(tmp_path, location="in/*")
    assert "next run" in failed.value.remedy


def test_a_file_far_away_is_listed_twice(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Its clock is not ours: whatever is not known from the last run is looked at twice."""
    memory = fsspec.filesystem("memory")
    for name in ("/growing/a.csv", "/growing/b.csv"):
        memory.pipe_file(name, b"x")
    while_waiting(monkeypatch, lambda: memory.pipe_file("/growing/b.csv", b"x and more"))
    arrival, names = arrive(tmp_path, location="memory://growing/*.csv")
    assert names == ["a.csv"]
    assert arrival.notes == ("b.csv is still being written: left for the next run",)


def test_a_file_that_is_exchanged_and_put_back_is_found_out(inbox: Path) -> None:
    """Neither size nor time tell: another content under the old time, or a link to a file of others for a moment."""
    path, kept = inbox / "in" / "b.csv", inbox / "kept"
    with gather(source(), inbox) as arrival:
        found = path.stat()
        path.rename(kept)
        path.symlink_to("/etc/hostname")
        path.unlink()
        kept.rename(path)
        assert (path.stat().st_size, path.stat().st_mtime) == (found.st_size, found.st_mtime)
        with pytest.raises(SourceFailed, match="changed while it was read"):
            arrival.demand_still()


def test_a_file_that_changes_while_it_is_read(inbox: Path) -> None:
    """Half of the old and half of the new is no file."""
    with gather(source(), inbox) as arrival:
        arrival.demand_still()
        write(inbox / "in" / "b.csv", "other")
        with pytest.raises(SourceFailed, match="changed while it was read") as failed:
            arrival.demand_still()
    assert failed.value.file == "b.csv"


# --- at hand ------------------------------------------------------------------------------------------------


def test_a_reader_is_given_the_chosen_files(inbox: Path) -> None:
    """Readers ask places.files as ever; the location they are given knows its files, and reads as it was written."""
    with gather(source(files="newest"), inbox) as arrival:
        location = arrival.fetched().location
        assert location == "in/*.csv"
        assert [place.name for place in files(location, Path("/nowhere"))] == ["a.csv"]


def test_a_dead_mount_ends_the_source(inbox: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look at a folder that never returns is given up after `patience`."""
    monkeypatch.setattr(local, "look", lambda *_: time.sleep(2))
    with pytest.raises(SourceFailed, match=r"no sign of life for 0.05 seconds"):
        arrive(inbox, patience=0.05)


def test_an_empty_record_knows_nothing() -> None:
    """Of a source that was never published."""
    assert not Known()
    assert not Known(pa.Table.from_pylist([], Known().table.schema))
