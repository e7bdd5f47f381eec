"""A workspace in one file, and back: `goldseam backup`, `goldseam restore`.

A backup holds the state database, settings, rules and `deploy/`, the keys of sources without ids, and the folder of the
last published run, so that the night after a restore goes on as if nothing had happened. It holds no source files (they
are yours), no secrets and no passwords. The published files are written again from the state database.

Restoring is all or nothing: files are laid ready in `var/restoring`, the database changes in one transaction that
leaves a mark in it, then the files move into place. Cut off before that transaction nothing has happened; after it,
`settle` goes on where it was cut off.
"""

import hashlib
import os
import shutil
from collections.abc import Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from importlib.metadata import version
from pathlib import Path
from typing import Final

import pyarrow as pa
import pyarrow.parquet as pq
from sqlalchemy.exc import DatabaseError

from connectors import workspace as workspaces
from connectors.store import backup as tables
from connectors.store import lock
from connectors.store.archive import Damaged, Reader, Writer
from connectors.store.backup import Standing
from connectors.store.base import instant
from connectors.store.runs import RunFolder
from connectors.store.state import Store
from connectors.workspace import Workspace
from pipelines import backup_files as kept
from pipelines import publish, yesterday
from pipelines.quarantine import Refused

FORMAT: Final = 1
FILES: Final = "workspace/"
TABLES: Final = "state/"
STAGED: Final = "restoring"
REPLACED: Final = "replaced"
BATCH: Final = 50_000
"""Rows that are put back at once."""
MANY: Final = 5
"""Things that would be lost which are named one by one."""


@dataclass(frozen=True)
class Told:
    """What a backup holds, or what was restored."""

    path: Path
    state: Standing
    files: int
    left_out: tuple[str, ...] = ()
    """What of the workspace, by name, is not in the backup and is made by nobody again: source files, people's own."""
    put_aside: Path | None = None
    """Where files lie that were there before and were others."""


# --- backup -------------------------------------------------------------------------------------------------


def backup(workspace: Workspace, to: Path, now: datetime | None = None, *, force: bool = False) -> Told:
    """Write a backup of a workspace; runs, stewards and readers go on meanwhile.

    Raises OSError where there is no room: nothing is left behind then, and an earlier backup of that name stays;
    Refused where a password stands in the settings, and where there is a file of that name, unless `force`.
    """
    if to.exists() and not force:
        raise Refused(f"{to} is there already. Name another file, or replace it with --force")
    kept.demand_no_secrets(workspace.root)
    left_out = kept.left_out(workspace.root)
    to.parent.mkdir(parents=True, exist_ok=True)
    with Store.open(workspace.database_url) as store, tables.snapshot(store.engine) as connection:
        writer = Writer(to)
        try:
            state = tables.standing(connection)
            for name, rows in tables.contents(connection):
                _write(writer, f"{TABLES}{name}.parquet", rows)
            files = [
                *kept.settings(workspace.root),
                *kept.keys(workspace.root),
                *_run(yesterday.folder(workspace, store)),
            ]
            for path in files:
                writer.copy(FILES + path.relative_to(workspace.root).as_posix(), path)
            made = instant(now)
            about = {"format": FORMAT, "program": version("goldseam"), "made": made, "left_out": left_out}
            writer.finish({**about, "state": state.as_json()})
        except BaseException:
            writer.give_up()
            raise
    return Told(to, state, len(files), tuple(left_out))


def _write(writer: Writer, name: str, rows: Iterator[pa.Table]) -> None:
    first = next(rows)  # of no rows, and with the types of all
    with (
        writer.file(name) as to,
        pa.PythonFile(to, mode="w") as file,
        pq.ParquetWriter(file, first.schema, compression="zstd") as table,
    ):
        for batch in rows:
            table.write_table(batch)


def _run(folder: RunFolder | None) -> list[Path]:
    """All that counts for the run that the next one builds on, whichever run wrote it."""
    if folder is None:
        return []
    own = [p for p in folder.root.rglob("*") if p.is_file() and p.suffix not in (".tmp", ".parquet")]
    return sorted({*own, *folder.files()})


# --- restore ------------------------------------------------------------------------------------------------


def restore(path: Path, root: Path, *, yes: bool = False) -> Told:
    """Bring a workspace back to what it was when a backup was made.

    Raises Refused where that would take something away, unless `yes`; Damaged where the file is no whole backup;
    lock.Busy while a run is under way; migrate.TooNew where it is of a later Goldseam.
    """
    reader = Reader(path)
    if reader.told["format"] != FORMAT:
        raise Damaged(f"{path} is a backup of another Goldseam (format {reader.told['format']}). Update Goldseam")
    mark = hashlib.sha256(reader.manifest).hexdigest() + f" at {datetime.now(UTC):%Y-%m-%dT%H:%M:%SZ}"
    state = Standing(**reader.told["state"])
    with lock.held(root / "var" / "run.lock"):
        staged = _stage(reader, root, mark)
        try:
            _replace(staged, reader, state, yes)
        except BaseException:
            shutil.rmtree(staged.folder)
            raise
        aside = _finish(staged)
    return Told(path, state, len(reader.names(FILES)), tuple(reader.told.get("left_out", ())), aside)


