"""Things a customer has several of: contact points and addresses, merged, dated, one of each kind primary."""

from dataclasses import dataclass, replace
from typing import Final

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from rules import vocabulary as words
from rules.survivorship import text
from rules.survivorship.config import Survivorship
from rules.survivorship.entries import Entries, Members, known_days
from rules.survivorship.ledger import Ledger, Survivors, written
from rules.survivorship.runs import Bools, Floats, Ints, Runs, numbered
from rules.survivorship.vote import CODE, YEAR, Claims, best_written, support

TEXTS: Final = ("kind", "type", "value", "since", "last_confirmed", "sources")


@dataclass(frozen=True)
class Points:
    """Distinct contact points of golden records, sorted by golden record and kind; one row a point."""

    golden: Ints
    columns: pa.Table
    """Texts: kind, type, value, since, last_confirmed, sources."""
    primary: Bools
    valid: Bools
    """Whether it passed its check."""

    def invalid_primaries(self, size: int) -> Bools:
        """Whether the primary of any kind failed its check, one a golden record."""
        invalid = np.zeros(size, bool)
        invalid[self.golden[self.primary & ~self.valid]] = True
        return invalid

    def table(self, ids: pa.Array) -> pa.Table:
        """vocabulary.CONTACT_POINTS."""
        more = {"golden_id": pc.take(ids, pa.array(self.golden)), "primary": pa.array(self.primary)}
        columns = {**{name: self.columns[name] for name in TEXTS}, **more}
        return pa.table([columns[field.name] for field in words.CONTACT_POINTS], schema=words.CONTACT_POINTS)


@dataclass(frozen=True)
class Merged:
    """Entries that are one thing: their number, sorted, and the entries in that order."""

    rows: Ints
    """Entries, sorted by number."""
    runs: Runs


def merged(number: Ints) -> Merged:
    """Entries by the number of what they are; entries with a negative number are left out."""
    order = np.argsort(number, kind="stable")
    order = order[number[order] >= 0]
    return Merged(order, Runs.over(number[order]))


def contact_points(ledger: Ledger, entries: Entries, config: Survivorship, today: str) -> Points:
    """E-mails and phones merged by canonical form; the primary of each kind becomes the golden record's own."""
    entries = _heard(entries)
    rows = np.arange(len(entries.row))
    if not len(rows):
        return _none()
    kind, kinds = ranked(entries.column("kind"))
    form, _ = ranked(pc.coalesce(entries.column("canonical"), text.plain(entries.column("value"))))
    number, _ = numbered(entries.golden, kind, form)
    points = merged(number)
    weight = _type_weights(ledger, entries, config)
    claims = _claims(entries, points, weight)
    pool = np.ones(len(points.rows), bool)
    best = points.rows[best_written(claims, points.runs, pool)]
    primary = _primary(entries, points, weight, best, config, kind)
    types = best_types(entries, points, weight)
    since, last = dates_of(entries, points, today)
    value = pc.take(entries.column("value"), pa.array(best))
    for code, name in enumerate(kinds.to_pylist()):
        mine = kind[best] == code
        votes = points.runs.sum(weight[points.rows])
        ledger.add(name, _survivors(ledger, entries, best, value, mine, primary, votes, config.losers))
    names = source_names(entries.members, points.runs.of, entries.member[points.rows])
    texts = [pc.take(entries.column("kind"), pa.array(best)), types, value, since, last, names]
    valid = pc.is_valid(pc.take(entries.column("canonical"), pa.array(best))).to_numpy(zero_copy_only=False)
    return Points(entries.golden[best], pa.table(texts, TEXTS), primary, valid)


def _heard(entries: Entries) -> Entries:
    """Entries that have a value and are not withheld."""
    kept = pc.is_valid(entries.column("value")).to_numpy(zero_copy_only=False) & ~any_flag(entries, "withheld")
    return entries.only(np.flatnonzero(kept))


def any_flag(entries: Entries, flag: str) -> Bools:
    """The entries any of whose columns bears a flag."""
    marked = np.zeros(len(entries.row), bool)
    for name in entries.doubted():
        marked |= entries.flagged(name, flag)
    return marked


def _none() -> Points:
    texts = [pa.array([], pa.string())] * len(TEXTS)
    return Points(np.zeros(0, np.int64), pa.table(texts, TEXTS), np.zeros(0, bool), np.zeros(0, bool))


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


