"""What survived, where it came from and what lost: one survivor a field and golden record, kept as columns."""

import json
from collections.abc import Iterable
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc
from numpy.typing import NDArray

from rules import vocabulary as words
from rules.survivorship.claims import Claims
from rules.survivorship.entries import Entries, Members
from rules.survivorship.runs import Bools, Ints, Runs, numbered
from rules.survivorship.vote import CODE, RULES, Verdicts, compared

MEMBER_NONE = -1
"""The member of a value that no record holds: a steward typed it."""

STRETCH = 50_000
"""Golden records whose provenance is sorted at a time."""

_ESCAPES = (("\\", "\\\\"), ('"', '\\"'), ("\n", "\\n"), ("\r", "\\r"), ("\t", "\\t"))


@dataclass(frozen=True)
class Survivors:
    """The surviving values of one field, sorted by golden record, one row each."""

    golden: Ints
    value: pa.Array
    member: Ints
    rule: NDArray[Any]
    losers: pa.Array
    share: NDArray[Any]
    sources: NDArray[Any]
    date: NDArray[Any]
    suspect: Bools

    def take(self, rows: Ints) -> "Survivors":
        at = pa.array(rows)
        return Survivors(
            self.golden[rows], pc.take(self.value, at), self.member[rows], self.rule[rows], pc.take(self.losers, at),
            self.share[rows], self.sources[rows], self.date[rows], self.suspect[rows],
        )  # fmt: skip


def empty() -> Survivors:
    none, numbers, text = np.zeros(0, np.int64), np.zeros(0), pa.array([], pa.string())
    return Survivors(none, text, none, none, text, numbers, none, numbers, np.zeros(0, bool))


@dataclass
class Ledger:
    """The survivors of every field."""

    members: Members
    fields: dict[str, Survivors] = field(default_factory=dict)

    @property
    def size(self) -> int:
        return len(self.members.ids)

    def add(self, name: str, survivors: Survivors) -> None:
        if len(survivors.golden):
            # Millions of these are kept, a dozen fields of each golden record: small numbers in small types.
            self.fields[name] = replace(
                survivors,
                rule=survivors.rule.astype(np.int8),
                sources=survivors.sources.astype(np.int32),
                share=survivors.share.astype(np.float32),
                date=survivors.date.astype(np.float32),
            )

    def place(self, name: str) -> Ints:
        """The row of each golden record's survivor; -1 where it has none."""
        at = np.full(self.size, -1, np.int64)
        if name in self.fields:
            at[self.fields[name].golden] = np.arange(len(self.fields[name].golden))
        return at

    def column(self, name: str) -> pa.Array:
        """A field of every golden record, null where nothing survived."""
        if name not in self.fields:
            return pa.nulls(self.size, pa.string())
        at = self.place(name)
        return pc.take(self.fields[name].value, pa.array(at, mask=at < 0))


def survivors(entries: Entries, claims: Claims, verdicts: Verdicts, heard: Ints, most: int) -> Survivors:
    """The survivors of an election. `heard`: the row in `claims` of each claim that could win."""
    winner = heard[verdicts.claim]
    codes, lost = _beaten(claims, verdicts.golden, winner)
    losers = losing(entries, claims, verdicts.golden, codes, lost, most)
    member = entries.member[claims.entry[winner]]
    return Survivors(
        verdicts.golden, pc.take(claims.value, pa.array(winner)), member, _reasons(claims, verdicts, heard, lost),
        losers, verdicts.share, verdicts.sources, claims.date[winner], claims.suspect[winner],
    )  # fmt: skip


def _reasons(claims: Claims, verdicts: Verdicts, heard: Ints, lost: Bools) -> Ints:
    """The rule that decided each. That nobody says otherwise is no reason where somebody does who was not asked:
    whoever gives another name or address than the one that was chosen whole, or is doubted.
    """
    unopposed = np.isin(verdicts.rule, (CODE["only"], CODE["agreed"]))
    apart = lost.copy()
    apart[heard] = False
    rule = np.where(unopposed & np.isin(verdicts.golden, claims.golden[lost]), CODE["unsuspected"], verdicts.rule)
    return np.where(unopposed & np.isin(verdicts.golden, claims.golden[apart]), CODE["with_group"], rule)


def _beaten(claims: Claims, golden: Ints, winner: Ints) -> tuple[Ints, Bools]:
    """The number of each claim's value, and whether it differs from the winner's. `golden`: of each winner."""
    codes, _ = compared(claims, Runs.over(claims.golden))
    won = np.full(int(golden.max(initial=-1)) + 1, -1, np.int64)
    won[golden] = codes[winner]
    known = claims.golden < len(won)
    lost = np.zeros(len(codes), bool)
    lost[known] = (won[claims.golden[known]] >= 0) & (codes[known] != won[claims.golden[known]])
    return codes, lost


def losing(entries: Entries, claims: Claims, golden: Ints, codes: Ints, lost: Bools, most: int) -> pa.Array:
    """JSON of the values that lost, the weightiest first; `[]` where nothing did."""
    rows = np.flatnonzero(lost)
    number, _ = numbered(claims.golden[rows], codes[rows])
    votes = np.bincount(number, claims.weight[rows]) if len(rows) else np.zeros(0)
    # One row a losing value: its weightiest, latest claim stands for it.
    order = np.lexsort((rows, -claims.date[rows], -claims.weight[rows], number))
    rows, number = rows[order], number[order]
    first = Runs.over(number).start
    rows, number = rows[first], number[first]
    rows = rows[np.lexsort((number, -np.round(votes[number], 9), claims.golden[rows]))]
    return written(entries.members, golden, claims.golden[rows], pc.take(claims.value, pa.array(rows)),
                   entries.member[claims.entry[rows]], most)  # fmt: skip


