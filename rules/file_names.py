"""What the names of files tell of the sheets in them: batch, operator and day of forms that were typed in."""

import re
from collections.abc import Sequence
from typing import Final

from rules import column_names

TOLD: Final = ("operator", "form_no", "batch", "entered_at")
_BATCH: Final = frozenset("blpπп")
"""How batch, lotto, lote, partida, παρτίδα and партия begin: a letter that stands for the word."""
_PART: Final = re.compile(r"\d{4}-\d\d-\d\d|\d+|[^\W\d_]+|[\W_]+")
_DAY: Final = re.compile(r"(?:19|20)\d\d-?(?:0[1-9]|1[0-2])-?(?:0[1-9]|[12]\d|3[01])")


def pattern(names: Sequence[str]) -> str | None:
    """A regular expression whose named groups (of TOLD) read something off every name; None where they tell nothing.

    `batch-07-maria.csv`, `batch-08-nikos.csv` -> batch and operator. Names of one build only, two of them at least; a
    word is taken for the operator only beside a batch, a form number or a day.
    """
    parts = [_PART.findall(name.rpartition("/")[2].rpartition(".")[0]) for name in names]
    if len(set(names)) < 2 or len({len(p) for p in parts}) != 1:
        return None
    columns = [tuple(column) for column in zip(*parts, strict=True)]
    told = _told(columns)
    if not told or any(not _alike(column, n in told) for n, column in enumerate(columns)):
        return None
    made = "".join(_group(told[n], column) if n in told else _plain(column) for n, column in enumerate(columns))
    return rf"{made}\.\w+$"


def _told(columns: Sequence[tuple[str, ...]]) -> dict[int, str]:
    """Which part tells what."""
    told: dict[int, str] = {}
    for n, column in enumerate(columns):
        if all(_DAY.fullmatch(part) for part in column):
            told.setdefault(n, "entered_at")
        target = _named(columns, n) if len(set(column)) == 1 else None
        value = next((m for m in (n + 1, n + 2) if m < len(columns) and columns[m][0][0].isalnum()), None)
        if target in TOLD and value is not None and target not in told.values():
            told[value] = target
    words = [n for n, column in enumerate(columns) if _is_who(column) and n not in told]
    if told and len(words) == 1 and "operator" not in told.values():
        told[words[0]] = "operator"
    return told if len(set(told.values())) == len(told) else {}


def _named(columns: Sequence[tuple[str, ...]], n: int) -> str | None:
    """What the same word in all names says of the part behind it; `B07-maria` is a batch, though `B07` alone is not."""
    word = column_names.fold(columns[n][0])
    if word not in _BATCH:
        return column_names.aliases().get(word)
    is_number = n + 1 < len(columns) and all(part.isdecimal() for part in columns[n + 1])
    return "batch" if is_number and sum(map(_is_who, columns)) == 1 else None


def _is_who(column: tuple[str, ...]) -> bool:
    """Whether it is another word in some of the names."""
    return len(set(column)) > 1 and all(part.isalpha() for part in column)


def _alike(column: tuple[str, ...], is_told: bool) -> bool:
    """Of one kind in all names: told, the same word, or a number."""
    return is_told or len(set(column)) == 1 or all(part.isdecimal() for part in column)


def _group(target: str, column: tuple[str, ...]) -> str:
    if target == "entered_at" and all(_DAY.fullmatch(part) for part in column):
        return rf"(?P<{target}>\d{{4}}-?\d\d-?\d\d)"
    kind = r"\d+" if all(part.isdecimal() for part in column) else r"[^\W_]+"
    return rf"(?P<{target}>{kind})"


def _plain(column: tuple[str, ...]) -> str:
    return re.escape(column[0]) if len(set(column)) == 1 else r"\d+"
