"""Dates in any order and language -> ISO; day and month by the habit of the column, never by guess alone."""

import re
from collections.abc import Iterable
from datetime import UTC, date, datetime, timedelta, timezone
from functools import cache
from typing import Final

from rules.standardise import data, latin

_NUMERIC = re.compile(
    r"^(\d{1,4})\s?[./\-\s\\]\s?(\d{1,2})\s?[./\-\s\\]\s?(\d{1,4})(?:\s?(?:г|r)\.?)?(?:[ T,].*\d:\d.*)?$"
)
_COMPACT = re.compile(r"^(\d{4})(\d{2})(\d{2})$")
_MONTH_YEAR = re.compile(r"^(?:(\d{1,2})[./-](\d{4})|(\d{4})[./-](\d{1,2}))$")
_YEAR = re.compile(r"^(1[89]\d\d|20\d\d)(?:\.0)?$")
_SERIAL = re.compile(r"^([1-6]\d{4})(?:[.,]\d+)?$")
_NO_YEAR = re.compile(r"^--(?:\d{2}-?\d{2}|-?\d{2})$")
"""`--0415`: a day of any year (ISO 8601, as vCard writes a birthday without its year)."""
_BASIC = re.compile(r"^(\d{8})T(\d{2})(\d{2})(\d{2})?")
_TIME = re.compile(
    r"(\d{1,2}):(\d{2})(?::(\d{2}))?(?:[.,]\d+)?\s*([AaPp]\.?[Mm]\.?)?\s*(Z|(?:GMT|UTC)?\s*[+-]\d{1,2}:?\d{0,2})?"
)
_FIRST_YEAR, _FIRST_LIKELY, _LAST_YEAR = 1000, 1850, 2100
_LAST_BIRTH: Final = 25
"""Two-digit years of birth up to this one are of the 2000s. A constant: rules read no clock."""
_LAST_ENTRY: Final = 69
"""Two-digit years up to this one are of the 2000s where something was entered, agreed or billed (as POSIX has it)."""
_EPOCH: Final = date(1899, 12, 30)
FEW: Final = 8
"""So many dates that tell their order outweigh one that says otherwise."""
_MONTH_FIRST: Final = ("US", "PH", "PR", "GU", "FM", "MH", "PW")

Read = tuple[str | None, str | None]
"""An ISO date (or a year, or a year and month), and the doubt about it."""


def column_order(values: Iterable[str]) -> str | None:
    """The order of day, month and year in a column: `DMY`, `MDY` or `YMD`; None where nothing decides.

    Any first part above 12 speaks for DMY, any second one for MDY; up to one in twenty may be a slip, and a single one
    in any column with FEW that agree.
    """
    votes = {"DMY": 0, "MDY": 0, "YMD": 0}
    for value in values:
        match = _NUMERIC.match(value)
        if not match:
            votes["YMD"] += bool(_COMPACT.match(value))
            continue
        first, second, third = match.groups()
        if len(first) > 2:
            votes["YMD"] += 1
        elif len(third) != 3 and int(first) > 12 >= int(second):
            votes["DMY"] += 1
        elif len(third) != 3 and int(second) > 12 >= int(first):
            votes["MDY"] += 1
    best = max(votes, key=lambda order: votes[order])
    if votes["YMD"] and (votes["DMY"] or votes["MDY"]):  # year-first dates read themselves: the rest decides
        best = max(("DMY", "MDY"), key=lambda order: votes[order])
        return best if _clear(votes[best], votes["DMY"] + votes["MDY"]) else None
    return best if votes[best] and _clear(votes[best], sum(votes.values())) else None


def _clear(best: int, total: int) -> bool:
    return total - best <= max(0.05 * total, best >= FEW)


def read(text: str, order: str | None = None, country: str | None = None) -> Read:
    """A date of birth or the like. Without an order the country's habit stands in, with a doubt."""
    return _read(text, order, country, _LAST_BIRTH)


def day(text: str, order: str | None = None, country: str | None = None) -> Read:
    """The day on which something was entered, agreed or billed: like `read`, but nobody did so a century ago."""
    iso, doubt = _read(text, order, country, _LAST_ENTRY)
    return iso, None if doubt == "date_two_digit_year" else doubt


def _read(text: str, order: str | None, country: str | None, last: int) -> Read:
    found = _COMPACT.match(text)
    if found and int(found.group(1)) >= _FIRST_LIKELY:
        return _checked(found.group(1), found.group(2), found.group(3))
    if found:  # `15061998`
        return _numeric((text[:2], text[2:4], text[4:]), order, country, last)
    if _NO_YEAR.match(text):
        return None, "date_no_year"
    found = _NUMERIC.match(text)
    if found:
        first, second, third = found.groups()
        return _numeric((first, second, third), order, country, last)
    found = _YEAR.match(text)
    if found:
        return found.group(1), None
    found = _SERIAL.match(text)
    if found:
        return (_EPOCH + timedelta(days=int(found.group(1)))).isoformat(), "date_serial"
    found = _MONTH_YEAR.match(text)
    if found:
        month, year = found.group(1) or found.group(4), found.group(2) or found.group(3)
        return (f"{year}-{int(month):02}", None) if 1 <= int(month) <= 12 else (None, "date_invalid")
    return _in_words(text, last)


