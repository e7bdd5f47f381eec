"""Acts at the desk, on every kind of state database: all of it or nothing, undone as one, and nobody's lost."""

from collections.abc import Iterator
from pathlib import Path
from threading import Barrier, Thread

import pytest
from sqlalchemy import insert

from connectors.store import tables
from connectors.store.decisions import Contradiction, wanted
from connectors.store.desk.acts import Act, Overtaken
from connectors.store.desk.audit import Noted
from connectors.store.desk.deeds import Wanted
from connectors.store.desk.filter import Case
from connectors.store.state import Store
from tests.databases import KINDS, database


@pytest.fixture(params=KINDS)
def store(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Store]:
    with database(request.param, tmp_path) as url, Store.open(url) as opened:
        yield opened


def same(*pairs: str) -> list[dict[str, object]]:
    """Rows of decisions `same` for pairs such as `a=b`."""
    return [wanted("same", f"crm:{pair[0]}", f"crm:{pair[2]}") for pair in pairs]


def in_force(store: Store) -> set[str]:
    return {
        f"{d['left_id']}{'=' if d['kind'] == 'same' else '/'}{d['right_id']}" for d in store.decisions().to_pylist()
    }


CASE = Case("pair", "crm:a", "crm:b")


def test_an_act_is_undone_as_one_and_done_again(store: Store) -> None:
    """All its decisions go and come back together; what was decided before by somebody else stays theirs."""
    store.decide("same", "crm:c", "crm:d", user="jo")
    act = store.act(Act("maria", "split", CASE, same("a=b", "b=c", "c=d")))
    assert in_force(store) == {"a=b", "b=c", "c=d"}
    undoing = store.undo_act(act, "maria")
    assert in_force(store) == {"c=d"}
    with pytest.raises(ValueError, match="undone already"):
        store.undo_act(act, "maria")
    store.undo_act(undoing, "maria")
    assert in_force(store) == {"a=b", "b=c", "c=d"}
    assert [(a["action"], a["undone"]) for a in store.acts()] == [
        ("undo", None),
        ("undo", undoing + 1),
        ("split", undoing),
    ]
    assert [a["seq"] for a in store.acts(key="crm:c", action="split")] == [act]


def test_an_act_sent_again_is_the_same_act(store: Store) -> None:
    """However often it is sent it is one act, and undoing it undoes it; what is another's, new or undone is its own."""
    store.decide("same", "crm:c", "crm:d", user="jo")
    sent = Act("maria", "split", CASE, same("a=b", "b=c", "c=d"))
    act = store.act(sent)
    assert [store.act(sent, store.last_decision()) for _ in range(3)] == [act] * 3
    assert store.act(Act("jo", "split", CASE, same("a=b"))) != act
    assert store.act(Act("maria", "split", CASE, same("a=b", "a=e"))) != act
    assert store.act(Act("maria", "comment", CASE, text="again")) != act
    store.undo_act(act, "maria")
    assert in_force(store) == {"c=d", "a=e"}
    anew = store.act(sent)
    assert anew > act
    value = Act("maria", "value", None, [wanted("value", "crm:a", field="city", value="X")])
    assert store.act(value) == store.act(value) > anew


@pytest.mark.parametrize("store", ["sqlite", pytest.param("postgresql", marks=pytest.mark.soak)], indirect=True)
def test_a_customer_of_very_many_decisions(store: Store) -> None:
    """1,200 decisions `same` on one customer: another is made, one that contradicts is refused with its chain, and
    the log is searched for all its records.
    """
    rows = [wanted("same", "crm:0", f"crm:{n + 1}") for n in range(1200)]
    told = {"user": "jo", "time": "2026-01-01T00:00:00+00:00", "reason": ""}
    with store.writing() as connection:
        connection.execute(insert(tables.decisions), [{**row, **told} for row in rows])
    apart = store.decide("different", "shop:x", "crm:1100", user="jo")
    store.act(Act("maria", "answer", None, [wanted("same", "crm:0", "crm:new")]), store.last_decision())
    with pytest.raises(Contradiction) as refused:
        store.act(Act("maria", "answer", None, [wanted("same", "crm:7", "shop:x")]))
    assert refused.value.chain == [7, 1100, apart]
    store.note("jo", "case seen", "shop:x crm:1100")
    store.note("jo", "case seen", "shop:x crm:11000")
    found = store.noted(Noted(subjects=[f"crm:{n}" for n in range(1201)]))
    assert [one["subject"] for one in found] == ["shop:x crm:1100"]


@pytest.mark.parametrize(
    ("action", "purpose", "instead"),
    [("answer", "first", "answer the case again"), ("assign", None, "give the case to somebody again")],
)
def test_what_decided_nothing_is_not_done_again(store: Store, action: str, purpose: str, instead: str) -> None:
    """A first answer or a giving that was taken back stays so, and it is said; nobody is offered to do it again."""
    act = store.act(Act("maria", action, CASE, answer="same", purpose=purpose, other="jo"))
    undoing = store.undo_act(act, "maria")
    with pytest.raises(ValueError, match=instead):
        store.undo_act(undoing, "maria")
    known = store.act(Act("maria", action, CASE, answer="same", purpose="known"))
    assert store.undo_act(store.undo_act(known, "maria"), "maria"), "nothing tells it from one that decided"
    (deed,) = store.deeds(Wanted(one=("act", undoing)))
    assert (deed["was"], deed["many"], deed["laid"]) == (action, 0, False)


