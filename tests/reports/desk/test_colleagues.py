"""Several stewards at one queue: cases that are given away, two readers, contradictions, blind work."""

import html
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest
from fastapi.testclient import TestClient

from connectors.store.desk.acts import Act
from connectors.store.desk.filter import Case, Filter
from connectors.store.desk.known import HELD
from reports.desk.view import in_short
from tests.reports.desk.firm import Opened
from tests.reports.desk.test_case import UNSEEN


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
    and in nobody else's; U takes that back. Of a case that takes two people it is said what became of the answer.
    """
    desk.set(second_reader_above=0)
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
    desk.store.let_go("stavros")
    with page.expect_navigation():
        page.keyboard.press("u")
    assert desk.store.waiting(Filter(assignee="stavros")) == 0
    page.wait_for_timeout(UNSEEN)
    page.keyboard.press("s")
    page.locator("#said", has_text="recorded. A second person is asked").wait_for()
    assert page.locator("#said a").count() == 0


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


def _comment(case: Case) -> Act:
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


def test_who_gave_a_case_says_so_on_its_first_screen(desk: Opened) -> None:
    """To whom it was given, with the words, above the two records; and how many comments there are below. Others are
    not told so, and who decides blind sees neither.
    """
    case = desk.case()
    for act in (_comment(case), Act("lena", "assign", case, other="stella", text="You know the Panselinos family")):
        desk.store.act(act)

    def top(who: str) -> str:
        return " ".join(re.sub(r"<[^>]+>", "", desk.client(who).get(address(case)).text.split("<table")[0]).split())

    assert "lena gave you this: You know the Panselinos family" in top("stella")
    assert "2\u00a0comments" in desk.client("stella").get(address(case)).text.split("<table")[0]
    assert 'href="#talk"' in desk.client("stella").get(address(case)).text
    assert "gave you this" not in top("ada")
    desk.set(blind=True)
    assert ("gave you this" in top("stella"), "comment" in top("stella")) == (False, False)


def test_who_works_blind_is_told_once_and_sees_no_empty_columns(desk: Opened) -> None:
    """On the queue and on a case; where it is of this session only, with the way to end it."""
    case, words = desk.case(), "You decide blind: score and colleagues are hidden until you answered"
    columns = ("Why it is asked", ">Probability<", 'class="says"')
    lena, stella = desk.client("lena"), desk.client("stella")

    def seen(client: TestClient) -> tuple[int, bool, list[str]]:
        pages = [client.get(path).text.split("<main")[1] for path in ("/queue", address(case))]
        said = [page.count(words) for page in pages]
        assert said[0] == said[1]
        return said[0], all("End it in My work" in page for page in pages), [c for c in columns if c in "".join(pages)]

    assert seen(lena) == (0, False, list(columns))
    lena.post("/me/blind", data={"on": "true"})
    assert seen(lena) == (1, True, [])
    desk.set(blind=True)
    assert seen(stella) == (1, False, [])


def test_a_fresh_page_offers_to_take_back_what_was_done_last(desk: Opened) -> None:
    """Of what this person did at a case today and still stands, the last, and then the one before it; what it was is
    said, there and once it is taken back. An answer to a known pair is among them like any other; a sample's is not.
    """
    stella, cases = desk.client("stella"), [desk.case(n) for n in range(4)]

    def offered(who: TestClient) -> tuple[str, str]:
        found = re.search(
            r'data-last="(\d+)" data-back="([^"]+)" data-said="([^"]+)"', who.get("/decide?kind=pair").text
        )
        return (found[1], html.unescape(found[3])) if found else ("", "")

    def named(case: Case) -> str:
        names = desk.service.names(case[1:])
        return f"({in_short(names[case.left], names[case.right])})"

    assert offered(stella) == ("", "")
    desk.store.act(Act("stella", "answer", cases[3], answer="same"), time="2026-01-02T10:00:00+00:00")
    assert offered(stella) == ("", "")
    first = answered(desk, stella, cases[0], "related").json()["act"]
    desk.store.claim(Case(HELD, *cases[1][1:]), "stella", 5)
    known = answered(desk, stella, cases[1], "same").json()["act"]
    given = stella.post(
        "/case/give", data=form(desk, cases[2], other="lena"), headers={"accept": "application/json"}
    ).json()["act"]
    out = desk.store.act(Act("stella", "take_out", cases[3], answer="take_out abc"))
    desk.store.act(Act("stella", "answer", cases[3], answer="same", purpose="sample", batch=1))
    assert offered(desk.client("stavros")) == ("", "")
    for number, case, said in (
        (out, cases[3], "records taken out"), (given, cases[2], "given to lena"),
        (known, cases[1], "the same customer"), (first, cases[0], "related, two customers"),
    ):  # fmt: skip
        assert offered(stella) == (str(number), f"{said} {named(case)}")
        told = stella.post(f"/acts/{number}/undo", headers={"accept": "application/json"}).json()
        assert told["taken"] == f"Taken back: {said} {named(case)}"
    assert offered(stella) == ("", "")


def test_where_nothing_is_left_the_last_answer_can_still_be_taken_back(desk: Opened) -> None:
    stella = desk.client("stella")
    number = answered(desk, stella, desk.case(), "same").json()["act"]
    page = stella.get("/decide?text=nobody").text
    assert f'action="/acts/{number}/undo"' in page
    assert 'data-key="u"' in page


def test_how_many_are_left_is_said_wherever_a_case_is_opened(desk: Opened) -> None:
    """As on Decide: by its address, after an undo, of a known pair as of any other; a case keeps the filter by kind."""
    stella, case = desk.client("stella"), desk.case()
    kind = case.kind
    many = desk.store.waiting(Filter(kind=kind))
    assert f'data-left="{many - 1}"' in stella.get(f"/decide?kind={kind}").text
    page = stella.get(f"/queue?kind={kind}").text
    links = re.findall(r'href="(/case[^"]+)"', page)
    assert all(f"kind={kind}" in link for link in links)
    opened = stella.get(html.unescape(links[0])).text
    assert f'data-left="{many - 1}"' in opened
    assert f'data-rest="kind={kind}"' in opened
    desk.store.decide("same", case.left, case.right, user="lena")
    desk.store.claim(Case(HELD, case.left, case.right), "stella", 5)
    assert f'data-left="{many - 2}"' in stella.get(f"{address(case)}&kind={kind}").text
