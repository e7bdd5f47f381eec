"""What was decided goes into the golden table at once: no source is read, and the next night has nothing to add."""

import time
from collections.abc import Callable
from typing import Any

import pytest

from connectors import workspace as workspaces
from connectors.store import lock
from pipelines import runner
from reports.desk.services import Rerun
from tests.pipelines import judged
from tests.reports.desk.firm import Opened
from tests.reports.desk.test_cluster import largest


@pytest.fixture(autouse=True)
def quick() -> Any:
    with judged.once():
        yield


def over(desk: Opened) -> Rerun:
    """The re-run, once it has ended."""
    for _ in range(600):
        found = desk.service.rerunning()
        if found and not found.running:
            return found
        time.sleep(0.05)
    pytest.fail("the re-run did not end")


def golden(desk: Opened, golden_id: str) -> dict[str, Any]:
    row: dict[str, Any] = desk.store.golden(ids=[golden_id]).to_pylist()[0]
    return row


def test_decisions_are_published_at_once_and_hold_the_next_night(desk: Opened) -> None:
    """One wrong among several, and a value that a person chose: after the re-run the wrong one is its own customer, the
    rest is one with that value; a night that reads everything again publishes nothing, and changes nothing.
    """
    client, (golden_id, keys) = desk.client(), largest(desk)
    before, (wrong, *rest) = desk.store.runs().num_rows, keys
    told = {"answer": "take_out", "marked": wrong, "seen": 0}
    assert client.post(f"/clusters/{golden_id}/decide", data=told).status_code == 303
    value = {"field": "city", "value": "Thessaloniki", "record": rest[0]}
    assert client.post(f"/golden/value?id={golden_id}", data=value).status_code == 303
    assert {golden_id} == {home["golden_id"] for home in desk.store.homes_of(keys).values()}
    assert desk.store.decided_since() == 2
    (desk.root / "inbox").rename(desk.root / "elsewhere")  # nobody reads a source
    assert client.post(f"/rerun?id={golden_id}").headers["location"] == f"/rerun?id={golden_id}"
    found = over(desk)
    assert (found.state, found.user, found.done) == ("published", "stella", 1.0)
    assert sorted(found.became, key=lambda one: -one[1])[0] == (golden_id, len(rest))
    homes = {key: home["golden_id"] for key, home in desk.store.homes_of(keys).items()}
    assert {homes[key] for key in rest} == {golden_id} != {homes[wrong]}
    assert golden(desk, golden_id)["city"] == "Thessaloniki"
    page = client.get(f"/rerun?id={golden_id}").text
    assert "These records are 2 customers" in page
    assert "at once:" not in page
    assert 'href="/history"' in page
    assert desk.store.decided_since() == 0
    assert "is not the customer" not in client.get(f"/clusters/{golden_id}").text
    (desk.root / "elsewhere").rename(desk.root / "inbox")
    assert runner.run(workspaces.read(desk.root)).status == "unchanged"
    assert desk.store.runs().num_rows == before + 2
    assert {key: home["golden_id"] for key, home in desk.store.homes_of(keys).items()} == homes
    assert client.post(f"/rerun?id={golden_id}").status_code == 303
    assert over(desk).state == "unchanged"


def test_while_a_run_is_under_way_it_is_refused_in_words(desk: Opened) -> None:
    """The lock of the night holds for the desk as well; nothing is begun behind its back."""
    client, (golden_id, _), runs = desk.client(), largest(desk), desk.store.runs().num_rows
    with lock.held(desk.root / "var" / "run.lock"):
        client.post(f"/rerun?id={golden_id}")
        assert over(desk).state == "refused"
    assert "Another run of the whole table is under way" in client.get(f"/rerun?id={golden_id}").text
    assert desk.store.runs().num_rows == runs


def test_where_more_has_changed_than_decisions_it_waits_for_the_night(desk: Opened) -> None:
    """Rules that were edited meanwhile would be published with it, without anybody having asked for that."""
    (desk.root / "rules").mkdir(exist_ok=True)
    (desk.root / "rules" / "survivorship.yml").write_text("losers: 3\n", "utf-8")
    golden_id, _ = largest(desk)
    desk.client().post(f"/rerun?id={golden_id}")
    assert "rules or settings changed" in over(desk).told
    assert desk.store.runs().num_rows == 1


@pytest.mark.browser
def test_the_page_follows_it_never_begins_two_and_tells_what_a_gate_holds(
    desk: Opened, window: Callable[..., Any]
) -> None:
    """The button becomes progress and then the outcome, by itself; a second one asked for meanwhile is not begun. What
    a gate holds is not published, and the page says which and what can be done.
    """
    settings, (golden_id, keys) = desk.root / "goldseam.yml", largest(desk)
    others = {row["golden_id"] for row in desk.store.crosswalk().to_pylist()} - {golden_id, None}
    settings.write_text(f"{settings.read_text('utf-8')}\ngates: {{cluster: {len(keys)}}}\n", "utf-8")
    page, runs = window(), desk.store.runs().num_rows
    page.goto(f"/clusters/{golden_id}?other={min(others)}")
    with page.expect_navigation():
        page.keyboard.press("s")
    page.get_by_role("button", name="Publish now").click()
    page.locator(".rerun progress").wait_for()
    assert desk.service.rerun([golden_id], "stavros").user == "stella"
    page.locator(".rerun .problem").wait_for(timeout=30_000)
    told = page.locator(".rerun").inner_text()
    assert "Held by a gate, nothing was published" in told
    assert "goldseam publish" in told
    assert (desk.store.runs().num_rows, desk.store.version()) == (runs + 1, 1)