@dataclass(frozen=True)
class _Staged:
    """A backup laid ready in a workspace."""

    root: Path
    mark: str

    @property
    def folder(self) -> Path:
        return self.root / "var" / STAGED

    @property
    def files(self) -> Path:
        return self.folder / "files"

    @property
    def workspace(self) -> Workspace:
        """As it is going to be. Raises schema.Mistakes."""
        read = workspaces.read(self.files if self.files.exists() else self.root)
        return replace(read, root=self.root)

    def differs(self) -> list[Path]:
        """Settings and keys that are there, and others or none in the backup."""
        there = [*kept.settings(self.root), *kept.keys(self.root)] if (self.root / "goldseam.yml").exists() else []
        names = [path.relative_to(self.root) for path in there]
        return sorted({n for n in names if not _same(self.root / n, self.files / n)})


def _same(one: Path, other: Path) -> bool:
    return other.exists() and one.read_bytes() == other.read_bytes()


def _stage(reader: Reader, root: Path, mark: str) -> _Staged:
    staged = _Staged(root, mark)
    shutil.rmtree(staged.folder, ignore_errors=True)
    for name in reader.names(FILES):
        reader.extract(name, staged.files / name.removeprefix(FILES))
    for name in reader.names(TABLES):
        reader.extract(name, staged.folder / name)
    (staged.folder / "mark").write_text(mark, "utf-8")
    return staged


def _replace(staged: _Staged, reader: Reader, state: Standing, yes: bool) -> None:
    """The state database, in one transaction."""
    url = staged.workspace.database_url
    with _opened(url, staged.root, yes) as store, lock.database(store.engine):
        with tables.snapshot(store.engine) as connection:
            lost = state.lacks(tables.standing(connection))
        lost += [f"{name} as it is" for name in staged.differs() if name.parts[0] != "var"]
        if lost and not yes:
            more = f" and {len(lost) - MANY} more" if len(lost) > MANY else ""
            raise Refused(
                f"The backup of {reader.told['made'][:10]} has not: {'; '.join(lost[:MANY])}{more}. To restore it all"
                " the same, make a backup of what is there, then add --yes"
            )
        names = [name.removeprefix(TABLES).removesuffix(".parquet") for name in reader.names(TABLES)]
        content = ((name, _batches(staged.folder / TABLES / f"{name}.parquet")) for name in names)
        with tables.migrated(state.revision, content, staged.folder / "scratch.db") as today:
            tables.restore(store.engine, today, staged.mark)


def _batches(path: Path) -> Iterator[pa.Table]:
    for batch in pq.ParquetFile(path).iter_batches(batch_size=BATCH):
        yield pa.Table.from_batches([batch])


def _opened(url: str, root: Path, yes: bool) -> Store:
    """The database to restore into; one that cannot be read is put aside, which is what a backup is for."""
    try:
        return Store.open(url)
    except DatabaseError as error:
        said = str(error.orig)
        if not url.startswith("sqlite") or not any(word in said for word in ("not a database", "malformed")):
            raise
        if not yes:
            raise Refused(f"The state database is damaged ({said}). To put it aside and restore, add --yes") from error
        file = Path(url.removeprefix("sqlite:///"))
        for part in file.parent.glob(f"{file.name}*"):
            _put_aside(part, root)
            part.unlink()
        return Store.open(url)


def _finish(staged: _Staged) -> Path | None:
    """Files into their places; done again from the start where it was cut off."""
    root, aside = staged.root, None
    for name in staged.differs():
        aside = _put_aside(root / name, root)
        if not (staged.files / name).exists():
            (root / name).unlink()
    for path in sorted(p for p in staged.files.rglob("*") if p.is_file()):
        _place(path, root / path.relative_to(staged.files))
    workspace = workspaces.read(root)
    with Store.open(workspace.database_url) as store:
        publish.repair(workspace, store)
    shutil.rmtree(staged.folder)
    return aside


def _put_aside(path: Path, root: Path) -> Path:
    """Files that a restore replaces are kept beside."""
    folder = root / "var" / REPLACED
    _place(path, folder / path.relative_to(root))
    return folder


def _place(path: Path, to: Path) -> None:
    """A file at a second place, in one step, without copying what it holds where the file system can do that."""
    draft = to.with_name(f".{to.name}.tmp")
    draft.unlink(missing_ok=True)
    to.parent.mkdir(parents=True, exist_ok=True)
    try:
        os.link(path, draft)
    except OSError:
        shutil.copyfile(path, draft)
    draft.replace(to)


def settle(workspace: Workspace, store: Store) -> Workspace:
    """Bring a restore that was cut off to its end, or take it back; call it only under the lock of a run.

    -> the workspace as it is then.
    """
    folder = workspace.var / STAGED
    if not folder.exists():
        return workspace
    told = folder / "mark"
    mark = told.read_text("utf-8") if told.exists() else ""
    with store.engine.connect() as connection:
        done = bool(mark) and tables.restored(connection, mark)
    if not done:
        shutil.rmtree(folder)
        return workspace
    _finish(_Staged(workspace.root, mark))
    return workspaces.read(workspace.root)
