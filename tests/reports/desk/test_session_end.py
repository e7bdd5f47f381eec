"""A session that ends while somebody types: it is said, and nothing that was typed is lost, nor anybody else's."""

from collections.abc import Callable
from typing import Any

import pytest
from sqlalchemy import delete

from connectors.store import tables
from connectors.store.desk import passwords
from tests.reports.desk.firm import PASSWORD, Opened
from tests.reports.desk.test_colleagues import address


@pytest.fixture(autouse=True)
def quick(monkeypatch: pytest.MonkeyPatch) -> None:
    """Argon2 takes its time on purpose; here only one password is right."""
    monkeypatch.setattr(passwords, "right", lambda password, kept: kept is not None and password == PASSWORD)


def ended(desk: Opened) -> None:
    """Every session ends."""
    with desk.store.writing() as connection:
        connection.execute(delete(tables.sessions))


def sign_in(page: Any, name: str) -> None:
    """On the page that says why one must."""
    page.get_by_text("Your session ended").wait_for()
    page.get_by_label("Name").fill(name)
    page.get_by_label("Password").fill(PASSWORD)
    page.get_by_role("button", name="Sign in", exact=True).click()


@pytest.mark.browser
def test_nothing_that_was_typed_is_lost(desk: Opened, window: Callable[..., Any]) -> None:
    """The reason of an answer, a comment and a value: after signing in again they stand where they were typed, on the
    same case, and nothing was recorded meanwhile; whoever else signs in there finds none of it.
    """
    page, case = window(), desk.case(3)
    page.goto(address(case))
    page.get_by_label("Why").fill("he called us: two people")
    page.wait_for_timeout(200)  # a case that nobody can have read takes no answer
    ended(desk)
    page.keyboard.press("Enter")
    page.keyboard.press("d")
    page.get_by_text("What you typed is kept").wait_for()
    sign_in(page, "stella")
    page.get_by_text("Your answer was not recorded: press it again. What you typed is still here").wait_for()
    assert page.get_by_label("Why").input_value() == "he called us: two people"
    assert desk.store.acts(case=case) == []
    page.wait_for_timeout(200)
    with page.expect_response("**/case/answer") as answer:
        page.keyboard.press("d")
    assert answer.value.ok
    act = desk.store.acts(case=case)[0]
    assert (act["answer"], act["text"]) == ("different", "he called us: two people")

    page.goto(address(desk.case(5)))
    page.get_by_role("textbox", name="Comment").fill("ask the yard")
    ended(desk)
    page.keyboard.press("Enter")
    sign_in(page, "stella")
    page.get_by_text("what you typed is still here").wait_for()
    assert page.get_by_role("textbox", name="Comment").input_value() == "ask the yard"

    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    ended(desk)
    page.evaluate("document.dispatchEvent(new Event('visibilitychange'))")
    page.get_by_text("Your session ended: sign in again").wait_for()
    page.locator("#said a").click()
    sign_in(page, "stavros")
    page.locator(".me b", has_text="stavros").wait_for()
    assert page.get_by_role("textbox", name="Comment").input_value() == ""
    assert page.evaluate("sessionStorage.getItem('kept')") is None


@pytest.mark.browser
def test_a_value_that_was_typed_into_a_golden_record_is_kept(desk: Opened, window: Callable[..., Any]) -> None:
    """It is one field of many that look alike: it comes back into the right one, which is open again."""
    home = desk.store.homes_of([desk.case().left])[desk.case().left]
    page = window()
    page.goto(f"/golden?id={home['golden_id']}")
    row = page.locator("[data-field=city]")
    row.locator("summary").click()
    row.get_by_label("Type it").fill("Bari Vecchia")
    ended(desk)
    row.get_by_role("button", name="Set", exact=True).click()
    sign_in(page, "stella")
    page.get_by_text("what you typed is still here").wait_for()
    assert row.get_by_label("Type it").input_value() == "Bari Vecchia"
    row.get_by_role("button", name="Set", exact=True).click()
    page.locator("[data-field=city].chosen", has_text="Bari Vecchia").wait_for()
    assert page.evaluate("sessionStorage.getItem('kept')") is None
