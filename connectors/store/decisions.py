"""Decisions of people: append only, undone by another decision, and never in contradiction with each other.

`same` joins two records; `different`, `related` and `split` keep two apart; `value` sets a field of the golden
record a record belongs to. Decisions speak of source records, which stay what they are, and not of golden ids.
"""

from collections import deque
from collections.abc import Sequence
from datetime import datetime
from functools import cache
from typing import Any, Final

import pyarrow as pa
from sqlalchemy import ColumnElement, Connection, Row, Select, and_, func, insert, or_, select, tuple_

from connectors.store import tables
from connectors.store.base import Base, instant
from connectors.store.engine import lock
from connectors.store.keyed import few_hundred
from connectors.store.undone import standing
from rules.record_key import split_key
from rules.vocabulary import DECISIONS

APART: Final = ("different", "related", "split")
KINDS: Final = ("same", *APART, "value")

table = tables.decisions
Key = tuple[str, str]


class Contradiction(Exception):
    """A decision that earlier ones exclude; the message names the chain, `chain` holds the numbers of its decisions."""

    def __init__(self, message: str, chain: list[int]) -> None:
        super().__init__(message)
        self.chain = chain


class Decisions(Base):
    """What people decided."""

    def decisions(self) -> pa.Table:
        """Decisions in force (schema DECISIONS), oldest first; of several values for one field, the last."""
        columns = [table.c[name] for name in DECISIONS.names]
        found = self.table(select(*columns).where(in_force()).order_by(table.c.seq))
        return _last_values(found.cast(DECISIONS))

    def decision_history(self, kind: str | None = None) -> pa.Table:
        """Every decision ever made (`kind`: of this kind), undone ones and undoings as well, oldest first."""
        query = select(*(table.c[name] for name in DECISIONS.names)).order_by(table.c.seq)
        return self.table(query if kind is None else query.where(table.c.kind == kind)).cast(DECISIONS)

    def decide(
        self, kind: str, left: str, right: str | None = None, field: str | None = None, value: str | None = None,
        *, user: str, time: datetime | str | None = None, reason: str = "",
    ) -> int:  # fmt: skip
        """Record a decision about records `SOURCE:ID`; -> its number, or that of the same one already in force.

        Raises Contradiction where decisions in force exclude it, ValueError where it is incomplete.
        """
        row = wanted(kind, left, right, field, value)
        with self.writing() as connection:
            return append(connection, row, user, time, reason)

    def contradiction(self, kind: str, *keys: str) -> Contradiction | None:
        """What would be raised if this were decided now, of two records, or that more of them are the same; nothing is
        recorded.
        """
        try:
            with self.engine.connect() as connection:
                _refuse_contradiction(connection, kind, list(map(split_key, keys)))
        except Contradiction as error:
            return error
        return None

    def decisions_numbered(self, numbers: Sequence[int]) -> list[dict[str, Any]]:
        """Some decisions (columns of DECISIONS), in this order, each with `act`: the number of the act that made it."""
        made = tables.act_decisions
        columns = [table.c[name] for name in DECISIONS.names]
        query = select(*columns, made.c.act).join(made, made.c.decision == table.c.seq, isouter=True)
        rows: list[dict[str, Any]] = self.table(query.where(table.c.seq.in_(numbers))).to_pylist()
        order = {number: place for place, number in enumerate(numbers)}
        return sorted(rows, key=lambda row: order[row["seq"]])

    def undo(self, seq: int, *, user: str, time: datetime | str | None = None, reason: str = "") -> int:
        """Take a decision back; undoing an undo makes the decision anew. -> the number of the undoing.

        Raises KeyError where there is no such decision, ValueError where it is undone already, Contradiction
        where what came after excludes making it anew.
        """
        with self.writing() as connection:
            return take_back(connection, seq, user, time, reason)


@cache  # building it takes longer than asking it
def in_force() -> ColumnElement[bool]:
    """Decisions that count: no undoing, and not undone."""
    return and_(table.c.kind != "undo", standing(table))


