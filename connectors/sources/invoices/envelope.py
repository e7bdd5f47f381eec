"""What invoices come in beside PDF: a signed file (p7m), an archive of many. Nothing is unpacked to disk."""

import lzma
import zipfile
import zlib
from collections.abc import Iterator
from pathlib import Path, PurePosixPath
from typing import Final

from connectors.sources import signed
from connectors.sources.invoices.model import Unreadable
from connectors.sources.invoices.xml import MOST_BYTES

MOST_MEMBERS: Final = 20_000
MOST_UNPACKED: Final = 512 << 20
"""Bytes that one archive may unpack to; more is a bomb, or several archives."""
DAMAGE: Final = (zipfile.BadZipFile, zlib.error, lzma.LZMAError, OSError, EOFError, NotImplementedError, RuntimeError)
"""What reading a damaged member may raise, by its way of compression."""
MOST_SIGNATURES: Final = 3
"""Signatures around one another."""


def opened(data: bytes) -> bytes:
    """The content of a signed message (CMS SignedData, RFC 5652). The signature is not checked.

    Raises Unreadable where the message is damaged, or signs a content that lies in another file.
    """
    from asn1crypto import cms

    for _ in range(MOST_SIGNATURES):
        try:
            message = cms.ContentInfo.load(signed.binary(data))
            content = message["content"]["encap_content_info"]["content"].native
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            raise Unreadable("the signed file (p7m) is damaged", "Copy or export it again") from error
        if not content:
            raise Unreadable("the signed file (p7m) holds a signature only", "Put the signed invoice itself there")
        if not signed.is_signed(content):
            return bytes(content)
        data = content
    raise Unreadable("the file is signed too many times over", "Ask its sender for the invoice itself")


def members(path: Path) -> Iterator[tuple[str, bytes | Unreadable]]:
    """The files of an archive in the order of their names, each with its bytes or why they are not to be had.

    Raises Unreadable on a damaged archive and on a bomb; no member gives more than the size that it declares.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            entries = sorted((e for e in archive.infolist() if not e.is_dir()), key=lambda e: e.filename)
            _refuse_bomb(entries)
            for entry in entries:
                if not PurePosixPath(entry.filename).name.startswith((".", "~$")):
                    yield entry.filename, _member(archive, entry)
    except (*DAMAGE, ValueError) as error:
        raise Unreadable("the archive is truncated or damaged", "Copy or export it again") from error


def _refuse_bomb(entries: list[zipfile.ZipInfo]) -> None:
    unpacked = sum(entry.file_size for entry in entries)
    if len(entries) > MOST_MEMBERS or unpacked > MOST_UNPACKED:
        reason = f"the archive holds {len(entries):,} files of {unpacked >> 20:,} MB and was refused"
        limit = f"{MOST_MEMBERS:,} files and {MOST_UNPACKED >> 20} MB are the most"
        raise Unreadable(reason, f"Split it ({limit})")


def _member(archive: zipfile.ZipFile, entry: zipfile.ZipInfo) -> bytes | Unreadable:
    if entry.flag_bits & 1:
        return Unreadable("the file is protected with a password", "Send it without the password")
    if entry.file_size > MOST_BYTES:
        return Unreadable(f"the file is larger than {MOST_BYTES >> 20} MB", "Invoices are small: ask its sender")
    try:
        with archive.open(entry) as file:
            return file.read(MOST_BYTES)
    except DAMAGE:
        return Unreadable("the file is damaged", "Copy or export the archive again")
