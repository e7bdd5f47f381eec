"""Questions of which several answers may be chosen: one column a choice, folded into one cell `News; Offers`."""

import re
from collections.abc import Mapping, Sequence
from functools import cache
from importlib.resources import files
from typing import Any, Final

import pyarrow as pa
import pyarrow.compute as pc

from rules import schema
from rules.standardise import vocab
from rules.vocabulary import RAW_PREFIX

BY: Final = "; "
"""Between the answers of a cell."""
MOST_WORDS: Final = 12
"""Different texts a column of ticks may hold: yes, Yes, x, 1, its own label…"""
LONGEST_NAME: Final = 60
_ASKS: Final = "?;:؟？：*"  # the Greek question mark is a semicolon
"""What a header ends with that asks."""

_FORMS: Final = tuple(
    re.compile(pattern)
    for pattern in (
        r"(?P<base>.+?)\s*\[(?P<choice>[^\[\]]+)\]",  # Google Forms: Interests [News]
        r"(?P<base>.+?)\s+[-–—:]\s+(?P<choice>.+)",  # SurveyMonkey and many others: Interests - News
        r"(?P<base>.+?)\s*\((?P<choice>[^()]*[^\d()][^()]*)\)",  # Tally: Interests (News); but Phone (2) is a repeat
        r"(?P<base>[^/]+)/(?P<choice>[^/]+)",  # KoBo: Interests/News
    )
)
"""How the header of a choice names its question; the whole header matches."""


@cache
def _words() -> dict[str, frozenset[str]]:
    data: Any = schema.load(files("rules").joinpath("defaults/choices.yml").read_text("utf-8"), "choices.yml")[0]
    return {key: frozenset(_plain(str(word)) for word in words) for key, words in data.items()}


def _plain(text: str) -> str:
    return " ".join(text.split()).casefold()


def find(table: pa.Table) -> dict[str, tuple[str, ...]]:
    """Questions of several answers in a table of text: a name for each, and its columns in their order.

    Two or more columns whose headers name one question (`Interests [News]`) and whose cells are ticks; or columns side
    by side whose every filled cell is its own header. A question that has a column of its own beside is left out.
    """
    columns = [name for name in table.column_names if name not in RAW_PREFIX]
    values = {name: _distinct(table[name]) for name in columns}
    return {**_by_header(columns, values), **_by_label(columns, values)}


def _distinct(column: pa.ChunkedArray) -> list[str] | None:
    """The different filled texts of a column; None where there are more than ticks ever are."""
    found = pc.unique(column)
    if len(found) > MOST_WORDS:
        return None
    return [text for text in found.to_pylist() if text is not None and text.strip()]


def _by_header(columns: Sequence[str], values: Mapping[str, list[str] | None]) -> dict[str, tuple[str, ...]]:
    groups: dict[str, list[str]] = {}
    labels: dict[str, str] = {}
    for form in _FORMS:
        for column in columns:
            match = form.fullmatch(column)
            if match and column not in labels:
                labels[column] = match["choice"]
                groups.setdefault(match["base"].strip(), []).append(column)
    taken = {_plain(column) for column in columns}
    return {
        base: tuple(members)
        for base, members in groups.items()
        if len(members) > 1 and _plain(base) not in taken and _are_ticks({m: labels[m] for m in members}, values)
    }


def _are_ticks(labels: Mapping[str, str], values: Mapping[str, list[str] | None]) -> bool:
    """Every filled cell is a tick, none, or the choice itself, and one at least is chosen; beside `other` is text."""
    chosen = False
    for column, label in labels.items():
        if _plain(label) in _words()["other"] and len(labels) > 2:
            continue
        found = values[column]
        if found is None or any(_said(text, label) is None for text in found):
            return False
        chosen = chosen or any(_said(text, label) for text in found)
    return chosen


def _said(text: str, label: str) -> bool | None:
    """Whether a cell says that its choice was made; None where it says something else."""
    plain = _plain(text)
    if plain == _plain(label) or plain in _words()["chosen"]:
        return True
    if plain in _words()["not_chosen"]:
        return False
    meaning = vocab.meaning("yes_no", text)
    return None if meaning is None else meaning == "yes"


