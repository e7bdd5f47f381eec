"""The match model: what `fit` learned, as numbers that can be saved, shown and used again."""

import json
from dataclasses import asdict, dataclass, field
from typing import Any, Final

import numpy as np

from rules.matching.config import Field
from rules.matching.kinds import sizes
from rules.matching.labels.correction import Correction
from rules.matching.types import Bytes, Floats
from rules.vocabulary import PartyType, Relation

VERSION: Final = 1


@dataclass(frozen=True)
class Branch:
    """One edge of the chance tree: how field `child` agrees by chance, depending on whether `parent` is equal."""

    child: int
    parent: int
    equal: Floats
    other: Floats


@dataclass(frozen=True)
class Thresholds:
    """Match probabilities; `best` is the maximum of expected F1."""

    merge: float
    review: float
    best: float


@dataclass(frozen=True)
class Model:
    """Latent classes over agreement patterns of one type of party.

    `theta` holds for each class (column) the level distribution of every field, one after the other (rows).
    """

    party: str
    fields: tuple[Field, ...]
    theta: Floats
    share: Floats
    relations: tuple[Relation, ...]
    """What each class means."""
    random: list[Floats]
    """Level distribution of each field over random pairs."""
    tree: tuple[Branch, ...]
    pairs: float
    """Candidate pairs the model was fitted on."""
    all_pairs: float
    """All pairs of records, candidate or not."""
    thresholds: Thresholds = Thresholds(0.995, 0.2, 0.5)
    masks: dict[int, float] = field(default_factory=dict)
    """Bit mask of missing fields -> log of how much likelier it is among candidates than among random pairs."""
    mates: float = 0.0
    """How many other records of the same customer a record has, on average."""
    totals: tuple[tuple[int, int], ...] = ()
    """For each field the values in all records and those in all customers, when the model was fitted: so that records
    of strangers do not change what a value's frequency is measured by."""
    notes: tuple[str, ...] = ()
    described: bool = False
    """Nothing is learned: the classes are those of `described.yml`."""
    correction: Correction | None = None
    """What the judgements of people add to the weights."""
    blocking: tuple[tuple[str, ...], ...] | None = None
    """The blocking rules it was fitted on; kept, so that a new record does not change the candidates of others."""
    version: int = VERSION

    @property
    def sizes(self) -> tuple[int, ...]:
        return tuple(sizes(f.kind) for f in self.fields)

    @property
    def starts(self) -> tuple[int, ...]:
        """Row of `theta` at which the levels of each field begin."""
        return tuple(int(s) for s in np.cumsum((0, *self.sizes))[:-1])

    def field(self, name: str) -> int | None:
        """Number of a field, if it is compared."""
        return next((i for i, f in enumerate(self.fields) if f.name == name), None)

    def columns(self, *relations: Relation) -> list[int]:
        """Numbers of the classes of these relations."""
        return [k for k, r in enumerate(self.relations) if r in relations]

    def equal_if_same(self, field: int) -> float:
        """Probability that a field is equal in two records of one customer."""
        same = self.columns(Relation.SAME, Relation.MOVED)
        share = self.share[same]
        row = self.starts[field] + self.sizes[field] - 1
        return float(self.theta[row, same] @ share / max(float(share.sum()), 1e-12))


def mask_of(patterns: Bytes) -> Any:
    """Bit mask of the missing fields of each pattern."""
    return (patterns < 0) @ (1 << np.arange(patterns.shape[1], dtype=np.int64))


def to_json(models: dict[str, Model]) -> str:
    """Models by type of party as JSON; the same models give the same text."""
    return json.dumps({"version": VERSION, "models": {p: _plain(m) for p, m in sorted(models.items())}}, sort_keys=True)


def _plain(model: Model) -> dict[str, Any]:
    return {
        "party": model.party,
        "fields": [f.model_dump(mode="json") for f in model.fields],
        "theta": model.theta.tolist(),
        "share": model.share.tolist(),
        "relations": [str(r) for r in model.relations],
        "random": [r.tolist() for r in model.random],
        "tree": [[b.child, b.parent, b.equal.tolist(), b.other.tolist()] for b in model.tree],
        "pairs": model.pairs,
        "all_pairs": model.all_pairs,
        "thresholds": asdict(model.thresholds),
        "masks": {str(k): v for k, v in sorted(model.masks.items())},
        "mates": model.mates,
        "totals": [list(t) for t in model.totals],
        "notes": list(model.notes),
        "described": model.described,
        "correction": asdict(model.correction) if model.correction else None,
        "blocking": model.blocking,
        "version": model.version,
    }


class UnreadableModel(ValueError):
    """A saved model that this program cannot use; the message says why, and what to do."""

    def __init__(self, why: str) -> None:
        remedy = "Learn a new one: goldseam fit -w WORKSPACE"
        self.why = why
        super().__init__(f"The saved matching model cannot be used: {why}. {remedy}")


def from_json(text: str) -> dict[str, Model]:
    """Models by type of party. Raises UnreadableModel where the text is none that this program wrote."""
    try:
        data = json.loads(text)
    except ValueError as error:
        raise UnreadableModel(f"it is damaged or cut off ({error})") from error
    if not isinstance(data, dict) or "version" not in data:
        raise UnreadableModel("it is something else")
    if data["version"] != VERSION:
        raise UnreadableModel(f"it is of version {data['version']}, and this program reads {VERSION}")
    try:
        return {str(PartyType(party)): _whole(_model(m)) for party, m in data["models"].items()}
    except (KeyError, TypeError, ValueError, AttributeError, IndexError) as error:
        raise UnreadableModel(f"a part of it is missing or changed ({type(error).__name__})") from error


def _whole(model: Model) -> Model:
    """The model, if its parts fit each other. Raises ValueError."""
    classes, fields = len(model.relations), len(model.fields)
    sizes = tuple(len(r) for r in model.random)
    if model.theta.shape != (sum(model.sizes), classes) or model.share.shape != (classes,) or sizes != model.sizes:
        raise ValueError("parts of different sizes")
    if len(model.totals) not in (0, fields) or any(max(b.child, b.parent) >= fields for b in model.tree):
        raise ValueError("fields that are not there")
    return model


def _model(m: dict[str, Any]) -> Model:
    return Model(
        party=m["party"],
        fields=tuple(Field.model_validate(f) for f in m["fields"]),
        theta=np.array(m["theta"], float).reshape(-1, len(m["share"])),
        share=np.array(m["share"], float),
        relations=tuple(Relation(r) for r in m["relations"]),
        random=[np.array(r, float) for r in m["random"]],
        tree=tuple(Branch(c, p, np.array(e), np.array(o)) for c, p, e, o in m["tree"]),
        pairs=m["pairs"],
        all_pairs=m["all_pairs"],
        thresholds=Thresholds(**m["thresholds"]),
        masks={int(k): v for k, v in m["masks"].items()},
        mates=m["mates"],
        totals=tuple((int(a), int(b)) for a, b in m.get("totals", [])),
        notes=tuple(m["notes"]),
        described=m.get("described", False),
        correction=Correction(**m["correction"]) if m.get("correction") else None,
        blocking=tuple(tuple(r) for r in m["blocking"]) if m.get("blocking") is not None else None,
    )
