"""Folders that hold customers' data beside the published files."""

from pathlib import Path


def private(folder: Path) -> Path:
    """The folder; where it is not there yet it is made, for its owner alone: other users of the machine see nothing."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder
