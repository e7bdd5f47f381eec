"""E-mails and phones: all are kept, one of each kind is the golden record's own."""

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules.survivorship import text
from rules.survivorship.chain import support
from rules.survivorship.claims import Claims
from rules.survivorship.config import Survivorship
from rules.survivorship.entries import Entries
from rules.survivorship.ledger import Ledger, Survivors, written
from rules.survivorship.lists import (
    TEXTS,
    Merged,
    Points,
    any_flag,
    best_types,
    dates_of,
    merged,
    ranked,
    source_names,
)
from rules.survivorship.runs import Bools, Floats, Ints, Runs, numbered
from rules.survivorship.vote import CODE, YEAR, best_written


@dataclass(frozen=True)
class Held:
    """The distinct points of golden records, in the order of golden record, kind and canonical form."""

    entries: Entries
    merged: Merged
    weight: Floats
    """Of each entry."""
    kind: Ints
    """Of each entry: its place in `kinds`."""
    kinds: list[str]
    best: Ints
    """The entry whose way of writing each point is kept."""

    @property
    def golden(self) -> Ints:
        return self.entries.golden[self.best]

    def column(self, name: str) -> pa.Array:
        return pc.take(self.entries.column(name), pa.array(self.best))

    @property
    def valid(self) -> Bools:
        return np.asarray(pc.is_valid(self.column("canonical")).to_numpy(zero_copy_only=False))

    @property
    def suspect(self) -> Bools:
        """Points that nobody holds without suspicion."""
        good = ~any_flag(self.entries, "suspect")
        return ~self.merged.runs.any(good[self.merged.rows])


def contact_points(ledger: Ledger, entries: Entries, config: Survivorship, today: str) -> Points:
    """E-mails and phones merged by canonical form; the primary of each kind becomes the golden record's own."""
    entries = _heard(entries)
    if not len(entries.row):
        return _none()
    held = _held(ledger, entries, config)
    primary = _primary(held, config)
    for name, survivors in _survivors(ledger, held, primary, config.losers):
        ledger.add(name, survivors)
    since, last = dates_of(entries, held.merged, today)
    names = source_names(entries.members, held.merged.runs.of, entries.member[held.merged.rows])
    types = best_types(entries, held.merged, held.weight)
    texts = [held.column("kind"), types, held.column("value"), since, last, names]
    return Points(held.golden, pa.table(texts, TEXTS), primary, held.valid)


def _heard(entries: Entries) -> Entries:
    """Entries that have a value and are not withheld."""
    kept = pc.is_valid(entries.column("value")).to_numpy(zero_copy_only=False) & ~any_flag(entries, "withheld")
    return entries.only(np.flatnonzero(kept))


def _none() -> Points:
    texts = [pa.array([], pa.string())] * len(TEXTS)
    return Points(np.zeros(0, np.int64), pa.table(texts, TEXTS), np.zeros(0, bool), np.zeros(0, bool))


def _held(ledger: Ledger, entries: Entries, config: Survivorship) -> Held:
    kind, kinds = ranked(entries.column("kind"))
    form, _ = ranked(pc.coalesce(entries.column("canonical"), text.plain(entries.column("value"))))
    number, _ = numbered(entries.golden, kind, form)
    points = merged(number)
    weight = _type_weights(ledger, entries, config)
    best = best_written(_claims(entries, points, weight), points.runs, np.ones(len(points.rows), bool))
    return Held(entries, points, weight, kind, kinds.to_pylist(), points.rows[best])


def _type_weights(ledger: Ledger, entries: Entries, config: Survivorship) -> Floats:
    """Trust x the weight of the point's type for a customer of its party type x its doubts."""
    organisation = pc.fill_null(pc.equal(ledger.column("party_type"), "organisation"), False)
    is_firm = organisation.to_numpy(zero_copy_only=False)[entries.golden]
    weight = np.maximum(2 * entries.members.trust[entries.member], 0.02)
    kinds, types = entries.column("kind"), pc.fill_null(entries.column("type"), "other")
    for firm, preference in ((False, config.points.person), (True, config.points.organisation)):
        for kind, weights in (("email", preference.email), ("phone", preference.phone)):
            for name, factor in weights.items():
                mine = pc.fill_null(pc.and_(pc.equal(kinds, kind), pc.equal(types, name)), False)
                rows = mine.to_numpy(zero_copy_only=False) & (is_firm == firm)
                weight[rows] *= factor
    for flag, factor in config.votes.doubt.items():
        weight[any_flag(entries, flag.value)] *= factor
    return weight


def _claims(entries: Entries, points: Merged, weight: Floats) -> Claims:
    rows = points.rows
    size = len(rows)
    return Claims(
        points.runs.of, rows, pc.take(entries.column("value"), pa.array(rows)), pa.nulls(size, pa.string()),
        weight[rows], np.zeros(size, bool), entries.date[rows], entries.members.trust[entries.member[rows]],
        entries.members.source[entries.member[rows]], np.ones(size, np.int64),
    )  # fmt: skip


def _primary(held: Held, config: Survivorship) -> Bools:
    """One point of each golden record and kind: unsuspected, valid, of most weight, latest, named first in its record,
    first by alphabet.
    """
    entries, rows, runs = held.entries, held.merged.rows, held.merged.runs
    peers = Runs.over(held.golden * len(held.kinds) + held.kind[held.best])
    date = runs.max(entries.date[rows])
    latest = peers.max(date)[peers.of]
    age = np.where(date >= 0, latest - date, 0) / (YEAR * config.points.half_life_years)
    fresh = np.where(latest < 0, 1.0, np.where(date >= 0, 0.5**age, config.votes.undated))
    source = entries.members.source[entries.member[rows]]
    nothing = np.zeros(len(rows), np.int64)
    _, _, votes = support(runs, nothing, source, held.weight[rows], config.votes.copies)
    primary = np.ones(len(held.best), bool)
    named = -runs.min(_places(entries, held.kind)[rows])
    for key in (~held.suspect, held.valid, np.round(votes * fresh, 9), date, named, -np.arange(len(held.best))):
        primary = peers.keep_best(primary, key)
    return primary


def _places(entries: Entries, kind: Ints) -> Ints:
    """The how-manieth of its kind in its record each entry is, from 0; entries stand in the order of their source."""
    order = np.lexsort((np.arange(len(kind)), kind, entries.member))
    runs = Runs.over(entries.member[order] * (kind.max(initial=0) + 1) + kind[order])
    place = np.empty(len(kind), np.int64)
    place[order] = np.arange(len(kind)) - runs.start[runs.of]
    return place


def _survivors(ledger: Ledger, held: Held, primary: Bools, most: int) -> Iterator[tuple[str, Survivors]]:
    """The primary points of each kind as survivors, the other points of the kind as what lost."""
    runs, rows = held.merged.runs, held.merged.rows
    votes = runs.sum(held.weight[rows])
    source = held.entries.members.source[held.entries.member[rows]]
    _, first = numbered(runs.of, source)
    witnesses = np.bincount(runs.of[first], minlength=len(runs.start))
    for code, name in enumerate(held.kinds):
        mine = held.kind[held.best] == code
        won, lost = np.flatnonzero(mine & primary), np.flatnonzero(mine & ~primary)
        lost = lost[np.lexsort((lost, -np.round(votes[lost], 9), held.golden[lost]))]
        yield name, _of_kind(ledger, held, won, lost, witnesses[won], most)


def _of_kind(ledger: Ledger, held: Held, won: Ints, lost: Ints, witnesses: Ints, most: int) -> Survivors:
    golden, value, member = held.golden, held.column("value"), held.entries.member[held.best]
    losers = written(
        held.entries.members, golden[won], golden[lost], pc.take(value, pa.array(lost)), member[lost], most
    )
    rivals = np.bincount(golden[lost], minlength=ledger.size)[golden[won]]
    suspect = held.suspect[won]
    rule = np.where(suspect, CODE["only_suspect"], np.where(rivals == 0, CODE["only"], CODE["primary"]))
    date = held.merged.runs.max(held.entries.date[held.merged.rows])[won]
    share = np.ones(len(won))
    return Survivors(
        golden[won], pc.take(value, pa.array(won)), member[won], rule, losers, share, witnesses, date, suspect
    )


def with_decided(points: Points, ledger: Ledger, kind: str) -> Points:
    """The points after stewards chose the primary e-mail or phone; one they typed themselves joins the list."""
    kept = ledger.fields.get(kind)
    if kept is None or not (kept.rule == CODE["decided"]).any():
        return points
    rows = np.flatnonzero(kept.rule == CODE["decided"])
    golden, value = kept.golden[rows], pc.take(kept.value, pa.array(rows))
    mine = np.flatnonzero(
        pc.equal(points.columns["kind"], kind).to_numpy(zero_copy_only=False) & np.isin(points.golden, golden)
    )
    wanted = pc.take(text.plain(value), pa.array(np.searchsorted(golden, points.golden[mine])))
    same = pc.equal(text.plain(pc.take(points.columns["value"], pa.array(mine))), wanted).to_numpy(zero_copy_only=False)
    primary = points.primary.copy()
    primary[mine] = same
    new = ~np.isin(golden, points.golden[mine[same]])
    return _added(replace(points, primary=primary), golden[new], value.filter(pa.array(new)), kind)


def _added(points: Points, golden: Ints, value: pa.Array, kind: str) -> Points:
    size = len(golden)
    filled = {"kind": kind, "type": "other", "sources": ""}
    texts = {name: pa.array([filled.get(name)] * size, pa.string()) for name in TEXTS} | {"value": value}
    ones = np.ones(size, bool)
    columns = pa.concat_tables([points.columns, pa.table(texts)]).combine_chunks()
    primary, valid = np.append(points.primary, ones), np.append(points.valid, ones)
    return Points(np.append(points.golden, golden), columns, primary, valid)
