"""What every syntax of invoice is read into: a buyer, a seller, and the billing document that later stages use."""

import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Final, TypedDict

PARTY: Final = (
    "organisation", "name", "given", "family", "tax_id", "tax_country", "fiscal_code", "company_id", "customer_no",
    "iban", "street", "house_number", "street_more", "postcode", "city", "region", "country", "email", "phone",
    "electronic_address",
)  # fmt: skip
"""Columns of a buyer. `name` is a person: a consumer, or the contact of `organisation`. `iban` is the account that
is debited, `customer_no` the number that the seller gave the buyer."""

Party = dict[str, str | None]

CREDIT_CODES: Final = frozenset({"81", "83", "261", "262", "308", "381", "396", "420", "458", "532"})
"""Codes of UNTDID 1001 for credit notes, as EN 16931 uses them."""

_NUMBER = re.compile(r"\s*[+-]?\d{1,18}(?:\.\d{0,12})?\s*")


class Line(TypedDict, total=False):
    """A line. `amount` is without tax, `rate` the tax in per cent, `unit` a code of UN/ECE Recommendation 20."""

    id: str | None
    text: str | None
    quantity: str | None
    unit: str | None
    price: str | None
    amount: str | None
    rate: str | None
    period_start: str | None
    period_end: str | None


class Tax(TypedDict, total=False):
    """One rate of the tax summary. `category` is a code of UNTDID 5305, in FatturaPA the Natura."""

    category: str | None
    rate: str | None
    net: str | None
    tax: str | None


class Payment(TypedDict, total=False):
    """How and where the seller wants to be paid. `means` is a code of UNTDID 4461, in FatturaPA MP01 to MP23."""

    means: str | None
    iban: str | None
    bic: str | None
    holder: str | None
    reference: str | None
    due_date: str | None
    amount: str | None


class Payload(TypedDict, total=False):
    """A billing document, alike in every syntax; `completed` leaves out what a document does not say.

    Amounts are text as the document writes them, those of a credit note positive; dates are ISO. `net` (before tax)
    + `tax` + `adjusted` = `gross`; `gross` - `prepaid` - `withheld` + `rounding` = `payable`, the fact's amount.
    A total that is not stated is summed up, and `total_from` says of what: stated, tax summary, lines, or nothing.
    """

    seller: dict[str, str]
    """Keys of PARTY."""
    type_code: str | None
    """Of UNTDID 1001, or TD01 to TD29 in FatturaPA."""
    due_date: str | None
    delivery_date: str | None
    period_start: str | None
    period_end: str | None
    order: str | None
    contract: str | None
    buyer_reference: str | None
    note: str | None
    corrects: list[str]
    """Numbers of the earlier invoices that the document refers to: for a credit note, those it corrects."""
    allowances: str | None
    charges: str | None
    net: str | None
    tax: str | None
    adjusted: str | None
    """Discounts and surcharges after tax (FatturaPA)."""
    gross: str | None
    prepaid: str | None
    withheld: str | None
    rounding: str | None
    payable: str | None
    total_from: str | None
    taxes: list[Tax]
    lines: list[Line]
    payments: list[Payment]
    doubts: list[str]
    """Where the document contradicts itself."""


@dataclass(frozen=True)
class Invoice:
    """One document of a file."""

    number: str | None
    date: str | None
    currency: str | None
    kind: str
    """invoice or credit_note."""
    buyer: Party
    payload: Payload


class Unreadable(Exception):
    """A document that is no invoice, or that may not be read; the text says why, `remedy` what to do."""

    def __init__(self, reason: str, remedy: str, line: int = 0) -> None:
        super().__init__(reason)
        self.remedy, self.line = remedy, line


def number(value: str | None) -> Decimal | None:
    """A number as XML Schema writes a decimal; None where there is none, or none of a size that money has."""
    return Decimal(value.strip()) if value and _NUMBER.fullmatch(value) else None


def filled(values: Party) -> dict[str, str]:
    """What a party states."""
    return {key: value for key, value in values.items() if value}
