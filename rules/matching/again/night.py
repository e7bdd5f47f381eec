"""Both types of party on a night on which some records changed, put together with what stays as it was."""

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.matching import generations
from rules.matching.again.before import Before, before, key, links_of, place
from rules.matching.again.joined import ENDS, Earlier, Found, Night, together
from rules.matching.again.renew import Changed, Frame, renew
from rules.matching.config import Matching
from rules.matching.encode import by_key, encode
from rules.matching.engine import frozen_counts, party_of, quiet
from rules.matching.frozen import FREQUENCIES, Frozen, forms_of
from rules.matching.group import match_group
from rules.matching.model import Model, from_json
from rules.matching.party import agreed
from rules.matching.prepared import Part, prepared
from rules.matching.types import Progress
from rules.vocabulary import PartyType


def rematch(
    features: pa.Table,
    changed: pa.Table,
    earlier: Earlier,
    *,
    config: Matching,
    model: str,
    frequencies: pa.Table,
    constraints: pa.Table,
    progress: Progress,
) -> Night | None:
    """Clusters of now. `changed`: keys of the records that are new, other or gone; the rest as in `engine.match`.

    None where all must be matched again: many copies of one record, a type of party without a model.
    """
    table, models = by_key(features), from_json(model)
    party = agreed(party_of(table), table, [constraints])
    others = _keys(changed)
    named = _named([d for d in (constraints, earlier.decisions) if len(d)])
    made = forms_of(earlier.forms)
    found: list[Found] = []
    for number, kind in enumerate(PartyType):
        rows = np.flatnonzero(party == kind).astype(np.int32)
        part = prepared(table.take(pa.array(rows)), rows, [constraints], None, link=False)
        if len(part.aside) or (len(rows) > 1 and kind not in models):
            return None
        frozen = frozen_counts(frequencies, kind, made) or Frozen(FREQUENCIES.empty_table())
        keys = key(part.encoded[0].sources, part.encoded[0].ids)
        then = before(earlier.rows, earlier.links, kind, keys)
        one = None
        if kind in models and not models[kind].described:
            frame = Frame(models[kind], frozen, config, part.bound)
            one = _in_part(kind, part, then, _others(kind, keys, earlier, then, others, named, table), frame)
        one = one or _whole(kind, part, then, models.get(kind), frozen, config)
        if one is None:
            return None
        found.append(one)
        progress(number + 1, len(PartyType))
    return together(table.select(["source", "record_id"]), found, earlier)


def _in_part(kind: PartyType, part: Part, then: Before, others: Changed, frame: Frame) -> Found | None:
    """What the changes reach; None where they reach everything."""
    new = renew(part.encoded[0], others, then, frame)
    if new is None:
        return None
    return Found(
        kind, new.encoded, frame.model, new.holders.label, new.now.links, new.now.levels, new.now.stays, new.reached,
        new.clusters, new.considered, new.left_out, part.rows, then,
    )  # fmt: skip


def _whole(
    kind: PartyType, part: Part, then: Before, model: Model | None, frozen: Frozen, config: Matching
) -> Found | None:
    """All records of a type of party, of which there are few; None where not all pairs can be kept."""
    group = match_group(
        part.encoded[0], kind, config, model, part.bound, counts=frozen, judged=part.judged, link=False, threads=2,
        progress=quiet,
    )  # fmt: skip
    if group.kept.gone:
        return None
    every = np.ones(len(group.encoded), bool)
    return Found(
        kind, group.encoded, group.model, group.holders.label, links_of(group.scored, group.second), group.levels,
        np.zeros(len(then.links), bool), every, group.clusters, group.considered, group.left_out, part.rows, then,
    )  # fmt: skip


def _others(
    kind: PartyType, keys: pa.Array, earlier: Earlier, then: Before, changed: pa.Array, named: pa.Array,
    table: pa.Table,
) -> Changed:  # fmt: skip
    """What is other than then. `keys`: of the records of now; `changed`, `named`: keys, too (before.key); `table`:
    features of all records of now.
    """
    records = np.zeros(len(keys), bool)
    at = place(changed, keys)
    records[at[at >= 0]] = True
    new = np.ones(len(keys), bool)
    new[then.row[then.row >= 0]] = False
    of = pc.equal(earlier.rows["party_type"], str(kind))
    theirs = earlier.rows.filter(of)
    other = (then.row < 0) | np.append(records, False)[then.row]
    gone = theirs.filter(pa.array(other))
    was = _as_they_were(_keys(gone), earlier.features, table)
    said = earlier.left_out.filter(pc.equal(earlier.left_out["party_type"], str(kind)))
    out = set(zip(said["column"].to_pylist(), said["value"].to_pylist(), strict=True))
    at = place(named, keys)
    return Changed(records | new, generations.apart(encode(was)), at[at >= 0], out)


def _as_they_were(gone: pa.Array, changed: pa.Table, table: pa.Table) -> pa.Table:
    """Features of some keys then: of those that `changed` as told there. Others are as they are in `table`: people's
    word alone made them records of another type of party.
    """
    told, moved = _some(changed, gone), gone.filter(pc.invert(pc.is_in(gone, value_set=_keys(changed))))
    return pa.concat_tables([told, _some(table, moved)], promote_options="permissive") if len(moved) else told


def _some(table: pa.Table, wanted: pa.Array) -> pa.Table:
    return table.filter(pc.is_in(_keys(table), value_set=wanted))


def _keys(table: pa.Table) -> pa.Array:
    return key(table["source"], table["record_id"])


def _named(held: list[pa.Table]) -> pa.Array:
    """Keys of the records that decisions name."""
    ends = [key(d[s], d[i]).cast(pa.string()) for d in held for s, i in (ENDS[:2], ENDS[2:])]
    return pa.concat_arrays([pa.array([], pa.string()), *ends]).drop_null()
