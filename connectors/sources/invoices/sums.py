"""Totals of a billing document: those that are not stated are summed up, those that contradict each other are said."""

from collections.abc import Iterable
from decimal import ROUND_HALF_UP, Decimal
from typing import Any, cast

from connectors.sources.invoices.model import Payload, number

CENT = Decimal("0.01")
NEAR = Decimal("0.02")
"""What rounding line by line may amount to."""


def completed(payload: Payload) -> Payload:
    """A payload without what is empty, with all five totals and `total_from`, and with its doubts."""
    made: dict[str, Any] = {key: value for key, value in payload.items() if value}
    for part in ("taxes", "lines", "payments"):
        if part in made:
            made[part] = [{key: value for key, value in entry.items() if value} for entry in made[part]]
    made["total_from"] = _fill(made)
    made.setdefault("lines", [])
    if doubts := _doubts(made):
        made["doubts"] = doubts
    return cast(Payload, made)


def added(values: Iterable[str | None]) -> str | None:
    """The sum of amounts as text; None where there is none."""
    found = [amount for value in values if (amount := number(value)) is not None]
    return f"{sum(found, Decimal(0)):f}" if found else None


def _fill(made: dict[str, Any]) -> str:
    """Fill in the totals that are not stated; the word that says what the amount is from."""
    stated = "payable" in made or "gross" in made
    taxes, lines = made.get("taxes", ()), made.get("lines", ())
    net = added(tax.get("net") for tax in taxes) or _of_lines(made, lines)
    tax = added(tax.get("tax") for tax in taxes) or (_tax_of_lines(lines) if "net" not in made else None)
    for key, value in (("net", net), ("tax", tax)):
        if value and key not in made:
            made[key] = value
    if "gross" not in made and (net := added([made.get("net")])):
        made["gross"] = added([net, made.get("tax"), made.get("adjusted")])
    if "payable" not in made and (gross := number(made.get("gross"))) is not None:
        made["payable"] = f"{_due(made, gross):f}"
    return "stated" if stated else "tax summary" if taxes else "lines" if net else "nothing"


def _of_lines(made: dict[str, Any], lines: Iterable[dict[str, str]]) -> str | None:
    """What the lines come to without tax, with the charges and without the allowances of the whole document."""
    total = number(added(line.get("amount") for line in lines))
    if total is None:
        return None
    return f"{total - _amount(made, 'allowances') + _amount(made, 'charges'):f}"


def _tax_of_lines(lines: Iterable[dict[str, str]]) -> str | None:
    parts = [(number(line.get("amount")), number(line.get("rate"))) for line in lines]
    taxes = [amount * rate / 100 for amount, rate in parts if amount is not None and rate is not None]
    return f"{sum(taxes, Decimal(0)).quantize(CENT, ROUND_HALF_UP):f}" if taxes else None


def _due(made: dict[str, Any], gross: Decimal) -> Decimal:
    return gross - _amount(made, "prepaid") - _amount(made, "withheld") + _amount(made, "rounding")


def _amount(made: dict[str, Any], key: str) -> Decimal:
    return number(made.get(key)) or Decimal(0)


def _doubts(made: dict[str, Any]) -> list[str]:
    """What does not add up, in words without values."""
    net, gross = number(made.get("net")), number(made.get("gross"))
    whole = None if net is None else net + sum(_amount(made, key) for key in ("tax", "adjusted"))
    due = None if gross is None else _due(made, gross)
    checks = (
        ("its lines do not add up to its net total", number(_of_lines(made, made["lines"])), net),
        ("net total and tax do not add up to the gross total", whole, gross),
        ("its gross total is not what is to be paid", due, number(made.get("payable"))),
    )
    return [said for said, one, other in checks if one is not None and other is not None and abs(one - other) > NEAR]
