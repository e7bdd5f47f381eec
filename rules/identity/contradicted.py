"""Decisions that the data have come to contradict: they hold all the same, and people are told.

A decision `same` is contradicted where marks that nobody changes (tax id, personal number, birth date) now differ, one
that keeps two apart where they share a number now; either where one of the two became someone else. What the person
could see when deciding is no news, so only what the last publication did not show yet is told, and then asked until
the decision is made anew or taken back.
"""

from collections.abc import Iterator, Mapping
from typing import Any, Final

import pyarrow as pa

from rules.vocabulary import CANDIDATES, KEY, TEXT

MARKS: Final = pa.schema([
    *KEY, ("tax_id", TEXT), ("tax_id_scheme", TEXT), ("national_id", TEXT), ("birth_date", TEXT)
])  # fmt: skip
"""Marks of the records that decisions name, and of those that now stand under such a record's id (`17@2`)."""
KIND: Final = "decision"
WORTH: Final = 3.0
"""In the queue above most doubts of the machine: a person has taken the trouble."""

Marks = Mapping[tuple[str, str], Mapping[str, str | None]]
Row = Mapping[str, Any]


def contradicted(decisions: pa.Table, now: pa.Table, before: pa.Table, labels: pa.Table, asked: pa.Table) -> pa.Table:
    """Rows of CANDIDATES, kind `decision`. `now`, `before`: schema MARKS, of this run and the last published one.

    `labels`: source, record_id, cluster_id of the records named; `asked`: the queue as published (kind, reason).
    """
    marks, then = _by_key(now), _by_key(before)
    cluster = {(r["source"], r["record_id"]): r["cluster_id"] for r in labels.to_pylist()}
    known = {r["reason"] for r in asked.to_pylist() if r["kind"] == KIND}
    rows = []
    for decision in decisions.to_pylist():
        old = {reason for _, _, reason in _against(decision, then)}
        news = [found for found in _against(decision, marks) if found[2] not in old or found[2] in known]
        for left, right, reason in (*news, *_disobeyed(decision, cluster)):
            if left in cluster:
                rows.append(_row(left, right, cluster[left], reason))
    distinct = {(row["left"], row["right"]): row for row in rows}
    return pa.Table.from_pylist([distinct[pair] for pair in sorted(distinct)], CANDIDATES)


def _against(decision: Row, marks: Marks) -> Iterator[tuple[tuple[str, str], tuple[str, str], str]]:
    """What speaks against a decision: two records and a reason each."""
    if decision["kind"] in ("value", "undo"):
        return
    left, right = ((decision[f"{side}_source"], decision[f"{side}_id"]) for side in ("left", "right"))
    if left in marks and right in marks:
        for said in _differs(decision["kind"] == "same", marks[left], marks[right]):
            yield left, right, f"{_words(decision)}, and now {said}"
    for gone, other in ((left, right), (right, left)):
        if gone not in marks and (heir := _later(gone, marks)):
            yield heir, other, f"{_words(decision)}, and {':'.join(gone)} has become someone else, {':'.join(heir)}"


def _differs(same: bool, one: Mapping[str, str | None], other: Mapping[str, str | None]) -> Iterator[str]:
    comparable = one["tax_id_scheme"] == other["tax_id_scheme"]
    for mark, name in (("tax_id", "tax ids"), ("national_id", "personal numbers"), ("birth_date", "birth dates")):
        a, b = one[mark], other[mark]
        if a is None or b is None or (mark == "tax_id" and not comparable):
            continue
        if same and a != b:
            yield f"their {name} differ"
        if not same and a == b and mark != "birth_date":
            yield f"their {name} are equal"


def _later(key: tuple[str, str], marks: Marks) -> tuple[str, str] | None:
    """The record that stands under this one's id today: 17@2 for 17."""
    base, _ = _generation(key)
    found = {_generation(k)[1]: k for k in marks if _generation(k)[0] == base}
    return found[max(found)] if found else None


def _generation(key: tuple[str, str]) -> tuple[tuple[str, str], int]:
    """The id that a record stands under, and the how-manieth record it is of that id."""
    base, at, number = key[1].rpartition("@")
    return ((key[0], base), int(number)) if at and number.isdigit() else (key, 1)


def _disobeyed(decision: Row, cluster: Mapping[Any, int]) -> Iterator[tuple[tuple[str, str], tuple[str, str], str]]:
    """Decisions that this run could not obey: a person and a firm are never joined."""
    left, right = ((decision[f"{side}_source"], decision[f"{side}_id"]) for side in ("left", "right"))
    if decision["kind"] == "value" or left not in cluster or right not in cluster:
        return
    if (cluster[left] == cluster[right]) != (decision["kind"] == "same"):
        yield left, right, f"{_words(decision)}, and this run could not do so"


def _words(decision: Row) -> str:
    says = "one customer" if decision["kind"] == "same" else "two customers"
    return f"decision {decision['seq']} ({decision['user']}, {str(decision['time'])[:10]}) says they are {says}"


def _by_key(marks: pa.Table) -> Marks:
    return {(row["source"], row["record_id"]): row for row in marks.to_pylist()}


def _row(left: tuple[str, str], right: tuple[str, str], cluster: int, reason: str) -> dict[str, Any]:
    ends = sorted((":".join(left), ":".join(right)))
    return {"kind": KIND, "left": ends[0], "right": ends[1], "cluster_id": cluster, "reason": reason, "worth": WORTH}
