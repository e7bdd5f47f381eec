"""Cases in a real browser: one key decides, the next is there, undo takes back."""

from collections.abc import Callable
from typing import Any

import pytest

from connectors.store.desk.filter import Case, Filter
from tests.reports.desk.firm import Opened

pytestmark = pytest.mark.browser


def shown(page: Any) -> Case:
    """The case on the page."""
    return Case(*page.locator("[data-case]").get_attribute("data-case").split("\t"))


@pytest.mark.parametrize(("key", "kind"), [("s", "same"), ("d", "different"), ("r", "related")])
def test_one_key_decides_and_the_next_case_is_there(
    desk: Opened, window: Callable[..., Any], key: str, kind: str
) -> None:
    """The decision is on record under the steward's name, and the page shows the next most valuable case."""
    page = window()
    page.goto("/work")
    first = shown(page)
    page.wait_for_load_state("networkidle")
    with page.expect_response("**/case/answer"):
        page.keyboard.press(key)
    page.wait_for_function(
        "before => document.querySelector('[data-case]').dataset.case !== before", arg="\t".join(first)
    )
    made = desk.store.decisions().to_pylist()
    assert [(d["kind"], d["user"]) for d in made] == [(kind, "stella")]
    assert {f"{made[0]['left_source']}:{made[0]['left_id']}", f"{made[0]['right_source']}:{made[0]['right_id']}"} == {
        first.left, first.right,
    }  # fmt: skip
    assert shown(page) != first
    assert not desk.store.is_open(first)
    assert first not in [Case(r["kind"], r["left"], r["right"]) for r in desk.store.queue(Filter(), 500)]


def test_undo_brings_the_case_back(desk: Opened, window: Callable[..., Any]) -> None:
    """What was decided is decided no more, and both acts stay on record."""
    page = window()
    page.goto("/work")
    first = shown(page)
    page.wait_for_load_state("networkidle")
    with page.expect_response("**/case/answer"):
        page.keyboard.press("s")
    page.wait_for_function("document.querySelector('[data-undo]:not([disabled])') !== null")
    with page.expect_navigation():
        page.keyboard.press("u")
    assert shown(page) == first
    assert desk.store.decisions().num_rows == 0
    assert [act["action"] for act in desk.store.acts()] == ["undo", "answer"]


def test_two_people_on_one_case(desk: Opened, window: Callable[..., Any]) -> None:
    """Whoever comes second is told who is on it, is given another case, and a late decision is refused, not lost."""
    one, other = window("stella"), window("stavros")
    one.goto("/work")
    first = shown(one)
    other.goto("/work")
    assert shown(other) != first
    desk.store.let_go("stella")
    other.goto(f"/case?case={first.kind}&left={first.left}&right={first.right}")
    other.keyboard.press("d")
    other.wait_for_function(
        "before => document.querySelector('[data-case]').dataset.case !== before", arg="\t".join(first)
    )
    other.wait_for_load_state("networkidle")
    with one.expect_response("**/case/answer") as answer:
        one.keyboard.press("s")
    assert answer.value.status == 409
    said = one.locator("#said .bad")
    said.wait_for()
    assert "stavros decided this case" in said.inner_text()
    assert [d["kind"] for d in desk.store.decisions().to_pylist()] == ["different"]
