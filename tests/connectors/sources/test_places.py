"""Where files are on this machine: paths, globs, links, and what is no file."""

import os
import socket
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from connectors.sources import SourceFailed
from connectors.sources.places import files, shown
from connectors.sources.places.local import look


def write(root: Path, *names: str) -> None:
    for name in names:
        path = root / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(name)


def names(where: str, root: Path) -> list[str]:
    return [file.name for file in look(where, root).files]


def test_glob_in_order_with_names_from_the_folder(tmp_path: Path) -> None:
    """A glob gives its files sorted, named from the folder searched; lock files of Office are no files."""
    write(tmp_path, "in/b/2.csv", "in/a.csv", "in/b/1.csv", "in/~$a.csv", "in/.hidden.csv", "in/.git/3.csv")
    assert [p.name for p in files("in/**/*.csv", tmp_path)] == ["a.csv", "b/1.csv", "b/2.csv"]
    assert names("in/*.csv", tmp_path) == ["a.csv"]
    assert names("in/?/[12].csv", tmp_path) == ["b/1.csv", "b/2.csv"]
    assert names("in/*/2.csv", tmp_path) == ["b/2.csv"]
    assert names("in/**", tmp_path) == ["a.csv", "b/1.csv", "b/2.csv"]


def test_a_file_with_brackets_in_its_name_is_no_glob(tmp_path: Path) -> None:
    """Browsers and mail programs write `sales (1).csv` and `sales[1].csv`."""
    write(tmp_path, "in/sales[1].csv")
    assert names("in/sales[1].csv", tmp_path) == ["sales[1].csv"]


def test_a_file_address_is_a_path(tmp_path: Path) -> None:
    """`file://` leads to this machine, under the same rules."""
    write(tmp_path, "in/a b.csv")
    assert names(f"file://{tmp_path}/in/a%20b.csv", Path("/")) == ["a b.csv"]
    assert names(f"file://{tmp_path}/in/*.csv", Path("/")) == ["a b.csv"]


@pytest.mark.parametrize(
    ("location", "reason", "remedy"),
    [
        ("in/sale.csv", "no such file", "'sales.csv'"),
        ("in/*.xlsx", "no file matches", "location"),
        ("out/sales.csv", "no such file", "no folder 'out'"),
        ("out/*.csv", "no folder 'out'", "location"),
        ("in/sales.csv/more.csv", "no such file", "no folder 'sales.csv'"),
        ("in", "a folder", r"in/*.csv"),
        ("env:NOT_SET_ANYWHERE", "not set", "export"),
    ],
)
def test_nothing_there(location: str, reason: str, remedy: str, tmp_path: Path) -> None:
    """A place without files names the place, and the likeliest other."""
    write(tmp_path, "in/sales.csv")
    with pytest.raises(SourceFailed, match=reason) as failed:
        files(location, tmp_path)
    assert remedy in failed.value.remedy
    assert failed.value.file == location


# --- links --------------------------------------------------------------------------------------------------


@pytest.fixture
def firm(tmp_path: Path) -> Path:
    """A workspace, called by a link to it, with a secret beside it and settings in it."""
    write(tmp_path, "secret/a.csv", "real/goldseam.csv", "real/in/old/2025.csv")
    (tmp_path / "firm").symlink_to(tmp_path / "real")
    return tmp_path / "firm"


@pytest.mark.parametrize("location", ["in/a.csv", "in/*.csv", "in/**/*.csv", "*/a.csv"])
@pytest.mark.parametrize("target", ["../../secret/a.csv", "../goldseam.csv"])
def test_a_link_out_of_the_inbox_is_refused(location: str, target: str, firm: Path) -> None:
    """Named alone or found by a glob, to a file outside the workspace or to one of its own settings."""
    (firm / "in" / "a.csv").symlink_to(target)
    if location == "*/a.csv" and target == "../goldseam.csv":
        return  # the glob searches the whole workspace
    with pytest.raises(SourceFailed, match="link leads out of the folder and was refused") as failed:
        files(location, firm)
    assert "Put the file itself there" in failed.value.remedy


@pytest.mark.parametrize("location", ["in/new/a.csv", "in/new/*.csv", "in/*/a.csv"])
def test_a_linked_folder_in_the_middle_of_the_path_is_refused(location: str, firm: Path) -> None:
    """Where a folder of the path leads out, so do its files."""
    (firm / "in" / "new").symlink_to("../../secret")
    with pytest.raises(SourceFailed, match="refused"):
        files(location, firm)


def test_a_linked_inbox_is_refused(firm: Path) -> None:
    """The first folder of a relative location must lie in the workspace itself."""
    (firm / "inbox").symlink_to("../secret")
    for location in ("inbox/a.csv", "inbox/*.csv"):
        with pytest.raises(SourceFailed, match="refused"):
            files(location, firm)