def test_a_contradicted_act_does_nothing_at_all(store: Store) -> None:
    """Where one of its decisions is excluded, none of them is made, and no act is on record."""
    store.decide("different", "crm:a", "crm:c", user="jo")
    with pytest.raises(Contradiction):
        store.act(Act("maria", "answer", CASE, same("a=b", "b=c")))
    assert in_force(store) == {"a/c"}
    assert store.acts() == []


def test_whoever_comes_second_is_told(store: Store) -> None:
    """A decision on a case that somebody else settled after it was shown is refused; one's own is no conflict."""
    seen = store.last_decision()
    store.act(Act("jo", "answer", CASE, [wanted("different", "crm:a", "crm:b")]), seen)
    with pytest.raises(Overtaken, match=r"jo decided this case .*different"):
        store.act(Act("maria", "answer", CASE, same("a=b")), seen)
    assert in_force(store) == {"a/b"}
    store.act(Act("jo", "answer", CASE, [wanted("different", "crm:a", "crm:b")]), seen)
    store.act(Act("maria", "answer", CASE, [wanted("different", "crm:a", "crm:b")]), store.last_decision())
    assert in_force(store) == {"a/b"}


def test_two_at_the_same_moment(store: Store) -> None:
    """Of twenty who decide one case at once, one decides it, and the others are told."""
    told: list[str] = []
    start, seen = Barrier(20), store.last_decision()

    def decide(name: str) -> None:
        start.wait()
        try:
            store.act(Act(name, "answer", CASE, same("a=b")), seen)
            told.append("decided")
        except Overtaken:
            told.append("told")

    people = [Thread(target=decide, args=(f"steward{n}",)) for n in range(20)]
    for person in people:
        person.start()
    for person in people:
        person.join()
    assert sorted(told) == ["decided"] + ["told"] * 19
    assert len(store.acts()) == store.decision_history().num_rows == 1


def test_a_claim_is_one_persons_until_it_ends(store: Store) -> None:
    """Whoever is first has a case; it is free when it is let go."""
    assert store.claim(CASE, "maria", 5) == "maria"
    assert store.claim(CASE, "jo", 5) == "maria"
    assert store.claim(CASE, "maria", 5) == "maria"
    store.let_go("maria", CASE)
    assert store.claim(CASE, "jo", -1) == "jo"
    assert store.claim(CASE, "maria", 5) == "maria"  # jo's time is over


def test_a_claim_is_taken_over(store: Store) -> None:
    """By whom it is named, whoever had it open; one that ran out, or that is only fetched ahead, is nobody's."""
    assert store.take_over(CASE, "maria", 5) == ""
    assert store.is_before_another(CASE, "jo")
    assert not store.is_before_another(CASE, "maria")
    assert store.take_over(CASE, "jo", 5) == "maria"
    assert store.claim(CASE, "maria", 5) == "jo"
    assert store.take_over(CASE, "maria", -1) == "jo"
    assert not store.is_before_another(CASE, "jo")
    assert store.claim(CASE, "maria", 5, ahead=True) == "maria"
    assert not store.is_before_another(CASE, "jo")


def test_what_is_fetched_ahead_goes_to_whoever_opens_it(store: Store) -> None:
    """It is fetched by nobody else, and kept from nobody who looks at it; once it is shown it is theirs."""
    assert store.claim(CASE, "maria", 5, ahead=True) == "maria"
    assert store.claim(CASE, "jo", 5, ahead=True) == "maria"
    assert not store.opened(CASE, "jo")
    assert store.claim(CASE, "jo", 5) == "jo"
    assert not store.opened(CASE, "maria")
    assert store.claim(CASE, "maria", 5) == "jo"
    store.let_go("jo", Case("pair", "a:8", "a:9"), CASE)
    assert store.claim(CASE, "maria", 5, ahead=True) == "maria"
    assert store.opened(CASE, "maria")
    assert store.claim(CASE, "jo", 5) == "maria"


def test_what_excludes_that_several_are_one_is_found_without_deciding_it(store: Store) -> None:
    """Of three records the two that people keep apart, with the decisions that lead from one to the other."""
    assert store.contradiction("same", "a:1", "a:2", "a:3") is None
    numbers = [store.decide(*told, user="maria") for told in (("same", "a:3", "a:4"), ("different", "a:4", "a:2"))]
    found = store.contradiction("same", "a:1", "a:2", "a:3")
    assert found is not None
    assert sorted(found.chain) == numbers
    assert store.contradiction("same", "a:1", "a:2") is None
    assert store.decision_history().num_rows == 2


def test_a_session_ends(store: Store) -> None:
    """By its end, by idleness, by signing out, and when the person's role changes or they leave."""
    store.add_user("maria", "steward")
    token, csrf = store.open_session("maria", 1)
    found = store.session(token, 60)
    assert found is not None
    assert (found["name"], found["role"], found["csrf"]) == ("maria", "steward", csrf)
    assert "password" not in found
    assert store.session(token, -1) is None
    assert store.session(token + "x", 60) is None
    store.change_user("maria", role="lead")
    assert store.session(token, 60) is None
    token, _ = store.open_session("maria", -1)
    assert store.session(token, 60) is None
    token, _ = store.open_session("maria", 1)
    store.end_session(token)
    assert store.session(token, 60) is None
    token, _ = store.open_session("maria", 1)
    store.change_user("maria", active=False)
    assert store.session(token, 60) is None
