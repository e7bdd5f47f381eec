"""Cases in a real browser: one key decides, the next is there, undo takes back."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from connectors.store.desk.audit import Noted
from connectors.store.desk.filter import Case, Filter
from tests.reports.desk.firm import Opened

pytestmark = pytest.mark.browser
UNSEEN = 160
"""Milliseconds: a key that comes sooner was meant for the case before."""


def shown(page: Any) -> Case:
    """The case on the page."""
    return Case(*page.locator("[data-case]").get_attribute("data-case").split("\t"))


def another(page: Any, before: Case) -> None:
    """Waits until another case is shown, for long enough to be read."""
    told = "before => document.querySelector('[data-case]').dataset.case !== before"
    page.wait_for_function(told, arg="\t".join(before))
    page.wait_for_timeout(UNSEEN)


def press(page: Any, key: str) -> None:
    """A stroke of a key; δ is what a Greek keyboard says where others say d."""
    if key.isascii():
        page.keyboard.press(key)
    else:
        page.evaluate(
            f"document.body.dispatchEvent(new KeyboardEvent('keydown', {{key: '{key}', code: 'KeyD', bubbles: true}}))"
        )


def ends(decision: dict[str, Any]) -> set[str]:
    return {f"{decision[f'{side}_source']}:{decision[f'{side}_id']}" for side in ("left", "right")}


def test_one_key_decides_and_the_next_case_is_there(desk: Opened, window: Callable[..., Any]) -> None:
    """S, D and R decide under the steward's name, on a Greek keyboard too, K lays aside; two cases are there ahead, so
    that without the server the next one is shown all the same. What was decided is open no more.
    """
    page = window()
    with page.expect_response(lambda answer: "/decide/next" in answer.url) as first, page.expect_response(
        lambda answer: "/decide/next" in answer.url and answer.url.count("but=") == 2
    ):  # fmt: skip
        page.goto("/decide")
    assert first.value.ok
    page.wait_for_timeout(UNSEEN)
    waiting = desk.store.waiting(Filter())
    assert page.locator("[data-left]").last.inner_text() == f"{waiting - 1} more to decide"
    decided, answered = [], []
    page.on("requestfinished", lambda request: answered.append(request.url) if request.method == "POST" else None)
    for key in ("s", "δ", "r", "k"):
        decided.append(shown(page))
        with page.expect_response("**/case/skip" if key == "k" else "**/case/answer"):
            press(page, key)
        another(page, decided[-1])
    assert page.locator("[data-left]").last.inner_text() == f"{waiting - 5} more to decide"
    page.route("**/decide/next*", lambda route: route.abort())
    last = shown(page)
    with page.expect_response("**/case/answer"):
        page.keyboard.press("s")
    another(page, last)
    made = desk.store.decisions().to_pylist()
    assert [(d["kind"], d["user"]) for d in made] == [
        (kind, "stella") for kind in ("same", "different", "related", "same")
    ]
    assert [ends(d) for d in made] == [{case.left, case.right} for case in (*decided[:3], last)]
    assert [desk.store.is_open(case) for case in (*decided, last)] == [False, False, False, True, False]
    assert last not in [Case(r["kind"], r["left"], r["right"]) for r in desk.store.queue(Filter(), 500)]
    assert len({*decided, last, shown(page)}) == 6, "no case is shown twice"


def test_a_key_decides_only_what_was_seen(desk: Opened, window: Callable[..., Any]) -> None:
    """A key held down, a key pressed twice and a double click decide one case, and not the next one unseen. W says why,
    and Enter there decides nothing; U takes back what was decided last, and both acts stay on record.
    """
    page = window()
    with page.expect_response(lambda answer: answer.url.count("but=") == 2):
        page.goto("/decide")
    page.wait_for_timeout(UNSEEN)
    first = shown(page)
    with page.expect_response("**/case/answer"):
        page.evaluate(
            """for (const repeat of [false, false, true, true])
                document.body.dispatchEvent(new KeyboardEvent("keydown", {key: "s", bubbles: true, repeat}))"""
        )
    another(page, first)
    second = shown(page)
    page.keyboard.down("d")
    for _ in range(5):
        page.keyboard.down("d")
        page.wait_for_timeout(40)
    page.keyboard.up("d")
    another(page, second)
    third = shown(page)
    page.get_by_role("button", name="Related").dblclick()
    another(page, third)
    made = desk.store.decisions().to_pylist()
    assert [(d["kind"], ends(d)) for d in made] == [
        (kind, {case.left, case.right}) for kind, case in (("same", first), ("different", second), ("related", third))
    ]


def test_two_people_on_one_case(desk: Opened, window: Callable[..., Any]) -> None:
    """Whoever comes second is given another case and is told who is on it, also by a key that would answer, and when it
    is free; a late decision is refused, and why stands there; a page that comes back from sleep drops what others
    decided, and one that is left gives its cases back.
    """
    one, other = window("stella"), window("stavros")
    with one.expect_response(lambda answer: answer.url.count("but=") == 2):
        one.goto("/decide")
    first, ahead = shown(one), desk.case(1)
    other.goto("/decide")
    assert shown(other) not in (first, ahead, desk.case(2)), "hers, and those that are fetched for her"
    other.goto(f"/case?case={first.kind}&left={first.left}&right={first.right}")
    told = other.locator("main").inner_text()
    assert "stella is on this case now. You can answer when they are done" in told
    assert "Take it over" not in told
    other.keyboard.press("d")
    other.locator("#said", has_text="stella is on this case now: you can answer when they are done").wait_for()
    desk.store.let_go("stella")
    with other.expect_navigation():
        other.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    other.locator("#said", has_text="stella is done with this case").wait_for()
    other.wait_for_timeout(UNSEEN)
    with other.expect_response("**/case/answer"):
        other.keyboard.press("d")
    desk.store.decide("different", ahead.left, ahead.right, user="stavros")
    called = one.locator("[data-called]").text_content()
    with one.expect_response("**/case/answer") as answer:
        one.keyboard.press("s")
    assert answer.value.status == 409
    said = one.locator("#said .bad")
    said.wait_for()
    assert said.inner_text().startswith(f"{called}: stavros decided this case"), "the next one is shown already"
    assert said.get_by_role("link").get_attribute("href") == f"/case?{urlencode(first.asked())}"
    assert [d["kind"] for d in desk.store.decisions().to_pylist()] == ["different", "different"]
    assert shown(one) == ahead
    with one.expect_response("**/decide/beat"):
        one.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    one.get_by_text("It is decided meanwhile").wait_for()
    one.goto(f"/case?{urlencode(ahead.asked())}")
    one.wait_for_timeout(UNSEEN)
    one.keyboard.press("s")
    said = one.locator("#said .bad", has_text="Earlier decisions say otherwise: nothing was recorded")
    said.wait_for()
    assert shown(one) == ahead
    with one.expect_navigation():
        said.get_by_role("link", name="See why").click()
    assert "stavros" in one.locator(".chain").inner_text()
    kept = shown(other)
    other.goto("/queue")
    until = time.monotonic() + 5
    while (holder := desk.store.claim(kept, "lena", 1)) != "lena" and time.monotonic() < until:
        time.sleep(0.02)
    assert holder == "lena"


def test_a_case_that_is_only_held_goes_to_whoever_opens_it(desk: Opened, window: Callable[..., Any]) -> None:
    """What a colleague's page has fetched ahead is kept from nobody who opens it: they have it, and the queue names as
    busy only what somebody looks at. The colleague is told as soon as it would be theirs to decide; their answer is a
    clear conflict, and the decision that was made stays. What is not shown yet is dropped without a word.
    """
    one, other = window("stella"), desk.client("stavros")
    with one.expect_response(lambda answer: answer.url.count("but=") == 2):
        one.goto("/decide")
    first, ahead, later = shown(one), desk.case(1), desk.case(2)
    busy = {(row["left"], row["right"]): row["claimed"] for row in desk.store.queue(Filter(), 3)}
    assert busy == {first[1:]: "stella", ahead[1:]: None, later[1:]: None}
    for case in (later, ahead):
        page = other.get(f"/case?{urlencode(case.asked())}").text
        assert "on this case now" not in page
        assert 'value="different"' in page
    with one.expect_response("**/case/answer"):
        one.keyboard.press("s")
    another(one, first)
    assert shown(one) == ahead
    one.get_by_text("stavros is on it now").wait_for()
    told = {**ahead.asked(), "answer": "different", "seen": desk.store.last_decision()}
    assert other.post("/case/answer", data=told).status_code == 303
    with one.expect_response("**/case/answer") as answer:
        one.keyboard.press("s")
    assert answer.value.status == 409
    assert [(d["kind"], d["user"]) for d in desk.store.decisions().to_pylist()] == [
        ("same", "stella"), ("different", "stavros"),
    ]  # fmt: skip


def test_a_beat_tells_what_is_open_from_what_is_only_there(desk: Opened) -> None:
    """A page that beats keeps the case that it shows, and gives up to whoever opened it one that it has ahead."""
    stella, stavros, open_, ahead = desk.client("stella"), desk.client("stavros"), desk.case(0), desk.case(1)
    both = {"case": ["\t".join(open_), "\t".join(ahead)], "open": "\t".join(open_)}
    stella.get(f"/case?{urlencode(open_.asked())}")
    desk.store.claim(ahead, "stella", 5, ahead=True)
    assert stella.post("/decide/beat", data=both).json() == {"lost": {}}
    page = stavros.get(f"/case?{urlencode(open_.asked())}").text
    assert "stella is on this case now" in page
    page = stavros.get(f"/case?{urlencode(ahead.asked())}").text
    assert "on this case now" not in page
    assert stella.post("/decide/beat", data=both).json() == {"lost": {"\t".join(ahead): "stavros is on it now."}}


def test_a_page_that_is_loaded_anew_keeps_its_case(desk: Opened) -> None:
    """What the page before it gives back late is taken again by the next beat; no list of cases is."""
    case, other = desk.case(0), desk.case(1)
    stella, name = desk.client(), "\t".join(case)
    assert stella.get(f"/case?{urlencode(case.asked())}").status_code == 200
    stella.post("/decide/left", data={"case": name})
    assert not desk.store.is_before_another(case, "stavros")
    assert stella.post("/decide/beat", data={"case": name, "open": name}).json() == {"lost": {}}
    assert desk.store.is_before_another(case, "stavros")
    both = {"case": [name, "\t".join(other)], "open": [name, "\t".join(other)]}
    assert stella.post("/decide/beat", data=both).json() == {"lost": {}}
    assert not desk.store.is_before_another(other, "stavros")


def test_a_lead_takes_a_case_over(desk: Opened) -> None:
    """Whoever had it is told by the next beat, as the button says; it is on record, and whoever answers first decides:
    the other answer is refused. A steward cannot.
    """
    case, stella, lena = desk.case(), desk.client("stella"), desk.client("lena")
    name, json = "\t".join(case), {"accept": "application/json"}
    stella.get(f"/case?{urlencode(case.asked())}")
    page = lena.get(f"/case?{urlencode(case.asked())}").text
    assert "Take it over" in page
    assert "stella is told within a minute" in page
    assert lena.post("/case/held", data=case.asked()).json() == {"held": True}
    assert desk.client("stavros").post("/case/take", data=case.asked()).status_code == 403
    taken = lena.post("/case/take", data={**case.asked(), "rest": "kind=pair"})
    assert taken.status_code == 303
    assert 'data-key="s"' in lena.get(taken.headers["location"]).text
    assert lena.post("/case/held", data=case.asked()).json() == {"held": False}
    lost = stella.post("/decide/beat", data={"case": name, "open": name}).json()
    assert lost == {"lost": {name: "lena is on it now."}}
    (entry,) = desk.store.noted(Noted(action="took over"))
    assert (entry["user"], entry["detail"]) == ("lena", "stella")
    told = {**case.asked(), "seen": desk.store.last_decision()}
    assert stella.post("/case/answer", data={**told, "answer": "same"}, headers=json).status_code == 200
    assert lena.post("/case/answer", data={**told, "answer": "different"}, headers=json).status_code == 409


def test_the_address_of_an_old_case_leads_on(desk: Opened) -> None:
    """Where a case is in the queue no more: whose its records are by now, and what was decided; to whom it is not for,
    and of records that nobody knows, no word. Whoever is signed in has the bar above it.
    """
    one, other = desk.case(0), desk.case(1)
    old = {"case": "pair", "left": one.left, "right": other.right}
    desk.store.decide("different", one.left, other.right, user="lena", reason="rang both")
    client = desk.client()
    found = client.get(f"/case?{urlencode(old)}")
    assert found.status_code == 404
    home = desk.store.homes_of([one.left])[one.left]["golden_id"]
    for word in ("not in the queue any more", "two customers", "rang both", f"/customers/{home}", "/history?record="):
        assert word in found.text
    nobody = client.get(f"/case?{urlencode({**old, 'right': 'shop:nobody', 'left': 'shop:no'})}")
    assert (nobody.status_code, "Sign out" in nobody.text, "/history?record" in nobody.text) == (404, True, False)
    assert "Sign out" in client.get("/nowhere").text
    assert "Sign out" not in desk.client(None).get("/nowhere").text
    desk.store.change_user("stella", limits='{"departments": ["nobody\'s"]}')
    assert "rang both" not in client.get(f"/case?{urlencode(old)}").text


def test_a_case_of_one_customer_says_what_an_answer_does(desk: Opened) -> None:
    """Both records are one customer already: S keeps them together, D takes them apart."""
    row = desk.store.queue(Filter(kind="cluster"), 1)[0]
    page = desk.client().get(f"/case?{urlencode(Case.of(row).asked())}").text
    for word in ("They are one customer now", "keeps these two together", "takes them apart"):
        assert word in page
    row = desk.store.queue(Filter(kind="pair"), 1)[0]
    assert "They are one customer now" not in desk.client().get(f"/case?{urlencode(Case.of(row).asked())}").text
