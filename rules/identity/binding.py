"""What decisions say about the records that are there, when some of the records they name are gone.

A person who said A=B and B=C has said A=C, and that stands when B vanishes; and who said A=B of a record A that is
gone has said whose golden id B goes on with. A value that a person set on a record is its customer's.
"""

from typing import Any, Final

import pyarrow as pa

from rules import duck
from rules.vocabulary import DECISIONS, KEY, TEXT

APART: Final = ("different", "related", "split")
AGAIN: Final = pa.schema([*KEY, ("earlier", TEXT), ("own", pa.bool_())])
"""A record, and the golden id of a record that is gone and that a person says it is the same as; `own`: the gone one
was of the same source, so that the record goes on where that one ended."""

Key = tuple[str, str]


def binding(decisions: pa.Table, records: pa.Table) -> pa.Table:
    """The decisions in force (schema DECISIONS), and those that follow from them for the records that are there.

    `records`: source and record_id of every record of this run. Each group of records that `same` joins, gone ones in
    between included, is joined again without them; what was decided about a gone member holds for one that is there.
    """
    gone = _gone(decisions, records)
    if not gone:
        return decisions
    group = _groups([(left, right) for kind, left, right in _pairs(decisions) if kind == "same"])
    broken = {group[key] for key in gone if key in group}
    here = sorted(key for key in group if group[key] in broken and key not in gone)
    stands: dict[Key, Key] = {}
    for key in here:
        stands.setdefault(group[key], key)
    rows = [_row("same", stands[group[key]], key) for key in here if stands[group[key]] != key]
    for kind, *pair in _pairs(decisions):
        if kind in APART and gone & {*pair}:
            one, other = (stands.get(group.get(key, key), key) for key in pair)
            if one != other and not gone & {one, other}:
                rows.append(_row(kind, one, other))
    return pa.concat_tables([decisions, pa.Table.from_pylist(rows, DECISIONS)])


def continued(decisions: pa.Table, records: pa.Table, crosswalk: pa.Table) -> pa.Table:
    """Records that go on where others ended (schema AGAIN): a person said `same` of one that is here and one retired.

    `crosswalk`: yesterday's, which knows the golden ids of retired records.
    """
    if not decisions.num_rows:
        return AGAIN.empty_table()
    found = duck.ask(
        """
        with said as (
            select left_source as source, left_id as record_id, right_source as gone_source, right_id as gone_id
            from decisions where kind = 'same'
            union all select right_source, right_id, left_source, left_id from decisions where kind = 'same')
        select s.source, s.record_id, c.golden_id as earlier, bool_or(s.source = s.gone_source) as own
        from said s semi join records r on (r.source, r.record_id) = (s.source, s.record_id)
            join crosswalk c on (c.source, c.record_id) = (s.gone_source, s.gone_id)
            anti join records g on (g.source, g.record_id) = (s.gone_source, s.gone_id)
        where c.golden_id is not null and c.state = 'retired'
        group by all order by all""",
        decisions=decisions, records=records, crosswalk=crosswalk,
    )  # fmt: skip
    return found.cast(AGAIN)


def standing(decisions: pa.Table, clusters: pa.Table, crosswalk: pa.Table) -> pa.Table:
    """The decisions, those on a value of a record that is gone spoken of a record that its customer still has.

    `clusters`: source, record_id, golden_id of the records that are there; `crosswalk`: today's, with gone records.
    """
    found = duck.ask(
        """
        with lost as (
            select d.seq, x.golden_id from decisions d
            join crosswalk x on (x.source, x.record_id) = (d.left_source, d.left_id)
            anti join clusters c on (c.source, c.record_id) = (d.left_source, d.left_id)
            where d.kind = 'value' and x.golden_id is not null),
        left_over as (
            select seq, min((source, record_id)) as record from lost join clusters using (golden_id) group by seq)
        select d.* replace (
            coalesce(l.record[1], left_source) as left_source, coalesce(l.record[2], left_id) as left_id)
        from decisions d left join left_over l using (seq) order by seq""",
        decisions=decisions, clusters=clusters, crosswalk=crosswalk,
    )  # fmt: skip
    return found.cast(DECISIONS)


def _gone(decisions: pa.Table, records: pa.Table) -> set[Key]:
    """The records that decisions name and that are not there."""
    found = duck.ask(
        """
        select source, record_id from (
            select left_source as source, left_id as record_id from decisions where kind <> 'value'
            union select right_source, right_id from decisions where kind <> 'value') d
        anti join records r using (source, record_id)""",
        decisions=decisions, records=records,
    )  # fmt: skip
    return {(row["source"], row["record_id"]) for row in found.to_pylist()}


def _pairs(decisions: pa.Table) -> list[tuple[str, Key, Key]]:
    return [
        (d["kind"], (d["left_source"], d["left_id"]), (d["right_source"], d["right_id"]))
        for d in decisions.to_pylist()
        if d["kind"] in ("same", *APART)
    ]


def _groups(joined: list[tuple[Key, Key]]) -> dict[Key, Key]:
    """Every record that decisions join -> one record that stands for its group."""
    over: dict[Key, Key] = {}

    def top(key: Key) -> Key:
        while over.setdefault(key, key) != key:
            key = over[key]
        return key

    for left, right in joined:
        over[top(right)] = top(left)
    return {key: top(key) for key in list(over)}


def _row(kind: str, left: Key, right: Key) -> dict[str, Any]:
    return {"kind": kind, "left_source": left[0], "left_id": left[1], "right_source": right[0], "right_id": right[1]}