def _numeric(parts: tuple[str, str, str], order: str | None, country: str | None, last: int) -> Read:
    first, second, third = parts
    if len(first) > 2:
        return _checked(first, second, third) if len(first) == 4 else (None, "date_invalid")
    if order == "YMD" and len(third) == 2:
        return _checked(first, second, third, last)
    if int(first) == int(second) or order in ("DMY", "MDY"):
        wanted, doubt = order or "DMY", None
    else:
        wanted, doubt = ("MDY" if country in _MONTH_FIRST else "DMY"), "date_ambiguous"
    day, month = (first, second) if wanted != "MDY" else (second, first)
    if int(month) > 12 >= int(day):
        day, month, doubt = month, day, None if doubt else "date_other_order"
    elif int(day) > 12:
        doubt = None
    iso, other = _checked(third, month, day, last)
    return iso, other if other and other != "date_two_digit_year" else doubt or other


def _checked(year: str, month: str, day: str, last: int = _LAST_BIRTH) -> Read:
    """A day that exists. Two-digit years up to `last` are of the 2000s."""
    full, doubt = int(year), None
    if len(year) <= 2:
        full, doubt = full + (2000 if full <= last else 1900), "date_two_digit_year"
    if full in (0, 9999) or f"{full}-{month}-{day}" in ("1899-12-30", "1899-12-31"):
        return None, "date_invalid"
    try:
        when = date(full, int(month), int(day))
    except ValueError:
        return None, "date_invalid"
    if not _FIRST_YEAR <= full <= _LAST_YEAR:
        return None, "date_invalid"
    iso = when.isoformat()
    if full < _FIRST_LIKELY:
        return iso, "date_implausible"
    return iso, "date_placeholder" if iso in _placeholder_dates() else doubt


@cache
def _placeholder_dates() -> frozenset[str]:
    return frozenset(data.words("dates")["placeholders"])


@cache
def months() -> dict[str, int]:
    months = data.words("dates")["months"]
    return {latin.latin(name): int(number) for number, names in months.items() for name in names}


def _in_words(text: str, last: int) -> Read:
    """`15 Ιουνίου 1998`, `June 15, 1998`, `15-Haz-98`: a month's name, a day and a year in any order."""
    month, numbers = None, []
    for word in latin.latin(re.sub(r"(\d)\.", r"\1 ", text)).split():
        if word in months():
            month = str(months()[word])
        elif word.isdigit():
            numbers.append(word)
        elif ordinal := re.match(r"^(\d{1,2})(?:st|nd|rd|th|i|is|o|er|a)$", word):
            numbers.append(ordinal.group(1))
    if month and len(numbers) == 1 and len(numbers[0]) == 4:
        return f"{numbers[0]}-{int(month):02}", None
    if month is None or len(numbers) < 2:
        return None, "date_invalid"
    day, year = (numbers[1], numbers[0]) if len(numbers[0]) == 4 else (numbers[0], numbers[1])
    return _checked(year, month, day, last)


def from_parts(day: str | None, month: str | None, year: str | None) -> Read:
    """A date in three columns; a missing day or month leaves what is known."""
    if not year or not (digits := re.sub(r"\.0$", "", year)).isdigit():
        return None, "date_invalid"
    number = _month_number(month)
    if month and number is None:
        return None, "date_invalid"
    if not number or not day:
        whole = int(digits) if len(digits) == 4 else int(_checked(digits, "1", "1")[0][:4])  # type: ignore[index]  # two digits always read
        return (f"{whole:04}-{number:02}" if number else f"{whole:04}"), None
    day = re.sub(r"\.0$", "", day)
    return _checked(digits, str(number), day) if day.isdigit() else (None, "date_invalid")


def _month_number(month: str | None) -> int | None:
    bare = re.sub(r"\.0$", "", month or "")
    if bare.isdigit():
        return int(bare) if 1 <= int(bare) <= 12 else None
    return months().get(latin.latin(bare))


def moment(text: str, order: str | None = None, country: str | None = None) -> Read:
    """When something was entered or changed: `YYYY-MM-DD` or `YYYY-MM-DDTHH:MM:SS`, in UTC where a zone is given."""
    text = _BASIC.sub(r"\1 \2:\3:\4", text)
    clock = _TIME.search(text)
    iso, doubt = day(text[: clock.start()].strip(" T,") if clock else text, order, country)
    if not clock or iso is None or len(iso) != 10:
        return iso, doubt
    hour = int(clock.group(1))
    if clock.group(4):
        hour = hour % 12 + (12 if clock.group(4)[0] in "pP" else 0)
    try:
        when = datetime.fromisoformat(iso).replace(
            hour=hour, minute=int(clock.group(2)), second=int(clock.group(3) or 0)
        )
    except ValueError:
        return iso, "date_invalid"
    zone = _zone(clock.group(5))
    if zone:
        when = when.replace(tzinfo=zone).astimezone(UTC).replace(tzinfo=None)
    return when.isoformat(timespec="seconds"), doubt


def _zone(text: str | None) -> timezone | None:
    if not text:
        return None
    found = re.search(r"([+-])(\d{1,2}):?(\d{2})?", text)
    if not found:
        return UTC
    minutes = int(found.group(2)) * 60 + int(found.group(3) or 0)
    return timezone(timedelta(minutes=-minutes if found.group(1) == "-" else minutes)) if minutes < 1440 else None
