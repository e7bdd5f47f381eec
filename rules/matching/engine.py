"""Matching from features to clusters: the nightly run, `goldseam dedupe` and the API all call `match`.

Persons and organisations are blocked, fitted and clustered apart: a person and a firm are never one customer.
"""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from functools import cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.matching import copies, keys
from rules.matching.again.before import ROWS, links_of
from rules.matching.blocks.choose import Considered
from rules.matching.clusters.health_tables import contrary_table, health_table
from rules.matching.config import Matching
from rules.matching.copies import Further
from rules.matching.encode import by_key
from rules.matching.explain import Explanation, explain
from rules.matching.frozen import Frozen, forms_table
from rules.matching.group import Group, match_group
from rules.matching.model import Model, Thresholds, from_json, to_json
from rules.matching.party import agreed
from rules.matching.prepared import Part, prepared
from rules.matching.score import VETO
from rules.matching.shared import LeftOut
from rules.matching.story import Key, Story, tell
from rules.matching.tables import blocking_table, left_out_table, pairs_table
from rules.matching.types import Ints, Progress, Texts
from rules.vocabulary import CLUSTERS, PartyType


@dataclass(frozen=True)
class Matched:
    """What matching found. Record order everywhere: by source, then record id."""

    pairs: pa.Table
    """vocabulary.PAIRS and `level_<column>` (int8, -1 missing)."""
    labels: pa.Table
    """vocabulary.CLUSTERS: every record once, its cluster and its household."""
    health: pa.Table
    """health_tables.HEALTH: how each cluster of two and more records holds, and which edge to cut first."""
    contrary: pa.Table
    """health_tables.CONTRARY: the worst pairs inside each cluster that speak against it."""
    models: dict[str, Model]
    groups: dict[str, Group]
    blocking: list[tuple[str, Considered]]
    left_out: list[tuple[str, LeftOut]]
    notes: tuple[str, ...] = ()
    thresholds: dict[str, Thresholds] = field(default_factory=dict)
    further: dict[Key, Key] = field(default_factory=dict)
    """Copies that were not matched themselves, and the copy that stands for each."""
    places: dict[str, Ints] | None = None
    """By type of party the places of its records, as they were matched, among all; None where not all records and pairs
    are kept."""

    def rows(self) -> pa.Table | None:
        """again.before.ROWS, for a later run to go on from; None where not all records and pairs are kept."""
        if self.places is None:
            return None
        found = []
        for kind, group in self.groups.items():
            rows = self.labels.take(pa.array(self.places[kind]))
            home = pc.fill_null(pc.cast(pc.utf8_slice_codeunits(rows["household"], 1), pa.int64()), -1)
            columns = [rows["source"], rows["record_id"], pa.repeat(str(kind), len(rows)), group.holders.label]
            found.append(pa.table([*columns, rows["cluster_id"], home], schema=ROWS))
        return pa.concat_tables(found)

    def links(self) -> pa.Table:
        """again.before.LINKS, of the same records as `rows`."""
        return pa.concat_tables([links_of(g.scored, g.second).table(PartyType(k)) for k, g in self.groups.items()])

    @property
    def frequencies(self) -> pa.Table:
        """frozen.FREQUENCIES: how common values count, to be kept with the model."""
        return pa.concat_tables([g.frozen.table for g in self.groups.values()])

    def forms(self) -> pa.Table:
        """frozen.FORMS: what was made of values for blocking, so that a later run need not make it again."""
        return forms_table(keys.forms_made(c for g in self.groups.values() for c in g.encoded.columns.values()))

    @property
    def model(self) -> str:
        """The models as JSON."""
        return to_json(self.models)

    def blocking_table(self) -> pa.Table:
        """Every blocking rule that was considered, what it costs and whether it is used."""
        return blocking_table(self.blocking)

    def left_out_table(self) -> pa.Table:
        """The values that were not used as evidence."""
        return left_out_table(self.left_out)

    def explain(self, left: Key, right: Key) -> Explanation:
        """Why two records are, or are not, one customer. Raises KeyError where one is not among the records."""
        one, other = self.further.get(left, left), self.further.get(right, right)
        for group in self.groups.values():
            a, b = group.row(one), group.row(other)
            if a is not None and b is not None:
                found = explain(a, b, group.encoded, group.model, group.holders)
                return found if (one, other) == (left, right) else replace(found, left=left, right=right)
        return _across(one, other, self.groups)

    def story(self, key: Key) -> Story:
        """How the cluster of a record came about. Raises KeyError where it is not among the records."""
        for group in self.groups.values():
            row = group.row(self.further.get(key, key))
            if row is not None:
                told = tell(group, row)
                return replace(told, records=tuple(c for r in told.records for c in (r, *self._copies.get(r, ()))))
        raise KeyError(f"there is no record {key[0]}:{key[1]}")

    @cached_property
    def _copies(self) -> dict[Key, list[Key]]:
        """For each record that stands for others, those."""
        found: dict[Key, list[Key]] = {}
        for record, like in self.further.items():
            found.setdefault(like, []).append(record)
        return found


