"""What a run builds on: the publication in force and the folder of the run that made it."""

import json
import shutil

from connectors.store.runs import RunFolder
from connectors.store.state import Store
from connectors.workspace import Workspace
from pipelines import resume
from pipelines.context import Run
from rules.schema import Mistakes


def demand(workspace: Workspace, store: Store) -> None:
    """The state database must know what is published. Raises Mistakes.

    Golden ids live in it. A new one (its file was deleted, or the address leads elsewhere) would give every
    customer another id, and take the published files for those of a run that never was.
    """
    manifest = workspace.root / "published" / "latest" / "manifest.json"
    if not manifest.exists():
        return
    published = json.loads(manifest.read_text("utf-8")).get("publication", 0)
    if published <= store.version():
        return
    message = (
        f"published/latest is publication {published}, and the state database "
        f"{f'knows only {store.version()}' if store.version() else 'is empty'}: golden ids would begin anew"
    )
    remedy = "Restore it from a backup, or correct its address. To begin anew on purpose, move published/ away"
    raise Mistakes([workspace.of_database(message, remedy)])


def folder(workspace: Workspace, store: Store, last: str | None = None, version: int | None = None) -> RunFolder | None:
    """The folder of a published run, else of a later one that came to the same; None where files are missing.

    `last` and `version`: the run and its publication; none named: those in force.
    """
    runs = workspace.var / "runs"
    last, version = last or store.last_published(), version or store.version()
    if last is None:
        return None
    made = [row["run_id"] for row in store.runs().to_pylist() if row["status"] == "unchanged" and row["run_id"] > last]
    for run_id in (last, *made):
        found = RunFolder.open(runs, run_id)
        if found.whole() and found.parts("survive", "golden") and publication(found, run_id == last) == version:
            return found
    return None


def looked(run: Run, base: RunFolder) -> RunFolder:
    """The folder of the last run that went through all stages with the rows of the published one.

    It found nothing to publish, but looked on a later day, at later decisions. Where there was none: base, the folder
    of the published run.
    """
    for row in run.store.runs().to_pylist():
        if row["run_id"] <= base.id:
            break
        found = RunFolder.open(run.folder.runs, row["run_id"])
        if row["status"] == "unchanged" and found.parts("survive", "golden") and found.whole():
            same = publication(found, False) == run.store.version() and resume.landed_alike(found, base)
            return found if same else base
    return base


def publication(found: RunFolder, published: bool) -> int:
    """The publication that a whole run stands for; `published`: whether it made it."""
    return int(found.read("identify", "base")["version"][0].as_py()) + published


def quarantined(store: Store) -> dict[str, int]:
    """How many records are in quarantine, by reason, as the last run that looked has it."""
    for row in store.runs().to_pylist():
        told = json.loads(row["summary"] or "{}")
        if row["status"] in ("published", "unchanged") and told:
            return dict(told.get("quarantined", {}))
    return {}


def remember_keys(run: Run) -> None:
    """Keep the keys that sources without ids were given beside the state database, run folders come and go."""
    kept = run.workspace.var / "keys"
    for name, part in run.folder.parts("land", "keys").items():
        kept.mkdir(parents=True, exist_ok=True)
        draft = kept / f"{name}.tmp"
        shutil.copyfile(part.only, draft)
        draft.replace(kept / f"{name}.parquet")
