"""Several people at one desk, on SQLite and PostgreSQL: two readers, known pairs, measures, users and sessions."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from sqlalchemy import insert

from connectors.store import tables
from connectors.store.decisions import wanted
from connectors.store.desk.acts import Act, Overtaken
from connectors.store.desk.filter import Case, Filter, Limits
from connectors.store.desk.known import HELD
from connectors.store.desk.people import LastAdmin, NoSuchUser
from connectors.store.state import Store
from rules.stewarding import Share
from tests.databases import KINDS, database

CASES = [Case("pair", f"crm:{n}", f"shop:{n}") for n in range(6)]
LONG_AGO = "2026-01-01T00:00:00+00:00"


@pytest.fixture(scope="module", params=KINDS)
def address(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    with database(request.param, tmp_path_factory.mktemp("state")) as url:
        yield url


@pytest.fixture
def store(address: str) -> Iterator[Store]:
    """Six open cases of one publication, and nobody did anything yet."""
    with Store.open(address) as opened:
        with opened.writing() as connection:
            for table in reversed(tables.metadata.sorted_tables):
                if table.name not in ("published", "alembic_version"):
                    connection.execute(table.delete())
            connection.execute(tables.published.update().values(version=1, run_id="run-1"))
            for case in CASES:
                connection.execute(
                    insert(tables.candidates).values(**case._asdict(), from_version=1, digest="", worth=1.0, money=9.0)
                )
                for key in (case.left, case.right):
                    source, record = key.split(":")
                    connection.execute(
                        insert(tables.crosswalk).values(
                            source=source, record_id=record, from_version=1, golden_id=f"G{key}", state="active"
                        )
                    )
        yield opened


def answer(user: str, case: Case, said: str, purpose: str = "queue") -> Act:
    return Act(user, "answer", case, (wanted(said, case.left, case.right),), said, purpose)


def kinds(store: Store) -> list[str]:
    """Of the decisions in force."""
    return [d["kind"] for d in store.decisions().to_pylist()]


def test_the_second_of_two_answers_decides(store: Store) -> None:
    """The first decides nothing and is not asked again; the same answer of another person decides, naming both."""
    case = CASES[0]
    _, what = store.read(answer("stella", case, "same"), 0)
    assert (what, kinds(store)) == ("first", [])
    assert case not in upcoming(store, "stella")
    assert case in upcoming(store, "stavros")
    with pytest.raises(Overtaken, match="You answered this case already"):
        store.read(answer("stella", case, "different"), 0)
    second, what = store.read(answer("stavros", case, "same"), 0)
    assert (what, kinds(store)) == ("second", ["same"])
    told = store.one_act(second)
    assert told is not None
    assert (told["user"], told["other"], told["decisions"]) == ("stavros", "stella", 1)
    assert store.read(answer("stavros", case, "same"), 0) == (second, "second"), "sent again, it is the same"
    store.undo_act(second, "stavros")
    assert kinds(store) == []
    assert store.read(answer("stavros", case, "same"), 0)[1] == "second", "the first answer stands still"


def test_nothing_stands_that_one_of_two_readers_alone_said(store: Store) -> None:
    """Whoever takes the first answer back while the second is given is refused by the store, in whatever order the two
    arrive; nor is the second done again once it was taken back: the first may be gone. What was undone is not said.
    """
    case = CASES[0]
    first = store.read(answer("stella", case, "same"), 0)[0]
    assert store.first_readers([case[1:]]) == {case[1:]: "stella"}
    second = store.read(answer("stavros", case, "same"), 0)[0]
    assert store.first_readers([case[1:]]) == {}
    with pytest.raises(Overtaken, match="stavros gave the same answer since"):
        store.undo_act(first, "stella")
    undoing = store.undo_act(second, "stavros")
    back = store.one_act(store.undo_act(first, "stella"))
    assert back is not None
    assert back["answer"] is None
    with pytest.raises(ValueError, match="this takes two people"):
        store.undo_act(undoing, "stavros")
    assert kinds(store) == []
    assert store.read(answer("stavros", case, "same"), 0)[1] == "first"


def test_nobody_saw_what_was_not_decided_yet(store: Store) -> None:
    """A number beyond the last decision puts no answer over a colleague's."""
    case = CASES[0]
    store.act(answer("stavros", case, "same"), 0)
    for ask in (store.act, store.read):
        with pytest.raises(Overtaken, match="load it again"):
            ask(answer("stella", case, "different"), store.last_decision() + 1)
    assert kinds(store) == ["same"]


