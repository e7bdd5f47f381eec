"""The documents of a file, whatever it is: an XML invoice, one in a PDF, a signed one, an archive of any of these."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from connectors.sources import sniff
from connectors.sources.base import SourceFailed
from connectors.sources.invoices import cii, envelope, fatturapa, pdf, semplificata, ubl
from connectors.sources.invoices.model import Invoice, Unreadable
from connectors.sources.invoices.xml import Node, parse

SYNTAXES: Final[dict[str, Callable[[Node], list[Invoice]]]] = {
    root: syntax.read for syntax in (ubl, cii, fatturapa, semplificata) for root in syntax.ROOTS
}
ARCHIVE: Final = b"PK\x03\x04"
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


@dataclass(frozen=True)
class Document:
    """One document: the member of an archive that it is, its bytes, and its invoices or why it has none."""

    member: str | None
    data: bytes
    content: list[Invoice] | Unreadable


def of(path: Path) -> Iterator[Document]:
    """Every document of a file, in the order of their names in it."""
    data = b""
    try:
        if path.stat().st_size > envelope.MOST_UNPACKED:
            raise Unreadable(f"the file is larger than {envelope.MOST_UNPACKED >> 20} MB", "Split the archive")
        data = path.read_bytes()
        kind = sniff.sniff(path) if data.startswith((ARCHIVE, sniff.OLE)) else _kind(data)
        if kind != "zip":
            yield Document(None, data, invoices(data, kind))
            return
        for name, content in envelope.members(data):
            yield _member(name, content)
    except SourceFailed as error:  # what a file is not ends a table, and is one document of many here
        reason = error.reason.replace("workbook", "archive") if data.startswith(ARCHIVE) else error.reason
        yield Document(None, data, Unreadable(reason, error.remedy))
    except Unreadable as error:
        yield Document(None, data, error)


def _member(name: str, data: bytes | Unreadable) -> Document:
    if isinstance(data, Unreadable):
        return Document(name, b"", data)
    try:
        return Document(name, data, invoices(data, _kind(data)))
    except Unreadable as error:
        return Document(name, data, error)


def _kind(data: bytes) -> str:
    """What the bytes of a member are; an archive within an archive is not opened."""
    if not data.strip():
        return "empty"
    return "zip" if data.startswith(ARCHIVE) else sniff.of_head(data[:4096])


def invoices(data: bytes, kind: str) -> list[Invoice]:
    """The invoices of one document. Raises Unreadable where it holds none that can be identified."""
    if kind == "empty":
        raise Unreadable("the file is empty", "Export the invoice again")
    if kind == "signed":
        data = envelope.opened(data)
        kind = _kind(data)
    if kind == "pdf":
        data = pdf.carried(data)
        kind = _kind(data)
    if kind not in ("xml", "text", "html") or not _may_be_xml(data):
        raise Unreadable(f"this is {sniff.WORDS[kind]}, not an XML invoice", "Export the invoice as XML")
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
