"""A workspace to start from: settings with comments and an example that runs as it is."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path


class FolderInUse(Exception):
    """The folder holds files already; nothing was written."""


def write(folder: Path) -> list[Path]:
    """Write the example workspace; -> its files. Raises FolderInUse where the folder is not empty."""
    if folder.exists() and any(folder.iterdir()):
        raise FolderInUse(
            f"{folder} is not empty, and nothing in it was touched. Name a folder that does not exist yet"
        )
    written = sorted(_copy(files("pipelines").joinpath("template"), folder))
    (folder / "var").mkdir()
    return written


def _copy(source: Traversable, target: Path) -> list[Path]:
    target.mkdir(parents=True, exist_ok=True)
    written: list[Path] = []
    for entry in source.iterdir():
        if entry.is_dir():
            written += _copy(entry, target / entry.name)
        else:
            path = target / (".gitignore" if entry.name == "gitignore" else entry.name)
            path.write_bytes(entry.read_bytes())
            written.append(path)
    return written
