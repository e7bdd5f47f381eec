"""A case that takes two people: what the first one says reaches no second reader; who disagreed ends nothing."""

from typing import Any

from connectors.store.decisions import wanted
from connectors.store.desk.acts import Act
from connectors.store.desk.filter import Case
from connectors.store.desk.known import HELD
from tests.reports.desk.firm import Opened
from tests.reports.desk.test_colleagues import address, answered, kinds
from tests.reports.desk.test_history import sentences


def read(desk: Opened, user: str, case: Case, said: str, action: str = "answer") -> int:
    """A reading, without the page on which it is given."""
    return desk.store.read(Act(user, action, case, answer=said, purpose="queue"), desk.store.last_decision())[0]


def test_history_keeps_the_first_answer_to_itself(desk: Opened) -> None:
    """Neither asked for by what it was, nor after it was taken back."""
    case, other = desk.case(0), desk.case(1)
    desk.store.undo_act(read(desk, "stella", case, "different"), "stella")
    read(desk, "stella", other, "take_out abc", "take_out")
    client = desk.client("stavros")
    for what in ("take_out", "different"):
        assert sentences(client.get(f"/history?what={what}").text) == [], what
    told = sentences(client.get("/history").text)
    assert len(told) == 3
    assert not [line for line in told if "two customers" in line or "took records" in line or "not one" in line]


def test_remarks_of_a_first_reader_wait_for_the_second(desk: Opened) -> None:
    """Hidden from others on the case, in the history and on the customer's page until somebody else answered."""
    case = desk.case()
    desk.store.act(Act("stella", "comment", case, text="surely two sisters"))
    home = desk.store.homes_of([case.left])[case.left]["golden_id"]
    paths = (address(case), "/history", f"/customers/{home}")

    def heard(who: str) -> list[bool]:
        client: Any = desk.client(who)
        return ["surely two sisters" in client.get(path).text for path in paths]

    assert heard("stavros")[:2] == [True, True]
    read(desk, "stella", case, "different")
    assert heard("stavros") == [False, False, False]
    assert heard("stella")[:2] == [True, True]
    assert read(desk, "stavros", case, "different")
    assert heard("lena")[:2] == [True, True]


def test_who_gave_one_of_two_answers_has_not_the_last_word(desk: Opened) -> None:
    """A lead who read the case first, or second, is told that another lead decides; that one does."""
    desk.set(second_reader_above=0)
    lena, stella, ada = (desk.client(name) for name in ("lena", "stella", "ada"))
    for first, second, case in ((lena, stella, desk.case(0)), (stella, lena, desk.case(1))):
        answered(desk, first, case, "same")
        answered(desk, second, case, "different")
        refused = answered(desk, lena, case, "same")
        assert refused.status_code == 409
        assert "another lead decides" in refused.text
        assert "Another lead decides" in lena.get(address(case)).text
        assert kinds(desk) == []
    for case in (desk.case(0), desk.case(1)):
        assert answered(desk, ada, case, "same").status_code == 200
    assert kinds(desk) == ["same", "same"]


def test_what_takes_two_people_is_not_done_again_by_one(desk: Opened) -> None:
    """After a second reader's answer was taken back, the history offers nobody to do it again: it would be refused."""
    case = desk.case()
    read(desk, "stella", case, "same")
    desk.store.undo_act(read(desk, "stavros", case, "same"), "stavros")
    undoing = desk.store.acts(action="undo")[0]["seq"]
    page = desk.client("stavros").get("/history").text
    assert f"act {undoing}" in page or "took back" in page
    assert f"/acts/{undoing}/undo" not in page


def test_what_decided_nothing_is_not_offered_to_be_done_again(desk: Opened) -> None:
    """A first answer that was taken back stays so: asked for all the same, it is said what to do instead. An answer to
    a known pair is offered as one that decided.
    """
    one, known, other = desk.case(0), desk.case(1), desk.case(2)
    client, offered = desk.client(), []
    desk.store.decide("different", known.left, known.right, user="lena")
    answer = Act("stella", "answer", other, [wanted("same", *other[1:])], answer="same")
    for act in (
        read(desk, "stella", one, "same"), desk.store.answer_known(Act("stella", "answer", known, answer="same")),
        desk.store.act(answer),
    ):  # fmt: skip
        undoing = desk.store.undo_act(act, "stella")
        offered.append(f"/acts/{undoing}/undo" in client.get("/history").text)
    assert offered == [False, True, True]
    refused = client.post(f"/acts/{desk.store.acts(action='undo')[2]['seq']}/undo")
    assert refused.status_code == 409
    assert "answer the case again instead" in refused.text


def test_what_became_of_an_answer_is_said(desk: Opened) -> None:
    """The first of two waits for another, a contrary one for a lead; one that agrees, and a lead's, decide as they say.
    Only where there is something to look at is a link.
    """
    desk.set(second_reader_above=0)
    stella, stavros, lena = (desk.client(name) for name in ("stella", "stavros", "lena"))
    first, other = (
        {"said": "Recorded. A second person is asked"},
        {"said": "Somebody answered otherwise: a lead decides"},
    )
    for case, second, then in ((desk.case(0), "same", {}), (desk.case(1), "different", other)):
        assert "data-two" in stella.get(address(case)).text
        told = [answered(desk, stella, case, "same").json(), answered(desk, stavros, case, second).json()]
        assert [{name: one[name] for name in ("said", "look") if one[name]} for one in told] == [first, then]
    case = desk.store.two_answers(other_case := Case.of(desk.store.acts(action="answer", limit=1)[0]))
    assert len(case) == 2
    assert answered(desk, lena, other_case, "same").json()["said"] == ""
    assert kinds(desk) == ["same", "same"]


def test_an_answer_to_a_known_pair_is_told_as_one_that_decided(desk: Opened) -> None:
    """Also above the amount from which on two people answer: nothing tells it from the second answer to a case."""
    desk.set(second_reader_above=0)
    one, known = desk.case(0), desk.case(1)
    read(desk, "stavros", one, "same")
    desk.store.decide("different", known.left, known.right, user="lena")
    desk.store.claim(Case(HELD, known.left, known.right), "stella", 5)
    client = desk.client("stella")
    told = [answered(desk, client, case, "same").json() for case in (one, known)]
    assert [{**said, "act": 0} for said in told] == [{"act": 0, "said": "", "look": "", "lost": {}}] * 2
