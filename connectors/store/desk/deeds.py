"""Everything people did, at the desk and at the command line, in the order in which they did it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import ColumnElement, Select, exists, false, func, literal, null, or_, select, tuple_, union_all

from connectors.store import tables
from connectors.store.base import Base
from connectors.store.decisions import in_force, sides
from connectors.store.desk.asked import on_day
from connectors.store.desk.filter import began
from connectors.store.laid import PUBLISHED, made_by
from connectors.store.undone import standing
from rules.record_key import split_key

acts, made, decisions = tables.acts, tables.act_decisions, tables.decisions
d = decisions.c
LEFT_OUT: Final = ("skip",)
"""What changes nothing for anybody else."""


@dataclass(frozen=True)
class Wanted:
    """A part of the history. Empty words mean: whatever it is."""

    user: str = ""
    what: str = ""
    """A kind of decision, or the action of an act."""
    keys: Sequence[str] = ()
    """Records `SOURCE:ID`, of which any is concerned."""
    day: str = ""
    """ISO, in UTC."""
    eyes: str | None = None
    """Who looks: answers to known pairs are theirs alone to see. None: somebody
    who may see all."""
    one: tuple[str, int] | None = None
    """This one alone: (`act` or `decision`, its number)."""


class Deeds(Base):
    """The history of the desk."""

    def deeds(self, wanted: Wanted, limit: int = 50, offset: int = 0) -> list[dict[str, Any]]:
        """What was done, the latest first, each with `of` (act, or decision of none), its `seq`, `user`, `action`,
        `answer`, `purpose`, `other`, `text`, `batch`, the keys `left` and `right`, `many` (decisions it made), `kind`,
        `field` and `value` (of its first decision), `undone` (the number of its undoing), `was` and `was_for` (the
        action and the purpose of what it undoes), `laid` (it laid something over the quarantine, or took that back) and
        `waits` (what it undoes was published before, and is until the next publication).
        """
        both = union_all(_of_acts(wanted), _of_no_act(wanted)).subquery()
        query = select(both, began().label("began")).order_by(both.c.time.desc(), both.c.of, both.c.seq.desc())
        rows: list[dict[str, Any]] = self.table(query.limit(limit).offset(offset)).to_pylist()
        self._add_decisions(rows)
        self._add_laid(rows)
        for row in rows:
            since, before, of_golden = (row.pop(name) for name in ("began", "was_time", "of_golden"))
            row["waits"] = bool((row["many"] or of_golden) and before and before < since < row["time"])
        return rows

    def published_as_of(self) -> str:
        """When the published run began: what was decided before is in it. Empty: nothing is published."""
        with self.engine.connect() as connection:
            return str(connection.execute(select(began())).scalar_one())

    def decided_since(self) -> int:
        """How many things were decided that the next run brings into the golden table: since the published run began
        and in force, or published and taken back since. What one act decided counts once.
        """
        undoing, since = decisions.alias(), began()
        one = func.count(func.coalesce(made.c.act, -d.seq).distinct())
        of = select(one).select_from(decisions).outerjoin(made, made.c.decision == d.seq)
        fresh = of.where(d.time > since, in_force())
        back = of.join(undoing, undoing.c.undoes == d.seq).where(
            d.kind != "undo", d.time <= since, undoing.c.time > since, ~standing(decisions)
        )
        with self.engine.connect() as connection:
            return int(connection.execute(fresh).scalar_one()) + int(connection.execute(back).scalar_one())

    def doers(self) -> list[str]:
        """Everybody who ever did something, by name."""
        both = select(acts.c.user).union(select(d.user)).subquery()
        found: list[str] = self.table(select(both.c.user).order_by(both.c.user))["user"].to_pylist()
        return found

    def _add_laid(self, rows: list[dict[str, Any]]) -> None:
        """`laid`, and `of_golden`: what it laid is in the golden table, too."""
        acts_of = [row["seq"] for row in rows if row["of"] == "act"]
        with self.engine.connect() as connection:
            laid, published = made_by(connection, acts_of), made_by(connection, acts_of, PUBLISHED)
        for row in rows:
            of_act = row["of"] == "act"
            row |= {"laid": of_act and row["seq"] in laid, "of_golden": of_act and row["seq"] in published}

    def _add_decisions(self, rows: list[dict[str, Any]]) -> None:
        """The first decision of each act."""
        first = select(func.min(made.c.decision)).where(made.c.act.in_([r["seq"] for r in rows if r["of"] == "act"]))
        query = select(made.c.act, *_about()).join(made, made.c.decision == d.seq)
        found = self.table(query.where(d.seq.in_(first.group_by(made.c.act)))).to_pylist()
        known = {row.pop("act"): row for row in found}
        for row in rows:
            if row["of"] == "act":
                about = known.get(row["seq"], dict.fromkeys(("kind", "field", "value", "one", "other_one")))
                row |= {name: about[name] for name in ("kind", "field", "value")}
                row["left"] = row["left"] or about["one"]
                row["right"] = row["right"] or about["other_one"]


def _about() -> tuple[Any, ...]:
    one, other = sides()
    return d.kind, d.field, d.value, one.label("one"), other.label("other_one")


def _of_acts(wanted: Wanted) -> Select[Any]:
    a, undoing = acts.c, acts.alias()
    undone = select(func.max(undoing.c.seq)).where(undoing.c.undoes == a.seq).scalar_subquery()
    many = select(func.count()).where(made.c.act == a.seq).scalar_subquery()
    was = [
        select(column).where(undoing.c.seq == a.undoes).scalar_subquery().label(name)
        for column, name in ((undoing.c.action, "was"), (undoing.c.purpose, "was_for"), (undoing.c.time, "was_time"))
    ]
    said = [a.time, a.user, a.action, a.answer, a.purpose, a.other, a.text, a.batch, a.left, a.right, a.undoes, *was]
    nothing = [null().label(name).cast(tables.decisions.c.kind.type).label(name) for name in ("kind", "field", "value")]
    found = select(
        literal("act").label("of"), a.seq, *said, *nothing, many.label("many"), undone.label("undone")
    ).where(a.action.not_in(LEFT_OUT), *_both(a, wanted))
    if wanted.what:
        of_kind = exists().where(made.c.act == a.seq, made.c.decision == d.seq, d.kind == wanted.what)
        told = func.coalesce(a.purpose, "") != "first"  # or asking would tell what it was
        found = found.where(told, or_(a.action == wanted.what, a.answer == wanted.what, of_kind))
    if wanted.keys:
        keys = list(wanted.keys)
        named = select(made.c.act).join(decisions, d.seq == made.c.decision).where(_names(keys))
        found = found.where(or_(a.left.in_(keys), a.right.in_(keys), a.seq.in_(named)))
    if wanted.one:
        found = found.where(a.seq == wanted.one[1] if wanted.one[0] == "act" else false())
    if wanted.eyes is not None:
        found = found.where(or_(a.purpose.is_(None), a.purpose != "known", a.user == wanted.eyes))
    return found


def _of_no_act(wanted: Wanted) -> Select[Any]:
    undoing = decisions.alias()
    undone = select(func.max(undoing.c.seq)).where(undoing.c.undoes == d.seq).scalar_subquery()
    kind, field, value, left, right = _about()
    nothing = [null().label(name).cast(d.kind.type).label(name) for name in ("answer", "purpose", "other")]
    no_batch = null().cast(acts.c.batch.type).label("batch")
    said = [d.time, d.user, d.kind.label("action"), *nothing, d.reason.label("text"), no_batch]
    was = [
        select(column).where(undoing.c.seq == d.undoes).scalar_subquery().label(name)
        for column, name in ((undoing.c.kind, "was"), (undoing.c.time, "was_time"))
    ]
    was.insert(1, null().cast(d.kind.type).label("was_for"))
    about = [left.label("left"), right.label("right"), d.undoes, *was, kind, field, value]
    found = select(
        literal("decision").label("of"), d.seq, *said, *about, literal(1).label("many"), undone.label("undone")
    ).where(~exists().where(made.c.decision == d.seq), *_both(d, wanted))
    if wanted.what:
        found = found.where(d.kind == wanted.what)
    if wanted.one:
        found = found.where(d.seq == wanted.one[1] if wanted.one[0] == "decision" else false())
    return found.where(_names(list(wanted.keys))) if wanted.keys else found


def _both(c: Any, wanted: Wanted) -> list[ColumnElement[bool]]:
    found = [c.user == wanted.user] if wanted.user else []
    if wanted.day:
        found.append(on_day(c.time, wanted.day))
    return found


def _names(keys: list[str]) -> ColumnElement[bool]:
    """Decisions about any of these records."""
    mine = [split_key(key) for key in keys]
    return or_(tuple_(d.left_source, d.left_id).in_(mine), tuple_(d.right_source, d.right_id).in_(mine))
