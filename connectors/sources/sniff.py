"""What a file is by its own first bytes, whatever its name says."""

import codecs
import re
import zipfile
import zlib
from collections import Counter
from pathlib import Path

from connectors.sources.base import SourceFailed
from connectors.sources.signed import is_signed

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
SPREADSHEETS = frozenset({"xlsx", "xlsb", "xls", "ods", "xml2003", "html"})
WORDS = {
    "xlsx": "an Excel workbook (xlsx)", "xlsb": "a binary Excel workbook (xlsb)", "xls": "an old Excel workbook (xls)",
    "ods": "an OpenDocument spreadsheet (ods)", "parquet": "a Parquet file", "xml": "an XML document",
    "html": "a web page (HTML)", "pdf": "a PDF document", "sqlite": "an SQLite database", "zip": "a ZIP archive",
    "docx": "a Word document", "image": "a picture", "gzip": "a gzip archive", "text": "plain text",
    "encrypted": "a password-protected workbook", "json": "JSON text", "empty": "empty",
    "xml2003": "an Excel workbook of 2003 (XML)", "binary": "a binary file", "vcard": "an address book (vCard)",
    "fixed_width": "text of fixed width", "signed": "a signed file (p7m)",
}  # fmt: skip
KIND_FOR = {
    **dict.fromkeys(SPREADSHEETS, "spreadsheet"), "text": "csv", "parquet": "parquet", "xml": "e_invoice",
    "sqlite": "sql", "vcard": "vcard", "json": "webhook",
    "fixed_width": "fixed_width", "pdf": "e_invoice", "signed": "e_invoice",
}  # fmt: skip
_MAGIC = (
    (b"PAR1", "parquet"), (b"%PDF", "pdf"), (b"SQLite format 3", "sqlite"), (b"\x1f\x8b", "gzip"),
    (b"\x89PNG", "image"), (b"\xff\xd8\xff", "image"), (b"GIF8", "image"),
)  # fmt: skip

WIDE_MARKS = (codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE, codecs.BOM_UTF32_LE, codecs.BOM_UTF32_BE)
CONTROLS = tuple(bytes([n]) for n in range(1, 32) if chr(n) not in "\t\n\v\f\r\x1a\x1b")
MOST_CONTROLS = 0.05
WIDE_ENOUGH = 0.9
"""Share of the characters of a text without a mark that must be of one alphabet, or Latin, to tell UTF-16."""
PART = 256
"""Bytes of one part, where the parts of a text are looked at by themselves."""

MOST_BYTES = 2 << 30
"""Of a file that is read whole: three times as much memory is needed."""
_READ_IN_PARTS = (b"PK\x03\x04", b"PAR1", b"SQLite format 3")

# A workbook unpacks to perhaps twenty times its size; a bomb to thousands.
MOST_UNPACKED = 4 << 30
MOST_RATIO = 400
SMALL = 64 << 20


_JSON = re.compile(rb"\{\s*[\"}]|\[\s*\{")
"""How an object or a list of them begins; a header that begins with a brace is none."""


def sniff(path: Path) -> str:
    """A key of WORDS. Raises SourceFailed where the file is larger than its reader can hold."""
    with path.open("rb") as file:
        head = file.read(4096)
    if not head:
        return "empty"
    if path.stat().st_size > MOST_BYTES and not head.startswith(_READ_IN_PARTS):
        reason = f"it is larger than {MOST_BYTES >> 20:,} MB, more than is read at once, and was refused"
        raise SourceFailed(reason, "Split it, or load it into a database and use `kind: sql`", file=path.name)
    if head.startswith(OLE):
        return "encrypted" if _holds_encrypted_package(path) else "xls"
    if head.startswith(b"PK\x03\x04"):
        return _archive(path)
    return of_head(head)


def of_head(head: bytes) -> str:
    """A key of WORDS by the first bytes alone, for what is no archive and no old workbook."""
    for magic, kind in _MAGIC:
        if head.startswith(magic):
            return kind
    return "signed" if is_signed(head) else _text(head)


def _text(head: bytes) -> str:
    start = _narrow(head).lstrip().lower()
    if start.startswith(b"begin:vcard"):
        return "vcard"
    if start.startswith((b"<!doctype html", b"<html")):
        return "html"
    if start.startswith(b"<") and b"urn:schemas-microsoft-com:office:spreadsheet" in start and b"<workbook" in start:
        return "xml2003"
    if start.startswith(b"<") and b">" in start:
        return "html" if b"<table" in start else "xml"
    if _JSON.match(start):
        return "json"
    return "binary" if _is_binary(head) else "text"