def sides() -> tuple[ColumnElement[str], ColumnElement[str]]:
    """The keys `SOURCE:ID` of a decision's two records; of a value the second is null."""
    d = table.c
    return d.left_source + ":" + d.left_id, d.right_source + ":" + d.right_id


def latest() -> Select[tuple[int]]:
    """The number of the last decision there is; 0: there is none."""
    return select(func.coalesce(func.max(table.c.seq), 0))


def wanted(
    kind: str, left: str, right: str | None = None, field: str | None = None, value: str | None = None
) -> dict[str, Any]:
    """A decision to be, checked: a row for `append`. Raises ValueError where it is incomplete."""
    if kind not in KINDS:
        message = f"{kind!r} is no kind of decision; there are {', '.join(KINDS)}"
        raise ValueError(message)
    left_source, left_id = split_key(left)
    row: dict[str, Any] = {"kind": kind, "left_source": left_source, "left_id": left_id}
    if kind == "value":
        if not field:
            message = "a decision on a value names the field"
            raise ValueError(message)
        return {**row, "right_source": None, "right_id": None, "field": field, "value": value}
    if right is None or right == left:
        message = f"a decision {kind!r} is about two different records"
        raise ValueError(message)
    right_source, right_id = split_key(right)
    return {**row, "right_source": right_source, "right_id": right_id, "field": field, "value": value}


def append(
    connection: Connection,
    row: dict[str, Any],
    user: str,
    time: datetime | str | None,
    reason: str,
    undoes: int | None = None,
) -> int:
    """Record a decision (a row that `wanted` made) in a transaction that writes; see Decisions.decide."""
    lock(connection, table.name)
    if (found := already(connection, row)) is not None:
        return found
    if row["kind"] != "value":
        _refuse_contradiction(connection, row["kind"], [_left(row), _right(row)])
    told = {"user": user, "time": instant(time), "reason": reason, "undoes": undoes}
    return number(connection.execute(insert(table).values(**row, **told)))


def take_back(connection: Connection, seq: int, user: str, time: datetime | str | None, reason: str) -> int:
    """Undo a decision in a transaction that writes; see Decisions.undo."""
    lock(connection, table.name)
    found = connection.execute(select(table).where(table.c.seq == seq)).one_or_none()
    if found is None:
        message = f"there is no decision {seq}"
        raise KeyError(message)
    if connection.execute(select(table.c.seq).where(table.c.undoes == seq)).first():
        message = f"decision {seq} is undone already"
        raise ValueError(message)
    if found.kind == "undo":
        return _redo(connection, found, user, time, reason)
    about = {name: getattr(found, name) for name in ("left_source", "left_id", "right_source", "right_id", "field")}
    told = {"user": user, "time": instant(time), "reason": reason}
    return number(connection.execute(insert(table).values(kind="undo", undoes=seq, **about, **told)))


def _redo(connection: Connection, undoing: Row[Any], user: str, time: datetime | str | None, reason: str) -> int:
    original = connection.execute(select(table).where(table.c.seq == undoing.undoes)).one()
    names = ("kind", "left_source", "left_id", "right_source", "right_id", "field", "value")
    row = {name: getattr(original, name) for name in names}
    return append(connection, row, user, time, reason, undoes=undoing.seq)


def number(result: Any) -> int:
    """The key that an inserted row got."""
    return int(result.inserted_primary_key[0])


def _left(row: dict[str, Any]) -> Key:
    return row["left_source"], row["left_id"]


def _right(row: dict[str, Any]) -> Key:
    return row["right_source"], row["right_id"]


def already(connection: Connection, row: dict[str, Any]) -> int | None:
    """The decision in force that says the same, whichever way round: a second key stroke is not a second decision."""
    if row["kind"] == "value":
        same = and_(_is("left", _left(row)), table.c.field == row["field"], table.c.kind == "value")
        last = connection.execute(select(table).where(same, in_force()).order_by(table.c.seq.desc())).first()
        return int(last.seq) if last and last.value == row["value"] else None
    one, other = _left(row), _right(row)
    pair = or_(and_(_is("left", one), _is("right", other)), and_(_is("left", other), _is("right", one)))
    found = connection.execute(select(table.c.seq).where(pair, table.c.kind == row["kind"], in_force())).first()
    return int(found.seq) if found else None


