"""Landing at its limits: a full disk, a cell of 50 MB, and no work where nothing changed."""

import errno
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pyarrow.parquet as pq
import pytest
from typer.testing import CliRunner

from connectors import sources
from connectors.sources.places import hands
from pipelines import standardise
from pipelines.cli import app
from pipelines.runner import Summary
from tests.limits import no_room
from tests.pipelines.example import add_source, latest
from tests.pipelines.landings import Nights

Go = Callable[[Path], Summary]


@pytest.fixture
def nights(tmp_path: Path) -> Nights:
    return Nights(tmp_path)


# --- a full disk --------------------------------------------------------------------------------------------


def test_a_disk_that_is_full_names_the_folder_and_leaves_nothing(nights: Nights) -> None:
    """It is the run that fails, not a source; what was landed gives its room back."""
    folder = nights.root / "var" / "runs" / "r1"
    with no_room(), pytest.raises(OSError, match="r1") as failed:
        nights.run()
    assert failed.value.filename == str(folder)
    assert not (folder / "land").exists()
    nights.run()
    assert set(nights.states().values()) == {"landed"}


def test_a_run_on_a_full_disk_publishes_nothing_and_the_next_is_fine(
    running: Path, go: Go, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Exit code 1, a message with folder and remedy; yesterday's table stands."""
    before = latest(running, "golden.csv").read_bytes()
    add_source(running)
    write = pq.write_table

    def full(table: Any, where: Path, **options: Any) -> None:
        if "second" in str(where):
            raise OSError(errno.ENOSPC, "Error writing bytes to file. Detail: [errno 28] No space left on device")
        write(table, where, **options)

    with monkeypatch.context() as patch:
        patch.setattr(pq, "write_table", full)
        result = CliRunner().invoke(app, ["run", "-w", str(running), "--plain", "--json"])
    assert result.exit_code == 1
    (reason,) = json.loads(result.stdout)["reasons"]
    assert reason.startswith(f"land: The disk is full: {running}/var/runs/")
    assert "Make room" in reason
    assert latest(running, "golden.csv").read_bytes() == before
    assert go(running).status == "published"


# --- a huge cell --------------------------------------------------------------------------------------------


def test_a_cell_of_50_mb_lands_whole(nights: Nights) -> None:
    """With the rows around it."""
    note = b"x" * (50 << 20)
    people = b"no,name,phone,note\n1,Anna Conti,0301,\n2,Bea Huber,0302,%s\n3,Carla Nikas,0303,late\n"
    nights.write("inbox/crm.csv", people % note)
    first = nights.run().folder.read("land", "raw", "crm")
    assert [len(text or "") for text in first["note"].to_pylist()] == [0, 50 << 20, 4]


# --- no work where nothing changed --------------------------------------------------------------------------


class Work:
    """Counts files hashed, sources read and rows standardised."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.hashed = self.read = self.rows = 0
        digest, reader, standardised = hands._digest, sources.KINDS["csv"], standardise.tables_of

        def hashes(*args: Any) -> str:
            self.hashed += 1
            return digest(*args)

        def reads(*args: Any) -> Any:
            self.read += 1
            return reader(*args)

        def works(raw: Any, *args: Any, **options: Any) -> Any:
            self.rows += len(raw)
            return standardised(raw, *args, **options)

        monkeypatch.setattr(hands, "_digest", hashes)
        monkeypatch.setitem(sources.KINDS, "csv", reads)
        monkeypatch.setattr(standardise, "tables_of", works)

    def done(self) -> tuple[int, int, int]:
        done = (self.hashed, self.read, self.rows)
        self.hashed = self.read = self.rows = 0
        return done


def test_unchanged_files_cost_a_hash_and_unchanged_rows_no_work(
    firm: Path, go: Go, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Files hashed, sources read, rows standardised: all; then hashes alone; then the one row that changed."""
    add_source(firm)
    work = Work(monkeypatch)
    go(firm)
    assert work.done() == (2, 2, 8)
    quiet = go(firm)
    assert work.done() == (2, 0, 0)
    assert [stage.name for stage in quiet.stages] == ["land"]
    table = firm / "inbox" / "customers.csv"
    text = table.read_text("utf-8")
    table.write_text(text.replace("Marco", "Mario", 1), "utf-8")
    go(firm)
    assert work.done() == (2, 1, 1)