def _across(left: tuple[str, str], right: tuple[str, str], groups: dict[str, Group]) -> Explanation:
    """A person and an organisation are never compared."""
    of = [next((k for k, g in groups.items() if g.row(key) is not None), None) for key in (left, right)]
    for key, party in zip((left, right), of, strict=True):
        if party is None:
            raise KeyError(f"there is no record {key[0]}:{key[1]}")
    kinds = [f"{'an' if str(party).startswith('o') else 'a'} {party}" for party in of]
    sentence = f"Not compared: {':'.join(left)} is a record of {kinds[0]}, {':'.join(right)} of {kinds[1]}."
    return Explanation(left, right, (), VETO, 0.0, "unrelated", sentence)


def _told(tell: Progress, number: int, parts: int) -> Progress:
    """The progress of one part of the work as progress of the whole."""

    def told(done: float, total: float) -> None:
        tell(number + done / max(total, 1), parts)

    return told


def quiet(done: float, total: float) -> None:
    """Where nobody watches."""


def match(
    features: pa.Table,
    *,
    config: Matching | None = None,
    model: str | None = None,
    frequencies: pa.Table | Mapping[str, Frozen] | None = None,
    constraints: pa.Table | None = None,
    link: bool = False,
    labels: pa.Table | None = None,
    binding: bool = True,
    progress: Progress | None = None,
    threads: int = 2,
) -> Matched:
    """Find which records are one customer.

    features: vocabulary.FEATURES and `text.NAME` columns, any order of rows. model: JSON of an earlier fit, used as it
    is. frequencies: `Matched.frequencies` of the fit, how common values count under it; or, where that is asked for
    again and again, what `frozen_counts` makes of it for each type of party. constraints:
    vocabulary.DECISIONS; same joins, different parts. link: no two records of one source in a cluster. labels:
    `left_source, left_id, right_source, right_id, judgement`: a model that is fitted learns from them, and they hold
    for these records where they are `binding`. Raises ValueError on a model of another version.
    """
    settings, tell = config or Matching(), progress or quiet
    table = by_key(features)
    del features  # a million records are a gigabyte: each step lets go of what the next does not need
    held = [t for t in (constraints, labels_as_decisions(labels if binding else None)) if t is not None]
    party = agreed(party_of(table), table, held)
    frozen = from_json(model) if model else {}
    groups: dict[str, Group] = {}
    parts: dict[str, Part] = {}
    for kind in PartyType:
        rows = np.flatnonzero(party == kind).astype(np.int32)
        part = table.take(pa.array(rows)) if len(rows) < len(table) else table
        parts[kind] = prepared(part, rows, held, labels, link=link)
        del part
    table = table.select(["source", "record_id"])
    for number, kind in enumerate(PartyType):
        part, told = parts[kind], _told(tell, number, len(PartyType))
        groups[kind] = match_group(
            part.encoded.pop(), kind, settings, frozen.get(kind), part.bound, judged=part.judged, link=link,
            counts=frozen_counts(frequencies, kind), threads=threads, progress=told,
        )  # fmt: skip
    unknown = 0 if labels is None else len(labels) - sum(p.judged.rows for p in parts.values())
    return _together(table, groups, parts, settings.pairs, _unknown(unknown))


def party_of(table: pa.Table) -> Texts:
    """person or organisation for each record: as stated; else by the name it has."""
    stated = pc.is_in(table["party_type"], pa.array([str(p) for p in PartyType]))
    firm = pc.is_valid(table["organisation"]).to_numpy(zero_copy_only=False)
    human = np.zeros(len(table), bool)
    for column in ("given_name", "surname", "name", "birth_date"):
        human |= pc.is_valid(table[column]).to_numpy(zero_copy_only=False)
    words = pa.array([str(PartyType.PERSON), str(PartyType.ORGANISATION)])
    guess = words.take(pa.array((firm & ~human).astype(np.int8)))
    found: Texts = pc.if_else(stated, table["party_type"], guess).to_numpy()
    return found


