"""Addresses as a typed, dated list: each in one line, the one that survives first."""

from collections.abc import Mapping

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.survivorship.config import Group, Survivorship
from rules.survivorship.entries import Entries
from rules.survivorship.ledger import Ledger
from rules.survivorship.lists import TEXTS, Points, best_types, dates_of, merged, source_names
from rules.survivorship.runs import Bools, Floats, Ints
from rules.survivorship.text import joined
from rules.survivorship.writings import TELLING, Writings, filled_parts

PARTS = ("full", "street", "house_number", "unit", "postcode", "city", "region", "country")


def addresses(
    ledger: Ledger, entries: Entries, found: Writings, group: Group, config: Survivorship, today: str
) -> Points:
    """Every address of a golden record, one a row; the golden record's own is the primary one."""
    width = int(found.label.max(initial=0)) + 1
    points = merged(np.where(found.label >= 0, entries.golden * width + found.label, -1))
    weight = 2 * entries.members.trust[entries.member] * entries.weight
    best = _fullest(entries, points.rows, points.runs.of, filled_parts(entries, group), weight)
    primary = found.label[best] == 0
    golden = entries.golden[best]
    own = {part: pc.take(ledger.column(part), pa.array(golden)) for part in PARTS}
    other = {part: pc.take(entries.column(part), pa.array(best)) for part in PARTS}
    mask = pa.array(primary)
    parts = {part: pc.if_else(mask, own[part], other[part]) for part in PARTS}
    since, last = dates_of(entries, points, today)
    line = one_line(parts, config)
    kept = np.flatnonzero(_is_somewhere(parts, group))
    at = pa.array(kept)
    types = best_types(entries, points, weight)
    names = source_names(entries.members, points.runs.of, entries.member[points.rows])
    kind = pa.array(["address"] * len(kept), pa.string())
    taken = [pc.take(column, at) for column in (types, line, since, last, names)]
    return Points(golden[kept], pa.table([kind, *taken], TEXTS), primary[kept], np.ones(len(kept), bool))


def _fullest(entries: Entries, rows: Ints, run: Ints, filled: Ints, weight: Floats) -> Ints:
    """The entry that stands for each address: most parts, then most weight, then the latest."""
    order = np.lexsort((rows, -entries.date[rows], -np.round(weight[rows], 9), -filled[rows], run))
    first = np.ones(len(rows), bool)
    first[1:] = run[order][1:] != run[order][:-1]
    return rows[order[first]]


def one_line(parts: Mapping[str, pa.Array], config: Survivorship) -> pa.Array:
    """Addresses in one line, as their countries write them; the full line as it stood where it was not split."""
    number_first = pc.is_in(parts["country"], value_set=pa.array(config.number_first, pa.string()))
    street, number = parts["street"], parts["house_number"]
    line = pc.if_else(number_first, joined(" ", number, street), joined(" ", street, number))
    town = pc.if_else(number_first, joined(" ", parts["city"], parts["region"], parts["postcode"]),
                      joined(" ", parts["postcode"], parts["city"], parts["region"]))  # fmt: skip
    whole = joined(", ", line, parts["unit"], town, parts["country"])
    split = pc.or_(pc.is_valid(street), pc.or_(pc.is_valid(parts["city"]), pc.is_valid(parts["postcode"])))
    return pc.if_else(pc.or_(split, pc.is_null(parts["full"])), whole, parts["full"])


def _is_somewhere(parts: Mapping[str, pa.Array], group: Group) -> Bools:
    """Whether there is more than a country or a region."""
    telling = [part for part, weight in group.fields.items() if weight >= TELLING]
    return np.asarray(
        np.logical_or.reduce([pc.is_valid(parts[part]).to_numpy(zero_copy_only=False) for part in telling])
    )


def in_one(tables: list[Points], ids: pa.Array) -> pa.Table:
    """vocabulary.CONTACT_POINTS of several lists, sorted by golden record, kind, primary first, value."""
    table = pa.concat_tables([points.table(ids) for points in tables])
    golden = np.concatenate([points.golden for points in tables])
    order = np.argsort(golden, kind="stable")
    return table.take(pa.array(order)).combine_chunks()
