"""The golden record as it will be: who wins and why, another value chosen or typed, shown at once, taken back."""

import html
import re
from collections.abc import Callable
from typing import Any

import pytest

from connectors.store.desk.filter import Case, Filter
from pipelines import decide, quarantine
from tests.reports.desk.firm import Opened
from tests.reports.desk.test_cluster import largest

HTMX = {"hx-request": "true"}


def values(desk: Opened) -> list[tuple[str, str, str]]:
    """Decided values: field, value, who."""
    rows = desk.store.decisions().to_pylist()
    return [(row["field"], row["value"], row["user"]) for row in rows if row["kind"] == "value"]


def test_each_field_has_its_value_its_reason_and_what_it_beat(desk: Opened) -> None:
    """A customer's golden record is the published one; with a record left out it is made of the others."""
    client, (golden_id, keys) = desk.client(), largest(desk)
    page = client.get(f"/golden?id={golden_id}", headers=HTMX).text
    published = desk.store.golden(ids=[golden_id]).to_pylist()[0]
    for field in ("surname", "city", "postcode", "country"):
        assert not published[field] or f"<bdi>{published[field]}</bdi>" in page, field
    assert "<html" not in page
    assert re.search(r"all who say it agree|nobody says otherwise|best explains", page)
    without = client.get("/golden", params={"id": golden_id, "marked": keys[:1], "part": "rest"}, headers=HTMX).text
    assert f"{len(keys) - 1}\u00a0records" in without
    assert keys[0] not in re.sub(r"marked=[^\"&]+", "", without)
    none = client.get("/golden", params={"id": golden_id, "part": "marked"}, headers=HTMX).text
    assert "No record is left" in none


def test_a_pair_as_if_it_were_one_customer(desk: Opened) -> None:
    """Of a case of two customers: one golden record of all records of both."""
    for row in desk.store.queue(Filter(kind="pair"), 100):
        homes = {home["golden_id"] for home in desk.store.homes_of([row["left"], row["right"]]).values()}
        if len(homes) == 2:
            break
    case = {"case": row["kind"], "left": row["left"], "right": row["right"]}
    page = desk.client().get("/golden", params=case, headers=HTMX).text
    assert f"{sum(len(desk.service.members(g)) for g in homes)}\u00a0records" in page
    shown = desk.client().get("/case", params=case).text
    assert all(word in shown for word in ('hx-get="/golden?', 'data-key="b"', 'data-key="o"'))


def test_a_value_that_is_none_is_refused_with_how_to_write_it(desk: Opened) -> None:
    """The sentence stands at the field, with what was written; nothing is decided. A record of somebody else, or a
    viewer, decides nothing.
    """
    client, (golden_id, keys) = desk.client(), largest(desk)
    told = {"field": "birth_date", "value": "yesterday", "record": keys[0]}
    answer = client.post(f"/golden/value?id={golden_id}", data=told)
    assert answer.status_code == 422
    assert "Write it as 1990-02-28" in answer.text
    assert "Write it as" in client.post(f"/golden/value?id={golden_id}", data=told, headers=HTMX).text
    nowhere = {**told, "field": "country", "value": "Narnia", "reason": "by letter"}
    page = client.post(f"/golden/value?id={golden_id}", data=nowhere, headers=HTMX).text
    row = page.split('data-field="country"')[1].split("</tr>")[0]
    assert all(part in row for part in ('role="alert"', 'value="Narnia"', 'value="by letter"', " autofocus", " open>"))
    assert page.count('role="alert"') == 1
    country = desk.store.golden(ids=[golden_id]).to_pylist()[0]["country"]
    assert country
    code = client.post(f"/golden/value?id={golden_id}", data={**told, "field": "postcode", "value": "9"})
    assert (code.status_code, f"is no postcode of {country}" in code.text) == (422, True)
    with pytest.raises(quarantine.Refused, match=f"is no postcode of {country}"):
        decide.value(desk.service.workspace, desk.store, keys[0], "postcode", "9", "maria", "")
    assert client.post(f"/golden/value?id={golden_id}", data={**told, "field": "nose"}).status_code == 422
    stranger = {"field": "city", "value": "Volos", "record": "sales:0"}
    assert client.post(f"/golden/value?id={golden_id}", data=stranger).status_code == 404
    vera = desk.client("vera")
    assert vera.post(f"/golden/value?id={golden_id}", data={**told, "field": "city"}).status_code == 403
    assert "•••" in vera.get(f"/golden?id={golden_id}").text
    assert "/golden/value" not in vera.get(f"/golden?id={golden_id}").text
    assert values(desk) == []


