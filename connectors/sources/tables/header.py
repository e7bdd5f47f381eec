"""Where a table begins on its sheet: the header below title lines, and the names of its columns."""

from collections.abc import Collection, Sequence

from connectors.sources.tables.header_rows import LETTER, VALUE, depth, joined, plain, top
from rules.column_names import known_header
from rules.vocabulary import RAW_PREFIX

FORMED, PERFECT = 3.3, 3.8
LOOK = 60
"""How many lines are searched for the header."""


def find(rows: Sequence[Sequence[str]], wanted: Collection[str] = ()) -> int | None:
    """The index of the (first) header row among the first rows of a sheet; None where no row holds any text.

    The header is the first row that looks like one: cells filled as in the rows around it, in letters, all
    different, short. A row further down must know far more column names to win. Rows that hold names of the column
    map (`wanted`) win over all others. Where a row of groups stands above it (`Billing` over `Street`), that is the
    first; `depth` says how many there are.
    """
    index = _find(rows, wanted)
    return None if index is None else top(rows, index)


def _find(rows: Sequence[Sequence[str]], wanted: Collection[str]) -> int | None:
    head = [[plain(cell) for cell in row] for row in rows[:LOOK]]
    if not any(any(row) for row in head):
        return None
    names = {plain(name) for name in wanted}
    if names:
        hits = [len(names.intersection(row)) for row in head]
        if max(hits) >= min(2, len(names)):
            return hits.index(max(hits))
    widths = sorted(filled for row in head if (filled := sum(map(bool, row))))
    width = widths[(3 * len(widths)) // 4]
    scores = [_likeness(row, width) for row in head]
    best = max(scores)
    first = next(n for n, score in enumerate(scores) if score >= min(FORMED, best))
    known = [sum(known_header(cell) for cell in row if cell) for row in head]
    most = known.index(max(known))
    return most if known[most] >= 3 + 3 * known[first] and scores[most] >= PERFECT else first


def _likeness(row: Sequence[str], width: int) -> float:
    """0 to 4; FORMED and more where a row has the form of a header, PERFECT where hardly a cell differs from it."""
    cells = [cell for cell in row if cell]
    if not cells:
        return -1.0
    filled = min(1.0, len(cells) / width)
    lettered = sum(bool(LETTER.search(cell)) and not VALUE.search(cell) for cell in cells) / len(cells)
    different = len(set(cells)) / len(cells)
    short = sum(len(cell) <= 60 for cell in cells) / len(cells)
    return 2 * filled + lettered + 0.5 * different + 0.5 * short


def unique(cells: Sequence[str], taken: Collection[str] = RAW_PREFIX) -> list[str]:
    """Column names of a header row: blanks single, `column 7` where blank, `Phone (2)` where repeated."""
    seen = {name.casefold() for name in taken}
    names = []
    for number, cell in enumerate(cells, 1):
        base = name = " ".join(cell.replace("\ufeff", "").split()) or f"column {number}"
        count = 1
        while name.casefold() in seen:
            count += 1
            name = f"{base} ({count})"
        seen.add(name.casefold())
        names.append(name)
    return names


def as_mapped(names: Sequence[str], wanted: Collection[str]) -> list[str]:
    """Column names spelled as the column map spells them, where they differ in case or blanks only.

    A name that the map also spells as it stands stays.
    """
    spelled = {plain(name): name for name in wanted}
    return [name if name in wanted else spelled.get(plain(name), name) for name in names]


__all__ = ["FORMED", "LOOK", "PERFECT", "as_mapped", "depth", "find", "joined", "plain", "top", "unique"]
