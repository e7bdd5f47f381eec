"""How numbers, shares and durations are written for people: the same in pages and in the terminal."""

import re
from collections.abc import Sequence
from typing import Final

NOT_MEASURED: Final = "–"
FORMULA: Final = ("=", "+", "-", "@", "\t", "\r")
"""What a spreadsheet takes for the beginning of a formula."""
_ENDING_OF_Y: Final = re.compile(r"[^aeiou]y$")


def number(value: float | None, digits: int = 0) -> str:
    """12,345 (or 12,345.6 with one digit)."""
    return NOT_MEASURED if value is None else f"{value:,.{digits}f}"


def share(value: float | None, digits: int = 0) -> str:
    """0.4237 as 42 %. What is not all never reads 100 %, and what is not nothing never reads 0 %."""
    if value is None:
        return NOT_MEASURED
    low, high = 10**-digits / 2, 100 - 10**-digits / 2
    percent = value * 100
    if 0 < percent < low:
        return f"<{10**-digits:.{digits}f}\u00a0%"
    if high <= percent < 100:
        return f">{100 - 10**-digits:.{digits}f}\u00a0%"
    return f"{percent:.{digits}f}\u00a0%"


def signed(value: float, digits: int = 1) -> str:
    """+4.2 or −4.2, with a real minus sign; what rounds to nothing has no sign."""
    text = f"{abs(value):,.{digits}f}"
    if float(text.replace(",", "")) == 0:
        return text
    return f"{'+' if value > 0 else '−'}{text}"


def plural(count: float, one: str, many: str = "") -> str:
    """`1 record`, `1,200 records`, `2 companies`."""
    return f"{number(count)}\u00a0{noun(count, one, many)}"


def noun(count: float, one: str, many: str = "") -> str:
    """The word alone, as the count asks for it."""
    if count == 1:
        return one
    return many or (one[:-1] + "ies" if _ENDING_OF_Y.search(one) else one + "s")


def seconds(value: float) -> str:
    """0.42 s, 12 s, 3 min 05 s."""
    if value < 10:
        return f"{value:.1f}\u00a0s"
    if value < 60:
        return f"{value:.0f}\u00a0s"
    return f"{int(value) // 60}\u00a0min {int(value) % 60:02d}\u00a0s"


def day(time: str | None) -> str:
    """The day of a moment (ISO) or of a run's id (20261123T…), as it is written everywhere: 2026-11-23."""
    text = (time or "").strip()
    return f"{text[:4]}-{text[4:6]}-{text[6:8]}" if text[:8].isdigit() else text[:10]


def moment(time: str | None) -> str:
    """A moment (ISO, UTC) to the minute: 2026-11-23 03:12 UTC."""
    return f"{time[:10]} {time[11:16]}\u00a0UTC" if time else ""


def listing(words: Sequence[str], most: int = 4) -> str:
    """`a, b and c`, and `a, b and 5 more` where there are too many."""
    if len(words) > most:
        return f"{', '.join(words[: most - 1])} and {number(len(words) - most + 1)} more"
    return " and ".join(filter(None, [", ".join(words[:-1]), *words[-1:]]))


def words(name: str) -> str:
    """A column or rule name as a person says it: `birth_date` -> `birth date`."""
    return name.replace("_", " ").replace(".", " ").strip()


def sentence(text: str) -> str:
    """The text with a capital letter and a full stop; a text in quotes, code or a path begins as it is."""
    text = text.strip()
    if not text:
        return ""
    return (text[0].upper() + text[1:]) + ("" if text[-1] in ".!?…" else ".")


def guarded(value: str) -> str:
    """A value that no spreadsheet takes for a formula when it opens a CSV file."""
    return f"'{value}" if value.startswith(FORMULA) else value
