"""The quarantine as a queue: one key each, nothing destructive, and lists for those who own the sources."""

import html
import io
import json
import re
from collections.abc import Callable
from typing import Any
from urllib.parse import quote

import openpyxl
import pytest
from sqlalchemy import insert

from connectors import workspace as workspaces
from connectors.store import tables
from connectors.store.desk.audit import Noted
from connectors.store.desk.quarantine import Wanted
from pipelines import runner
from tests.pipelines import judged
from tests.reports.desk.firm import Opened


def keys(desk: Opened, state: str = "open") -> list[str]:
    return [f"{r['source']}:{r['record_id']}" for r in desk.store.quarantine_items(state).to_pylist()]


def place(page: Any) -> str:
    """The key of the row on the page."""
    return str(page.locator(".meta b").inner_text())


@pytest.mark.browser
def test_one_key_settles_a_row_and_the_next_is_there(desk: Opened, window: Callable[..., Any]) -> None:
    """By keys alone: from the list into a row, through (asked first, since it has no name), back to the source, a cell
    corrected, and each taken back; the focus is where one goes on.
    """
    waiting = desk.store.quarantine_keys(Wanted(state="open"))
    page = window()
    page.goto("/quarantine")
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Enter")
    page.wait_for_url("**/quarantine/row?*")
    first = place(page)
    assert first == ":".join(waiting[0])
    with page.expect_navigation():
        page.keyboard.press("l")
    assert "without a name" in page.get_by_role("alert").inner_text()
    assert keys(desk, "released") == []
    assert page.evaluate("document.activeElement.name") == "anyway"
    page.keyboard.press("Space")
    page.keyboard.press("l")
    page.wait_for_url("**&did=*")
    assert keys(desk, "released") == [first]
    second = place(page)
    assert second == ":".join(waiting[1])
    assert first in page.locator(".just").inner_text()
    with page.expect_navigation():
        page.keyboard.press("u")
    assert keys(desk, "released") == []
    assert place(page) == first
    page.keyboard.press("r")
    page.wait_for_url("**&did=*")
    assert keys(desk, "returned") == [first]
    page.keyboard.press("e")
    page.keyboard.press("Control+a")
    page.keyboard.type("Nora Example")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert keys(desk, "corrected") == [second]
    assert "Nora Example" in desk.store.corrections()["value"].to_pylist()
    page.goto("/quarantine")
    edges = [page.locator(which).bounding_box() for which in ("main .row-actions", "main form.filters")]
    assert page.locator(".row-actions a").count() == 2
    assert len({round(box["x"] + box["width"]) for box in edges if box}) == 1, "buttons stand on the right"
    assert [(a["action"], a["user"], a["left"]) for a in desk.store.acts()] == [
        ("correct", "stella", second), ("return", "stella", first), ("undo", "stella", first),
        ("release", "stella", first),
    ]  # fmt: skip


def test_a_row_that_was_skipped_is_one_key_away(desk: Opened) -> None:
    """The next row says what was skipped, and U leads back to it, where nothing is said."""
    client, (first, second, *_) = (
        desk.client(),
        [":".join(of) for of in desk.store.quarantine_keys(Wanted(state="open"))],
    )
    skip = re.search(r'href="([^"]*)" data-key="k"', client.get(f"/quarantine/row?key={quote(first)}").text)
    assert skip
    page = client.get(html.unescape(skip[1])).text
    assert f"<b>{second}</b>" in page
    assert f"<b>{first}</b> skipped" in page
    back = re.search(r'href="([^"]*)" data-key="u"', page)
    assert back
    again = client.get(html.unescape(back[1])).text
    assert f"<b>{first}</b>" in again
    assert "skipped:" not in again


def test_what_a_correction_is_good_for_is_said_at_once(desk: Opened) -> None:
    """Whether the row has a name by now, can be reached, or will come back as it is; once it is taken back, nothing."""
    client, items = desk.client(), desk.store.quarantine_items("open").to_pylist()
    key = next(f"forms:{r['record_id']}" for r in items if r["source"] == "forms")

    def said(**cells: str) -> str:
        told = {f"cell.{column}": cell for column, cell in cells.items()}
        return client.get(client.post("/quarantine/correct", data={"key": key, **told}).headers["location"]).text

    assert "it will come back here" in said(city="Volos")
    assert "one can be reached" in said(mobile="6900000001")
    page = said(surname="Papadaki")
    assert "It has a name now" in page
    assert "one can be reached" not in page
    desk.store.undo_act(desk.store.acts()[0]["seq"], "stella")
    assert "one can be reached" in said(city="Larisa")


