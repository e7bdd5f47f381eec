"""Matching from features to clusters: the nightly run, `goldseam dedupe` and the API all call `match`.

Persons and organisations are blocked, fitted and clustered apart: a person and a firm are never one customer.
"""

from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.matching import generations
from rules.matching.blocks.choose import Considered
from rules.matching.cluster import Constraints
from rules.matching.clusters.health_tables import contrary_table, health_table
from rules.matching.config import Matching
from rules.matching.encode import Encoded, by_key, encode
from rules.matching.explain import Explanation, explain
from rules.matching.group import Group, match_group
from rules.matching.labels.judged import Judged, judgements
from rules.matching.model import Model, Thresholds, from_json, to_json
from rules.matching.score import VETO
from rules.matching.shared import LeftOut
from rules.matching.story import Story, tell
from rules.matching.tables import constraints_of, pairs_table
from rules.matching.types import Ints, Progress, Texts
from rules.vocabulary import CLUSTERS, PartyType

BLOCKING: Final = pa.schema([
    ("party_type", pa.string()), ("rule", pa.string()), ("pairs", pa.int64()), ("largest", pa.int64()),
    ("refused_blocks", pa.int64()), ("refused_pairs", pa.int64()), ("used", pa.bool_()), ("reason", pa.string()),
    ("recall", pa.float64()), ("adds", pa.float64()), ("found", pa.float64()),
])  # fmt: skip
LEFT_OUT: Final = pa.schema([
    ("party_type", pa.string()), ("column", pa.string()), ("value", pa.string()), ("records", pa.int64()),
    ("reason", pa.string()),
])  # fmt: skip


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

    @property
    def model(self) -> str:
        """The models as JSON."""
        return to_json(self.models)

    def blocking_table(self) -> pa.Table:
        """Every blocking rule that was considered, what it costs and whether it is used."""
        rows = [{"party_type": p, **vars(c), "rule": ", ".join(c.rule) or c.text} for p, c in self.blocking]
        return pa.Table.from_pylist(rows, schema=BLOCKING)

    def left_out_table(self) -> pa.Table:
        """The values that were not used as evidence."""
        return pa.Table.from_pylist([{"party_type": p, **vars(v)} for p, v in self.left_out], schema=LEFT_OUT)

    def explain(self, left: tuple[str, str], right: tuple[str, str]) -> Explanation:
        """Why two records are, or are not, one customer. Raises KeyError where one is not among the records."""
        for group in self.groups.values():
            a, b = group.row(left), group.row(right)
            if a is not None and b is not None:
                return explain(a, b, group.encoded, group.model, group.holders)
        return _across(left, right, self.groups)

    def story(self, key: tuple[str, str]) -> Story:
        """How the cluster of a record came about. Raises KeyError where it is not among the records."""
        for group in self.groups.values():
            row = group.row(key)
            if row is not None:
                return tell(group, row)
        raise KeyError(f"there is no record {key[0]}:{key[1]}")


def _across(left: tuple[str, str], right: tuple[str, str], groups: dict[str, Group]) -> Explanation:
    """A person and an organisation are never compared."""
    of = [next((k for k, g in groups.items() if g.row(key) is not None), None) for key in (left, right)]
    for key, party in zip((left, right), of, strict=True):
        if party is None:
            raise KeyError(f"there is no record {key[0]}:{key[1]}")
    kinds = [f"{'an' if str(party).startswith('o') else 'a'} {party}" for party in of]
    sentence = f"Not compared: {':'.join(left)} is a record of {kinds[0]}, {':'.join(right)} of {kinds[1]}."
    return Explanation(left, right, (), VETO, 0.0, "unrelated", sentence)


def _part(tell: Progress, number: int, parts: int) -> Progress:
    """The progress of one part of the work as progress of the whole."""

    def told(done: float, total: float) -> None:
        tell(number + done / max(total, 1), parts)

    return told


def _quiet(done: float, total: float) -> None:
    """Where nobody watches."""