def test_a_customer_outside_ones_limits_is_not_there(desk: Opened) -> None:
    """Whoever is limited to a department gets no golden record of others, however it is asked for."""
    desk.store.change_user("stavros", limits='{"departments": ["nobody"], "countries": []}')
    client, (golden_id, keys) = desk.client("stavros"), largest(desk)
    case: Case = Case(*(desk.store.queue(Filter(), 1)[0][n] for n in ("kind", "left", "right")))
    for asked in (
        {"id": golden_id}, {"case": case.kind, "left": case.left, "right": case.right},
        {"id": golden_id, "case": case.kind, "left": case.left, "right": case.right},
    ):  # fmt: skip
        assert client.get("/golden", params=asked).status_code == 404
    assert client.get(f"/clusters/{golden_id}").status_code == 404
    assert client.post(f"/rerun?id={golden_id}").status_code == 404
    told = {"answer": "take_out", "marked": keys[:1], "seen": 0}
    assert client.post(f"/clusters/{golden_id}/decide", data=told).status_code == 404


def test_a_value_says_whether_it_was_typed_or_chosen_and_why(desk: Opened) -> None:
    """With the reason where one was given; what only a source can change says so, and the way back is there."""
    ids = sorted({row["golden_id"] for row in desk.store.crosswalk().to_pylist() if row["state"] == "active"})
    known = [(one, field) for one in map(desk.service.published, ids) if one for field in one.fields]
    golden_id, field = next(
        (one.golden_id, field.field) for one, field in known
        if field.losers and field.field in ("given_name", "surname", "organisation_name", "street", "city")
    )  # fmt: skip
    client, keys = desk.client(), desk.service.members(golden_id)
    page = client.get(f"/golden?id={golden_id}").text
    assert f'href="/customers/{golden_id}" data-key="ArrowLeft"' in page
    agreed = [field for _, field in known if field.rule in ("only", "agreed")]
    assert agreed
    assert [field for field in agreed if field.losers] == [], "who was beaten did not agree"
    numbered = next(one.golden_id for one, f in known if f.field == "customer_no")
    assert "as in its source" in client.get(f"/golden?id={numbered}").text
    row = page.split(f'data-field="{field}"')[1].split("</tr>")[0]
    chosen = re.findall(r'name="chosen" value="([^"]+)"', row)[0]
    data = {"field": field, "value": "", "record": keys[0], "chosen": html.unescape(chosen), "reason": "by letter"}
    assert client.post(f"/golden/value?id={golden_id}", data=data).status_code == 303
    assert values(desk) == [(field, html.unescape(chosen).partition("\t")[2], "stella")]
    assert re.search(r"stella chose it on [\d-]+: by letter", client.get(f"/golden?id={golden_id}").text)
    typed = {"field": "city", "value": "Volos", "record": keys[0]}
    assert client.post(f"/golden/value?id={golden_id}", data=typed).status_code == 303
    page = client.get(f"/golden?id={golden_id}").text
    assert "stella typed it on" in page
    assert "by letter" not in desk.client("vera").get(f"/golden?id={golden_id}").text


@pytest.mark.browser
def test_a_value_is_typed_shown_at_once_and_taken_back(desk: Opened, window: Callable[..., Any]) -> None:
    """In the page as it stands: the new value with who chose it, and after taking it back the old one. B opens it in a
    case, O all records of it.
    """
    golden_id, _ = largest(desk)
    page = window()
    page.goto(f"/clusters/{golden_id}")
    row = page.locator("[data-part=rest] tr", has=page.locator("th", has_text=re.compile("^city$")))
    before = row.locator(".won").inner_text()
    row.locator("summary").click()
    row.locator("input[name=value]").fill("Thessaloniki")
    row.get_by_role("button", name="Set").click()
    page.locator("[data-part=rest] .chosen .won", has_text="Thessaloniki").wait_for()
    assert "stella typed it" in row.inner_text()
    row.locator("summary").click()
    row.locator("input[name=value]").fill("x" * 501)
    row.get_by_role("button", name="Set").click()
    row.get_by_role("alert").wait_for()
    assert row.locator("input[name=value]").input_value() == "x" * 501
    assert row.locator("input[name=value]").evaluate("one => one === document.activeElement")
    assert page.locator("#said p").count() == 0
    assert values(desk) == [("city", "Thessaloniki", "stella")]
    row.get_by_role("button", name="Take back").click()
    page.locator("[data-part=rest] .won", has_text=re.compile(f"^{re.escape(before)}$")).first.wait_for()
    assert page.locator(".chosen").count() == 0
    assert values(desk) == []
    assert [act["action"] for act in desk.store.acts()] == ["undo", "value"]
    page.goto("/decide")
    page.wait_for_load_state("networkidle")
    page.keyboard.press("b")
    page.locator("details .golden .won").first.wait_for()
    with page.expect_navigation(url="**/clusters/**"):
        page.keyboard.press("o")
