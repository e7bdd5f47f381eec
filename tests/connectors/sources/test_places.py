"""Where files are: paths, globs, addresses, and what is refused."""

from pathlib import Path

import pytest

from connectors.sources import SourceFailed
from connectors.sources.places import files


def test_glob_in_order_with_names_from_the_folder(tmp_path: Path) -> None:
    """A glob gives its files sorted, named from the folder searched; lock files of Office are no files."""
    for name in ("b/2.csv", "a.csv", "b/1.csv", "~$a.csv", ".hidden.csv"):
        path = tmp_path / "in" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("x")
    assert [p.name for p in files("in/**/*.csv", tmp_path)] == ["a.csv", "b/1.csv", "b/2.csv"]


@pytest.mark.parametrize(
    ("location", "reason", "remedy"),
    [
        ("in/sale.csv", "no such file", "'sales.csv'"),
        ("in/*.xlsx", "no file matches", "location"),
        ("out/sales.csv", "no such file", "no folder 'out'"),
        ("in", "a folder", r"in/*.csv"),
        ("env:NOT_SET_ANYWHERE", "not set", "export"),
    ],
)
def test_nothing_there(location: str, reason: str, remedy: str, tmp_path: Path) -> None:
    """A place without files names the place, and the likeliest other."""
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "sales.csv").write_text("x")
    with pytest.raises(SourceFailed, match=reason) as failed:
        files(location, tmp_path)
    assert remedy in failed.value.remedy
    assert failed.value.file == location


def test_link_out_of_the_folder_is_refused(tmp_path: Path) -> None:
    """A symbolic link in the inbox that points elsewhere is not followed."""
    (tmp_path / "in").mkdir()
    (tmp_path / "secret.csv").write_text("x")
    (tmp_path / "in" / "a.csv").symlink_to(tmp_path / "secret.csv")
    with pytest.raises(SourceFailed, match="refused"):
        files("in/*.csv", tmp_path)


def test_address_of_fsspec(tmp_path: Path) -> None:
    """A URL is fetched by fsspec; one that cannot be reached is said."""
    (tmp_path / "a.csv").write_text("x")
    (place,) = files(f"file://{tmp_path}/*.csv", tmp_path)
    assert place.name == "a.csv"
    assert place.path.read_text() == "x"
    with pytest.raises(SourceFailed, match="could not be read"):
        files("file:///nowhere/a.csv", tmp_path)
