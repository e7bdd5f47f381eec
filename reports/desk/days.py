"""Days as they stand in the addresses of pages."""

from datetime import date, timedelta
from typing import Annotated

from fastapi import Depends, Query

from reports.desk.access import Refused


def _checked(day: Annotated[str, Query(max_length=10)] = "") -> str:
    return checked(day)


def checked(text: str) -> str:
    """A day in ISO, or nothing. Raises Refused where there is no such day."""
    try:
        if not text:
            return ""
        day = date.fromisoformat(text)
        _ = day + timedelta(days=1)  # what happened on a day is what happened before the next one
        return day.isoformat()
    except (ValueError, OverflowError) as error:
        raise Refused(422, f"{text!r} is no day: write one as 2026-01-31") from error


Day = Annotated[str, Depends(_checked)]
"""`day` of an address."""
