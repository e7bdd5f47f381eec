"""Why an answer is refused: the decisions that exclude it, each as a sentence, with what can be done about it.

Of records outside a person's limits neither name nor key is said, nor why somebody decided on them.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from connectors.store.decisions import Contradiction
from reports.desk.access import Person
from reports.desk.seen import Seen
from reports.desk.services import Key, Services
from reports.desk.told import DECIDED, ELSEWHERE
from rules.record_key import ends


@dataclass(frozen=True)
class Link:
    """One decision of the chain."""

    number: int
    one: str
    other: str
    """Names of the two records."""
    keys: tuple[str, ...]
    """Those of the two that this person may see."""
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
        return DECIDED[self.answer]


def refusal(desk: Services, person: Person, answer: str, chain: Sequence[int]) -> Refusal:
    """The chain of a Contradiction in words."""
    return Refusal(answer, links(Seen(desk, person), desk.store.decisions_numbered(chain)))


def links(seen: Seen, decisions: Sequence[dict[str, Any]]) -> tuple[Link, ...]:
    """Decisions on two records, each with the `act` that made it, as this person may read them."""
    keys = sorted({key for decision in decisions for key in ends(decision)})
    hidden = seen.outside(keys)
    names = {key: ELSEWHERE if key in hidden else record.name for key, record in seen.records(keys).items()}
    return tuple(_link(seen, decision, names, hidden) for decision in decisions)


def in_words(desk: Services, person: Person, error: Contradiction) -> str:
    """A Contradiction as this person may read it."""
    decisions = desk.store.decisions_numbered(error.chain)
    return excluded(desk, person, str(error), [key for decision in decisions for key in ends(decision)])


def excluded(desk: Services, person: Person, why: str, keys: Sequence[Key] | None = None) -> str:
    """Why something was left out; `keys`: the records that it names (None: that is not known any more)."""
    seen = Seen(desk, person)
    kept = seen.is_limited if keys is None else seen.outside(keys)
    return "Earlier decisions exclude it, some of them on records that are not among yours: ask a lead" if kept else why


def _link(seen: Seen, decision: dict[str, Any], names: dict[Key, str], hidden: set[Key]) -> Link:
    one, other = ends(decision)
    kept = bool({one, other} & hidden)
    return Link(
        decision["seq"], names[one], names[other], tuple(key for key in (one, other) if key not in hidden),
        DECIDED[decision["kind"]], decision["user"], decision["time"][:10],
        "" if kept else seen.remark(decision["reason"]), "" if kept else _undo(seen.person, decision),
    )  # fmt: skip


def _undo(person: Person, decision: dict[str, Any]) -> str:
    """Decisions that were made elsewhere than at the desk are of no act."""
    if decision["user"] != person.name and not person.may("lead"):
        return ""
    return f"/acts/{decision['act']}/undo" if decision["act"] else f"/decisions/{decision['seq']}/undo"
