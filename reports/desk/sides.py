"""Two records side by side: each field with what differs lit, what agrees quiet, and what it says in bits."""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final, Literal

from reports.desk.agreed import agreed
from reports.desk.alike import Lit, beside
from reports.desk.services import ORDER, Record
from reports.format import sentence, words

if TYPE_CHECKING:
    from collections.abc import Sequence

    from rules.matching.explain import Evidence, Explanation

UNSURE: Final = (0.1, 0.9)
"""Probabilities between which the machine says perhaps."""
ONE: Final = ("same", "moved")
"""Relations of one customer: were the machine sure of it, nobody would be asked."""
TOLD: Final = 4
"""Fields that are named."""
Verdict = Literal["agrees", "near", "differs", "alone"]
FIELDS: Final = {
    "given_name": "name", "middle_name": "name", "surname": "name", "birth_name": "birth_name", "name": "name",
    "emails": "email", "mobiles": "phone", "phones": "phone", "street": "address", "house_number": "address",
    "unit": "address", "postcode": "address", "city": "address", "region": "address", "country": "address",
    "address_key": "address",
}  # fmt: skip
"""Where the evidence of a compared field is shown."""
SAID: Final = {
    **{field: name for field, name in FIELDS.items() if name == "address"}, "emails": "email", "mobiles": "mobile",
    "phones": "telephone", "postcode": "postcode", "city": "city",
}  # fmt: skip
"""What a compared field is called in a sentence."""


@dataclass(frozen=True)
class Row:
    """One field of two records. `values`: pairs of values, either of which may be missing."""

    field: str
    values: tuple[tuple[Lit | None, Lit | None], ...]
    verdict: Verdict
    bits: float | None
    doubts: tuple[tuple[str, ...], tuple[str, ...]]


def rows(left: Record, right: Record, told: "Explanation | None") -> tuple[Row, ...]:
    """Every field that either has, in the order of the records' fields."""
    told_of = {**left.fields, **right.fields, **left.doubts, **right.doubts}
    names = [*(name for name in ORDER if name in told_of), *(name for name in told_of if name not in ORDER)]
    bits = _bits(told)
    of = {
        name: [one for one in told.fields if FIELDS.get(one.field, one.field) == name] if told else [] for name in names
    }
    return tuple(_row(name, left, right, bits.get(name), of[name]) for name in names)


def _row(name: str, left: Record, right: Record, bits: float | None, evidence: "Sequence[Evidence]") -> Row:
    """Words that the evidence of this field calls equal are not lit."""
    ours, theirs = left.fields.get(name, ()), right.fields.get(name, ())
    told = [one.left for one in evidence], [one.right for one in evidence]
    said = agreed(ours, told[0], evidence), agreed(theirs, told[1], evidence)
    values = tuple(beside(ours, theirs, dialled=name == "phone", parts=name == "address", agreed=said))
    doubts = (left.doubts.get(name, ()), right.doubts.get(name, ()))
    return Row(name, values, _verdict(values), bits, doubts)


def _verdict(values: tuple[tuple[Lit | None, Lit | None], ...]) -> Verdict:
    """The best of the pairs: one common telephone number is agreement, whatever else either has."""
    kinds = [{bit.kind for lit in pair if lit for bit in lit.bits} for pair in values if pair[0] and pair[1]]
    if not kinds:
        return "alone"
    if {"same"} in kinds:
        return "agrees"
    return "near" if any("differs" not in kind for kind in kinds) else "differs"


def _bits(told: "Explanation | None") -> dict[str, float]:
    """The evidence by field as it is shown; fields of which one side says nothing are not among them."""
    found: dict[str, float] = {}
    for field in told.fields if told else ():
        if field.left and field.right:
            name = FIELDS.get(field.field, field.field)
            found[name] = found.get(name, 0.0) + field.weight
    return found


def thinks(told: "Explanation | None", *, firms: bool = False) -> str:
    """What the machine thinks, in words: `household: same surname and address; different given name`.

    firms: of two organisations.
    """
    if told is None:
        return "These two were not compared: one of them is in quarantine, or gone."
    if not told.fields:
        return told.sentence
    seen = [f for f in told.fields if f.left and f.right and abs(f.weight) >= 1]
    strong = sorted(seen, key=lambda f: -abs(f.weight))
    groups = (
        ("same", [f for f in strong if f.weight > 0 and f.level == "equal"]),
        ("similar", [f for f in strong if f.weight > 0 and f.level != "equal"]),
        ("different", [f for f in strong if f.weight < 0]),
    )
    why = "; ".join(f"{what} {_named(found)}" for what, found in groups if found) or "little speaks either way"
    rule = f". {told.rule}" if told.rule else ""
    doubt = "perhaps " if told.relation in ONE or UNSURE[0] < told.probability < UNSURE[1] else ""
    return sentence(f"{doubt}{(_OF_FIRMS if firms else _AS)[told.relation]}: {why}{rule}")


_AS: Final = {
    "same": "the same customer", "moved": "the same customer, who moved", "household": "one household",
    "namesake": "namesakes", "coincidence": "alike by coincidence", "unrelated": "two customers",
}  # fmt: skip


_OF_FIRMS: Final = {**_AS, "household": "two firms under one roof", "namesake": "two firms of one name"}


def _named(found: "Sequence[Evidence]") -> str:
    """The first fields, each once: `name, phone and address`."""
    parts = list(dict.fromkeys(words(SAID.get(f.field, f.field)) for f in found))[:TOLD]
    return parts[0] if len(parts) == 1 else f"{', '.join(parts[:-1])} and {parts[-1]}"
