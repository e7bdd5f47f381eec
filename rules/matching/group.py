"""One type of party from its features to its clusters: the six steps in their order."""

from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Final

from rules.matching import cluster, copies, guards, text_fields, thresholds
from rules.matching.block import Blocks, block
from rules.matching.blocks import choose as blocking
from rules.matching.blocks.choose import Considered
from rules.matching.blocks.second_round import second_round
from rules.matching.chance import measure
from rules.matching.cluster import Clusters, Constraints
from rules.matching.clusters import apart
from rules.matching.clusters.linkage import Linkage
from rules.matching.compare import unsplit
from rules.matching.config import Field, Matching, default_fields
from rules.matching.encode import Encoded, empty
from rules.matching.fit import fit
from rules.matching.frequency import Holders, holders, totals
from rules.matching.frozen import Frozen, taken
from rules.matching.households import households
from rules.matching.labels import thresholds as labels_thresholds
from rules.matching.labels.judged import Judged
from rules.matching.labels.learn import Learned, learn, told
from rules.matching.model import Model
from rules.matching.score import Scored
from rules.matching.shared import LeftOut, leave_out
from rules.matching.stream import WORTH, Compared, Kept
from rules.matching.types import Bytes, Ints, Longs, PatternCounts, Progress
from rules.vocabulary import PartyType, Role

LEAST_FILL: Final = 0.02
"""A column filled in less than this share of the records is not compared, unless it has this many values."""
LEAST_UNSPLIT: Final = 0.0005
"""Whole names are compared where so many records have a name that could not be split."""
LEAST_VALUES: Final = 50
SURE: Final = 0.9
SECOND: Final = "second round"
MOST_TEXT: Final = 10
"""So many columns without a meaning are compared where little else is known."""
ENOUGH_FIELDS: Final = 3
"""With fewer usable fields than this, every column without a meaning is compared as well; else only telling ones."""


@dataclass(frozen=True)
class Group:
    """Everything found about the records of one type of party."""

    encoded: Encoded
    model: Model
    holders: Holders
    kept: Kept
    clusters: Clusters
    household: Longs
    """Number of the household of each record, -1 without."""
    considered: list[Considered] = field(default_factory=list)
    left_out: list[LeftOut] = field(default_factory=list)
    notes: tuple[str, ...] = ()
    learned: Learned | None = None
    """What the judgements of people taught; None where the model is frozen or nobody judged."""
    counts: Frozen | None = None
    """How common values count under a model that was there before."""
    rules: tuple[tuple[str, ...], ...] = ()
    """The blocking rules that were used."""
    second: int = 0
    """How many of the kept pairs, the last ones, are of the second round."""

    @property
    def scored(self) -> Scored:
        """The pairs that are kept."""
        return self.kept.scored

    @property
    def compared(self) -> int:
        """Candidate pairs in all, kept or not."""
        return len(self.kept.scored.pairs) + self.kept.gone

    @property
    def levels(self) -> Bytes:
        """Levels of the pairs that are kept."""
        return self.kept.levels

    @cached_property
    def frozen(self) -> Frozen:
        """How common values count, to be kept with the model."""
        if self.counts is not None:
            return self.counts
        firms = [n for n in ("organisation",) if n in self.holders.clusters]
        return taken(self.model.party, self.encoded, self.holders.clusters, list(self.rules), firms)

    @cached_property
    def _rows(self) -> dict[tuple[str, str], int]:
        keys = zip(self.encoded.sources.to_pylist(), self.encoded.ids.to_pylist(), strict=True)
        return {key: row for row, key in enumerate(keys)}

    def row(self, key: tuple[str, str]) -> int | None:
        """Record number of (source, record_id), if the record is of this type of party."""
        return self._rows.get(key)


