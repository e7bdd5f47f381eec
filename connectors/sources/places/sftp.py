"""SFTP, from servers that this user knows: fsspec would take the key of any, an impostor's too."""

from typing import Any
from urllib.parse import unquote, urlsplit

import paramiko
from fsspec.implementations.sftp import SFTPFileSystem

from connectors.sources.base import SourceFailed


class Unknown(paramiko.MissingHostKeyPolicy):  # type: ignore[misc]  # paramiko has no types
    """Refuses a server that is not in ~/.ssh/known_hosts, and says how it gets there."""

    def missing_host_key(self, client: Any, hostname: str, key: paramiko.PKey) -> None:  # noqa: ARG002 - the base's
        host, _, port = hostname.strip("[").partition("]:")
        remedy = f"Connect once by hand and compare its key: sftp {f'-P {port} ' if port else ''}{host}"
        raise SourceFailed("the server's key is not in ~/.ssh/known_hosts", remedy)


class System(SFTPFileSystem):  # type: ignore[misc]  # fsspec has no types
    """fsspec's file system, with the host keys that ssh itself checks."""

    def _connect(self) -> None:
        self.refused: list[OSError] = []
        self.client = paramiko.SSHClient()
        self.client.load_system_host_keys()
        self.client.set_missing_host_key_policy(Unknown())
        try:
            self.client.connect(self.host, **self.ssh_kwargs)
        except paramiko.BadHostKeyException as error:
            reason = "the server is not the one that ~/.ssh/known_hosts knows: its key is another"
            raise SourceFailed(reason, "Ask its owner whether the key was changed, before anything else") from error
        except paramiko.AuthenticationException as error:
            remedy = "Check user and password (env:NAME holds the whole address), or the keys in ~/.ssh"
            raise SourceFailed("the server refused the user, the password or the key", remedy) from error
        self.ftp = self.client.open_sftp()

    def ls(self, path: str, detail: bool = False, **_: Any) -> Any:
        """A folder's entries. What may not be listed is kept in `refused`.

        fsspec's glob passes over it, and its files would be taken for gone.
        """
        try:
            return super().ls(path, detail)
        except FileNotFoundError:
            raise
        except OSError as error:
            self.refused.append(error)
            raise

    def shut(self) -> None:
        """Hang up."""
        self.client.close()


def opened(url: str, patience: float) -> tuple[System, str]:
    """The file system of an address, and the path in it. `patience`: seconds that each step of connecting may take."""
    parts = urlsplit(url)
    said = {"username": parts.username, "password": parts.password}
    # an @ in a password is written %40 in an address
    options: dict[str, Any] = {key: unquote(value) for key, value in said.items() if value is not None}
    if parts.port:
        options["port"] = parts.port
    limits = dict.fromkeys(("timeout", "banner_timeout", "auth_timeout", "channel_timeout"), patience)
    system = System(parts.hostname or "", **options, **limits, skip_instance_cache=True)
    return system, unquote(parts.path)