def frozen_counts(
    frequencies: pa.Table | Mapping[str, Frozen] | None, party: PartyType, forms: dict[str, keys.Forms] | None = None
) -> Frozen | None:
    """Those of one type of party."""
    if frequencies is None:
        return None
    if isinstance(frequencies, Mapping):
        return frequencies.get(party)
    return Frozen(frequencies.filter(pc.equal(frequencies["party_type"], str(party))), forms)


def labels_as_decisions(labels: pa.Table | None) -> pa.Table | None:
    """Labels in the form of decisions: `related` says that two records are not the same."""
    if labels is None:
        return None
    kind = pc.if_else(pc.equal(labels["judgement"], "same"), "same", "different")
    return labels.select(["left_source", "left_id", "right_source", "right_id"]).append_column("kind", kind)


def _unknown(labels: int) -> tuple[str, ...]:
    """A note on labels that could not be used."""
    if not labels:
        return ()
    return (f"Labels that name records that are not here, or a person and a firm, and are not used: {labels:,}.",)


def _together(
    table: pa.Table, groups: dict[str, Group], parts: dict[str, Part], most: int, notes: tuple[str, ...] = ()
) -> Matched:
    """What was found of every type of party as one; `most`: pairs of copies that are listed."""
    cluster = np.zeros(len(table), np.int64)
    household = np.full(len(table), -1, np.int64)
    at = 0
    health: list[pa.Table] = []
    contrary: list[pa.Table] = []
    for kind, group in groups.items():
        rows, aside = parts[kind].rows, parts[kind].aside
        cluster[rows] = group.clusters.label + at
        numbers = group.clusters.health.cluster + at
        health.append(health_table(group.clusters.health, group.encoded, numbers))
        contrary.append(contrary_table(group.clusters.health, group.encoded, numbers))
        if kind == PartyType.PERSON:
            household[rows] = group.household
            household[aside.record] = household[aside.like]
        cluster[aside.record] = cluster[aside.like]
        at += int(group.clusters.label.max(initial=-1)) + 1
    home = pc.binary_join_element_wise("h", pa.array(household, mask=household < 0).cast(pa.string()), "")
    labels = pa.table([table["source"], table["record_id"], pa.array(cluster), home], schema=CLUSTERS)
    fitted = {k: g.model for k, g in groups.items() if len(g.encoded) > 1}
    pairs = [pairs_table(g, table, parts[k], most) for k, g in groups.items()]
    found = pa.concat_tables(health)
    records = np.bincount(cluster, minlength=1)[found["cluster_id"].to_numpy()]  # with the copies that were not matched
    return Matched(
        pairs=pa.concat_tables(pairs, promote_options="default").combine_chunks(),
        labels=labels,
        health=found.set_column(found.column_names.index("records"), "records", pa.array(records)),
        contrary=pa.concat_tables(contrary),
        models=fitted,
        groups=groups,
        blocking=[(k, c) for k, g in groups.items() for c in g.considered],
        left_out=[(k, v) for k, g in groups.items() for v in g.left_out],
        notes=(*notes, *(note for g in groups.values() for note in g.notes), *_aside(parts)),
        thresholds={k: m.thresholds for k, m in fitted.items()},
        places=_places(groups, parts),
        further=_further(table, [p.aside for p in parts.values()]),
    )


def _places(groups: dict[str, Group], parts: dict[str, Part]) -> dict[str, Ints] | None:
    """See Matched.places: none where some records were set aside, or some pairs not kept."""
    if any(len(parts[k].aside) or g.kept.gone for k, g in groups.items()):
        return None
    return {kind: parts[kind].rows for kind in groups}


def _further(table: pa.Table, aside: list[Further]) -> dict[Key, Key]:
    """The keys of records that go with another, and of those."""
    keys: list[list[Key]] = []
    for side in ("record", "like"):
        rows = table.take(pa.array(np.concatenate([getattr(a, side) for a in aside])))
        keys.append(list(zip(rows["source"].to_pylist(), rows["record_id"].to_pylist(), strict=True)))
    return dict(zip(*keys, strict=True))


def _aside(parts: dict[str, Part]) -> Iterator[str]:
    """A note on records that are copies of others."""
    for kind, part in parts.items():
        if len(part.aside):
            are = "1 record is" if len(part.aside) == 1 else f"{len(part.aside):,} records are"
            yield (
                f"{kind}: {are} equal in every column to {copies.MANY} others or more, and joined with them without "
                "being compared."
            )