def test_what_would_be_a_customer_without_a_name_is_let_through_on_purpose_only(desk: Opened) -> None:
    """Refused without a word of it, whoever asks and however; a row that has a name, under a rule of the firm's own, is
    let through at once. What was typed already is kept.
    """
    client, key, released = desk.client(), keys(desk)[0], lambda: keys(desk, "released")
    cell = f"cell.{next(iter(json.loads(desk.store.quarantine_items('open').to_pylist()[0]['raw'])))}"
    refused = client.post("/quarantine/release", data={"key": key, "reason": "known to us", cell: "typed"})
    assert (refused.status_code, released()) == (422, [])
    assert 'value="known to us"' in refused.text
    assert f'name="{cell}" value="typed"' in refused.text
    assert "It has no usable name" in refused.text
    assert client.post("/quarantine/release", data={"key": key, "anyway": "true"}).status_code == 303
    assert released() == [key]
    assert "It has no usable name" not in client.get(f"/quarantine/row?key={quote(key)}").text
    named = desk.case().left
    source, _, record = named.partition(":")
    held = {"source": source, "record_id": record, "from_version": 0, "digest": "", "reasons": '["too young"]'}
    with desk.store.writing() as connection:
        connection.execute(insert(tables.quarantine).values(**held, hash="h", raw="{}", first_run="20260101T"))
    assert "It has no usable name" not in client.get(f"/quarantine/row?key={quote(named)}").text
    assert client.post("/quarantine/release", data={"key": named}).status_code == 303
    assert set(released()) == {key, named}


def test_filters_and_search_find_a_row(desk: Opened) -> None:
    """By source, owner, reason, state and any cell, without regard to capitals and accents."""
    client, items = desk.client(), desk.store.quarantine_items().to_pylist()
    one = next(i for i in items if i["raw"] and i["owner"])
    cell = next(str(v) for v in json.loads(one["raw"]).values() if v and len(str(v)) > 3)
    for query in (
        f"source={one['source']}", f"owner={quote(one['owner'])}", f"reason={quote(one['reasons'][0])}",
        f"text={quote(cell.upper())}", "state=any", "before=2999-01-01",
    ):  # fmt: skip
        assert f">{one['source']}:{one['record_id']}</a>" in client.get(f"/quarantine?{query}").text, query
    none = ("source=nobody", "owner=-x", "reason=none", "text=no+such+word", "state=released", "before=2001-01-01")
    for query in none:
        assert "No row is like that" in client.get(f"/quarantine?{query}").text, query
    for wrong in ("state=lost", "before=2026-02-31", "before=soon"):
        assert client.get(f"/quarantine?{wrong}").status_code == 422, wrong


def test_whoever_comes_second_to_a_row_is_told(desk: Opened) -> None:
    """What the page sends with a form is refused, in words, where a colleague did something to the row since it was
    shown; of what one sends twice there is one act.
    """
    key = keys(desk)[0]
    stella, lena = desk.client(), desk.client("lena")
    pages = [client.get(f"/quarantine/row?key={quote(key)}").text for client in (stella, lena)]
    shown = [re.findall(r'name="seen" value="(\d+)"', page) for page in pages]
    sent = {"key": key, "anyway": "true", "seen": shown[0][0]}
    for _ in range(2):
        assert stella.post("/quarantine/release", data=sent).status_code == 303
    assert len(desk.store.acts(action="release")) == 1
    cell = f"cell.{next(iter(json.loads(desk.store.quarantine_items('released').to_pylist()[0]['raw'])))}"
    for action in ("correct", "return"):
        late = lena.post(f"/quarantine/{action}", data={**sent, "seen": shown[1][0], cell: "late"})
        assert late.status_code == 409
        assert "stella let this row through" in late.text
    assert keys(desk, "released") == [key]


