"""A workspace to start from: settings with comments and an example that runs as it is."""

from importlib.resources import files
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import Final


class FolderInUse(Exception):
    """The folder holds files already; nothing was written."""


ASKED: Final = "Write its two letters, as GR, and take the # away; a source may name its own.\n# country: XX\n"
"""What the template asks: where the customers are."""


def write(folder: Path, country: str | None = None) -> list[Path]:
    """Write the example workspace; -> its files. Raises FolderInUse where the folder is not empty.

    `country` (ISO 3166, two capital letters) becomes the firm's; without it the settings ask for one.
    """
    if folder.exists() and any(folder.iterdir()):
        raise FolderInUse(
            f"{folder} is not empty, and nothing in it was touched. Name a folder that does not exist yet"
        )
    written = sorted(_copy(files("pipelines").joinpath("template"), folder))
    (folder / "var").mkdir()
    if country:
        settings = folder / "goldseam.yml"
        settings.write_text(
            settings.read_text("utf-8").replace(ASKED, f"A source may name its own.\ncountry: {country}\n"), "utf-8"
        )
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
