"""A backup brings a workspace back as it was, on either database, all of it or nothing."""

import json
import shutil
import zipfile
from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from sqlalchemy import insert, select
from typer.testing import CliRunner

from connectors import workspace as workspaces
from connectors.store import backup as state_backup
from connectors.store import tables
from connectors.store.archive import Damaged
from connectors.store.state import Store
from pipelines import backup, backup_files, init, runner
from pipelines.cli import app
from pipelines.quarantine import Refused
from pipelines.runner import Summary
from tests.databases import KINDS, database
from tests.pipelines.example import KEYLESS, add_source, crosswalk, latest

Go = Callable[[Path], Summary]


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A firm with a source without ids and decisions, published twice."""
    root = tmp_path_factory.mktemp("backup") / "firm"
    init.write(root)
    add_source(root, KEYLESS)
    night = datetime(2025, 12, 1, 3, 30, tzinfo=UTC)
    runner.run(workspaces.read(root), now=night)
    with Store.open(workspaces.read(root).database_url) as store:
        seq = store.decide("same", "customers:1003", "customers:1006", user="maria")
        store.undo(seq, user="maria")
        store.decide("different", "customers:1004", "customers:1005", user="maria", reason='two\nsites, "x"')
    assert runner.run(workspaces.read(root), now=night + timedelta(days=1)).status == "published"
    return root


@pytest.fixture
def published(template: Path, tmp_path: Path) -> Path:
    return Path(shutil.copytree(template, tmp_path / "firm", symlinks=True))


def taken(firm: Path, folder: Path) -> Path:
    backup.backup(workspaces.read(firm), folder / "firm.zip")
    return folder / "firm.zip"


def content(url: str) -> dict[str, list[dict[str, object]]]:
    """Every row of every table, but for the audit, in which the restore itself stands."""
    with Store.open(url) as store, state_backup.snapshot(store.engine) as connection:
        found = {n: [r for part in parts for r in part.to_pylist()] for n, parts in state_backup.contents(connection)}
    del found["audit"]
    return found


@pytest.mark.parametrize("kind", KINDS)
def test_restored_elsewhere_a_run_finds_nothing_to_do(
    published: Path, go: Go, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, kind: str
) -> None:
    """On another machine, on either database: every row is there, and the next run goes on as if at home."""
    made = taken(published, tmp_path)
    before = content(workspaces.read(published).database_url)
    elsewhere = tmp_path / "elsewhere"
    with database(kind, tmp_path) as url:
        monkeypatch.setenv("GOLDSEAM_DATABASE_URL", url)
        told = backup.restore(made, elsewhere)
        assert (told.state.version, told.put_aside) == (2, None)
        shutil.copytree(published / "inbox", elsewhere / "inbox")
        assert content(url) == before
        assert crosswalk(elsewhere) == crosswalk(published)
        summary = go(elsewhere)
        assert (summary.status, len(summary.stages), summary.warnings) == ("unchanged", 1, [])
        with Store.open(url) as store:
            assert store.decide("same", "customers:1001", "customers:1006", user="maria") == 4
            assert store.decisions().num_rows == 2


def test_a_backup_of_postgresql_is_restored_on_sqlite(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """There and back again, not a row is another."""
    made = taken(published, tmp_path)
    before = content(workspaces.read(published).database_url)
    with database("postgresql", tmp_path) as url, monkeypatch.context() as set_to:
        set_to.setenv("GOLDSEAM_DATABASE_URL", url)
        backup.restore(made, tmp_path / "there")
        backup.backup(workspaces.read(tmp_path / "there"), tmp_path / "back.zip")
    backup.restore(tmp_path / "back.zip", tmp_path / "here")
    assert content(workspaces.read(tmp_path / "here").database_url) == before


def test_what_would_be_lost_is_named_and_kept(published: Path, go: Go, tmp_path: Path) -> None:
    """A later publication, decision or setting stands against a restore; with --yes it happens, files are put aside."""
    made = taken(published, tmp_path)
    before = content(workspaces.read(published).database_url)
    (published / "inbox" / "second.csv").write_text("name,mail\nIda Falk,ida@post.example\n", "utf-8")
    (published / "rules" / "survivorship.yml").write_text("{}\n", "utf-8")
    later = go(published).run_id
    with Store.open(workspaces.read(published).database_url) as store:
        store.decide("same", "customers:1001", "customers:1006", user="maria")
    now = content(workspaces.read(published).database_url)
    with pytest.raises(Refused) as refused:
        backup.restore(made, published)
    assert f"publication 3 (run {later})" in str(refused.value)
    assert "1 of decisions" in str(refused.value)
    assert "rules/survivorship.yml as it is" in str(refused.value)
    assert content(workspaces.read(published).database_url) == now
    told = backup.restore(made, published, yes=True)
    assert content(workspaces.read(published).database_url) == before
    assert told.put_aside
    assert (told.put_aside / "rules" / "survivorship.yml").exists()
    assert not (published / "rules" / "survivorship.yml").exists()
    manifest = json.loads(latest(published, "manifest.json").read_text("utf-8"))
    assert manifest["publication"] == 2
    assert go(published).changes["created"] == 1


@pytest.mark.parametrize(
    "moment", [*(pytest.param(m, marks=pytest.mark.soak) for m in ("_stage", "_finish")), "_replace"]
)
def test_a_restore_that_is_cut_off_is_all_or_nothing(
    published: Path, go: Go, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, moment: str
) -> None:
    """Killed when files lay ready, after the database, or before the end: the next run sets it right."""
    made = taken(published, tmp_path)
    before = crosswalk(published)
    (published / "inbox" / "second.csv").write_text("name,mail\nIda Falk,ida@post.example\n", "utf-8")
    (published / "goldseam.yml").write_text("firm: Another\n", "utf-8")
    go(published)
    cut_off(monkeypatch, moment)
    with pytest.raises(KeyboardInterrupt):
        backup.restore(made, published, yes=True)
    monkeypatch.undo()
    with runner.opened(workspaces.read(published), datetime.now(UTC)) as (run, _):
        restored = run.workspace.firm.firm == "My firm"
        assert restored == (moment != "_stage")
        assert (crosswalk(published) == before) == restored
        assert run.before
    assert not (published / "var" / "restoring").exists()


def cut_off(monkeypatch: pytest.MonkeyPatch, moment: str) -> None:
    """Nothing is done after this step, and nothing is cleared up: as a kill leaves it."""
    monkeypatch.setattr(backup.shutil, "rmtree", lambda *_, **__: None)

    def dies(*_: object, **__: object) -> None:
        raise KeyboardInterrupt

    if moment == "_finish":
        monkeypatch.setattr(backup.publish, "repair", dies)
    else:
        step = getattr(backup, moment)

        def cut(*arguments: object) -> None:
            step(*arguments)
            raise KeyboardInterrupt

        monkeypatch.setattr(backup, moment, cut)


def test_a_damaged_backup_touches_nothing(published: Path, tmp_path: Path) -> None:
    """One byte that is another, a file that ends too early, or no backup at all: said, and nothing is begun."""
    made = taken(published, tmp_path)
    whole = made.read_bytes()
    at = whole.index(b"PAR1") + 10
    for damaged in (whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :], whole[: len(whole) // 2], b"no zip"):
        made.write_bytes(damaged)
        with pytest.raises(Damaged, match="Take another"):
            backup.restore(made, tmp_path / "elsewhere")
        assert not (tmp_path / "elsewhere").exists()


def test_a_backup_that_finds_no_room_leaves_nothing_behind(
    published: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Yesterday's backup of the same name stays."""
    made = taken(published, tmp_path)
    before = made.read_bytes()

    def full(*_: object) -> None:
        raise OSError(28, "No space left on device")

    monkeypatch.setattr(backup.Writer, "copy", full)
    with pytest.raises(OSError, match="No space"):
        backup.backup(workspaces.read(published), made, force=True)
    assert made.read_bytes() == before
    assert [p.name for p in tmp_path.glob("firm.zip*")] == ["firm.zip"]


