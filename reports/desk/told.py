"""What people did, as sentences: `Stella decided that A and B are one customer, 12 minutes ago: same e-mail`."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Any, Final
from urllib.parse import quote

from connectors.store.desk.filter import Case
from reports.desk.access import Person
from reports.desk.seen import MASK, Seen
from reports.desk.services import Key, Services
from reports.format import number, plural, words
from rules.record_key import ends

DECIDED: Final = {
    "same": "are one customer", "different": "are two customers", "related": "are related, and two customers",
    "split": "are two customers", "all": "are one customer with all their records",
    "take_out": "are not one customer with all their records",
}  # fmt: skip
"""What an answer says of two records."""
DONE: Final = {
    "same": "the same customer", "all": "the same customer, with all their records", "different": "two customers",
    "related": "related, two customers", "split": "two customers", "take_out": "records taken out",
}  # fmt: skip
"""What an answer is called where it is said what was just done."""
PARTINGS: Final = ("take_out", "split")
"""Actions by which some records of a customer are parted from the rest."""
NAMED: Final = 3
"""Records that a sentence names; of more, how many more."""
REMARKS: Final = ("comment", "assign")
"""Actions by which somebody says something of a case, and answers nothing."""
ELSEWHERE: Final = "a record that is not among yours"
STEPS: Final = ((60, 1, "second"), (3600, 60, "minute"), (86_400, 3600, "hour"), (30 * 86_400, 86_400, "day"))


@dataclass(frozen=True)
class Bit:
    """A stretch of a sentence; `link`: where it leads, `key`: the record that it names."""

    text: str
    link: str = ""
    key: str = ""


@dataclass(frozen=True)
class Line:
    """One thing that somebody did."""

    bits: tuple[Bit, ...]
    time: str
    """ISO 8601, UTC."""
    ago: str
    reason: str
    undo: str
    """Where to take it back; empty: it cannot be, or not by this person."""
    undone: bool
    number: str
    """Its number, as `act 12`."""
    waits: bool = False
    """What it takes back was published, and is until the next run."""
    customers: tuple[str, ...] = ()
    """Golden ids of whom it waits, where this person may ask for a re-run of them."""

    @property
    def text(self) -> str:
        """The sentence without its links."""
        return "".join(bit.text for bit in self.bits)


def lines(desk: Services, person: Person, deeds: Sequence[dict[str, Any]]) -> tuple[Line, ...]:
    """Deeds (store.deeds) as this person may read them."""
    deeds = [{**deed, "parted": _parted(desk, deed)} for deed in deeds]
    told_of = ((deed["left"], deed["right"], *deed["parted"]) for deed in deeds)
    keys = list(dict.fromkeys(key for some in told_of for key in some if key and ":" in key))
    names, seen = desk.names(keys), Seen(desk, person)
    hidden = seen.outside(keys)
    now = datetime.now(UTC)
    readers = desk.store.first_readers([(d["left"], d["right"]) for d in deeds if d["action"] in REMARKS])
    shown = ({**deed, "text": ""} if is_whispered(deed, person, readers) else deed for deed in deeds)
    told = (_line(deed, person, names, hidden, seen, now) for deed in shown)
    return tuple(replace(line, customers=_customers(desk, person, line)) if line.waits else line for line in told)


def _parted(desk: Services, deed: dict[str, Any]) -> tuple[Key, ...]:
    """The records that were taken out of a customer, or made one of their own; the last one stays where it was."""
    if deed["of"] != "act" or deed["action"] not in PARTINGS or not deed["many"]:
        return ()
    apart = [ends(row) for row in desk.store.decisions_of_act(deed["seq"]) if row["kind"] == "split"]
    return (*dict.fromkeys(left for left, _ in apart), apart[0][1]) if apart else ()


def is_whispered(deed: dict[str, Any], person: Person, readers: Mapping[tuple[Key, Key], str]) -> bool:
    """Whether a deed is a remark that must not be known to somebody: of who read a case first (`first_readers`)."""
    return deed["action"] in REMARKS and readers.get((deed["left"], deed["right"])) == deed["user"] != person.name


def _customers(desk: Services, person: Person, line: Line) -> tuple[str, ...]:
    keys = [bit.key for bit in line.bits if bit.key]
    homes = desk.store.homes_of(keys) if keys and person.may("steward") else {}
    return tuple(dict.fromkeys(home["golden_id"] for home in homes.values() if home["state"] == "active"))


def _line(
    deed: dict[str, Any], person: Person, names: dict[Key, str], hidden: set[Key], seen: Seen, now: datetime
) -> Line:
    who = Bit("You" if deed["user"] == person.name else deed["user"])
    two = tuple(_record(deed[side], names, hidden) for side in ("left", "right") if deed[side])
    parted = tuple(_record(key, names, hidden) for key in deed["parted"])
    kept = bool({deed["left"], deed["right"]} & hidden)
    secret = deed["purpose"] == "first" and deed["user"] != person.name
    did = _parting(deed["action"], *parted) if parted else ()
    said = (who, Bit(" ")) + (
        _read(two) if secret else did or _said({**deed, "value": MASK} if kept else deed, two, seen)
    )
    mine = deed["user"] == person.name or person.may("lead")
    may = mine and person.may("steward") and not (deed["undone"] or _is_for_good(deed) or kept)
    undo = f"/{deed['of']}s/{deed['seq']}/undo" if may else ""
    reason = "" if secret or kept else seen.remark(deed["text"])
    return Line(_joined(said), deed["time"], ago(deed["time"], now), reason, undo, bool(deed["undone"]),
                f"{deed['of']} {deed['seq']}", deed["waits"])  # fmt: skip


def _is_for_good(deed: dict[str, Any]) -> bool:
    """Whether it is not taken back, or done again: what was written, what takes two people, what decided nothing."""
    nothing = deed["was"] and not (deed["many"] or deed["laid"])
    return deed["action"] == "comment" or deed["was_for"] == "second" or bool(nothing and deed["was_for"] != "known")


def _parting(action: str, *parted: Bit) -> tuple[Bit, ...]:
    *out, stays = parted
    if action == "take_out":
        return Bit("took "), *_several(out), Bit(" out of the customer of "), stays
    many = " a customer of its own" if len(out) == 1 else " one customer"
    return Bit("made "), *_several(out), Bit(f"{many}, apart from that of "), stays


def _several(some: Sequence[Bit]) -> tuple[Bit, ...]:
    """The first of them, and how many more there are."""
    more = len(some) - NAMED
    last = Bit(f" and {more} more") if more > 0 else Bit("")
    between = [Bit(", ")] * (len(some[:NAMED]) - 1)
    if more <= 0 and between:
        between[-1] = Bit(" and ")
    named = zip(some[:NAMED], (*between, last), strict=True)
    return tuple(bit for pair in named for bit in pair)


def _said(deed: dict[str, Any], two: tuple[Bit, ...], seen: Seen) -> tuple[Bit, ...]:
    """What was done, by its action; a deed of the command line is called by its decision's kind."""
    match deed["action"]:
        case "undo":
            return _undoing(deed, two)
        case "value":
            value = Bit(f"set the {words(deed['field'] or 'value')} of ")
            return value, *two[:1], Bit(f" to {seen.text(deed['field'] or '', deed['value'])}")
        case "assign":
            return Bit("gave "), *_and(two), Bit(f" to {deed['other']}" if deed["other"] else " back to everybody")
        case "comment":
            return Bit("wrote about "), *_and(two)
        case "batch" | "pack":
            what = "accepted a batch" if deed["action"] == "batch" else "took in a review pack"
            link = f"/{'batches' if deed['action'] == 'batch' else 'packs'}"
            return (Bit(f"{what} of {number(deed['many'])} {'decision' if deed['many'] == 1 else 'decisions'}", link),)
        case "correct" | "release" | "return":
            return _QUARANTINE[deed["action"]], *(_and(two) or (Bit("rows of the quarantine"),)), _AFTER[deed["action"]]
        case _:
            return _answer(deed, two)