def _narrow(head: bytes) -> bytes:
    """Text without its mark; that of UTF-16 and UTF-32 without its zeros."""
    marked = head.startswith(WIDE_MARKS) or wide(head)
    return head.lstrip(b"\xff\xfe\0").replace(b"\0", b"") if marked else head.removeprefix(b"\xef\xbb\xbf")


def _is_binary(head: bytes) -> bool:
    """More control characters than any text has, zeros aside; UTF-16 is told by its mark or its form."""
    if head.startswith(WIDE_MARKS) or wide(head):
        return False
    return sum(head.count(byte) for byte in CONTROLS) > (len(head) - head.count(0)) * MOST_CONTROLS


def wide(head: bytes) -> str | None:
    """The form of UTF-16 that some first bytes without a mark are in; None for other text.

    A byte that is missing or too many turns what follows it into the other form: where all parts but one have a form,
    the first part says which.
    """
    if found := _form(head):
        return found
    parts = [_form(head[at : at + PART]) for at in range(0, len(head) - PART // 2, PART)]
    return _form(head[: PART // 4]) if len(parts) > 1 and parts.count(None) <= 1 else None


def _form(part: bytes) -> str | None:
    """Of two bytes one has hardly more than two values: zero (digits, line ends, Latin) and that of the alphabet."""
    halves = {"utf-16-le": (part[1::2], part[::2]), "utf-16-be": (part[::2], part[1::2])}
    for encoding, (high, low) in halves.items():
        usual = sum(count for _, count in Counter(high).most_common(2))
        if 0 in high and usual >= len(high) * WIDE_ENOUGH and low.count(0) <= len(low) * (1 - WIDE_ENOUGH):
            return encoding
    return None


def _holds_encrypted_package(path: Path) -> bool:
    """Office keeps a protected workbook as a stream of this name in an OLE container (MS-OFFCRYPTO 2.3.4)."""
    return "EncryptedPackage".encode("utf-16-le") in path.read_bytes()


def _archive(path: Path) -> str:
    try:
        with zipfile.ZipFile(path) as archive:
            _refuse_bomb(archive, path)
            names = set(archive.namelist())
            if "xl/workbook.bin" in names:
                return "xlsb"
            if any(name.startswith("xl/") for name in names):
                return "xlsx"
            if any(name.startswith("word/") for name in names):
                return "docx"
            if "mimetype" in names and b"spreadsheet" in archive.read("mimetype"):
                manifest = archive.read("META-INF/manifest.xml") if "META-INF/manifest.xml" in names else b""
                return "encrypted" if b"encryption-data" in manifest else "ods"
            return "zip"
    except (zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, UnicodeError) as error:
        reason = "the workbook is truncated or damaged: it ends before its table of contents"
        raise SourceFailed(reason, "Copy or export the file again", file=path.name) from error


def _refuse_bomb(archive: zipfile.ZipFile, path: Path) -> None:
    parts = [(entry.file_size, max(1, entry.compress_size)) for entry in archive.infolist()]
    whole = (sum(size for size, _ in parts), max(1, path.stat().st_size))
    worst = max(parts, key=lambda part: part[0] / part[1] if part[0] > SMALL else 0, default=whole)
    for unpacked, packed in (whole, worst):  # one part may hide among large ones that pack badly
        if unpacked <= MOST_UNPACKED and (unpacked <= SMALL or unpacked / packed <= MOST_RATIO):
            continue
        reason = f"the file unpacks to {unpacked >> 20:,} MB, {unpacked // packed} times its size, and was refused"
        raise SourceFailed(reason, "Ask its sender for a plain export", file=path.name)


def demand(path: Path, name: str, kinds: frozenset[str], wanted: str) -> str:
    """What the file is; raises SourceFailed, saying what it is instead, where that is none of `kinds`."""
    found = sniff(path)
    if found in kinds:
        return found
    if found == "empty":
        raise SourceFailed("the file is empty (0 bytes)", "Export it again", file=name)
    if found == "encrypted":
        raise SourceFailed(
            "the workbook is protected with a password", "Save a copy without the password and point to that", file=name
        )
    kind = KIND_FOR.get(found) if found != "html" else None  # where a table was expected it is mostly an error page
    remedy = f"Set `kind: {kind}`, or point to another file" if kind else f"Export the table as {wanted}"
    raise SourceFailed(f"this is {WORDS[found]}, not {wanted}, whatever its name says", remedy, file=name)