def match_group(
    encoded: Encoded,
    party: PartyType,
    config: Matching,
    frozen: Model | None,
    constraints: Constraints,
    *,
    counts: Frozen | None,
    judged: Judged,
    link: bool,
    threads: int,
    progress: Progress,
) -> Group:
    """Block, compare, fit, score and cluster the records of one type of party.

    `counts`: how common values count under a `frozen` model; None: they are counted.
    """
    fields = frozen.fields if frozen else comparisons(encoded, party, config)
    encoded = encoded.with_columns(*(empty(f.name, len(encoded)) for f in fields if f.name not in encoded.columns))
    encoded, left_out = leave_out(encoded, fields, config)
    customers = None
    if frozen and counts:
        encoded, customers = counts.settled(encoded, {f.name for f in fields})
    progress(1, 6)
    used, considered = candidates(encoded, party, config, frozen)
    with Compared(encoded, fields, config.memory) as compared:
        for pairs in block(
            encoded, [*copies.together(encoded), *used], link=link, threads=threads, at_once=compared.at_once
        ):
            compared.add(pairs)
        progress(3, 6)
        model, known, learned = _learned(frozen, compared, encoded, fields, party, judged, customers)
        kept = compared.scored(model, known)
        kept, further = _further(compared, kept, encoded, model, known, used, config, link=link)
        considered = [*considered, *further]
    scored = kept.scored
    if frozen is None:
        model = _settled(model, scored, config, used, learned)
    model, scored, guarded = guards.check(model, scored, len(encoded))
    progress(4, 6)
    used_threshold = model.thresholds.merge if config.merge_only else model.thresholds.best
    clusters = clustered(scored, encoded, model, known, used_threshold, constraints)
    progress(5, 6)
    home = households(scored, clusters.label)
    notes = (
        *remarks(party, considered, left_out, len(encoded)), *_gone(party, kept), *model.notes, *guarded,
        *told(learned),
    )  # fmt: skip
    progress(6, 6)
    return Group(
        encoded, model, known, replace(kept, scored=scored), clusters, home, considered, left_out,
        notes if len(encoded) > 1 else (), learned, counts if frozen else None, tuple(b.rule for b in used),
        sum(c.pairs for c in further),
    )  # fmt: skip


def _learned(
    frozen: Model | None, compared: Compared, encoded: Encoded, fields: tuple[Field, ...], party: PartyType,
    judged: Judged, customers: dict[str, Longs] | None,
) -> tuple[Model, Holders, Learned | None]:  # fmt: skip
    """The model, who holds which value under it, and what judgements taught."""
    model = _model(frozen, compared.counted, encoded, fields, party)
    model, known = _counted(model, compared, encoded, customers)
    learned = learn(model, compared.counted, encoded, known, judged) if judged and not frozen else None
    if learned and not learned.refused:  # once more, as every later run with this model will count
        model, known = _counted(learned.model, compared, encoded)
    return model, known, learned


def _settled(model: Model, scored: Scored, config: Matching, used: list[Blocks], learned: Learned | None) -> Model:
    """The model with its thresholds, and the blocking rules it was fitted on."""
    model = replace(model, thresholds=thresholds.choose(scored, config, few=model.described))
    model = replace(model, blocking=None if model.described else tuple(b.rule for b in used))
    return labels_thresholds.moved(model, learned) if learned else model


def _further(
    compared: Compared, kept: Kept, encoded: Encoded, model: Model, known: Holders, used: list[Blocks],
    config: Matching, *, link: bool,
) -> tuple[Kept, list[Considered]]:  # fmt: skip
    """The second round of candidates, scored with the first; none where people wrote the rules, or pairs had to go."""
    most = int(config.second_round * len(encoded))
    if config.blocking is not None or kept.gone or not most:
        return kept, []
    scored, rules = kept.scored, [b.rule for b in used]
    extra = second_round(encoded, known.label, scored.pairs, scored.probability, rules, most, link=link)
    if not len(extra):
        return kept, []
    compared.add(extra)
    told = Considered((SECOND,), len(extra), 0, 0, 0, True, "in the neighbourhood of what matched")
    return compared.scored(model, known), [told]


def clustered(
    scored: Scored, encoded: Encoded, model: Model, known: Holders, probability: float, constraints: Constraints
) -> Clusters:
    """The clusters that a threshold gives."""
    cut = thresholds.bits(probability)
    evidence = Linkage(encoded, model, known, cut)
    held = replace(constraints, unlike=apart.codes(encoded))
    return cluster.cluster(scored.pairs, scored.weight - cut, len(encoded), evidence, held)


