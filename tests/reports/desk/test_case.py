"""Cases in a real browser: one key decides, the next is there, undo takes back."""

import time
from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

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
    decided, answered = [], []
    page.on("requestfinished", lambda request: answered.append(request.url) if request.method == "POST" else None)
    for key in ("s", "δ", "r", "k"):
        decided.append(shown(page))
        with page.expect_response("**/case/skip" if key == "k" else "**/case/answer"):
            press(page, key)
        another(page, decided[-1])
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
    """Whoever comes second is given another case and is told who is on it; a late decision is refused, not lost; a page
    that comes back from sleep drops what others decided, and one that is left gives its cases back.
    """
    one, other = window("stella"), window("stavros")
    with one.expect_response(lambda answer: answer.url.count("but=") == 2):
        one.goto("/decide")
    first, ahead = shown(one), desk.case(1)
    other.goto("/decide")
    assert shown(other) not in (first, ahead, desk.case(2)), "hers, and those that are fetched for her"
    other.goto(f"/case?case={first.kind}&left={first.left}&right={first.right}")
    assert "stella is on this case now" in other.locator("main").inner_text()
    desk.store.let_go("stella")
    other.goto(f"/case?case={first.kind}&left={first.left}&right={first.right}")
    other.wait_for_timeout(UNSEEN)
    with other.expect_response("**/case/answer"):
        other.keyboard.press("d")
    desk.store.decide("different", ahead.left, ahead.right, user="stavros")
    with one.expect_response("**/case/answer") as answer:
        one.keyboard.press("s")
    assert answer.value.status == 409
    said = one.locator("#said .bad")
    said.wait_for()
    assert "stavros decided this case" in said.inner_text()
    assert [d["kind"] for d in desk.store.decisions().to_pylist()] == ["different", "different"]
    assert shown(one) == ahead
    with one.expect_response("**/decide/beat"):
        one.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    one.get_by_text("It is decided meanwhile").wait_for()
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
    one, other = window("stella"), window("stavros")
    with one.expect_response(lambda answer: answer.url.count("but=") == 2):
        one.goto("/decide")
    first, ahead, later = shown(one), desk.case(1), desk.case(2)
    busy = {(row["left"], row["right"]): row["claimed"] for row in desk.store.queue(Filter(), 3)}
    assert busy == {first[1:]: "stella", ahead[1:]: None, later[1:]: None}
    for case in (later, ahead):
        other.goto(f"/case?{urlencode(case.asked())}")
        assert "on this case now" not in other.locator("main").inner_text()
        assert other.get_by_role("button", name="Different").is_enabled()
    with one.expect_response("**/case/answer"):
        one.keyboard.press("s")
    another(one, first)
    assert shown(one) == ahead
    one.get_by_text("stavros is on it now").wait_for()
    with other.expect_response("**/case/answer"):
        other.keyboard.press("d")
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
    assert stella.post("/decide/beat", data=both).json() == {"lost": {}}
    page = stavros.get(f"/case?{urlencode(open_.asked())}").text
    assert "stella is on this case now" in page
    page = stavros.get(f"/case?{urlencode(ahead.asked())}").text
    assert "on this case now" not in page
    assert stella.post("/decide/beat", data=both).json() == {"lost": {"\t".join(ahead): "stavros is on it now."}}
