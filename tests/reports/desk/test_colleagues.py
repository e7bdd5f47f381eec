"""Several stewards at one queue: cases that are given away, two readers, contradictions, blind work."""

import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from connectors.store.desk.filter import Case, Filter
from tests.reports.desk.firm import Opened


def address(case: Case, **more: str) -> str:
    return f"/case?{urlencode({'case': case.kind, 'left': case.left, 'right': case.right, **more})}"


def form(desk: Opened, case: Case, **more: str) -> dict[str, str]:
    """What a page of the case sends."""
    told = {"case": case.kind, "left": case.left, "right": case.right, "seen": str(desk.store.last_decision())}
    return told | more


def answered(desk: Opened, client: TestClient, case: Case, answer: str, **more: str) -> Any:
    return client.post(
        "/case/answer", data=form(desk, case, answer=answer, **more), headers={"accept": "application/json"}
    )


def upcoming(desk: Opened, user: str, asked: Filter) -> list[Case]:
    return [Case(row["kind"], row["left"], row["right"]) for row in desk.store.upcoming(user, asked, 500)]


def kinds(desk: Opened) -> list[str]:
    return [d["kind"] for d in desk.store.decisions().to_pylist()]


@pytest.mark.browser
def test_a_case_is_commented_and_given_to_a_colleague_by_keys(desk: Opened, window: Callable[..., Any]) -> None:
    """C says something, G opens the list of those who may decide; then it is in the colleague's queue, with the words,
    and in nobody else's; U takes that back.
    """
    page, case = window(), desk.case()
    page.goto("/decide")
    page.keyboard.press("c")
    page.keyboard.type("Rang them twice")
    with page.expect_response("**/case/comment"):
        page.keyboard.press("Enter")
    page.get_by_text("Rang them twice").wait_for()
    page.keyboard.press("Escape")
    page.evaluate("document.activeElement.blur()")
    page.keyboard.press("g")
    choices = page.locator("#give input[type=radio]")
    assert [choices.nth(n).get_attribute("value") for n in range(choices.count())] == ["ada", "lena", "stavros"]
    page.get_by_label("stavros").check()
    page.get_by_label("What should they know?").fill("You know them")
    with page.expect_response("**/case/give"):
        page.get_by_role("button", name="Give").click()
    page.wait_for_function("one => document.querySelector('[data-case]').dataset.case !== one", arg="\t".join(case))
    assert upcoming(desk, "stavros", Filter(assignee="stavros")) == [case]
    assert case not in upcoming(desk, "stella", Filter())
    said = desk.client("stavros").get(address(case)).text
    assert "Rang them twice" in said
    assert "You know them" in said
    with page.expect_navigation():
        page.keyboard.press("u")
    assert desk.store.waiting(Filter(assignee="stavros")) == 0


def test_a_case_goes_only_to_those_who_may_decide_it(desk: Opened) -> None:
    """Not to viewers, not to people who left, not to people of other departments."""
    desk.store.change_user("stavros", limits='{"departments": ["nowhere"]}')
    desk.store.change_user("ada", active=True)
    page = desk.client().get(address(desk.case())).text
    assert re.findall(r'name="other" value="(\w+)"', page)[:2] == ["ada", "lena"]
    for other in ("stavros", "vera", "nobody", "stella"):
        refused = desk.client().post("/case/give", data=form(desk, desk.case(), other=other))
        assert refused.status_code == 409
        assert "may not decide this case" in refused.text
    assert desk.store.acts(action="assign") == []


def test_two_people_answer_what_matters(desk: Opened) -> None:
    """Above the amount, the first answer decides nothing and is hidden from the second reader; the same answer decides.
    Another answer waits for a lead, who sees both with their reasons, and whose answer decides.
    """
    desk.set(second_reader_above=0)
    stella, stavros, lena = (desk.client(name) for name in ("stella", "stavros", "lena"))
    one, other = desk.case(0), desk.case(1)
    for case in (one, other):
        assert answered(desk, stella, case, "same", reason="their tax id, by phone").status_code == 200
    assert kinds(desk) == []
    assert "It waits for a second reader" in stella.get(address(one)).text
    assert stavros.get("/queue").text.count("second reader") == 2
    page = stavros.get(address(one)).text
    assert "takes the same answer of two people" in page
    assert "stella" not in page.split("<main")[1].replace('value="stella"', "").replace("> stella</label>", "")
    assert "by phone" not in page
    assert answered(desk, stavros, one, "same").status_code == 200
    assert kinds(desk) == ["same"]
    assert answered(desk, stavros, other, "different", reason="two birth dates").status_code == 200
    assert kinds(desk) == ["same"]
    assert stavros.get("/disagreements").status_code == 403
    assert "two answers: a lead" in stavros.get("/queue").text
    listed = lena.get("/disagreements").text
    assert "their tax id, by phone" in listed
    assert "two birth dates" in listed
    case = lena.get(address(other)).text
    assert "Two people, two answers: yours decides" in case
    assert answered(desk, lena, other, "different").status_code == 200
    assert kinds(desk) == ["same", "different"]
    assert "two birth dates" not in lena.get("/disagreements").text