def test_links_within_the_inbox_are_followed(firm: Path) -> None:
    """`latest.csv` may point to a file of the inbox; the workspace itself may be a link."""
    (firm / "in" / "latest.csv").symlink_to("old/2025.csv")
    (firm / "in" / "now").symlink_to("old")
    assert names("in/latest.csv", firm) == ["latest.csv"]
    assert names("in/now/2025.csv", firm) == ["2025.csv"]
    assert [p.path.read_text() for p in files("in/*.csv", firm)] == ["real/in/old/2025.csv"]


def test_an_absolute_path_is_the_users_own_word(firm: Path) -> None:
    """Whoever writes a whole path means it; in the folder that an absolute glob searches, links stay within."""
    (firm / "in" / "a.csv").symlink_to("../../secret/a.csv")
    assert names(f"{firm}/in/a.csv", firm) == ["a.csv"]
    assert names("../secret/a.csv", firm) == ["a.csv"]
    with pytest.raises(SourceFailed, match="refused"):
        files(f"{firm}/in/*.csv", firm)


def test_a_file_that_is_found_twice_by_links_is_read_once(firm: Path) -> None:
    """Its rows would be doubled; a link in a circle would give them a hundred times over."""
    write(firm, "in/a.csv")
    (firm / "in" / "b.csv").symlink_to("a.csv")
    (firm / "in" / "round").symlink_to(".")
    found = look("in/**/*.csv", firm)
    assert [file.name for file in found.files] == ["a.csv", "old/2025.csv"]
    assert found.notes == ("b.csv is a.csv again, by a link: it is read once",)


def test_a_link_to_nowhere_is_said(firm: Path) -> None:
    """In a glob it is left out; named alone it is a file that is not there."""
    (firm / "in" / "a.csv").symlink_to("gone.csv")
    write(firm, "in/b.csv")
    found = look("in/*.csv", firm)
    assert [file.name for file in found.files] == ["b.csv"]
    assert found.notes == ("a.csv leads nowhere and was left out",)
    with pytest.raises(SourceFailed, match="no such file"):
        files("in/a.csv", firm)


# --- what is no file ----------------------------------------------------------------------------------------


def test_a_named_pipe_is_never_opened(tmp_path: Path) -> None:
    """Opening one waits for ever; alone it is refused, in a glob left out and said."""
    os.mkfifo(tmp_path / "a.csv")
    with pytest.raises(SourceFailed, match="this is a named pipe, not a file"):
        files("a.csv", tmp_path)
    write(tmp_path, "b.csv")
    assert look("*.csv", tmp_path).notes == ("a.csv is a named pipe, not a file, and was left out",)


def test_devices_and_sockets_are_refused() -> None:
    """A device gives bytes without end."""
    with pytest.raises(SourceFailed, match="this is a device"):
        files("/dev/zero", Path("/"))
    with tempfile.TemporaryDirectory() as folder, socket.socket(socket.AF_UNIX) as server:
        server.bind(f"{folder}/s")
        with pytest.raises(SourceFailed, match="this is a socket"):
            files("s", Path(folder))


@contextmanager
def somebody_else() -> Iterator[Path]:
    """A folder, and the rights of a user who owns nothing."""
    with tempfile.TemporaryDirectory() as folder:
        root = Path(folder)
        write(root, "in/a.csv", "in/closed/b.csv")
        for path, mode in (("in/a.csv", 0), ("in/closed", 0), (".", 0o755)):
            (root / path).chmod(mode)
        if os.geteuid() == 0:
            os.seteuid(65534)
        try:
            yield root
        finally:
            if os.getuid() == 0:
                os.seteuid(0)
            (root / "in/closed").chmod(0o755)


def test_what_may_not_be_read_is_said() -> None:
    """A closed file, and a closed folder below a glob, whose files must not be taken for gone."""
    with somebody_else() as root:
        with pytest.raises(SourceFailed, match="the file may not be read") as failed:
            files("in/a.csv", root)
        assert "the right to read it" in failed.value.remedy
        for location in ("in/closed/*.csv", "in/**/*.csv"):
            with pytest.raises(SourceFailed, match="the folder may not be read"):
                files(location, root)


@pytest.mark.parametrize(
    ("location", "said"),
    [
        ("sftp://maria:s%40cret@host/in/*.csv", "sftp://host/in/*.csv"),
        ("https://host/export.csv?token=s3cret", "https://host/export.csv?…"),
        ("inbox/what?.csv", "inbox/what?.csv"),
        ("env:SHOP", "env:SHOP"),
    ],
)
def test_addresses_are_shown_without_secrets(location: str, said: str) -> None:
    """User, password and query of an address stand in no message."""
    assert shown(location) == said
