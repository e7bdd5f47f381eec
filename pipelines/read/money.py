"""What invoices come to, in words: for the user's own screen, never for a log."""

import json
from collections import Counter
from decimal import Decimal, InvalidOperation
from typing import Any, Final

import pyarrow as pa

from pipelines.read.words import counted

EACH: Final = 5
"""Invoices that are said one by one; of more, what they come to."""


def said(facts: pa.Table) -> list[str]:
    """A sentence an invoice, or one a kind and currency where there are many; nothing where there is none."""
    rows = facts.to_pylist()
    if len(rows) <= EACH:
        return [_one(row) for row in rows]
    totals: dict[tuple[str, str], list[dict[str, Any]]] = {}
    for row in rows:
        totals.setdefault((_kind(row), row["currency"] or ""), []).append(row)
    return [_many(kind, currency, some) for (kind, currency), some in totals.items()]


def _one(row: dict[str, Any]) -> str:
    day = f" of {row['date']}" if row["date"] else ""
    amount = _amount(row)
    money = f"{amount:,.2f} {row['currency'] or ''}".strip() if amount is not None else "no total"
    return f"{_kind(row)} {row['number'] or 'without a number'}{day}: {money}, {counted(_lines(row), 'line')}"


def _many(kind: str, currency: str, rows: list[dict[str, Any]]) -> str:
    amounts = [_amount(row) for row in rows]
    money = f"{sum((a for a in amounts if a is not None), Decimal(0)):,.2f} {currency}".strip()
    without = Counter(a is None for a in amounts)[True]
    days = sorted(row["date"] for row in rows if row["date"])
    when = f" of {days[0]} to {days[-1]}" if days else ""
    lacking = f", {without:,} without a total" if without else ""
    return f"{counted(len(rows), kind)}{when}: {money}, {counted(sum(map(_lines, rows)), 'line')}{lacking}"


def _kind(row: dict[str, Any]) -> str:
    return (row["kind"] or "invoice").replace("_", " ")


def _amount(row: dict[str, Any]) -> Decimal | None:
    try:
        amount = Decimal(row["amount"])
    except (InvalidOperation, TypeError, ValueError):
        return None
    return amount if amount.is_finite() else None


def _lines(row: dict[str, Any]) -> int:
    return len(json.loads(row["payload"] or "{}").get("lines", ()))