def _by_label(columns: Sequence[str], values: Mapping[str, list[str] | None]) -> dict[str, tuple[str, ...]]:
    """Runs of columns that hold nothing but their own header; one that nobody chose may stand between two."""
    found: dict[str, tuple[str, ...]] = {}
    run: list[str] = []
    taken = {_plain(column) for column in columns}
    for column in (*columns, ""):
        texts = values.get(column, ["no column"])
        if texts is not None and all(_plain(text) == _plain(column) for text in texts) and column:
            run.append(column)
            continue
        members = _trimmed(run, values)
        if len(members) > 1:
            last = [column] if _plain(column) in _words()["other"] else []
            question = _question(run[: run.index(members[0])])
            free = question and _plain(question) not in taken | set(map(_plain, found))
            found[question if free else _name(members)] = (*members, *last)
        run = []
    return found


def _trimmed(run: list[str], values: Mapping[str, list[str] | None]) -> list[str]:
    """A run without the empty columns at its ends: they need not belong to it."""
    filled = [n for n, column in enumerate(run) if values[column]]
    return run[filled[0] : filled[-1] + 1] if filled else []


def _question(before: Sequence[str]) -> str:
    """The question in the empty column before a run, without its mark: a column of that very name there is already."""
    last = before[-1].rstrip() if before else ""
    return last.rstrip(_ASKS).rstrip() if last.endswith(tuple(_ASKS)) else ""


def _name(labels: Sequence[str]) -> str:
    whole = " / ".join(labels)
    return whole if len(whole) <= LONGEST_NAME else whole[: LONGEST_NAME - 1].rstrip(" /") + "…"


def label(header: str) -> str:
    """The choice that a header of one names (`Interests [News]` -> News); the whole header where it names none."""
    match = next((match for form in _FORMS if (match := form.fullmatch(header))), None)
    return match["choice"].strip() if match else header


def fold(table: pa.Table, choices: Mapping[str, Sequence[str]]) -> pa.Table:
    """The table with one further column a question: the chosen answers of each row, joined by `; `.

    Columns that the table lacks are passed over; a question of which none is there is an empty column. A single column
    (`a;b;` or `a, b`) is written in the same way. The columns themselves stay.
    """
    for name, columns in choices.items():
        there = [column for column in columns if column in table.column_names]
        labels = _labels(columns)
        if len(columns) == 1 and there:
            cells = _mapped(table[there[0]], _listed(table[there[0]]))
        elif there:
            cells = _joined([_answers(table[column], labels[column]) for column in there])
        else:
            cells = pa.nulls(len(table), pa.string())
        table = table.append_column(name, cells)
    return table


def _joined(answers: Sequence[pa.Array]) -> pa.Array:
    """The answers of each row with `; ` between; null where there is none.

    Arrow's own way of leaving nulls out of a join loses rows of nulls alone, so each answer brings its separator.
    """
    parts = [pc.binary_join_element_wise(BY, answer, "") for answer in answers]
    whole = pc.binary_join_element_wise(*parts, "", null_handling="replace", null_replacement="")
    return pc.if_else(pc.equal(whole, ""), pa.scalar(None, pa.string()), pc.utf8_slice_codeunits(whole, len(BY)))


def _labels(columns: Sequence[str]) -> dict[str, str]:
    """What each column's header says of its choice: the part after the question that all of them name."""
    for form in _FORMS:
        matches = [form.fullmatch(column) for column in columns]
        bases = {match["base"].strip() if match else None for match in matches}
        if len(bases) == 1 and None not in bases:
            return {c: match["choice"].strip() for c, match in zip(columns, matches, strict=True) if match}
    return {column: column for column in columns}


def _answers(column: pa.ChunkedArray, label: str) -> pa.Array:
    """The choice where it was made, null where it was not; a text of another kind is the answer itself."""

    def answer(text: str) -> str | None:
        said = _said(text, label)
        if said is not None:
            return label if said else None
        return text.strip() if _plain(label) in _words()["other"] else f"{label}: {text.strip()}"

    return _mapped(column, {text: answer(text) for text in pc.unique(column).to_pylist() if text and text.strip()})


def _listed(column: pa.ChunkedArray) -> dict[str, str | None]:
    """Each text of a column of lists -> the same with its answers joined by `; `."""
    texts = [text for text in pc.unique(column).to_pylist() if text and text.strip()]
    mark = r"\s*[;\n]\s*" if any(";" in text or "\n" in text for text in texts) else r"\s*,\s+"
    return {text: BY.join(part for part in re.split(mark, text.strip()) if part) or None for text in texts}


def _mapped(column: pa.ChunkedArray, written: Mapping[str, str | None]) -> pa.Array:
    keys, values = pa.array(list(written), pa.string()), pa.array(list(written.values()), pa.string())
    return values.take(pc.index_in(column, value_set=keys).combine_chunks())
