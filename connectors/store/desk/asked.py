"""What filters share: how they stand in an address, days in SQL, and the words from which one may choose."""

from collections.abc import Iterable
from dataclasses import fields
from datetime import date, timedelta
from typing import TYPE_CHECKING, Any

from sqlalchemy import ColumnElement, and_

if TYPE_CHECKING:
    from _typeshed import DataclassInstance


def said(asked: "DataclassInstance", *but: str) -> dict[str, str]:
    """What a filter demands, by the name of the field: as the query of an address has it. `but`: without these."""
    told = {f.name: getattr(asked, f.name) for f in fields(asked) if f.name not in but}
    return {name: str(value) for name, value in told.items() if value not in ("", None)}


def on_day(time: Any, day: str) -> ColumnElement[bool]:
    """What happened on a day (ISO, in UTC)."""
    after = date.fromisoformat(day) + timedelta(days=1)
    return and_(time >= day, time < after.isoformat())


def before_day(run: Any, day: str) -> ColumnElement[bool]:
    """What a run before a day (ISO, in UTC) brought: a run's id begins with its time."""
    found: ColumnElement[bool] = run < date.fromisoformat(day).strftime("%Y%m%dT")
    return found


def most_frequent(counted: Iterable[tuple[Iterable[str], int]]) -> list[str]:
    """Words, of each group some and how often it is there: the most frequent first."""
    number: dict[str, int] = {}
    for words, many in counted:
        for word in words:
            number[word] = number.get(word, 0) + many
    return sorted(number, key=lambda word: (-number[word], word))
