"""Why an answer is refused: the decisions that exclude it, each as a sentence, with what can be done about it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from reports.desk.access import Person
from reports.desk.seen import Seen
from reports.desk.services import Services

SAID: Final = {
    "same": "are one customer", "different": "are two customers", "related": "are related, and two customers",
    "split": "were split, and are two customers",
}  # fmt: skip


@dataclass(frozen=True)
class Link:
    """One decision of the chain."""

    number: int
    one: str
    other: str
    """Names of the two records."""
    keys: tuple[str, str]
    said: str
    user: str
    day: str
    reason: str
    undo: str
    """Where to take it back; empty: it is somebody else's."""


@dataclass(frozen=True)
class Refusal:
    """An answer that earlier decisions exclude."""

    answer: str
    links: tuple[Link, ...]

    @property
    def said(self) -> str:
        return SAID[self.answer]


def refusal(desk: Services, person: Person, answer: str, chain: Sequence[int]) -> Refusal:
    """The chain of a Contradiction in words."""
    decisions = desk.store.decisions_numbered(chain)
    ends = [tuple(f"{d[f'{side}_source']}:{d[f'{side}_id']}" for side in ("left", "right")) for d in decisions]
    records = Seen(desk, person).records(sorted({key for pair in ends for key in pair}))
    return Refusal(
        answer,
        tuple(
            Link(
                d["seq"], records[one].name, records[other].name, (one, other), SAID[d["kind"]], d["user"],
                d["time"][:10], d["reason"] or "", _undo(person, d),
            )
            for d, (one, other) in zip(decisions, ends, strict=True)
        ),
    )  # fmt: skip


def _undo(person: Person, decision: dict[str, Any]) -> str:
    """Decisions that were made elsewhere than at the desk are of no act."""
    if decision["user"] != person.name and not person.may("lead"):
        return ""
    return f"/acts/{decision['act']}/undo" if decision["act"] else f"/decisions/{decision['seq']}/undo"
