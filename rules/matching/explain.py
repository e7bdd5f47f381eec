"""Why two records were joined or not: field by field, in words and in bits."""

from dataclasses import dataclass

import numpy as np

from rules.matching import kinds
from rules.matching.compare import compare
from rules.matching.encode import Encoded
from rules.matching.frequency import Holders
from rules.matching.model import Model
from rules.matching.score import RELATIONS, contact_only, contradicted, evidence, vetoed, weigh
from rules.matching.types import Bytes, Floats, Pairs, count
from rules.vocabulary import Relation


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
    """A pair with its evidence; the weights of the fields and `prior` add up to the pair's weight, but for guards."""

    left: tuple[str, str]
    right: tuple[str, str]
    fields: tuple[Evidence, ...]
    weight: float
    probability: float
    relation: str
    sentence: str
    prior: float = 0.0
    """Bits before any field is looked at, and what the fields say only together."""


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
    bits = _by_field(pair, levels, encoded, model, known)
    fields = tuple(
        Evidence(
            f.name,
            _shown(encoded, f.name, a),
            _shown(encoded, f.name, b),
            _words(f.kind, int(levels[0, i])),
            float(bits[i]),
        )
        for i, f in enumerate(model.fields)
    )
    relation = [*RELATIONS, Relation.UNRELATED][int(scored.relation[0])]
    weight = float(scored.weight[0])
    chance = float(scored.probability[0])
    return Explanation(
        _key(encoded, a), _key(encoded, b), fields, weight, chance, str(relation),
        _sentence(fields, chance, relation, _guard(pair, levels, encoded, model), model), weight - float(bits.sum()),
    )  # fmt: skip


def _key(encoded: Encoded, row: int) -> tuple[str, str]:
    return str(encoded.sources[row]), str(encoded.ids[row])


def _shown(encoded: Encoded, field: str, row: int) -> str:
    return "; ".join(encoded.columns[field].of(row))


def _words(kind: str, level: int) -> str:
    return "missing" if level < 0 else kinds.LEVELS[kind][level]


def _by_field(pair: Pairs, levels: Bytes, encoded: Encoded, model: Model, known: Holders | None) -> Floats:
    """Bits of each field: what the weight loses when the field is taken for missing."""
    full = _weight(pair, levels, encoded, model, known)
    out = np.zeros(levels.shape[1])
    for i in range(levels.shape[1]):
        if levels[0, i] >= 0:
            without = levels.copy()
            without[0, i] = -1
            out[i] = full - _weight(pair, without, encoded, model, known)
    return out


def _weight(pair: Pairs, levels: Bytes, encoded: Encoded, model: Model, known: Holders | None) -> float:
    """Weight of a pattern without guards; the set of missing fields says nothing here."""
    counted = count(levels, model.sizes)
    bare = Model(**{**vars(model), "masks": {}})
    return float(evidence(counted, pair, encoded, bare, known).log_odds[0] / np.log(2))


def _guard(pair: Pairs, levels: Bytes, encoded: Encoded, model: Model) -> str:
    if vetoed(pair, encoded)[0]:
        return "Two different valid tax ids of one kind: never the same customer unless a person says so."
    if contradicted(levels, model)[0]:
        return "Birth date, telephone and e-mail are all known and all different: never the same customer by itself."
    if contact_only(levels, model)[0]:
        return "Nothing agrees but a telephone number or an e-mail address, and people share those."
    return ""


def _sentence(fields: tuple[Evidence, ...], probability: float, relation: Relation, guard: str, model: Model) -> str:
    """One sentence for a steward."""
    strong = sorted(fields, key=lambda f: -abs(f.weight))
    speaks_for = [f"{f.field} {f.level}" for f in strong if f.weight > 1][:3]
    against = [f"{f.field} {f.level}" for f in strong if f.weight < -1][:3]
    verdict = "Joined" if probability >= model.thresholds.best else "Not joined"
    said = [f"{verdict}: probability {probability:.3f}, most likely {MEANING[relation]}."]
    if speaks_for:
        said.append(f"For it: {', '.join(speaks_for)}.")
    if against:
        said.append(f"Against it: {', '.join(against)}.")
    return " ".join([*said, guard] if guard else said)
