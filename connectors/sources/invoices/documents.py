"""The documents of a file, whatever it is: an XML invoice, one in a PDF, a signed one, an archive of any of these."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from connectors.sources import sniff
from connectors.sources.base import SourceFailed
from connectors.sources.invoices import cii, envelope, fatturapa, pdf, semplificata, ubl
from connectors.sources.invoices.model import Invoice, Unreadable
from connectors.sources.invoices.xml import MOST_BYTES, Node, parse

SYNTAXES: Final[dict[str, Callable[[Node], list[Invoice]]]] = {
    root: syntax.read for syntax in (ubl, cii, fatturapa, semplificata) for root in syntax.ROOTS
}
ARCHIVE: Final = b"PK\x03\x04"
HEAD: Final = 4096
"""Bytes that tell what a file is."""
WRAPPED: Final = "StandardBusinessDocument"
"""The envelope of Peppol (UN/CEFACT SBDH): the invoice stands in it, beside a header."""
OTHERS: Final = {
    "SCRDMCCBDACIOMessageStructure": "an order (Order-X)", "Order": "an order (UBL)",
    "OrderResponse": "an answer to an order (UBL)", "DespatchAdvice": "a despatch advice (UBL)",
    "Catalogue": "a catalogue (UBL)", "ApplicationResponse": "an answer to a document (UBL)",
    "Reminder": "a reminder (UBL)", "Statement": "a statement of account (UBL)",
    "FileMetadati": "the metadata of an invoice", "RicevutaConsegna": "a receipt of the exchange system",
    "NotificaScarto": "a notice of the exchange system", "RicevutaScarto": "a notice of the exchange system",
    "NotificaMancataConsegna": "a notice of the exchange system", "AttestazioneTrasmissioneFattura":
    "a notice of the exchange system", "NotificaEsito": "a notice of the exchange system",
    "NotificaDecorrenzaTermini": "a notice of the exchange system",
}  # fmt: skip
"""Documents that lie beside invoices and are none."""


MOST_KEPT: Final = 1 << 20
"""Bytes of a refused document that are kept beside its reason; of a larger one, or one that is no text, its hash."""


@dataclass(frozen=True)
class Document:
    """One document: the member of an archive that it is, and its invoices, or why it has none."""

    member: str | None
    content: list[Invoice] | Unreadable
    kept: str = ""
    """What is kept of a refused one: itself where it is text, else what tells it from others."""


def of(path: Path) -> Iterator[Document]:
    """Every document of a file, those of an archive in the order of their names."""
    with path.open("rb") as file:
        data = file.read(HEAD)
        if not data.startswith((ARCHIVE, sniff.OLE)):
            data += file.read(MOST_BYTES + 1 - len(data))
            yield _document(None, data)
            return
    try:
        if (kind := sniff.sniff(path)) != "zip":
            raise Unreadable(*_not_xml(kind))
        for name, content in envelope.members(path):
            yield _document(name, content)
    except (SourceFailed, Unreadable) as error:  # what ends a table is one document of many here
        reason = str(error) if isinstance(error, Unreadable) else error.reason.replace("workbook", "archive")
        with path.open("rb") as file:
            digest = hashlib.file_digest(file, "sha256").hexdigest()
        yield Document(None, Unreadable(reason, error.remedy), _told(path.stat().st_size, digest))


def _document(member: str | None, data: bytes | Unreadable) -> Document:
    if isinstance(data, Unreadable):
        return Document(member, data)
    try:
        return Document(member, invoices(data, _kind(data)))
    except Unreadable as error:
        return Document(member, error, _kept(data))


def _kept(data: bytes) -> str:
    if len(data) <= MOST_KEPT and b"\0" not in data:
        try:
            return data.decode("utf-8")
        except UnicodeDecodeError:
            pass
    return _told(len(data), hashlib.sha256(data).hexdigest())


def _told(size: int, digest: str) -> str:
    return f"{size:,} bytes, SHA-256 {digest}"


def _not_xml(kind: str) -> tuple[str, str]:
    return f"this is {sniff.WORDS[kind]}, not an XML invoice", "Export the invoice as XML"


def _kind(data: bytes) -> str:
    """What the bytes of a member are; an archive within an archive is not opened."""
    if not data.strip():
        return "empty"
    return "zip" if data.startswith(ARCHIVE) else sniff.of_head(data[:HEAD])


def invoices(data: bytes, kind: str) -> list[Invoice]:
    """The invoices of one document. Raises Unreadable where it holds none that can be identified."""
    if kind == "empty":
        raise Unreadable("the file is empty", "Export the invoice again")
    if len(data) > MOST_BYTES:
        raise Unreadable(f"the document is larger than {MOST_BYTES >> 20} MB", "Invoices are small: ask its sender")
    if kind == "signed":
        data = envelope.opened(data)
        kind = _kind(data)
    if kind == "pdf":
        data = pdf.carried(data)
        kind = _kind(data)
    if kind not in ("xml", "text", "html") or not _may_be_xml(data):
        raise Unreadable(*_not_xml(kind))
    root = parse(data)
    if root.tag == WRAPPED:
        root = next((n[0] for name, n in root.children.items() if name in SYNTAXES), root)
    if root.tag not in SYNTAXES:
        what = OTHERS.get(root.tag) or f"<{root.tag[:40]}>, no invoice of a known syntax"
        raise Unreadable(f"this is {what}", "Known invoices: UBL, CII (Factur-X, ZUGFeRD, XRechnung), FatturaPA")
    found = SYNTAXES[root.tag](root)
    if not found or not all(invoice.number for invoice in found):
        raise Unreadable("the invoice states no number", "Ask its sender for one with a number")
    return found


def _may_be_xml(data: bytes) -> bool:
    """Whether the first sign, in any encoding, begins an element, and not that of a web page."""
    start = data[:1024].translate(None, b"\0\xef\xbb\xbf\xfe\xff").lstrip().lower()
    return start.startswith(b"<") and not start.startswith((b"<html", b"<!doctype html"))
