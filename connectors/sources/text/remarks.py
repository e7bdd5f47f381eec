"""What ends a print-out: `*** END OF LIST ***`, `12 customers listed`, in words that no column cuts rightly."""

import re
from collections.abc import Sequence
from typing import Final

from connectors.sources.tables.below import is_total
from connectors.sources.text.widths import Edges, is_ruler, on_screen

LAST: Final = 12
"""Lines at the end that are looked at."""
_MARKED: Final = re.compile(r"\s*([*=_~#<>-])\1")
_NUMBER: Final = re.compile(r"\d{5}|\d{3} \d{3}")
"""What a row holds."""
_GAP: Final = re.compile(r"\S\s{2,}\S")


def below(
    lines: Sequence[str], cells: Sequence[Sequence[str]], gaps: Sequence[bool], edges: Edges, *, is_said: bool
) -> frozenset[int]:
    """The numbers of the lines below the table that are remarks; `gaps`: whether an empty line stands before each.

    A remark is one phrase that runs over an edge. It begins with a mark, or stands below a total, a line of dashes,
    an empty line or another remark. Where the widths are said (`is_said`) columns may touch, and only marks tell.
    """
    found: set[int] = set()
    for n in range(max(1, len(lines) - LAST), len(lines)):
        if is_ruler(lines[n]) or is_total(cells[n], len(edges)):
            continue
        is_apart = gaps[n] or n - 1 in found or is_ruler(lines[n - 1]) or is_total(cells[n - 1], len(edges))
        if is_phrase(lines[n], edges) and (_MARKED.match(lines[n]) or (is_apart and not is_said)):
            found.add(n)
        else:
            found.clear()
    return frozenset(found)


def is_phrase(line: str, edges: Edges) -> bool:
    """Whether a line is words alone, single blanks between them, that do not begin where columns do."""
    if _GAP.search(line.strip()) or _NUMBER.search(line):
        return False
    shown = on_screen(line.rstrip())
    starts = [start for start, _ in edges[1:] if start < len(shown)]
    return bool(starts) and any(shown[start] == " " or shown[start - 1] != " " for start in starts)