def test_no_password_is_in_a_backup(published: Path, tmp_path: Path) -> None:
    """Not even as a hash: users are restored without, and nobody is signed in by a backup."""
    with Store.open(workspaces.read(published).database_url) as store, store.writing() as connection:
        connection.execute(insert(tables.users).values({"name": "maria", "password": "scrypt$secret"}))
        connection.execute(insert(tables.sessions).values({"token": "of maria", "user": "maria"}))
    made = taken(published, tmp_path)
    with zipfile.ZipFile(made) as archive:
        assert not any(b"secret" in archive.read(name) for name in archive.namelist())
    backup.restore(made, tmp_path / "elsewhere")
    with Store.open(workspaces.read(tmp_path / "elsewhere").database_url) as store:
        assert [user["name"] for user in store.users()] == ["maria"]
        assert not store.table(select(tables.sessions)).num_rows


def test_no_address_with_a_password_is_in_a_backup(published: Path) -> None:
    """Named with file and line; an environment variable is the place for it."""
    with (published / "goldseam.yml").open("a", encoding="utf-8") as file:
        file.write("database: postgresql://goldseam:secret@db/goldseam\n")
    with pytest.raises(Refused, match=r"goldseam.yml:\d+: an address with a password.*env:NAME"):
        backup_files.demand_no_secrets(published)


