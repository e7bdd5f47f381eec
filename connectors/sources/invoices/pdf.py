"""The XML invoice that a PDF carries (PDF/A-3): Factur-X, ZUGFeRD, XRechnung."""

import logging
from io import BytesIO
from itertools import chain
from typing import Any, Final

from connectors.sources.invoices.model import Unreadable
from connectors.sources.invoices.xml import MOST_BYTES

NAMES: Final = ("factur-x.xml", "zugferd-invoice.xml", "xrechnung.xml", "cii.xml", "ubl.xml")
"""Names that the standards give the invoice, the likeliest first. A PDF with one other XML file carries that."""
ORDER: Final = "order-x.xml"
MOST_FILES: Final = 200
_logger = logging.getLogger("pypdf")


def carried(data: bytes) -> bytes:
    """The XML that a PDF carries. Raises Unreadable where it carries none, or cannot be read.

    pypdf limits what a stream may decompress to (75 MB) and how long a damaged file is searched.
    """
    _logger.setLevel(logging.CRITICAL)  # its words about damage would stand in ours
    from pypdf import PdfReader
    from pypdf.errors import PyPdfError

    try:
        reader = PdfReader(BytesIO(data), root_object_recovery_limit=1_000)
        if reader.is_encrypted:
            raise Unreadable("the PDF is protected with a password", "Ask its sender for one that is not")
        return _invoice(_files(reader))
    except (PyPdfError, ValueError, TypeError, LookupError, AttributeError, ArithmeticError, RecursionError) as error:
        raise Unreadable("the PDF is damaged", "Copy or export it again") from error


def _files(reader: Any) -> dict[str, Any]:
    """Embedded XML files by name in lower case: those of the document's list of names, and its associated files."""
    from pypdf.generic import EmbeddedFile

    found: dict[str, Any] = {}
    linked = reader.root_object.get("/AF")
    specs = (spec.get_object() for spec in (linked.get_object() if linked is not None else ()))
    associated = (EmbeddedFile(str(spec.get("/UF") or spec.get("/F")), spec) for spec in specs)
    for number, file in enumerate(chain(reader.attachment_list, associated)):
        if number == MOST_FILES:
            raise Unreadable(f"the PDF carries more than {MOST_FILES} files", "Ask its sender for single invoices")
        name = str(file.alternative_name or file.name or "").lower()
        if name.endswith(".xml"):
            found.setdefault(name, file)
    return found


def _invoice(files: dict[str, Any]) -> bytes:
    named = next((str(name) for name in NAMES if name in files), None)
    if named is None and ORDER in files:
        raise Unreadable("the PDF carries an order (Order-X), not an invoice", "Point to invoices only")
    if named is None and len(files) != 1:
        what = (
            "no XML invoice: it is for people to read" if not files else f"{len(files)} XML files, none of known name"
        )
        raise Unreadable(f"the PDF carries {what}", "Ask its sender for Factur-X, ZUGFeRD or XRechnung")
    (only, *_) = files
    content = bytes(files[named or only].content)
    if len(content) > MOST_BYTES:
        raise Unreadable(f"the invoice in the PDF is larger than {MOST_BYTES >> 20} MB", "Ask its sender")
    return content