def _counted(
    model: Model, compared: Compared, encoded: Encoded, customers: dict[str, Longs] | None = None
) -> tuple[Model, Holders]:
    """Who holds each value, counted in customers as the model guesses them, and the model with the totals.

    `customers`: what the model says of that.
    """
    known = holders(encoded, model, _first_guess(compared, model, len(encoded)), customers)
    return replace(model, totals=totals(model, encoded, known)), known


def _first_guess(compared: Compared, model: Model, n: int) -> Ints:
    """Records joined by pairs that are nearly sure: enough to count customers instead of records."""
    sure = compared.sure(model, SURE)
    return cluster.components(sure.left, sure.right, n)


def comparisons(encoded: Encoded, party: PartyType, config: Matching) -> tuple[Field, ...]:
    """The fields that are compared: those of the matching file, else every default field that is filled."""
    if config.comparisons is not None:
        wanted = config.comparisons
    else:
        wanted = tuple(f for f in default_fields(party) if _usable(encoded, f.name))
        if "name" in encoded.columns and unsplit(encoded).sum() < LEAST_UNSPLIT * len(encoded):
            wanted = tuple(f for f in wanted if f.name != "name")
        if len(wanted) < ENOUGH_FIELDS:
            text = sorted(n for n in encoded.columns if n.startswith("text.") and _usable(encoded, n))[:MOST_TEXT]
        else:
            text = text_fields.telling(encoded, [f.name for f in wanted if f.name in encoded.columns])
        wanted += tuple(Field(name=n, role=Role.TEXT, kind="text") for n in text)
    kept = [f for f in wanted if f.name in encoded.columns]
    if any(f.name == "address" for f in kept) and "street" not in encoded.columns:
        kept = [f for f in kept if f.name != "address"]
    return tuple(f.model_copy(update={"role": config.roles[f.name]}) if f.name in config.roles else f for f in kept)


def _usable(encoded: Encoded, name: str) -> bool:
    """Filled often enough, and not the same everywhere."""
    column = encoded.columns.get(name)
    values = 0 if column is None else int((column.counts > 0).sum())
    if column is None or values < (2 if len(encoded) >= LEAST_VALUES else 1):
        return False
    return column.fill >= LEAST_FILL or int(column.counts.sum()) >= max(LEAST_VALUES, 0.002 * len(encoded))


def candidates(
    encoded: Encoded, party: PartyType, config: Matching, frozen: Model | None = None
) -> tuple[list[Blocks], list[Considered]]:
    """The blocking rules that are used, and all that were considered; a model keeps those it was fitted on."""
    rules = config.blocking if config.blocking is not None else frozen.blocking if frozen else None
    if rules is not None:
        return blocking.given(encoded, rules, config)
    return blocking.choose(encoded, party, config)


def _model(
    frozen: Model | None,
    counted: PatternCounts,
    encoded: Encoded,
    fields: tuple[Field, ...],
    party: PartyType,
) -> Model:
    if frozen is not None:
        return frozen
    chance = measure(encoded, fields)
    return fit(counted, chance, fields, party)


def _gone(party: PartyType, kept: Kept) -> Iterator[str]:
    if kept.gone:
        yield (
            f"{party}: {kept.gone:,} pairs of a probability below {WORTH} are not in the table of pairs: all of them "
            "would take more than the memory that is allowed."
        )


def remarks(party: PartyType, considered: list[Considered], left_out: list[LeftOut], n: int) -> Iterator[str]:
    """What people should know of blocking and of values that are no evidence."""
    if n > 1 and not any(c.used for c in considered):
        yield f"{party}: no two records share anything that few others share, so none were compared."
    for c in considered:
        if c.used and c.refused_blocks:
            yield f"{party}: blocking by {c.text}: {c.reason}."
    for v in left_out[:5]:
        # The value itself, perhaps a customer's, is in the table `left_out` and not in what a run prints.
        yield f"{party}: one value of {v.column} is not used as evidence ({v.records} records): {v.reason}."
    if len(left_out) > 5:
        yield f"{party}: {len(left_out) - 5} more values are not used as evidence."
