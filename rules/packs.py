"""What comes back in a review pack: which answers may be taken in, and what is wrong with the others, row by row."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final, NamedTuple

ANSWERS: Final = ("same", "different", "related")
SKIP: Final = "skip"


@dataclass(frozen=True)
class Line:
    """A row of the workbook: one record of a case, numbered from 1."""

    sheet: str
    row: int
    number: str
    key: str
    answer: str
    comment: str


@dataclass(frozen=True)
class Answered:
    """A case with its answer; `skip` and nothing are none."""

    line: Line
    answer: str
    comment: str


@dataclass(frozen=True)
class Problem:
    """A row that cannot be taken in: why, and what to do."""

    sheet: str
    row: int
    message: str
    remedy: str
    place: int | None = None
    """Of its case in the pack (from 0); None: it is none of the pack."""


class Decided(NamedTuple):
    """What somebody decided on a case since the pack was made."""

    answer: str
    user: str
    day: str


@dataclass(frozen=True)
class Judged:
    """What becomes of a pack, by the place of each case in it (from 0)."""

    good: dict[int, Answered]
    comments: dict[int, Answered]
    """Said of cases that were not answered."""
    already: int
    """Answers that are decided so already."""
    unanswered: int
    missing: int
    """Cases of the pack that are not in the workbook."""
    problems: tuple[Problem, ...]


def judge(
    lines: Sequence[Line], cases: Sequence[tuple[str, str]], decided: Mapping[int, Decided], still_open: Iterable[int]
) -> Judged:
    """Put the rows of a workbook to the cases of its pack (the two records of each): two rows a case.

    decided: by place, what was decided since the pack was made. still_open: places of cases that wait for a decision.
    """
    good: dict[int, Answered] = {}
    comments: dict[int, Answered] = {}
    problems: list[Problem] = []
    waiting, counted = frozenset(still_open), {"already": 0, "unanswered": 0}
    groups = _groups(lines)
    for number, mine in groups.items():
        said = _answer(mine)
        if (wrong := _altered(number, mine, cases) or _no_answer(mine)) is not None:
            problems.append(replace(wrong, place=_place(number, cases)))
            continue
        place = int(number) - 1
        if not said or said == SKIP:
            counted["unanswered"] += 1
            if comment := _comment(mine):
                comments[place] = Answered(mine[0], "", comment)
        elif place in decided and decided[place].answer == said:
            counted["already"] += 1
        elif (wrong := _overtaken(mine[0], said, decided.get(place), place in waiting)) is not None:
            problems.append(replace(wrong, place=place))
        else:
            good[place] = Answered(mine[0], said, _comment(mine))
    missing = sum(str(n + 1) not in groups for n in range(len(cases)))
    return Judged(good, comments, counted["already"], counted["unanswered"], missing, tuple(problems))


def _groups(lines: Sequence[Line]) -> dict[str, list[Line]]:
    """Rows by the number of their case, without zeros before it."""
    found: dict[str, list[Line]] = {}
    for line in lines:
        found.setdefault(line.number.lstrip("0") or line.number[:1], []).append(line)
    return found


def _answer(mine: list[Line]) -> str:
    return next((line.answer.strip().casefold() for line in mine if line.answer.strip()), "")


def _comment(mine: list[Line]) -> str:
    return " ".join(line.comment.strip() for line in mine if line.comment.strip())


def _altered(number: str, mine: list[Line], cases: Sequence[tuple[str, str]]) -> Problem | None:
    """A case that is not as it went out."""
    first = mine[0]
    anew = "Take this case from the pack as it was sent, and answer it there"
    if _place(number, cases) is None:
        return _problem(first, f"there is no case {number[:20] or 'without a number'} in this pack", anew)
    if len(mine) > 2:
        rows, said = ", ".join(str(line.row) for line in mine), _said(mine)
        two = f", with two answers: {' and '.join(said)}" if len(said) > 1 else ""
        told = f"case {number} stands there more than once, in rows {rows}{two}"
        return _problem(first, told, "Keep the one that counts")
    if tuple(line.key for line in mine) != cases[int(number) - 1]:
        return _problem(first, f"the records of case {number} are not those that were sent", anew)
    return None


def _place(number: str, cases: Sequence[tuple[str, str]]) -> int | None:
    """By a number as `_groups` has it; more digits than a pack has are not counted."""
    short = number.isascii() and number.isdigit() and len(number) <= len(str(len(cases)))
    return int(number) - 1 if short and 0 < int(number) <= len(cases) else None


def _said(mine: list[Line]) -> list[str]:
    """Each answer once, as long as one may be."""
    return sorted({line.answer.strip().casefold()[:40] for line in mine if line.answer.strip()})


def _no_answer(mine: list[Line]) -> Problem | None:
    said = _said(mine)
    choose = f"Choose one of {', '.join((*ANSWERS, SKIP))}"
    if len(said) > 1:
        return _problem(mine[0], f"case {mine[0].number} has two answers: {' and '.join(said)}", choose)
    for one in {*said} - {*ANSWERS, SKIP}:
        return _problem(mine[0], f"{one!r} is no answer", choose)
    return None


def _overtaken(line: Line, said: str, found: Decided | None, waits: bool) -> Problem | None:
    if found is not None:
        told = f"it was decided {found.answer!r} by {found.user} on {found.day}, and here it says {said!r}"
        return _problem(line, told, "Look at the case. Whoever is right, undo the other")
    if not waits:
        return _problem(line, "this case is not in the queue any more, or not in yours", "There is nothing to do")
    return None


def _problem(line: Line, message: str, remedy: str) -> Problem:
    return Problem(line.sheet, line.row, message, remedy)