def _is(side: str, key: Key) -> ColumnElement[bool]:
    return and_(table.c[f"{side}_source"] == key[0], table.c[f"{side}_id"] == key[1])


def _refuse_contradiction(connection: Connection, kind: str, keys: list[Key]) -> None:
    """A=B, B=C and A≠C cannot all hold. Follows the decisions `same` from record to record, through the indexes."""
    if kind != "same":
        left, right = keys
        if right in (one := _joined(connection, left)):
            _refuse(kind, keys, _chain(one, right))
        return
    paths: list[Path] = []
    of: dict[Key, int] = {}
    for key in keys:
        if key not in of:
            paths.append(_joined(connection, key))
            of |= dict.fromkeys(paths[-1], len(paths) - 1)
    for row in _apart(connection, [key for path in paths[:-1] for key in path]):
        if all(end in of for end in _ends(row)):
            near, far = sorted(_ends(row), key=lambda end: of[end])
            _refuse(kind, keys, [*_chain(paths[of[near]], near), row, *reversed(_chain(paths[of[far]], far))])


Path = dict[Key, tuple[Key, Row[Any]] | None]
"""Each record reached, with the record and the decision by which it was reached first."""


def _joined(connection: Connection, start: Key) -> Path:
    """All records that decisions `same` join to one, breadth first: chains to them are the shortest there are."""
    reached: Path = {start: None}
    frontier = deque([start])
    while frontier:
        here = frontier.popleft()
        touching = or_(_is("left", here), _is("right", here))
        for row in connection.execute(
            select(table).where(touching, table.c.kind == "same", in_force()).order_by(table.c.seq)
        ):
            for end in _ends(row):
                if end not in reached:
                    reached[end] = (here, row)
                    frontier.append(end)
    return reached


def _apart(connection: Connection, keys: list[Key]) -> list[Row[Any]]:
    """Decisions in force that keep one of these apart from another, oldest first."""
    found: dict[int, Row[Any]] = {}
    for side in ("left", "right"):  # each side by its own index
        key = tuple_(table.c[f"{side}_source"], table.c[f"{side}_id"])
        for some in few_hundred(keys):
            rows = connection.execute(select(table).where(key.in_(some), table.c.kind.in_(APART), in_force()))
            found |= {row.seq: row for row in rows}
    return [found[seq] for seq in sorted(found)]


def _ends(row: Row[Any]) -> tuple[Key, Key]:
    return (row.left_source, row.left_id), (row.right_source, row.right_id)


def _chain(path: Path, end: Key) -> list[Row[Any]]:
    rows = []
    while (step := path[end]) is not None:
        end, row = step
        rows.append(row)
    return rows[::-1]


def _refuse(kind: str, keys: list[Key], chain: list[Row[Any]]) -> None:
    said = "; ".join(f"#{row.seq} {_words(row)} ({row.user}, {row.time[:10]})" for row in chain)
    message = (
        f"{' and '.join(map(':'.join, keys))} cannot be decided {kind!r}, because of what was decided before:"
        f" {said}. Undo one of these first"
    )
    raise Contradiction(message, [int(row.seq) for row in chain])


def _words(row: Row[Any]) -> str:
    one, other = _ends(row)
    return f"{':'.join(one)} {'=' if row.kind == 'same' else '≠'} {':'.join(other)}"


def _last_values(found: pa.Table) -> pa.Table:
    """A value decided later stands in for the earlier one of the same record and field."""
    rows = found.select(["seq", "kind", "left_source", "left_id", "field"]).to_pylist()
    last = {(r["left_source"], r["left_id"], r["field"]): r["seq"] for r in rows if r["kind"] == "value"}
    keep = [r["kind"] != "value" or last[r["left_source"], r["left_id"], r["field"]] == r["seq"] for r in rows]
    return found.filter(pa.array(keep, pa.bool_()))