def test_a_correction_taken_back_is_none(desk: Opened) -> None:
    """What stood before counts again, also where several were laid over one cell, and doing it again does it again."""
    source, _, record = keys(desk)[0].partition(":")
    first = desk.store.correct(source, record, {"x": "1"}, "stella")
    second = desk.store.correct(source, record, {"x": "2"}, "stella")
    assert desk.store.corrections_of(source, record) == {"x": "2"}
    undoing = desk.store.undo_act(second, "stella")
    assert desk.store.corrections_of(source, record) == {"x": "1"}
    desk.store.undo_act(first, "stella")
    assert desk.store.corrections().num_rows == 0
    assert keys(desk, "corrected") == []
    desk.store.undo_act(undoing, "stella")
    assert desk.store.corrections_of(source, record) == {"x": "2"}
    with pytest.raises(ValueError, match="undone already"):
        desk.store.undo_act(first, "stella")


def test_a_corrected_row_becomes_a_customer_and_a_returned_one_comes_back_when_it_changes(desk: Opened) -> None:
    """With the next run: the correction is laid over the row; a row on a list stays there until its content changes."""
    client, found = desk.client(), desk.store.quarantine_items().to_pylist()
    row = next(r for r in found if r["source"] == "forms")
    other = next(r for r in found if r["record_id"] != row["record_id"])
    key = f"forms:{row['record_id']}"
    told = {"cell.surname": "Papadaki", "was.surname": "", "cell.mobile": "6900000001", "cell.email": "p@post.example",
            "was.mobile": "", "was.email": "", "key": key, "reason": "rang"}  # fmt: skip
    assert client.post("/quarantine/correct", data=told).status_code == 303
    assert client.post("/quarantine/correct", data={**told, "cell.nose": "1"}).status_code == 422
    client.post("/quarantine/return", data={"key": f"{other['source']}:{other['record_id']}"})
    with judged.once():
        assert runner.run(workspaces.read(desk.root)).status == "published"
    assert key not in keys(desk, None)  # type: ignore[arg-type]
    assert desk.store.homes_of([key])[key]["golden_id"]
    assert keys(desk, "returned") == [f"{other['source']}:{other['record_id']}"]


def test_lists_for_the_owners_of_sources(desk: Opened) -> None:
    """All rows of a filter in one act; each owner's list as a page, as CSV and as Excel; one undo empties them."""
    client, waiting = desk.client(), desk.store.quarantine_items("open").to_pylist()
    owner = next(i["owner"] for i in waiting if i["owner"])
    mine = [i for i in waiting if i["owner"] == owner]
    assert client.post("/quarantine/return-all", data={"many": len(waiting) + 1}).status_code == 409
    answer = client.post("/quarantine/return-all", data={"many": len(waiting)})
    assert client.get(answer.headers["location"]).text.count("/quarantine/list.xlsx?owner=") == len(
        {i["owner"] for i in waiting}
    )
    assert keys(desk) == []
    page = client.get(f"/quarantine/list?owner={quote(owner)}").text
    assert all(f">{i['record_id']}<" in page for i in mine)
    text = client.get(f"/quarantine/list.csv?owner={quote(owner)}").content.decode("utf-8-sig")
    book = openpyxl.load_workbook(io.BytesIO(client.get(f"/quarantine/list.xlsx?owner={quote(owner)}").content))
    assert len(text.splitlines()) == book.active.max_row == len(mine) + 1
    assert client.get("/quarantine/list?owner=nobody").status_code == 404
    desk.store.undo_act(desk.store.acts()[0]["seq"], "stella")
    assert len(keys(desk)) == len(waiting)


def test_who_may_what(desk: Opened) -> None:
    """A viewer sees that a row is here and nothing of it; limits hold for rows, lists and decisions alike."""
    desk.store.change_user("stavros", limits='{"departments": ["nobody\'s"]}')
    item = desk.store.quarantine_items().to_pylist()[0]
    key = f"{item['source']}:{item['record_id']}"
    cells = [str(v) for v in json.loads(item["raw"]).values() if v and len(str(v)) > 4 and str(v) not in key]
    viewer, limited = desk.client("vera"), desk.client("stavros")
    for path in ("/quarantine", f"/quarantine/row?key={quote(key)}", f"/quarantine?text={quote(cells[0])}"):
        answer = viewer.get(path)
        assert key in answer.text
        assert not [cell for cell in cells if cell in answer.text.replace(quote(cell), "")], path
    assert viewer.post("/quarantine/release", data={"key": key}).status_code == 403
    assert "No row" in limited.get("/quarantine?state=any").text
    assert limited.get(f"/quarantine/row?key={quote(key)}").status_code == 404
    assert limited.post("/quarantine/release", data={"key": key}).status_code == 404
    assert {a["action"] for a in desk.store.noted(Noted(subjects=(key,)))} == {"quarantined row seen"}