def test_what_one_has_is_kept_and_nothing_is_taken_by_that(store: Store) -> None:
    """A claim is renewed also where it ran out, but never one that was given back, never had, or that is another's."""
    case, now = CASES[0], datetime.now(UTC)
    assert store.renew(case, "stella", 5, now) == ""
    assert store.claim(case, "stavros", 5, now) == "stavros"
    store.claim(case, "stella", 5, now - timedelta(minutes=9))
    assert store.renew(case, "stella", 5, now) == "stavros"
    later = now + timedelta(minutes=6)
    assert store.renew(case, "stella", 5, later) == "", "it ran out, and was not hers"
    assert store.renew(case, "stavros", 5, later, ahead=True) == "stavros"
    assert store.claim(case, "stella", 5, later, ahead=True) == "stavros"
    assert store.claim(case, "stella", 5, later) == "stella", "it was there ahead only"
    store.let_go("stella", case)
    assert store.renew(case, "stella", 5, later) == ""
    assert store.claim(case, "lena", 5, later) == "lena"


def test_of_one_and_of_all_what_both_said_is_decided(store: Store) -> None:
    """One says that the two are one, the other that all records of both are: the two are, whoever came first."""
    case = CASES[0]
    for first, second in (("same", "all"), ("all", "same")):
        both, more = wanted("same", *case[1:]), wanted("same", case.right, "crm:99")
        other = replace(answer("stavros", case, "same"), answer=second, decisions=(both, more))
        one = store.read(replace(answer("stella", case, "same"), answer=first), 0)[0]
        number, what = store.read(other, 0)
        told = store.one_act(number)
        assert told is not None
        assert (what, told["answer"], kinds(store)) == ("second", "same", ["same"])
        store.undo_act(number, "stavros")
        store.undo_act(one, "stella")


def test_two_answers_wait_for_a_lead(store: Store) -> None:
    """Where two people differ nothing is decided, nobody is given the case, and a lead finds both answers."""
    case = CASES[1]
    store.read(answer("stella", case, "same"), 0)
    assert store.read(answer("stavros", case, "different"), 0)[1] == "disagreed"
    assert kinds(store) == []
    assert all(case not in upcoming(store, user) for user in ("stella", "stavros", "third"))
    assert [row["left"] for row in store.disagreements(Filter())] == [case.left]
    assert [(a["user"], a["answer"]) for a in store.two_answers(case)] == [("stella", "same"), ("stavros", "different")]
    with pytest.raises(Overtaken, match="a lead decides"):
        store.read(answer("third", case, "same"), 0)
    store.act(answer("lena", case, "different", "third"))
    assert store.disagreements(Filter()) == []
    overruled = {user: m.reversals for user, m in store.measures(LONG_AGO[:10]).items()}
    assert overruled["stella"] == Share(1, 1)
    assert overruled["stavros"] == Share(0, 1)


def test_reversals_count_what_others_took_back(store: Store) -> None:
    """Undone by another: reversed. Undone by oneself: no decision. Undone and done again: it stands."""
    numbers = [store.act(answer("stella", case, "same")) for case in CASES[:4]]
    store.undo_act(numbers[0], "lena")
    store.undo_act(numbers[1], "stella")
    again = store.undo_act(numbers[2], "lena")
    store.undo_act(again, "lena")
    assert store.measures(LONG_AGO[:10])["stella"].reversals == Share(1, 3)
    assert store.measures("2099-01-01") == {}


