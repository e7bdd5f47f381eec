"""Number formats whose text differs from the number in more than dress: percentages, and digits with leading zeros.

A format code is that of ECMA-376 part 1, 18.8.31. Dates are the reader's business; currencies, thousands and colours
leave the number what it is.
"""

import re
from decimal import Decimal, InvalidOperation
from functools import cache
from typing import Final

BUILT_IN: Final = {9: "0%", 10: "0.00%"}
"""Codes that workbooks use by number and do not spell out (18.8.30)."""
_DRESS = re.compile(r"\[[^\]]*\]|_.|\*.")
"""Colours, conditions and languages in brackets; a blank as wide as a character; a character that fills the cell."""
_LITERAL = re.compile(r'"([^"]*)"|\\(.)')
_ZEROS = re.compile(r"[^0#?.,%eE]*0[^#?.,%eE]*0[^#?.,%eE]*")
_DATE = re.compile(r"[dmyhs]|General", re.IGNORECASE)


def is_shown(code: str) -> bool:
    """Whether `shown` gives another text than the number itself for some number."""
    return _parts(code) is not None


def shown(number: str, code: str) -> str | None:
    """The number (decimal text) as the format shows it; None where the number says as much.

    `0.25` under `0%` is `25%`, and `0.256` is `25.6%`: no digit is rounded away. `123` under `00000` is `00123`.
    """
    kind = _parts(code)
    if kind is None:
        return None
    try:
        value = Decimal(number if number.isdigit() else repr(float(number)))  # 0.07 is stored as 7.0000000000000007E-2
    except (InvalidOperation, ValueError):
        return None
    if not value.is_finite():
        return None
    return percent(value, int(kind)) if isinstance(kind, int) else _padded(value, kind)


def percent(value: Decimal, decimals: int) -> str:
    """A share of 1 as a percentage, with at least so many decimals."""
    text = format((value * 100).normalize(), "f")
    whole, _, fraction = text.partition(".")
    fraction = fraction.ljust(decimals, "0")
    return f"{whole}.{fraction}%" if fraction else f"{whole}%"


def _padded(value: Decimal, pattern: str) -> str | None:
    """The digits of a whole number in the places of a pattern of zeros and literal characters."""
    if value != value.to_integral_value():
        return None
    places = pattern.count("0")
    digits = format(abs(value).to_integral_value(), "f").zfill(places)
    surplus, rest = digits[: len(digits) - places], iter(digits[len(digits) - places :])
    first = pattern.index("0")
    text = "".join(next(rest) if c == "0" else c.replace("\0", "0") for c in pattern)
    return ("-" if value < 0 else "") + text[:first] + surplus + text[first:]


@cache
def _parts(code: str) -> int | str | None:
    """Decimals of a percentage, the pattern of a format of zeros, or None."""
    section = re.split(r';(?=(?:[^"]*"[^"]*")*[^"]*$)', code)[0]
    bare = _DRESS.sub("", section)
    plain = _LITERAL.sub("", bare)
    if "%" in plain and not _DATE.search(plain):
        return len(plain.partition(".")[2].replace("%", "").strip())
    spelled = _LITERAL.sub(lambda m: (m[1] if m[1] is not None else m[2]).replace("0", "\0"), bare)
    if plain.count("0") > 1 and _ZEROS.fullmatch(plain) and not _DATE.search(plain):
        return spelled
    return None
