"""The queue and the history as the state database answers them, on SQLite and PostgreSQL."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from sqlalchemy import insert, update

from connectors.store import tables
from connectors.store.decisions import wanted
from connectors.store.desk.acts import Act, write
from connectors.store.desk.batches import LeftOut
from connectors.store.desk.deeds import Wanted
from connectors.store.desk.filter import Case, Filter, Limits, is_within
from connectors.store.state import Store
from tests.databases import KINDS, database


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    """Five cases of one publication, the fifth worth most."""
    with database(request.param, tmp_path) as url, Store.open(url) as found:
        with found.writing() as connection:
            connection.execute(update(tables.published).values(version=1, run_id="r1"))
            rows = [
                {"kind": "pair", "left": f"crm:{n}", "right": f"shop:{n}", "from_version": 1, "digest": "",
                 "worth": float(n), "relation": "same" if n % 2 else "household", "sources": "|crm|shop|",
                 "departments": "|sales|" if n < 3 else "|sales|web|", "languages": None, "countries": "|GR|",
                 "places": "|sales/GR|" if n < 4 else "|sales/GR|web/TR|",
                 "text": f"maria_{n}", "reason": "perhaps", "match_probability": n / 10,
                 "margin": 0.5 - n / 10, "money": float(n)}
                for n in range(5)
            ]  # fmt: skip
            connection.execute(insert(tables.candidates), rows)
        yield found


def numbers(store: Store, asked: Filter) -> list[int]:
    rows = store.queue(asked)
    assert store.waiting(asked) == len(rows)
    return [int(row["worth"]) for row in rows]


def case(n: int) -> Case:
    return Case("pair", f"crm:{n}", f"shop:{n}")


def test_filters_leave_open_cases_by_worth(store: Store) -> None:
    """Each word of a filter narrows; what is settled is not open; `%` and `_` are themselves."""
    store.act(Act("maria", "answer", case(4), (wanted("same", "shop:4", "crm:4"),)))
    store.act(Act("lena", "assign", case(1), other="maria"))
    for asked, left in (
        (Filter(), [3, 2, 1, 0]), (Filter(relation="same"), [3, 1]), (Filter(department="web"), [3]),
        (Filter(text="MARÍA_2"), [2]), (Filter(text="maria%"), []), (Filter(assignee="maria"), [1]),
        (Filter(assignee="-"), [3, 2, 0]), (Filter(least=0.1, most=0.2), [2, 1]),
        (replace(Filter(), limits=Limits(("web",))), [3]),
    ):  # fmt: skip
        assert numbers(store, asked) == left, asked
    row = next(r for r in store.queue(Filter()) if r["left"] == "crm:1")
    assert (row["assigned"], row["claimed"]) == ("maria", None)


def test_cases_stand_in_the_order_that_is_asked_for(store: Store) -> None:
    """The queue, its pages, what comes next, and what a pack takes: all by worth, by age, or by what the machine
    thinks; what is not known of a case comes last.
    """
    told = (
        (0, 0.9, "20260103T"),
        (1, None, "20260101T"),
        (2, 0.4, None),
        (3, 0.1, "20260102T"),
        (4, 0.55, "20260101T"),
    )
    with store.writing() as connection:
        for n, likely, first_run in told:
            margin = None if likely is None else abs(likely - 0.5)
            values = {"match_probability": likely, "margin": margin, "first_run": first_run}
            mine = tables.candidates.c.left == f"crm:{n}"
            connection.execute(update(tables.candidates).where(mine).values(**values))
    for order, wanted_first in (
        ("", [4, 3, 2, 1, 0]), ("oldest", [4, 1, 3, 0, 2]), ("likely", [0, 4, 2, 3, 1]), ("unsure", [4, 2, 0, 3, 1]),
    ):  # fmt: skip
        asked = Filter(order=order)
        assert numbers(store, asked) == wanted_first, order
        assert [int(r["worth"]) for r in store.queue(asked, 2, 2)] == wanted_first[2:4], order
        assert [int(r["worth"]) for r in store.upcoming("maria", asked, 9)] == wanted_first, order
        assert store.cases_of(asked, "maria", 2) == [case(n) for n in wanted_first[:2]], order
        assert [int(r["worth"]) for r in store.take_next("maria", asked, 5, more=1)] == wanted_first[:2], order


def test_what_was_given_to_others_is_not_decided_together(store: Store) -> None:
    """Of a batch or a pack to be, cases that somebody else was given, and those of two readers, are left out and
    counted, each once; one's own are in it, and so is what was taken back.
    """
    given = store.act(Act("lena", "assign", case(4), other="maria"))
    store.act(Act("lena", "assign", case(1), other="maria"))
    assert store.cases_of(Filter(), "nikos") == [case(3), case(2), case(0)]
    assert store.cases_of(Filter(), "nikos", below=3) == [case(2), case(0)]
    assert store.left_out_of(Filter(), "nikos", 3) == LeftOut(given=2, two=1)
    assert store.left_out_of(Filter(department="web"), "nikos") == LeftOut(given=1, two=0)
    assert store.cases_of(Filter(), "maria", below=3) == [case(2), case(1), case(0)]
    assert store.left_out_of(Filter(), "maria", 3) == LeftOut(given=0, two=2)
    store.undo_act(given, "lena")
    assert store.cases_of(Filter(), "nikos") == [case(4), case(3), case(2), case(0)]
    assert store.left_out_of(Filter(text="nobody"), "nikos", 3) == LeftOut(0, 0)


def test_what_was_given_to_somebody_comes_first(store: Store) -> None:
    """Before what is worth more, in the filter and the order that are asked for; of others' queue it is gone; once it
    is given to nobody any more, or laid aside, it has no precedence.
    """

    def upcoming(user: str, asked: Filter, limit: int = 9, but: tuple[Case, ...] = ()) -> list[int]:
        return [int(row["worth"]) for row in store.upcoming(user, asked, limit, but)]

    for n in (0, 1):
        store.act(Act("lena", "assign", case(n), other="maria"))
    assert upcoming("maria", Filter()) == [1, 0, 4, 3, 2]
    assert upcoming("maria", Filter(), 2) == [1, 0]
    assert upcoming("maria", Filter(), 3, (case(1), case(4))) == [0, 3, 2]
    assert upcoming("maria", Filter(order="unsure")) == [1, 0, 4, 3, 2]
    assert upcoming("maria", Filter(relation="household")) == [0, 4, 2]
    assert upcoming("nikos", Filter()) == [4, 3, 2]
    assert [int(row["worth"]) for row in store.take_next("maria", Filter(), 5, more=1)] == [1, 0]
    assert [store.given_to("maria", asked) for asked in (Filter(), Filter(relation="household"))] == [2, 1]
    assert store.given_to("nikos", Filter()) == 0
    store.act(Act("maria", "skip", case(1)))
    assert store.given_to("maria", Filter()) == 1
    store.act(Act("lena", "assign", case(0), other=""))
    assert upcoming("maria", Filter()) == [4, 3, 2, 0]


def test_facets_are_the_words_there_are(store: Store) -> None:
    """The most frequent first, within the limits of whoever asks."""
    assert store.facets(Limits())["department"] == ["sales", "web"]
    assert store.facets(Limits())["relation"] == ["household", "same"]
    assert store.facets(Limits()) | {"language": []} == store.facets(Limits())
    assert store.facets(Limits(("web",)))["relation"] == ["household", "same"]


def test_a_batch_lies_within_limits_where_all_of_it_does(store: Store) -> None:
    """As the queue had each case last; of a case that the queue knows no more, nobody with limits is told."""
    some, more = store.make_pack("maria", "", [case(3), case(4)]), store.make_pack("maria", "", [case(2), case(3)])
    gone, web = store.make_pack("maria", "", [case(9)]), Limits(("web",))
    assert [store.lies_within(n, web) for n in (some, more, gone)] == [True, False, False]
    assert [store.lies_within(n, Limits()) for n in (some, more, gone)] == [True] * 3
    moved = {"kind": "pair", "left": "crm:4", "right": "shop:4", "from_version": 2, "departments": "|sales|"}
    with store.writing() as connection:
        connection.execute(insert(tables.candidates), [{**moved, "digest": "", "worth": 0.0, "text": ""}])
    assert not store.lies_within(some, web)


def test_deeds_are_those_of_the_desk_and_of_the_command_line(store: Store) -> None:
    """Each once, the latest first, with what it decided and whether it stands; answers to known pairs are secret."""
    time = "2026-01-0{}T10:00:00+00:00"
    store.act(Act("maria", "answer", case(1), (wanted("same", "crm:1", "shop:1"),), answer="same"), time=time.format(1))
    store.decide("different", "crm:2", "shop:2", user="nikos", time=time.format(2), reason="two sisters")
    value = wanted("value", "crm:3", field="email", value="a@b.example")
    number = store.act(Act("lena", "value", None, (value,)), time=time.format(3))
    store.undo_act(number, "lena", time=time.format(4))
    store.act(Act("maria", "answer", case(0), answer="same", purpose="known"), time=time.format(5))
    found = store.deeds(Wanted())
    assert [(d["user"], d["action"], d["kind"], d["left"], bool(d["undone"])) for d in found] == [
        ("maria", "answer", None, "crm:0", False), ("lena", "undo", "undo", "crm:3", False),
        ("lena", "value", "value", "crm:3", True), ("nikos", "different", "different", "crm:2", False),
        ("maria", "answer", "same", "crm:1", False),
    ]  # fmt: skip
    assert found[1]["was"] == "value"
    assert [d["waits"] for d in found] == [False] * 5, "nothing was published since"
    assert [d["seq"] for d in store.deeds(Wanted(one=("act", number)))] == [number]
    for asked, users in (
        (Wanted(eyes="lena"), ["lena", "lena", "nikos", "maria"]), (Wanted(user="nikos"), ["nikos"]),
        (Wanted(what="different"), ["nikos"]), (Wanted(keys=("shop:1", "crm:2")), ["nikos", "maria"]),
        (Wanted(day="2026-01-03"), ["lena"]), (Wanted(what="same", keys=("crm:1",)), ["maria"]),
    ):  # fmt: skip
        assert [d["user"] for d in store.deeds(asked)] == users, asked
    assert store.deeds(Wanted(), 2, 3) == found[3:]
    assert store.doers() == ["lena", "maria", "nikos"]


def test_what_is_taken_back_after_it_was_published_waits_for_the_next_run(store: Store) -> None:
    """An act, and a decision of the command line; what was decided after the run began was never published."""
    time = "2026-01-0{}T10:00:00+00:00"
    act = store.act(Act("maria", "answer", case(1), (wanted("same", "crm:1", "shop:1"),)), time=time.format(1))
    decision = store.decide("same", "crm:2", "shop:2", user="nikos", time=time.format(1))
    with store.writing() as connection:
        connection.execute(insert(tables.runs).values(run_id="r1", started=time.format(2), status="published"))
    assert store.published_as_of() == time.format(2)
    later = store.act(Act("maria", "answer", case(3), (wanted("same", "crm:3", "shop:3"),)), time=time.format(3))
    undone = [store.undo_act(number, "maria", time=time.format(4)) for number in (act, later)]
    back = store.undo(decision, user="nikos", time=time.format(4))
    told = {(d["of"], d["seq"]): d["waits"] for d in store.deeds(Wanted())}
    assert [told["act", number] for number in (act, *undone)] == [False, True, False]
    assert store.deeds(Wanted(one=("decision", back)))[0]["waits"]


def test_a_correction_that_was_published_and_taken_back_waits_for_the_next_run(store: Store) -> None:
    """As a decision does; what was given back to its source was never published."""
    time = "2026-01-0{}T10:00:00+00:00"
    act = store.correct("crm", "1", {"name": "Ada"}, "maria", time=time.format(1))
    with store.writing() as connection:
        connection.execute(insert(tables.runs).values(run_id="r1", started=time.format(2), status="published"))
        row = {"source": "crm", "record_id": "2", "user": "maria", "time": time.format(1), "reason": ""}
        back = write(connection, Act("maria", "return", Case("quarantine", "crm:2", "")), time.format(1))
        connection.execute(insert(tables.returns).values(**row, hash="h", act=back))
    undone = [store.undo_act(number, "maria", time=time.format(4)) for number in (act, back)]
    told = {d["seq"]: (d["laid"], d["waits"]) for d in store.deeds(Wanted())}
    assert [told[number] for number in (act, *undone)] == [(True, False), (True, True), (True, False)]


def test_a_view_is_one_of_its_name(store: Store) -> None:
    """Kept again it is another filter; everybody's stand first."""
    store.keep_view("maria", "Mine", "source=crm")
    store.keep_view("maria", "Mine", "source=shop")
    store.keep_view("", "Ours", "kind=pair")
    store.keep_view("nikos", "His", "kind=pair")
    assert [(v["name"], v["query"]) for v in store.views("maria")] == [("Ours", "kind=pair"), ("Mine", "source=shop")]


def test_limits_are_met_by_one_record(store: Store) -> None:
    """Department and country of one and the same record: not the department of the one and the country of the other."""

    def mine(*departments: str, of: tuple[str, ...] = ()) -> list[int]:
        return numbers(store, Filter(limits=Limits(departments, of)))

    assert mine("web", of=("TR",)) == [4]
    assert mine("web", of=("GR",)) == []
    assert mine("web", "sales", of=("GR", "IT")) == [4, 3, 2, 1, 0]
    assert mine("web") == [4, 3]
    assert mine(of=("GR",)) == [4, 3, 2, 1, 0]
    row = store.queue(Filter(), 1)[0]
    said = [is_within(row, Limits(("web",), of)) for of in ((), ("TR",), ("GR",))]
    assert said == [True, True, False]