def test_a_known_pair_is_one_that_others_settled(store: Store) -> None:
    """Decided by somebody else a week ago, or by two people; never one's own, never twice, and never a record that is
    gone; its answer is recorded beside the decision, and decides nothing.
    """
    draw = lambda user, but=(): store.draw_known(user, Limits(), list(but))  # noqa: E731 - said six times
    store.act(answer("stavros", CASES[0], "different"))
    assert draw("stella") is None, "decided just now, by one person"
    store.read(answer("vera", CASES[1], "same"), store.last_decision())
    store.read(answer("stavros", CASES[1], "same"), store.last_decision())
    assert draw("stella") == CASES[1], "two people agree"
    assert draw("vera") is None
    assert draw("stella", [CASES[1]]) is None
    now = datetime.now(UTC) + timedelta(days=8)
    assert {store.draw_known("stella", Limits(), [CASES[1]], now)} == {CASES[0]}, "a week has passed"
    held = Case(HELD, CASES[1].left, CASES[1].right)
    assert store.claim(held, "stella", 60) == "stella"
    assert store.is_known("stella", CASES[1])
    assert not store.is_known("vera", CASES[1])
    assert draw("stella") is None, "it is before her already"
    assert store.held_known("stella") == [held]
    before = kinds(store)
    act = store.one_act(store.answer_known(answer("stella", CASES[1], "different")))
    assert act is not None
    assert (act["purpose"], act["expected"], act["answer"], act["decisions"]) == ("known", "same", "different", 0)
    assert kinds(store) == before
    assert not store.is_known("stella", CASES[1])
    assert draw("stella") is None
    assert store.measures(LONG_AGO[:10])["stella"].agreement == Share(0, 1)


def test_a_known_pair_that_was_opened_again_is_asked_in_earnest(store: Store) -> None:
    """Once its answer was taken back nothing is known of it: whoever was shown it decides it as any other case."""
    case = CASES[0]
    act = store.act(answer("stavros", case, "different"))
    store.claim(Case(HELD, case.left, case.right), "stella", 60)
    assert store.is_known("stella", case)
    store.undo_act(act, "stavros")
    assert not store.is_known("stella", case)
    assert store.held_known("stella") == []
    with pytest.raises(Overtaken, match="opened again"):
        store.answer_known(answer("stella", case, "same"))
    assert case in upcoming(store, "vera"), "and it is kept from nobody"


def test_what_was_given_to_somebody_may_be_taken_back(store: Store) -> None:
    """A case that was given away is in one queue alone, until the giving is undone."""
    given = store.act(Act("stella", "assign", CASES[2], other="stavros"))
    assert CASES[2] not in upcoming(store, "stella")
    assert CASES[2] in upcoming(store, "stavros")
    assert store.waiting(Filter(assignee="stavros")) == 1
    store.undo_act(given, "stella")
    assert CASES[2] in upcoming(store, "stella")
    assert store.waiting(Filter(assignee="stavros")) == 0


def test_there_is_always_an_administrator(store: Store) -> None:
    """The last one can neither leave nor become anything else; a second one may."""
    store.add_user("ada", "admin")
    store.add_user("bea", "admin", once=True)
    store.change_user("bea", active=False)
    for change in ({"role": "lead"}, {"active": False}):
        with pytest.raises(LastAdmin, match="only administrator"):
            store.change_user("ada", **change)
    store.change_user("bea", active=True)
    store.change_user("ada", role="lead")
    with pytest.raises(NoSuchUser):
        store.change_user("nobody", role="lead")
    bea = store.user("bea")
    assert bea is not None
    assert bea["once"] is True


def test_sessions_end(store: Store) -> None:
    """By their hour, by idleness, by a change of what somebody may; whoever is there stays."""
    store.add_user("stella", "steward", email="Stella@Firm.example")
    begun = datetime.now(UTC)
    token, _ = store.open_session("stella", 10, begun)
    at = lambda minutes: store.session(token, 60, begun + timedelta(minutes=minutes))  # noqa: E731 - said five times
    assert at(59) is not None
    assert at(118) is not None, "seen at 59"
    assert at(180) is None, "idle for more than an hour"
    store.blind_session(token, True)
    assert at(118)["blind"] is True
    for minutes in range(0, 600, 50):
        at(minutes)
    assert at(601) is None, "its hours are over"
    other, _ = store.open_session("stella", 10)
    store.change_user("stella", role="lead")
    assert store.session(other, 60) is None
    assert [u["name"] for u in store.users_of_email("stella@firm.EXAMPLE")] == ["stella"]


def upcoming(store: Store, user: str) -> list[Case]:
    return [Case(row["kind"], row["left"], row["right"]) for row in store.upcoming(user, Filter(), 50)]