def test_a_first_answer_is_not_undone_behind_the_second(desk: Opened) -> None:
    """Once two agreed, the decision is theirs: whoever would take it back takes the decision back."""
    desk.set(second_reader_above=0)
    stella = desk.client("stella")
    first = answered(desk, stella, desk.case(), "same").json()["act"]
    answered(desk, desk.client("stavros"), desk.case(), "same")
    refused = stella.post(f"/acts/{first}/undo")
    assert refused.status_code == 409
    assert "stavros gave the same answer since" in refused.text
    assert kinds(desk) == ["same"]


def test_a_contradiction_shows_its_chain(desk: Opened) -> None:
    """What earlier decisions exclude is refused, and the page names each of them in words, with undo where one may;
    once that is undone, the answer stands.
    """
    case, middle = desk.case(), "nobody:1"
    desk.store.decide("same", case.left, middle, user="stella", reason="one person at the counter")
    desk.store.decide("different", middle, case.right, user="stavros", time="2026-01-02T10:00:00+00:00")
    client = desk.client()
    refused = answered(desk, client, case, "same")
    assert refused.status_code == 409
    page = client.get(refused.json()["look"]).text
    assert "Earlier decisions say otherwise" in page
    assert "one person at the counter" in page
    assert "by stavros on 2026-01-02" in page
    assert "Ask stavros or a lead" in page
    numbers = re.findall(r'action="/decisions/(\d+)/undo"', page)
    assert len(numbers) == 1, "her own, and not his"
    assert client.post("/case/answer", data=form(desk, case, answer="same")).headers["location"].endswith("wanted=same")
    assert client.post("/decisions/2/undo").status_code == 403
    back = client.post(f"/decisions/{numbers[0]}/undo", data={"back": address(case)})
    assert back.headers["location"] == address(case)
    assert answered(desk, client, case, "same").status_code == 200


def test_blind_hides_what_could_sway(desk: Opened) -> None:
    """Score, machine's opinion, evidence, colleagues and comments are hidden until the case is answered: for stewards
    by setting, for a lead who wishes it in this session.
    """
    case, lena = desk.case(), desk.client("lena")
    desk.store.act(_comment(case))
    swaying = ('class="thinks"', "The evidence, in bits", "I would join them", 'class="for"', "Perhaps the same")
    seen = [text for text in swaying if text in lena.get(address(case)).text]
    assert {'class="thinks"', "I would join them"} <= set(seen)
    assert lena.post("/me/blind", data={"on": "true"}).headers["location"] == "/me"
    assert [text for text in swaying if text in lena.get(address(case)).text] == []
    assert "is on this case now" in desk.client("ada").get(address(case)).text
    desk.set(blind=True)
    desk.store.let_go("lena")
    stella = desk.client("stella")
    assert [text for text in swaying if text in stella.get(address(case)).text] == []
    assert "looks like" not in stella.get("/queue").text
    for query in ("least=0.5", "most=0.9", "reason=x", "relation=same"):
        assert stella.get(f"/queue?{query}").status_code == 403, query
    home = desk.store.homes_of([case.left])[case.left]["golden_id"]
    assert "<svg" not in stella.get(f"/clusters/{home}").text.split("<main")[1]
    answered(desk, stella, case, "same")
    assert "I would join them" in stella.get(address(case)).text, "it is answered"


def _comment(case: Case) -> Any:
    from connectors.store.desk.acts import Act

    return Act("stavros", "comment", case, text="I would join them")


def test_what_is_open_stays_with_whoever_has_it(desk: Opened) -> None:
    """A page that is open keeps its cases, and learns which it lost and to whom; one that is left gives them back."""
    stella, stavros, case, other = desk.client("stella"), desk.client("stavros"), desk.case(0), desk.case(1)
    stella.get(address(case))
    both = {"case": ["\t".join(case), "\t".join(other), "no case"]}
    assert stella.post("/decide/beat", data=both).json() == {"lost": {}}
    assert stavros.post("/decide/beat", data=both).json()["lost"]["\t".join(case)] == "stella is on it now."
    answered(desk, stella, other, "different")
    assert stella.post("/decide/beat", data=both).json() == {"lost": {"\t".join(other): "It is decided meanwhile."}}
    assert stella.post("/decide/left", data=both).status_code == 204
    assert stavros.post("/decide/beat", data={"case": ["\t".join(case)]}).json() == {"lost": {}}