def match(
    features: pa.Table,
    *,
    config: Matching | None = None,
    model: str | None = None,
    constraints: pa.Table | None = None,
    link: bool = False,
    labels: pa.Table | None = None,
    binding: bool = True,
    progress: Progress | None = None,
    threads: int = 2,
) -> Matched:
    """Find which records are one customer.

    features: vocabulary.FEATURES and `text.NAME` columns, any order of rows. model: JSON of an earlier fit, used as it
    is. constraints: vocabulary.DECISIONS; same joins, different parts. link: no two records of one source in a cluster.
    labels: `left_source, left_id, right_source, right_id, judgement`: a model that is fitted learns from them, and they
    hold for these records where they are `binding`. Raises ValueError on a model of another version.
    """
    settings, tell = config or Matching(), progress or _quiet
    table = by_key(features)
    del features  # a million records are a gigabyte: each step lets go of what the next does not need
    party = party_of(table)
    held = [t for t in (constraints, labels_as_decisions(labels if binding else None)) if t is not None]
    frozen = from_json(model) if model else {}
    groups: dict[str, Group] = {}
    rows: dict[str, Ints] = {}
    encoded: dict[str, Encoded] = {}
    bound: dict[str, Constraints] = {}
    judged: dict[str, Judged] = {}
    for kind in PartyType:
        rows[kind] = np.flatnonzero(party == kind).astype(np.int32)
        part = table.take(pa.array(rows[kind])) if len(rows[kind]) < len(table) else table
        encoded[kind], bound[kind] = generations.apart(encode(part)), constraints_of(held, part, link)
        judged[kind] = judgements([] if labels is None else [labels], part["source"], part["record_id"])
        del part
    table = table.select(["source", "record_id"])
    for number, kind in enumerate(PartyType):
        groups[kind] = match_group(
            encoded.pop(kind), kind, settings, frozen.get(kind), bound[kind], judged=judged[kind], link=link,
            threads=threads, progress=_part(tell, number, len(PartyType)),
        )  # fmt: skip
    unknown = 0 if labels is None else len(labels) - sum(j.rows for j in judged.values())
    return _together(table, groups, rows, _unknown(unknown))


def party_of(table: pa.Table) -> Texts:
    """person or organisation for each record: as stated; else by the name it has."""
    stated = pc.fill_null(table["party_type"], "").to_numpy(zero_copy_only=False)
    firm = pc.is_valid(table["organisation"]).to_numpy(zero_copy_only=False)
    human = np.zeros(len(table), bool)
    for column in ("given_name", "surname", "name", "birth_date"):
        human |= pc.is_valid(table[column]).to_numpy(zero_copy_only=False)
    guess = np.where(firm & ~human, str(PartyType.ORGANISATION), str(PartyType.PERSON))
    known = np.isin(stated.astype(str), [str(p) for p in PartyType])
    return np.where(known, stated, guess)


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


def _together(table: pa.Table, groups: dict[str, Group], rows: dict[str, Ints], notes: tuple[str, ...] = ()) -> Matched:
    cluster = np.zeros(len(table), np.int64)
    household: Any = np.full(len(table), None, dtype=object)
    at = 0
    health: list[pa.Table] = []
    contrary: list[pa.Table] = []
    for kind, group in groups.items():
        cluster[rows[kind]] = group.clusters.label + at
        health.append(health_table(group, at))
        contrary.append(contrary_table(group, at))
        home = group.household >= 0
        household[rows[kind][home]] = (
            [f"h{h}" for h in (group.household[home]).tolist()] if kind == PartyType.PERSON else None
        )
        at += int(group.clusters.label.max(initial=-1)) + 1
    labels = pa.table(
        [table["source"], table["record_id"], pa.array(cluster), pa.array(household, pa.string())], schema=CLUSTERS
    )
    fitted = {k: g.model for k, g in groups.items() if len(g.encoded) > 1}
    return Matched(
        pairs=pairs_table(list(groups.values())),
        labels=labels,
        health=pa.concat_tables(health),
        contrary=pa.concat_tables(contrary),
        models=fitted,
        groups=groups,
        blocking=[(k, c) for k, g in groups.items() for c in g.considered],
        left_out=[(k, v) for k, g in groups.items() for v in g.left_out],
        notes=(*notes, *(note for g in groups.values() for note in g.notes)),
        thresholds={k: m.thresholds for k, m in fitted.items()},
    )
