"""No mouse, and nothing but what a screen reader says: a case and a customer's records, from the first key to undo."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlencode

import pytest

from connectors.store.desk.filter import Case, Filter
from reports.desk.beside import Two
from reports.desk.view import in_short
from tests.reports.desk.firm import Opened
from tests.reports.desk.test_case import UNSEEN, another, shown
from tests.reports.desk.test_whole import of_two

pytestmark = pytest.mark.browser
MOST = 80
"""Tabs until one gives up."""


def focused(page: Any) -> str:
    """What has the focus: its role or element, and its name."""
    told: str = page.evaluate(
        """() => { const at = document.activeElement;
        return `${at.tagName.toLowerCase()} ${at.ariaLabel ?? at.labels?.[0]?.textContent ?? at.textContent}`
            .replace(/\\s+/g, ' ').trim() }"""
    )
    return told


def tab_to(page: Any, begins: str) -> None:
    """Tab until the focus is on something that is told so."""
    for _ in range(MOST):
        page.keyboard.press("Tab")
        if focused(page).startswith(begins):
            return
    pytest.fail(f"{begins} is not reached by Tab; the focus is on {focused(page)}")


def heard(page: Any, text: str) -> None:
    """Waits until a live region says it."""
    page.get_by_role("status").filter(has_text=text).first.wait_for()


def decides(page: Any, key: str) -> None:
    """A key that decides the case on the page; the focus is on the heading of the next one then."""
    before = shown(page)
    page.keyboard.press(key)
    another(page, before)
    assert focused(page).startswith("h1 Is this one customer?")


def names(desk: Opened, case: Case) -> str:
    return " and ".join(" ".join(desk.service.records([key])[key].name.split()) for key in case[1:])


def called(desk: Opened, case: Case) -> str:
    return in_short(*(desk.service.records([key])[key].name for key in case[1:]))


def made(desk: Opened) -> list[tuple[str, str | None]]:
    return [(row["kind"], row["reason"]) for row in desk.store.decisions().to_pylist()]


def test_a_case_by_keys_alone(
    desk: Opened, window: Callable[..., Any], monkeypatch: pytest.MonkeyPatch
) -> None:  # fmt: skip
    """Each answer says what it does; after each the heading of the next case has the focus and a live region says what
    was done. An answer that other records speak against is asked for twice. Undo brings the case back and says what was
    taken back, and once more the one before it; a reason, a comment and a colleague are told without leaving the
    keyboard.
    """
    page, first = window(), desk.case()
    with page.expect_response(lambda answer: answer.url.count("but=") == 2):
        page.goto("/decide")
    page.wait_for_timeout(UNSEEN)
    told = page.locator("main").aria_snapshot()
    assert f'heading "Is this one customer? {names(desk, first)}" [level=1]' in told
    for name in ("Same S", "Different D", "Related R", "Skip K", "To a colleague G", "Undo U", "Keys ?"):
        assert f'button "{name}"' in told
    buttons = page.locator("[data-answers] button[name=answer]")
    assert all(buttons.nth(n).get_attribute("title") for n in range(buttons.count()))
    decides(page, "s")
    heard(page, f"{called(desk, first)}: the same customer")
    assert names(desk, shown(page)) in focused(page)
    with page.expect_navigation():
        page.keyboard.press("u")
    heard(page, f"Taken back: the same customer ({called(desk, first)})")
    assert (shown(page), made(desk)) == (first, [])
    page.wait_for_timeout(UNSEEN)
    page.keyboard.press("w")
    page.keyboard.type("two sisters")
    page.keyboard.press("Enter")
    assert focused(page) == "form Your decision"
    decides(page, "d")
    heard(page, "Two customers")
    decides(page, "r")
    heard(page, "Related, two customers")
    decides(page, "k")
    heard(page, "Laid aside until tomorrow")
    assert made(desk) == [("different", "two sisters"), ("related", "")]
    for done in ("laid aside until tomorrow", "related, two customers"):
        assert f"Take back: {done}" in str(page.locator("[data-undo]").get_attribute("title"))
        with page.expect_navigation():
            page.keyboard.press("u")
        heard(page, f"Taken back: {done} ({called(desk, shown(page))})")
    assert made(desk) == [("different", "two sisters")]
    page.keyboard.press("c")
    assert focused(page) == "input Comment"
    page.keyboard.type("Rang them")
    page.keyboard.press("Enter")
    page.get_by_text("Rang them").wait_for()
    page.wait_for_function("() => document.activeElement.matches('.talk')")
    page.keyboard.press("g")
    page.keyboard.press("Escape")
    assert focused(page) == "section Comments", "where it was"
    page.keyboard.press("g")
    place = page.locator(".give input[name=other]").evaluate_all("all => all.findIndex(one => one.value === 'stavros')")
    page.keyboard.press(str(place + 1))
    assert focused(page) == "input stavros"
    page.keyboard.press("Tab")
    page.keyboard.type("You know them")
    given = shown(page)
    decides(page, "Enter")
    heard(page, "Given to stavros")
    assert [a["text"] for a in desk.store.acts(action="assign", case=given)] == ["You know them"]
    case, one, _ = of_two(desk)
    monkeypatch.setattr("reports.desk.beside._facts", lambda *_: (Two("tax_id", (one[0], "GB1"), (case.right, "GB2")),))
    page.goto(f"/case?{urlencode(case.asked())}")
    page.wait_for_timeout(UNSEEN)
    page.keyboard.press("a")
    heard(page, "Really all")
    assert desk.store.is_open(case)
    page.wait_for_timeout(450)
    with page.expect_response("**/case/answer") as answer:
        page.keyboard.press("a")
    assert answer.value.ok


def test_the_golden_record_by_keys_alone(desk: Opened, window: Callable[..., Any]) -> None:
    """B opens it and the focus goes there; another source's value is chosen and one is typed: each is said, and the
    focus is at that field.
    """
    page = window()
    row = next(r for r in desk.store.queue(Filter(), 100) if r["kind"] == "pair")
    page.goto(f"/case?case={row['kind']}&left={row['left']}&right={row['right']}")
    page.keyboard.press("b")
    assert focused(page).startswith("summary The golden record")
    page.locator(".golden").wait_for()
    summary = page.locator(".golden tr[data-field]:has(.lost) .change summary").first.text_content()
    field = f"summary {' '.join(summary.split())}"
    assert field.startswith("summary Change ")
    tab_to(page, field)
    page.keyboard.press("Enter")
    tab_to(page, "input Reason")
    page.keyboard.press("Tab")
    assert focused(page).startswith("button ")
    chosen = focused(page).removeprefix("button ")
    page.keyboard.press("Enter")
    heard(page, "Set. It is in the golden table with the next run")
    page.wait_for_function("() => document.activeElement.matches('summary')")
    assert focused(page) == field
    assert [d["value"] for d in desk.store.decisions().to_pylist()] == [chosen]
    tab_to(page, "summary Change city")
    page.keyboard.press("Enter")
    tab_to(page, "input Type it")
    page.keyboard.press("ControlOrMeta+a")
    page.keyboard.type("Evangelista")
    page.keyboard.press("Enter")
    page.locator(".golden .won", has_text="Evangelista").wait_for()
    page.wait_for_function("() => document.activeElement.matches('summary')")
    assert focused(page) == "summary Change city"


def test_a_customer_by_keys_alone(desk: Opened, window: Callable[..., Any]) -> None:
    """From its case by O: numbers mark, and that is said; Enter in the reason decides nothing; X takes out, the heading
    says that it is decided and has the focus; U takes back; P makes two customers; Enter leads to the next case.
    """
    page = window()
    row = desk.store.queue(Filter(kind="cluster"), 1)[0]
    page.goto(f"/case?case={row['kind']}&left={row['left']}&right={row['right']}&kind=cluster")
    with page.expect_navigation():
        page.keyboard.press("o")
    assert 'heading "Is this one customer?" [level=1]' in page.locator("main").aria_snapshot()
    for answer, back in (("x", "u"), ("p", "")):
        page.wait_for_selector("[data-part=rest] .golden")
        page.keyboard.press("1")
        heard(page, "is marked: 1 of")
        page.wait_for_selector("[data-part=marked] .golden")
        page.keyboard.press("w")
        page.keyboard.type("her sister")
        page.keyboard.press("Enter")
        assert made(desk) == []
        with page.expect_navigation():
            page.keyboard.press(answer)
        assert focused(page) == "h1 This is decided"
        assert ("split", "her sister") in made(desk)
        if back:
            page.wait_for_selector("[data-part=marked] .golden")
            with page.expect_navigation():
                page.keyboard.press(back)
            assert made(desk) == []
    page.wait_for_selector("[data-part=marked] .golden")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.url.endswith("/decide?kind=cluster")
    page.goto("/queue")
    page.keyboard.press("?")
    told = page.get_by_role("dialog", name="Keys").inner_text()
    assert all(word in told for word in ("Find a customer", "Go through the list", "As a batch", "These keys"))
    page.keyboard.press("Escape")
    assert page.get_by_role("dialog").count() == 0