READ: Final = {"first": "answered first that ", "disagreed": "answered otherwise, that "}
"""Readings of a case that takes two people: they decide nothing."""
_QUARANTINE: Final = {"correct": Bit("corrected "), "release": Bit("let "), "return": Bit("sent ")}
_AFTER: Final = {
    "correct": Bit(" in quarantine"), "release": Bit(" out of quarantine as it stands"),
    "return": Bit(" back to the owner of the source"),
}  # fmt: skip


def _answer(deed: dict[str, Any], two: tuple[Bit, ...]) -> tuple[Bit, ...]:
    answer = (deed["answer"] or deed["kind"] or "").partition(" ")[0]
    if answer not in DECIDED or len(two) < 2:
        return Bit(f"{words(deed['action'])}: "), *_and(two)
    return Bit(READ.get(deed["purpose"] or "", "decided that ")), *_and(two), Bit(f" {DECIDED[answer]}")


def answers(desk: Services, case: Case) -> tuple[dict[str, Any], ...]:
    """The two acts by which two people gave two answers to a case, each with what it `said` in words."""
    acts = desk.store.two_answers(case)
    return tuple({**act, "said": DECIDED[act["answer"].partition(" ")[0]]} for act in acts)


def _undoing(deed: dict[str, Any], two: tuple[Bit, ...]) -> tuple[Bit, ...]:
    """A decision of the command line does not say here what was decided: its number does."""
    again, of = deed["was"] == "undo", f"{deed['of']} {deed['undoes']}"
    did = "did again what was taken back" if again else "took back"
    if (answer := (deed["answer"] or "").partition(" ")[0]) in DECIDED and len(two) == 2:
        return Bit(f"{did}{':' if again else ' that'} "), *_and(two), Bit(f" {DECIDED[answer]} ({of})")
    many = f", {plural(deed['many'], 'decision')}" if deed["many"] > 1 else ""
    said = (Bit(f"{did} ({of}{many})"),) if again else (Bit(f"{did} {of}{many}"),)
    return (*said, Bit(" on "), *_and(two)) if two else said


def _read(two: tuple[Bit, ...]) -> tuple[Bit, ...]:
    return Bit("answered "), *_and(two), Bit(" first; a second reader is asked")


def _record(key: Key, names: dict[Key, str], hidden: set[Key]) -> Bit:
    if key in hidden:
        return Bit(ELSEWHERE)
    source, _, record = key.partition(":")
    return Bit(names.get(key, key), f"/records/{quote(source, safe='')}/{quote(record, safe='')}", key)


def _and(two: tuple[Bit, ...]) -> tuple[Bit, ...]:
    return two if len(two) < 2 else (two[0], Bit(" and "), two[1])


def _joined(bits: Sequence[Bit]) -> tuple[Bit, ...]:
    return tuple(bit for bit in bits if bit.text)


def ago(time: str, now: datetime) -> str:
    """`12 minutes ago`; the day itself where it is longer ago than a month."""
    seconds = max(0, int((now - datetime.fromisoformat(time)).total_seconds()))
    for until, unit, word in STEPS:
        if seconds < until:
            return "just now" if word == "second" else f"{plural(seconds // unit, word)} ago"
    return time[:10]