def test_no_secret_of_a_service_is_in_a_backup(published: Path) -> None:
    """A unit of systemd that names one is refused; what init writes there is not."""
    backup_files.demand_no_secrets(published)
    with (published / "deploy" / "goldseam-nightly.service").open("a", encoding="utf-8") as file:
        file.write("Environment=GOLDSEAM_MAIL_PASSWORD=hunter2\n")
    with pytest.raises(Refused, match=r"goldseam-nightly.service:\d+: a secret.*EnvironmentFile"):
        backup_files.demand_no_secrets(published)


def test_no_earlier_backup_is_lost(published: Path, tmp_path: Path) -> None:
    """A file of that name stays, and --force replaces it."""
    made = tmp_path / "firm.zip"
    made.write_text("another", "utf-8")
    words = ["backup", "-w", str(published), "--to", str(made)]
    told = CliRunner().invoke(app, words)
    assert "is there already. Name another file, or replace it with --force" in str(told.exception)
    assert made.read_text("utf-8") == "another"
    assert CliRunner().invoke(app, [*words, "--force"]).exit_code == 0
    assert zipfile.is_zipfile(made)


def test_a_state_database_that_is_damaged_is_put_aside(published: Path, tmp_path: Path) -> None:
    """Which is what the backup was made for."""
    made = taken(published, tmp_path)
    before = content(workspaces.read(published).database_url)
    for name in ("goldseam.db-wal", "goldseam.db-shm"):
        (published / "var" / name).unlink(missing_ok=True)
    (published / "var" / "goldseam.db").write_bytes(b"rubbish" * 4000)
    with pytest.raises(Refused, match="damaged"):
        backup.restore(made, published)
    backup.restore(made, published, yes=True)
    assert content(workspaces.read(published).database_url) == before
    assert (published / "var" / "replaced" / "var" / "goldseam.db").exists()


def test_the_commands_tell_what_they_did(published: Path, tmp_path: Path) -> None:
    """What is in the file and what is not, where it went; wrong usage is answered with exit code 2."""
    made = tmp_path / "firm.zip"
    (published / "notes.txt").write_text("ours", "utf-8")
    told = CliRunner().invoke(app, ["backup", "-w", str(published), "--to", str(made)])
    assert told.exit_code == 0
    assert "publication 2, 3 decisions" in told.stdout
    assert "Not in it: inbox, notes.txt." in told.stdout
    restored = CliRunner().invoke(app, ["restore", str(made), "-w", str(tmp_path / "elsewhere")])
    assert restored.exit_code == 0
    assert "Restored into" in restored.stdout
    assert "inbox, notes.txt. Lay your own copy beside." in restored.stdout
    assert (tmp_path / "elsewhere" / "deploy" / "goldseam-nightly.service").exists()
    assert CliRunner().invoke(app, ["restore", str(tmp_path / "none.zip")]).exit_code == 2
