"""Files behind addresses, from real servers of each protocol: fetched, refused, unchanged, hanging."""

import os
import sys
from collections.abc import Iterator
from pathlib import Path

import fsspec
import pytest

from connectors.sources import SourceFailed, fingerprint, gather, read
from connectors.sources.places import remote
from connectors.sources.places.known_files import Known
from rules.schema import Source
from tests import servers
from tests.limits import no_room

TABLE = b"no,name\n1,Anna\n2,Bea\n"


def source(location: str, **settings: object) -> Source:
    return Source.model_validate({"kind": "csv", "location": location, **settings})


@pytest.fixture
def web() -> Iterator[servers.Served]:
    with servers.http() as served:
        served.files = {"/in/b.csv": TABLE, "/in/a b.csv": TABLE + b"3,Carla\n", "/in/notes.txt": b"no table"}
        yield served


@pytest.fixture
def desk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[servers.Sftp]:
    """An SFTP server that this user knows, with its address in SHOP."""
    monkeypatch.setenv("HOME", str(tmp_path / "home"))
    monkeypatch.delenv("SSH_AUTH_SOCK", raising=False)
    (tmp_path / "served" / "in").mkdir(parents=True)
    (tmp_path / "served" / "in" / "a.csv").write_bytes(TABLE)
    os.utime(tmp_path / "served" / "in" / "a.csv", (1_700_000_000,) * 2)
    (tmp_path / "home" / ".ssh").mkdir(parents=True)
    with servers.sftp(tmp_path / "served") as served:
        know(tmp_path, served.known_as(served.key))
        monkeypatch.setenv("SHOP", f"sftp://maria:p%40ss%2Fword@{servers.HOST}:{served.port}/in/*.csv")
        yield served


def know(tmp_path: Path, line: str) -> None:
    (tmp_path / "home" / ".ssh" / "known_hosts").write_text(line)


