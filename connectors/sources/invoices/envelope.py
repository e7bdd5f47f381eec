"""What invoices come in beside PDF: a signed file (p7m), an archive of many. Nothing is unpacked to disk."""

import zipfile
import zlib
from collections.abc import Iterator
from io import BytesIO
from pathlib import PurePosixPath
from typing import Final

from connectors.sources import signed
from connectors.sources.invoices.model import Unreadable
from connectors.sources.invoices.xml import MOST_BYTES

MOST_MEMBERS: Final = 20_000
MOST_UNPACKED: Final = 512 << 20
"""Bytes that one archive may unpack to; more is a bomb, or several archives."""
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


def members(data: bytes) -> Iterator[tuple[str, bytes | Unreadable]]:
    """The files of an archive in the order of their names, each with its bytes or why they are not to be had.

    Raises Unreadable on a damaged archive and on a bomb: sizes are counted while unpacking, not believed.
    """
    try:
        with zipfile.ZipFile(BytesIO(data)) as archive:
            entries = sorted((e for e in archive.infolist() if not e.is_dir()), key=lambda e: e.filename)
            _refuse_bomb(entries)
            for entry in entries:
                if not PurePosixPath(entry.filename).name.startswith((".", "~$")):
                    yield entry.filename, _member(archive, entry)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError, ValueError) as error:
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
        with archive.open(entry) as file:  # reads no more than the size that the archive declares
            return file.read(MOST_BYTES)
    except (zipfile.BadZipFile, zlib.error, EOFError, NotImplementedError) as error:
        return Unreadable(f"the file is damaged ({type(error).__name__})", "Copy or export the archive again")
