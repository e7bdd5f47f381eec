"""Look-up: a customer found by any value, and all there is to know of them, by whoever may know it."""

from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import pytest
from sqlalchemy import insert

from connectors.store import tables
from connectors.store.decisions import wanted
from connectors.store.desk.acts import Act
from connectors.store.desk.audit import Noted
from tests.reports.desk.firm import Opened


@pytest.fixture
def someone(desk: Opened) -> dict[str, Any]:
    """The customer of most records who has an e-mail and a telephone."""
    rows = [row for row in desk.store.golden().to_pylist() if row["email"] and row["phone"] and row["surname"]]
    found: dict[str, Any] = max(rows, key=lambda row: (row["records"], row["golden_id"]))
    return found


def test_any_value_finds_a_customer(desk: Opened, someone: dict[str, Any]) -> None:
    """A name without accents, an e-mail, a golden id and a record all lead there; what nobody has is said so."""
    client = desk.client("stella")
    address = f"/customers/{someone['golden_id']}"
    phone = someone["phone"].lstrip("+")
    dialled = (f"00{phone}", f"+{phone[:2]} ({phone[2:5]}) {phone[5:]}", f"0{phone[2:]}", someone["phone"])
    for text in (someone["email"], someone["surname"].upper(), *dialled):
        assert f'href="{address}"' in client.get("/customers", params={"text": text}).text
    assert client.get("/customers", params={"text": someone["golden_id"]}).headers["location"] == address
    key = desk.service.members(someone["golden_id"])[0]
    to = client.get("/customers", params={"text": key}).headers["location"]
    assert client.get(to).headers["location"] == f"{address}#{quote(key)}"
    assert "No published customer has all of these words" in client.get("/customers?text=qqqxqqq").text
    assert "Write any value" in client.get("/customers").text


def test_a_page_holds_all_there_is_of_a_customer(desk: Opened, someone: dict[str, Any]) -> None:
    """Golden record with its sources, every record as it stood, contact points, life, decisions; and it is noted."""
    keys = desk.service.members(someone["golden_id"])
    desk.store.decide("same", keys[0], keys[1], user="maria", reason="same e-mail")
    page = desk.client("stella").get(f"/customers/{someone['golden_id']}").text
    for key, record in desk.service.records(keys).items():
        assert f'id="{key}"' in page
        assert record.place in page
    for word in (someone["email"], "all who say it agree", "Created from", "same e-mail", "are one customer"):
        assert word in page, word
    noted = desk.store.noted(Noted(subjects=(someone["golden_id"],)))
    assert [(n["user"], n["action"]) for n in noted] == [("stella", "customer seen")]


def test_a_viewer_sees_no_masked_value(desk: Opened, someone: dict[str, Any]) -> None:
    """Neither on the page, nor in its history, nor by trying in the search whether somebody has it."""
    keys = desk.service.members(someone["golden_id"])
    desk.store.act(Act("stella", "value", None, (value_of(keys[0], "email", "new@mail.example"),)))
    client = desk.client("vera")
    hidden = {someone["email"], "new@mail.example"}
    for path in (f"/customers/{someone['golden_id']}", "/history", f"/customers?text={quote(someone['display_name'])}"):
        text = client.get(path).text
        assert not [value for value in hidden if value in text], path
    assert f'href="/customers/{someone["golden_id"]}"' in text
    assert "No published customer" in client.get("/customers", params={"text": someone["email"]}).text


def test_customers_outside_a_persons_limits_are_nobodys(desk: Opened, someone: dict[str, Any]) -> None:
    """Their page, their records, their history and what a search finds: as if they were not there."""
    desk.store.change_user("stella", limits='{"departments": ["no such department"]}')
    client, key = desk.client("stella"), desk.service.members(someone["golden_id"])[0]
    source, _, record = key.partition(":")
    for path in (f"/customers/{someone['golden_id']}", f"/records/{source}/{quote(record, safe='')}",
                 f"/history?record={someone['golden_id']}"):  # fmt: skip
        assert client.get(path).status_code == 404, path
    assert "No published customer" in client.get("/customers", params={"text": someone["surname"]}).text


def test_an_id_that_was_merged_away_leads_on_and_a_retired_one_says_so(desk: Opened, someone: dict[str, Any]) -> None:
    """A golden id resolves for ever: to whoever stands for it, or to the end of the story."""
    ended(desk, "GONE1", "superseded", someone["golden_id"])
    ended(desk, "GONE2", "retired", None)
    client = desk.client("stella")
    page = client.get("/customers/GONE1").text
    assert "You asked for GONE1" in page
    assert someone["email"] in page
    assert "No record holds this customer any more" in client.get("/customers/GONE2").text
    assert client.get("/customers/GONE3").status_code == 404


def test_a_quarantined_record_is_shown_where_it_waits(desk: Opened) -> None:
    """A record that was never anybody's leads to the quarantine."""
    rows = [r for r in desk.store.crosswalk().to_pylist() if r["state"] == "quarantined" and not r["golden_id"]]
    key = f"{rows[0]['source']}:{rows[0]['record_id']}"
    answer = desk.client("stella").get(f"/records/{rows[0]['source']}/{quote(rows[0]['record_id'], safe='')}")
    assert answer.headers["location"] == f"/quarantine/row?key={quote(key, safe='')}"


def value_of(key: str, field: str, value: str) -> dict[str, Any]:
    return wanted("value", key, field=field, value=value)


def ended(desk: Opened, golden_id: str, state: str, to: str | None) -> None:
    """A golden id that ended with the last publication."""
    with desk.store.writing() as connection:
        row = {"cursor": 10**6 + hash(golden_id) % 10**6, "golden_id": golden_id, "from_version": 1}
        connection.execute(insert(tables.golden).values(**row, state=state, resolves_to=to))


@pytest.mark.browser
def test_a_customer_is_found_by_keys_alone(desk: Opened, window: Callable[..., Any], someone: dict[str, Any]) -> None:
    """`/`, a word, Enter, an arrow, Enter: the customer; then the history, from which a decision is taken back."""
    keys = desk.service.members(someone["golden_id"])
    desk.store.act(Act("stella", "answer", None, (wanted("same", *keys[:2]),), answer="same"))
    page = window()
    page.goto("/queue")
    page.keyboard.press("/")
    page.keyboard.type(someone["email"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/customers?text=*")
    page.keyboard.press("Escape")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url(f"**/customers/{someone['golden_id']}")
    assert page.locator("h1").inner_text() == someone["display_name"]
    page.get_by_role("button", name="Undo act 1").press("Enter")
    page.locator(".deeds .undone").wait_for()
    assert desk.store.decisions().num_rows == 0