def _primary(entries: Entries, points: Merged, weight: Floats, best: Ints, config: Survivorship, kind: Ints) -> Bools:
    """One point of each golden record and kind: unsuspected, valid, of most weight, latest, first by alphabet."""
    rows, runs = points.rows, points.runs
    peers = Runs.over(entries.golden[best] * (int(kind.max()) + 1) + kind[best])
    date = runs.max(entries.date[rows])
    latest = peers.max(date)[peers.of]
    age = np.where(date >= 0, latest - date, 0) / (YEAR * config.points.half_life_years)
    fresh = np.where(latest < 0, 1.0, np.where(date >= 0, 0.5**age, config.votes.undated))
    source = entries.members.source[entries.member[rows]]
    nothing = np.zeros(len(rows), np.int64)
    _, _, votes = support(runs, nothing, source, weight[rows], config.votes.copies)
    suspect = any_flag(entries, "suspect")[rows]
    valid = pc.is_valid(pc.take(entries.column("canonical"), pa.array(best))).to_numpy(zero_copy_only=False)
    alphabet = np.arange(len(best))  # the points of a golden record stand in the order of their canonical forms
    primary = np.ones(len(best), bool)
    for key in (~runs.any(suspect), valid, np.round(votes * fresh, 9), date, -alphabet):
        primary = peers.keep_best(primary, key)
    return primary


def best_types(entries: Entries, points: Merged, weight: Floats) -> pa.Array:
    """The type that most votes give a point; a named one before `other`."""
    types, names = ranked(pc.fill_null(entries.column("type"), "other"))
    code = types[points.rows]
    candidate, first = numbered(points.runs.of, code)
    votes = np.bincount(candidate, weight[points.rows], len(first))
    runs = Runs.over(points.runs.of[first])
    named = pc.not_equal(names, "other").to_numpy(zero_copy_only=False)[code[first]]
    alive = np.ones(len(first), bool)
    for key in (named, np.round(votes, 9), -code[first]):
        alive = runs.keep_best(alive, key)
    return pc.take(names, pa.array(code[first][alive]))


def dates_of(entries: Entries, points: Merged, today: str) -> tuple[pa.Array, pa.Array]:
    """ISO dates on which a point is first and last known to have been true; null where nobody says."""
    since, entered, updated = _record_dates(entries)
    first = pc.coalesce(since, entered)
    last = pc.coalesce(updated, since, entered)
    late = known_days(since, today) > known_days(last, today)
    last = pc.if_else(pa.array(late), since, last)
    return _extreme(first, points, today, 1), _extreme(last, points, today, -1)


def _record_dates(entries: Entries) -> tuple[pa.Array, pa.Array, pa.Array]:
    people = entries.members
    found = [entries.column("since")]
    for name in ("entered_at", "updated_at"):
        values = pa.nulls(len(people.row), pa.string())
        if name in people.records.column_names:
            values = people.column(name)
        found.append(pc.take(values, pa.array(entries.member)))
    return found[0], found[1], found[2]


def _extreme(dates: pa.Array, points: Merged, today: str, sign: int) -> pa.Array:
    days = known_days(dates, today)[points.rows]
    known = days >= 0
    alive = points.runs.keep_best(np.ones(len(days), bool), np.where(known, -sign * days, -np.inf))
    at = points.runs.keep_first(alive)
    rows = pa.array(points.rows[at], mask=~known[at])
    return pc.utf8_slice_codeunits(pc.take(dates, rows), 0, 10)


def source_names(people: Members, run: Ints, member: Ints) -> pa.Array:
    """The sources of the members of each run, by name, joined by `;`."""
    _, first = numbered(run, people.source[member])
    runs = Runs.over(run[first])
    names = pc.take(people.sources, pa.array(people.source[member[first]]))
    offsets = np.append(runs.start, len(first)).astype(np.int32)
    return pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), names), ";")


def _survivors(
    ledger: Ledger, entries: Entries, best: Ints, value: pa.Array, mine: Bools, primary: Bools, votes: Floats, most: int
) -> Survivors:
    """The primary points of one kind as survivors, the other points of the kind as what lost."""
    won, lost = np.flatnonzero(mine & primary), np.flatnonzero(mine & ~primary)
    lost = lost[np.lexsort((lost, -np.round(votes[lost], 9), entries.golden[best[lost]]))]
    golden = entries.golden[best[won]]
    losers = written(entries.members, golden, entries.golden[best[lost]], pc.take(value, pa.array(lost)),
                     entries.member[best[lost]], most)  # fmt: skip
    number = np.bincount(entries.golden[best[mine]], minlength=ledger.size)[golden]
    suspect = any_flag(entries, "suspect")[best[won]]
    rule = np.where(suspect, CODE["only_suspect"], np.where(number == 1, CODE["only"], CODE["primary"]))
    sources = np.ones(len(won), np.int64)
    return Survivors(
        golden, pc.take(value, pa.array(won)), entries.member[best[won]], rule, losers,
        np.ones(len(won)), sources, entries.date[best[won]], suspect,
    )  # fmt: skip


def ranked(values: pa.Array) -> tuple[Ints, pa.Array]:
    """Values as numbers in alphabetical order, and the value of each number. Null is no value."""
    coded = pc.dictionary_encode(values)
    order = pc.sort_indices(coded.dictionary)
    place = np.empty(len(order), np.int64)
    place[order.to_numpy()] = np.arange(len(order))
    return place[coded.indices.to_numpy(zero_copy_only=False)], pc.take(coded.dictionary, order)


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