def written(people: Members, golden: Ints, of: Ints, value: pa.Array, member: Ints, most: int) -> pa.Array:
    """JSON lists of losing values: `of` (sorted) is the golden record of each; one list for each of `golden`."""
    runs = Runs.over(of)
    kept = np.flatnonzero(np.arange(len(of)) - runs.start[runs.of] < most) if len(of) else np.zeros(0, np.int64)
    of, value, at = of[kept], pc.take(value, pa.array(kept)), pa.array(member[kept])
    source = pc.take(people.sources, pa.array(people.source[member[kept]]))
    record = pc.take(people.record_id, at)
    items = pc.binary_join_element_wise(
        '{"value": "', _escaped(value), '", "source": "', _escaped(source),
        '", "record_id": "', _escaped(record), '"}', "",
    )  # fmt: skip
    number = np.bincount(np.searchsorted(golden, of), minlength=len(golden))
    offsets = np.concatenate([[0], np.cumsum(number)]).astype(np.int32)
    joined = pc.binary_join(pa.ListArray.from_arrays(pa.array(offsets), items), ", ")
    return pc.binary_join_element_wise("[", joined, "]", "")


def _escaped(values: pa.Array) -> pa.Array:
    for raw, safe in _ESCAPES:
        values = pc.replace_substring(values, raw, safe)
    return pc.replace_substring_regex(values, r"[\x00-\x1f]", " ")


def only(people: Members, golden: Ints, value: pa.Array, member: Ints, rule: str) -> Survivors:
    """Survivors of a rule that is no election; nothing lost. A value that a steward typed has no record and no date."""
    size = len(golden)
    date = np.where(member >= 0, people.date[np.maximum(member, 0)], -1.0)
    return Survivors(
        golden, value, member, np.full(size, CODE[rule]), pa.array(["[]"] * size, pa.string()),
        np.ones(size), np.ones(size, np.int64), date, np.zeros(size, bool),
    )  # fmt: skip


def overruled(ledger: Ledger, name: str, golden: Ints, value: pa.Array, member: Ints) -> None:
    """Put a steward's values (sorted by golden record) in the place of what survived; that now leads the losers."""
    old = ledger.fields.get(name, empty())
    people = ledger.members
    new = only(people, golden, value, member, "decided")
    place = ledger.place(name)[golden]
    had = np.flatnonzero(place >= 0)
    beaten = had[pc.not_equal(pc.take(old.value, pa.array(place[had])), pc.take(value, pa.array(had))).to_numpy(
        zero_copy_only=False)]  # fmt: skip
    beaten = beaten[old.member[place[beaten]] >= 0]
    former = written(people, golden[beaten], golden[beaten], pc.take(old.value, pa.array(place[beaten])),
                     old.member[place[beaten]], 1)  # fmt: skip
    earlier = pc.take(old.losers, pa.array(place[beaten]))
    lists = new.losers.to_pylist()
    for row, first, rest in zip(beaten, former.to_pylist(), earlier.to_pylist(), strict=True):
        others = [loser for loser in json.loads(rest) if loser["value"] != value[row].as_py()]
        lists[row] = json.dumps([*json.loads(first), *others], ensure_ascii=False)
    new = replace(new, losers=pa.array(lists, pa.string()))
    kept = old.take(np.flatnonzero(~np.isin(old.golden, golden)))
    both = _joined([kept, new])
    ledger.add(name, both.take(np.argsort(both.golden, kind="stable")))


def _joined(parts: Iterable[Survivors]) -> Survivors:
    columns = [
        pa.concat_arrays(list(column)) if isinstance(column[0], pa.Array) else np.concatenate(column)
        for column in zip(*(part.__dict__.values() for part in parts), strict=True)
    ]
    return Survivors(*columns)


def provenance(ledger: Ledger) -> pa.Table:
    """vocabulary.PROVENANCE, sorted by golden record and field; built by stretches of golden records."""
    stretches = [words.PROVENANCE.empty_table()]
    stretches.extend(_stretch(ledger, start, start + STRETCH) for start in range(0, ledger.size, STRETCH))
    return pa.concat_tables(stretches)


def _stretch(ledger: Ledger, start: int, end: int) -> pa.Table:
    tables, golden = [words.PROVENANCE.empty_table()], [np.zeros(0, np.int64)]
    for name, kept in sorted(ledger.fields.items()):
        first, last = np.searchsorted(kept.golden, [start, end])
        tables.append(_of_field(ledger.members, name, kept.take(np.arange(first, last))))
        golden.append(kept.golden[first:last])
    order = np.argsort(np.concatenate(golden), kind="stable")
    return pa.concat_tables(tables).combine_chunks().take(pa.array(order))


def _of_field(people: Members, name: str, kept: Survivors) -> pa.Table:
    member = pa.array(kept.member, mask=kept.member < 0)
    columns = [
        pc.take(people.ids, pa.array(kept.golden)), pa.array([name] * len(kept.golden), pa.string()), kept.value,
        pc.take(people.sources, pc.take(pa.array(people.source), member)), pc.take(people.record_id, member),
        pc.take(pa.array(RULES), pa.array(kept.rule)), kept.losers,
    ]  # fmt: skip
    return pa.table(columns, schema=words.PROVENANCE)