def temporary_folders(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Path:
    """Where what is fetched goes."""
    folder = tmp_path / "temporary"
    folder.mkdir()
    monkeypatch.setattr("tempfile.tempdir", str(folder))
    return folder


# --- reading ------------------------------------------------------------------------------------------------


def test_http_file_and_glob(web: servers.Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A file by its address, several by a glob over a page of links; nothing of it stays on the disk."""
    folder = temporary_folders(monkeypatch, tmp_path)
    host = f"http://{servers.HOST}:{web.port}"
    one = read("shop", source(f"{host}/in/b.csv?token=s3cret"), tmp_path)
    assert one.raw.select(["_file", "_line", "name"]).to_pylist()[0] == {"_file": "b.csv", "_line": 2, "name": "Anna"}
    several = read("shop", source(f"{host}/in/*.csv"), tmp_path)
    assert several.raw["_file"].to_pylist() == ["a b.csv"] * 3 + ["b.csv"] * 2
    assert list(folder.iterdir()) == []


def test_sftp_glob_with_a_password_from_the_environment(desk: servers.Sftp, tmp_path: Path) -> None:
    """A password with @ and / in it is written %40 and %2F in the address."""
    (desk.folder / "in" / "b.csv").write_bytes(b"no,name\n3," + b"x" * 3_000_000 + b"\n")
    landed = read("shop", source("env:SHOP"), tmp_path)
    assert landed.raw["_file"].to_pylist() == ["a.csv", "a.csv", "b.csv"]
    assert len(landed.raw["name"][2].as_py()) == 3_000_000


def test_sftp_links_are_followed_and_closed_folders_are_said(
    desk: servers.Sftp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A link on the server is the server's matter; a folder that may not be listed must not be taken for empty."""
    (desk.folder / "in" / "latest.csv").symlink_to("a.csv")
    (desk.folder / "in" / "gone.csv").symlink_to("nothing.csv")
    landed = read("shop", source("env:SHOP"), tmp_path)
    assert landed.raw["_file"].to_pylist() == ["a.csv"] * 2 + ["latest.csv"] * 2
    assert "gone.csv leads nowhere and was left out" in landed.notes
    (desk.folder / "in" / desk.closed).mkdir()
    monkeypatch.setenv("SHOP", os.environ["SHOP"].replace("*.csv", "**/*.csv"))
    with pytest.raises(SourceFailed, match=r"could not be read: .*Permission denied"):
        read("shop", source("env:SHOP"), tmp_path)


@pytest.mark.usefixtures("desk")
def test_a_folder_far_away_is_no_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """As on this machine."""
    monkeypatch.setenv("SHOP", os.environ["SHOP"].replace("/*.csv", ""))
    with pytest.raises(SourceFailed, match="this is a folder, not a file"):
        read("shop", source("env:SHOP"), tmp_path)


def test_s3_glob(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The endpoint and the credentials are those of the AWS variables, so any S3-compatible store will do."""
    with servers.s3() as store:
        store.files = {"/firm/in/a.csv": TABLE, "/firm/in/sub/b.csv": TABLE, "/firm/x.csv": TABLE}
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{servers.HOST}:{store.port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        monkeypatch.setenv("AWS_DEFAULT_REGION", "us-east-1")
        landed = read("shop", source("s3://firm/in/**/*.csv"), tmp_path)
        assert landed.raw["_file"].to_pylist() == ["a.csv"] * 2 + ["sub/b.csv"] * 2


def test_any_other_system_of_fsspec(tmp_path: Path) -> None:
    """Files in memory: named from the folder that is searched, so that two of one name stay apart."""
    memory = fsspec.filesystem("memory")
    for name in ("/firm/x/a.csv", "/firm/y/a.csv", "/firm/y/.hidden.csv"):
        memory.pipe_file(name, TABLE)
    landed = read("shop", source("memory://firm/*/*.csv"), tmp_path)
    assert sorted(set(landed.raw["_file"].to_pylist())) == ["x/a.csv", "y/a.csv"]


# --- what costs no download ---------------------------------------------------------------------------------


def landed_once(where: Source, root: Path) -> tuple[str | None, Known]:
    with gather(where, root) as arrival:
        digest = fingerprint.of_files(arrival)
        return digest, Known(arrival.record("shop", {}))


def test_an_unchanged_file_with_an_etag_is_not_fetched(web: servers.Served, tmp_path: Path) -> None:
    """The server says that it is as it was; once it changes it is fetched, and once it says nothing too."""
    where = source(f"http://{servers.HOST}:{web.port}/in/*.csv")
    digest, known = landed_once(where, tmp_path)
    assert web.fetched == {"/in/a b.csv": 1, "/in/b.csv": 1}
    with gather(where, tmp_path, known) as arrival:
        assert fingerprint.of_files(arrival) == digest
    assert web.fetched == {"/in/a b.csv": 1, "/in/b.csv": 1}
    web.files["/in/b.csv"] += b"4,Dora\n"
    with gather(where, tmp_path, known) as arrival:
        assert fingerprint.of_files(arrival) != digest
    assert web.fetched == {"/in/a b.csv": 1, "/in/b.csv": 2}
    web.versions = False
    with gather(where, tmp_path, known) as arrival:
        fingerprint.of_files(arrival)
    assert web.fetched == {"/in/a b.csv": 2, "/in/b.csv": 3}


def test_an_unchanged_file_by_sftp_is_not_fetched(desk: servers.Sftp, tmp_path: Path) -> None:
    """The same size and time of change: the server has no more to say."""
    digest, known = landed_once(source("env:SHOP"), tmp_path)
    with gather(source("env:SHOP"), tmp_path, known) as arrival:
        assert fingerprint.of_files(arrival) == digest
    assert desk.fetched == {"a.csv": 1}


def test_a_young_file_by_sftp_is_fetched_again(desk: servers.Sftp, tmp_path: Path) -> None:
    """Its time has whole seconds: within the same one it may have changed again."""
    os.utime(desk.folder / "in" / "a.csv")
    _, known = landed_once(source("env:SHOP"), tmp_path)
    landed_once(source("env:SHOP"), tmp_path)
    assert known.table["version"].to_pylist() == [None]
    assert desk.fetched == {"a.csv": 2}


# --- what goes wrong ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("path", "reason"),
    [("/in/gone.csv", "no such file"), ("/in/*.xlsx", "no file matches"), ("/refused", "could not be read: 403")],
)
def test_what_http_refuses(path: str, reason: str, web: servers.Served, tmp_path: Path) -> None:
    """A missing file, a glob without files, a forbidden one; the token in the address stands nowhere."""
    query = "" if "*" in path else "?token=s3cret"
    with pytest.raises(SourceFailed, match=reason) as failed:
        read("shop", source(f"http://{servers.HOST}:{web.port}{path}{query}"), tmp_path)
    assert "s3cret" not in str(failed.value)


def test_no_server(tmp_path: Path) -> None:
    """A port that nobody listens on."""
    for scheme in ("http", "sftp"):
        with pytest.raises(SourceFailed, match="could not be read") as failed:
            read("shop", source(f"{scheme}://{servers.HOST}:1/a.csv"), tmp_path)
        assert "Check the address" in failed.value.remedy


def test_sftp_password_refused(desk: servers.Sftp, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says which of it to check, and holds no password."""
    monkeypatch.setenv("SHOP", f"sftp://maria:s3cret@{servers.HOST}:{desk.port}/in/*.csv")
    with pytest.raises(SourceFailed, match="refused the user, the password or the key") as failed:
        read("shop", source("env:SHOP"), tmp_path)
    assert "s3cret" not in str(failed.value)
    assert failed.value.file == "env:SHOP"


def test_sftp_server_that_is_not_known(desk: servers.Sftp, tmp_path: Path) -> None:
    """An impostor gets no password: a server is known by its key, as ssh does it."""
    know(tmp_path, "")
    with pytest.raises(SourceFailed, match=r"key is not in ~/\.ssh/known_hosts") as failed:
        read("shop", source("env:SHOP"), tmp_path)
    assert f"sftp -P {desk.port} {servers.HOST}" in failed.value.remedy
    know(tmp_path, desk.known_as(servers.paramiko.ECDSAKey.generate()))
    with pytest.raises(SourceFailed, match="its key is another"):
        read("shop", source("env:SHOP"), tmp_path)


@pytest.mark.parametrize("scheme", ["http", "sftp", "s3"])
def test_a_place_that_hangs(scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """A server that accepts and never answers ends the source after its `patience`."""
    with servers.silent() as port:
        monkeypatch.setenv("AWS_ENDPOINT_URL", f"http://{servers.HOST}:{port}")
        monkeypatch.setenv("AWS_ACCESS_KEY_ID", "key")
        monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "secret")
        host = "firm" if scheme == "s3" else f"{servers.HOST}:{port}"
        with pytest.raises(SourceFailed, match=r"no sign of life|could not be read") as failed:
            read("shop", source(f"{scheme}://{host}/a.csv", patience=0.3), tmp_path)
    assert failed.value.file == f"{scheme}://{host}/a.csv"


@pytest.mark.parametrize("scheme", ["sftp", "s3", "https"])
def test_a_missing_library_is_named(scheme: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message says which extra brings it."""
    for name in ("paramiko", "s3fs", "aiohttp"):
        monkeypatch.setitem(sys.modules, name, None)
    for name in ("connectors.sources.places.sftp", "fsspec.implementations.sftp", "fsspec.implementations.http"):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.delattr("connectors.sources.places.sftp", raising=False)
    for protocol in ("s3", "https"):
        monkeypatch.delitem(sys.modules["fsspec.registry"]._registry, protocol, raising=False)
    with pytest.raises(SourceFailed, match=f"library for {scheme}:// is not installed") as failed:
        read("shop", source(f"{scheme}://host/a.csv"), tmp_path)
    assert f"goldseam[{remote.EXTRAS[scheme]}]" in failed.value.remedy


def test_a_file_that_is_too_large(web: servers.Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It is refused by the size that is listed, and by what comes where none is."""
    monkeypatch.setattr(remote, "MOST_BYTES", 10)
    with pytest.raises(SourceFailed, match="larger than"):
        read("shop", source(f"http://{servers.HOST}:{web.port}/in/b.csv"), tmp_path)
    monkeypatch.setattr(remote.Remote, "_listed", lambda *_: remote.Listed("b.csv", _url(web)))
    with pytest.raises(SourceFailed, match="larger than"):
        read("shop", source(_url(web)), tmp_path)


def _url(web: servers.Served) -> str:
    return f"http://{servers.HOST}:{web.port}/in/b.csv"


def test_a_disk_that_fills_up(web: servers.Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The message names the folder of what is fetched; the folder is removed."""
    folder = temporary_folders(monkeypatch, tmp_path)

    with no_room(), pytest.raises(SourceFailed, match=f"no room for what is fetched in {folder}: ") as failed:
        read("shop", source(_url(web)), tmp_path)
    assert "TMPDIR" in failed.value.remedy
    assert list(folder.iterdir()) == []


def test_a_download_that_is_cut_off(web: servers.Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Fewer bytes than were listed are no file."""
    whole = remote.Remote._listed
    monkeypatch.setattr(remote.Remote, "_listed", lambda *a: remote.Listed(**{**vars(whole(*a)), "size": 1000}))
    with pytest.raises(SourceFailed, match="21 bytes came where 1,000 were listed"):
        read("shop", source(_url(web)), tmp_path)


def test_a_server_that_sends_for_ever_is_given_up(
    web: servers.Served, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each block is a sign of life, but a file has a time of its own; nothing of it stays on the disk."""
    folder = temporary_folders(monkeypatch, tmp_path)
    monkeypatch.setattr(remote, "LONGEST", 0)
    with pytest.raises(SourceFailed, match="still came"):
        read("shop", source(f"http://{servers.HOST}:{web.port}/in/b.csv"), tmp_path)
    assert list(folder.iterdir()) == []
