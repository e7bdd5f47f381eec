"""Why two records were joined or not: field by field, in words and in bits."""

from dataclasses import dataclass

import numpy as np

from rules.matching import copies, kinds
from rules.matching.attribution import attribute
from rules.matching.compare import compare
from rules.matching.encode import Encoded
from rules.matching.expected import RELATIONS
from rules.matching.frequency import Holders
from rules.matching.genders import opposite
from rules.matching.generations import conflict
from rules.matching.model import Model
from rules.matching.score import weigh
from rules.matching.types import Bytes, Pairs
from rules.matching.vetoes import contact_only, contradicted, elsewhere, sister_firms, vetoed
from rules.vocabulary import Relation

EXACT = 1e-6
"""Bits below which a difference is that of rounding."""
LEAST = 0.001
"""Probabilities nearer than this to 0 or 1 are not told apart."""


@dataclass(frozen=True)
class Evidence:
    """One field of a pair. `weight` in bits: above 0 for the same customer, below 0 against."""

    field: str
    left: str
    right: str
    level: str
    """In words; "missing" where a side has no value."""
    weight: float


@dataclass(frozen=True)
class Explanation:
    """A pair with its evidence: `prior`, the weights of the fields, `learned` and `ruled` add up to its weight."""

    left: tuple[str, str]
    right: tuple[str, str]
    fields: tuple[Evidence, ...]
    weight: float
    probability: float
    relation: str
    sentence: str
    prior: float = 0.0
    """Bits before any field is looked at: of all pairs in which these fields are known, how many are one customer."""
    learned: float = 0.0
    """Bits that the judgements of people add to pairs like this one."""
    ruled: float = 0.0
    """Bits that a rule takes away or gives, whatever the fields say; `rule` is that rule in words."""
    rule: str = ""


MEANING = {
    Relation.SAME: "the same", Relation.MOVED: "the same, moved", Relation.HOUSEHOLD: "of one household",
    Relation.NAMESAKE: "namesakes", Relation.COINCIDENCE: "alike by coincidence", Relation.UNRELATED: "unrelated",
}  # fmt: skip


def explain(left: int, right: int, encoded: Encoded, model: Model, known: Holders | None = None) -> Explanation:
    """The evidence for and against two records (record numbers) being one customer."""
    a, b = min(left, right), max(left, right)
    pair = Pairs(np.array([a], np.int32), np.array([b], np.int32))
    scored = weigh(pair, encoded, model, known)
    levels = compare(pair, encoded, model.fields).levels
    parts = attribute(pair, levels, encoded, model, known)
    fields = tuple(
        Evidence(f.name, _shown(encoded, f.name, a), _shown(encoded, f.name, b), _words(f.kind, level), bits)
        for f, level, bits in zip(model.fields, levels[0].tolist(), parts.fields.tolist(), strict=True)
    )
    relation = [*RELATIONS, Relation.UNRELATED][int(scored.relation[0])]
    weight, chance = float(scored.weight[0]), float(scored.probability[0])
    ruled = weight - parts.start - float(parts.fields.sum()) - parts.learned
    rule = _guard(pair, levels, encoded, model)
    return Explanation(
        _key(encoded, a), _key(encoded, b), fields, weight, chance, str(relation),
        _sentence(fields, chance, relation, rule), parts.start, parts.learned,
        ruled if abs(ruled) > EXACT else 0.0, rule,
    )  # fmt: skip


def _key(encoded: Encoded, row: int) -> tuple[str, str]:
    return str(encoded.sources[row]), str(encoded.ids[row])


def _shown(encoded: Encoded, field: str, row: int) -> str:
    return "; ".join(encoded.columns[field].of(row))


def _words(kind: str, level: int) -> str:
    return "missing" if level < 0 else kinds.LEVELS[kind][level]


def _guard(pair: Pairs, levels: Bytes, encoded: Encoded, model: Model) -> str:
    if copies.same(pair, encoded)[0]:
        return "The two records are equal in every column: one record written twice."
    if vetoed(pair, encoded)[0]:
        return "Two different valid tax ids of one kind: never the same customer unless a person says so."
    if conflict(pair, encoded)[0]:
        return "Senior and junior: never the same customer unless a person says so."
    if contradicted(levels, model)[0]:
        return "Birth date, telephone and e-mail are all known and all different: never the same customer by itself."
    if contact_only(levels, model)[0]:
        return "Nothing agrees but a telephone number or an e-mail address, and people share those."
    if opposite(levels, pair, encoded, model)[0]:
        return "The names of a man and of a woman, a letter or two apart: not joined by themselves."
    if sister_firms(pair, encoded)[0]:
        return "A firm and its holding, or two houses under one roof: two customers, whatever they share."
    if elsewhere(levels, model)[0]:
        return "Another address, and only a part of the name agrees: firms are named after places and trades."
    return ""


def _sentence(fields: tuple[Evidence, ...], probability: float, relation: Relation, guard: str) -> str:
    """What the two records by themselves look like, for a steward; what became of them, their cluster says."""
    strong = sorted(fields, key=lambda f: -abs(f.weight))
    speaks_for = [_said(f) for f in strong if f.weight > 1][:3]
    against = [_said(f) for f in strong if f.weight < -1][:3]
    said = [f"Probability {_percent(probability)}, most likely {MEANING[relation]}."]
    if speaks_for:
        said.append(f"For it: {', '.join(speaks_for)}.")
    if against:
        said.append(f"Against it: {', '.join(against)}.")
    return " ".join([*said, guard] if guard else said)


def _percent(probability: float) -> str:
    """What is not sure never reads 100 %."""
    percent = f"{100 * min(max(probability, LEAST), 1 - LEAST):.1f} %"
    if probability in (0, 1):
        return f"{100 * probability:.0f} %"
    return f"below {percent}" if probability < LEAST else f"above {percent}" if probability > 1 - LEAST else percent


def _said(evidence: Evidence) -> str:
    return f"{evidence.field.replace('_', ' ')} {evidence.level}"
