"""What every syntax of invoice is read into, and how an XML document is read without trusting it."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from decimal import Decimal, InvalidOperation
from typing import Any

from lxml import etree

PARTY = (
    "organisation", "name", "given", "family", "tax_id", "tax_country", "fiscal_code", "company_id", "street",
    "house_number", "street_more", "postcode", "city", "region", "country", "email", "phone", "electronic_address",
)  # fmt: skip
"""Columns of a buyer. `name` is a person: a consumer, or the contact of `organisation`."""

Party = dict[str, str | None]


class Unreadable(Exception):
    """A document that is no invoice, or that may not be read; the text says why, `remedy` what to do."""

    def __init__(self, reason: str, remedy: str, line: int = 0) -> None:
        super().__init__(reason)
        self.remedy, self.line = remedy, line


@dataclass(frozen=True)
class Invoice:
    number: str | None
    date: str | None
    currency: str | None
    amount: str | None
    """What is to be paid, as the document writes it, or computed (`payload['total_from']` says which)."""
    kind: str
    """invoice or credit_note."""
    buyer: Party
    seller: Party
    payload: dict[str, Any] = field(default_factory=dict)


def parse(data: bytes) -> etree._Element:
    """The root of an XML document, names without namespace. Raises Unreadable on damage and on a DOCTYPE.

    Entities are not resolved, nothing is fetched, libxml2's limits stay on: invoices need no DOCTYPE, and what
    brings one is refused (XXE, billion laughs).
    """
    parser = etree.XMLParser(
        resolve_entities=False, no_network=True, load_dtd=False, huge_tree=False, remove_comments=True, remove_pis=True
    )
    try:
        root = etree.fromstring(data, parser)
    except etree.XMLSyntaxError as error:
        message = str(error.msg).split(", line ")[0]
        raise Unreadable(f"not well-formed XML: {message}", "Export the invoice again", error.lineno or 0) from error
    if root.getroottree().docinfo.internalDTD is not None:
        raise Unreadable("the document has a DOCTYPE and was refused", "No invoice needs one: ask its sender")
    for element in root.iter():
        if isinstance(element.tag, str):
            element.tag = element.tag.rpartition("}")[2]
    return root


def text(node: etree._Element | None, *paths: str) -> str | None:
    """The text of the first of some paths below a node that holds any."""
    for path in paths:
        found = node.findtext(path) if node is not None else None
        if found and found.strip():
            return " ".join(found.split())
    return None


def number(value: str | None) -> Decimal:
    """A number as XML writes it; zero where there is none."""
    try:
        return Decimal(value or "0")
    except InvalidOperation:
        return Decimal(0)


def filled(values: dict[str, str | None]) -> dict[str, str]:
    return {key: value for key, value in values.items() if value}


def lines(nodes: Iterator[etree._Element] | list[etree._Element], **paths: str) -> list[dict[str, str]]:
    """Lines of an invoice: a path for each key."""
    return [filled({key: text(node, path) for key, path in paths.items()}) for node in nodes]
