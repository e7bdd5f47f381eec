"""What a spreadsheet makes of a number that is none: 3,02E+11, 2,101,112,223, 2101112223.0, a date."""

import re
from typing import Final

from rules.standardise import dates, latin

_FLOAT: Final = re.compile(r"^'?\+?([1-9])[.,](\d+)[eE]\+?(\d{1,2})$")
_WHOLE: Final = re.compile(r"^(\+?\d{5,15})[.,]0+$")
_THOUSANDS: Final = re.compile(r"^(\+?\d{1,3})((?:([,.'’\u00a0 ])\d{3})(?:\3\d{3})+)(?:[.,]0+)?$")
_DATE: Final = re.compile(
    r"^(?:(?:19|20)\d\d-(?:0\d|1[0-2])-[0-3]\d(?:[ T][\d:.]+)?|\d{1,2}[./-]\d{1,2}[./-](?:19|20)\d\d(?: [\d:]+)?)$"
)
_MONTH: Final = re.compile(r"^(?:\d{1,2}[-. ]([^\W\d_]{3,5})\.?(?:[-. ]\d{2,4})?|([^\W\d_]{3,5})\.?[-. ]\d{2})$")


def plain(text: str) -> tuple[str, str | None]:
    """The digits a cell stands for, and the doubt: `rounded` where some are lost, `repaired` where none is.

    A text that is in no such notation comes back as it is.
    """
    if found := _FLOAT.match(text):
        if int(found.group(3)) > len(found.group(2).rstrip("0")) + 2:
            return text, "rounded"
        return str(round(float(text.lstrip("'").replace(",", ".")))), "repaired"
    if found := _WHOLE.match(text):
        return found.group(1), None
    if (found := _THOUSANDS.match(text)) and found.group(3) in ",'’":
        return found.group(1) + re.sub(r"\D", "", found.group(2)), "repaired"
    return text, None


def is_date(text: str) -> bool:
    """Whether a number was turned into a date: `12-May`, `2021-05-12`."""
    named = _MONTH.match(text)
    return bool(_DATE.match(text)) or (named is not None and latin.latin(named[1] or named[2]) in dates.months())
