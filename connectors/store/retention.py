"""Which run folders are kept. A file that a kept run counts as its own is kept, whichever run wrote it."""

import shutil
from pathlib import Path

from connectors.store.runs import RunFolder


def prune(runs: Path, keep: int, always: list[str]) -> list[str]:
    """Remove all but the newest `keep` run folders and those in `always`; -> ids of the runs removed.

    Files that a kept run took over from an older one stay where they are.
    """
    folders = sorted(p for p in runs.iterdir() if p.is_dir())
    kept = {p.name for p in folders[-keep:]} | set(always)
    needed = {path for name in kept for path in RunFolder.open(runs, name).files()}
    removed = []
    for folder in folders:
        if folder.name not in kept:
            _remove(folder, {p for p in needed if p.is_relative_to(folder)})
            removed.append(folder.name)
    return removed


def _remove(folder: Path, needed: set[Path]) -> None:
    if not needed:
        shutil.rmtree(folder)
        return
    for path in folder.rglob("*"):
        if path.is_file() and path not in needed:
            path.unlink()
