"""The queue as a page: filters, and views that are kept under a name."""

from collections.abc import Callable
from typing import Any

import pytest

from connectors.store.desk.acts import Act
from connectors.store.desk.filter import Case, Filter
from tests.reports.desk.firm import Opened


def test_each_filter_leaves_what_it_says(desk: Opened) -> None:
    """The number on the page is that of the cases that are so, whatever the filter, and each of them is shown so."""
    client, rows = desk.client("stella"), desk.store.queue(Filter(), 500)
    given = Case(*(rows[3][n] for n in ("kind", "left", "right")))
    desk.store.act(Act("lena", "assign", given, other="stella"))
    source = rows[0]["left"].partition(":")[0]
    for query, which in (
        (f"source={source}", lambda r: f"|{source}|" in r["sources"]),
        (f"relation={rows[0]['relation']}", lambda r: r["relation"] == rows[0]["relation"]),
        ("assignee=stella", lambda r: Case(r["kind"], r["left"], r["right"]) == given),
        ("assignee=-", lambda r: Case(r["kind"], r["left"], r["right"]) != given),
        ("least=0.5&most=0.9", lambda r: 0.5 <= r["match_probability"] <= 0.9),
        ("before=2020-01-01", lambda _: False),
    ):
        many = sum(map(which, rows))
        assert f"<h1>{many} <span>" in client.get(f"/queue?{query}").text, query
    for wrong in ("before=2026-02-31", "before=soon", "least=much"):
        assert client.get(f"/queue?{wrong}").status_code == 422, wrong
    assert client.get("/history?day=2026-02-31").status_code == 422
    assert desk.client("ada").get("/audit?day=2026-02-31").status_code == 422


def test_the_queue_says_what_decide_begins_with(desk: Opened) -> None:
    """What was given to whoever looks, of the cases that are shown; to others, and where it is shown alone, nothing."""
    client, told = desk.client("stella"), "given to you</a>"
    rows = desk.store.queue(Filter(), 500)
    last, case = rows[-1], Case.of(rows[-1])
    assert told not in client.get("/queue").text
    desk.store.act(Act("lena", "assign", case, other="stella"))
    page = client.get("/queue").text
    assert f'1 of them was <a href="/queue?assignee=stella">{told}' in page
    assert told in client.get(f"/queue?kind={case.kind}").text
    other = next(r["relation"] for r in rows if r["relation"] != last["relation"])
    for text in (client.get(f"/queue?relation={other}").text, client.get("/queue?assignee=stella").text,
                 desk.client("stavros").get("/queue").text):  # fmt: skip
        assert told not in text
    assert f'data-case="{case.kind}\t{case.left}' in client.get("/decide").text.replace("&#9;", "\t")


@pytest.mark.browser
def test_the_order_is_chosen_by_a_key_and_kept(desk: Opened, window: Callable[..., Any]) -> None:
    """O goes from order to order, and the page says which it is; filters, views and the next case keep it. X and Space
    mark the row in which one stands, A all of them.
    """
    page = window()
    page.goto("/queue?kind=pair")
    every = str(desk.store.waiting(Filter(kind="pair")))
    for key, marked in (("ArrowDown", ""), ("x", "1"), ("ArrowDown", "1"), ("Space", "2"), ("x", "1"), ("a", every)):
        page.keyboard.press(key)
        assert page.locator("[data-marked]").inner_text() == marked, key
    page.keyboard.press("g")
    page.keyboard.press("Escape")
    assert "by money billed" in page.locator(".order").inner_text()
    for order in ("oldest", "likely"):
        page.keyboard.press("o")
        page.wait_for_url(f"**/queue?kind=pair&order={order}")
    first = page.locator("[data-list] a").first
    rows = desk.store.queue(Filter(kind="pair", order="likely"), 2)
    assert rows[0]["match_probability"] == max(r["match_probability"] or 0 for r in desk.store.queue(Filter(), 500))
    assert rows[0]["left"].partition(":")[2] in str(first.get_attribute("href"))
    page.locator(".views summary").click()
    page.get_by_role("textbox", name="Name").fill("Sure ones")
    with page.expect_navigation():
        page.keyboard.press("Enter")
    assert page.get_by_role("link", name="Sure ones").get_attribute("href") == "/queue?kind=pair&order=likely"
    page.keyboard.press("Enter")
    page.wait_for_url("**/decide?kind=pair&order=likely")
    shown = page.locator("[data-case]").first
    assert shown.get_attribute("data-case") == "\t".join(Case.of(rows[0]))
    page.wait_for_timeout(300)
    page.keyboard.press("k")
    page.wait_for_function(
        "one => document.querySelector('[data-case]').dataset.case !== one", arg="\t".join(Case.of(rows[0]))
    )
    assert page.locator("[data-case]").first.get_attribute("data-case") == "\t".join(Case.of(rows[1]))


def test_who_decides_blind_is_not_told_by_an_order(desk: Opened) -> None:
    """Those by probability are neither offered nor answered; there is no order of another name."""
    desk.set(blind=True)
    client = desk.client("stella")
    page = client.get("/queue").text
    assert ("order=oldest" in page, "order=likely" in page, "order=unsure" in page) == (True, False, False)
    for query in ("order=likely", "order=unsure"):
        assert client.get(f"/queue?{query}").status_code == client.get(f"/decide?{query}").status_code == 403, query
    assert desk.client("lena").get("/queue?order=likely").status_code == 200
    assert client.get("/queue?order=worst").status_code == 422


def test_views_are_kept_under_a_name(desk: Opened) -> None:
    """One's own, and by a lead everybody's; what is no filter is not kept, and nobody takes another's away."""
    stella, stavros, lena = (desk.client(name) for name in ("stella", "stavros", "lena"))
    relation = desk.store.queue(Filter(), 1)[0]["relation"]
    query = f"relation={relation}"
    kept = stella.post("/queue/views", data={"name": "Mine", "query": f"{query}&page=3&limits=x"})
    assert kept.headers["location"] == f"/queue?{query}"
    assert stella.post("/queue/views", data={"name": "All", "query": query, "everybody": "true"}).status_code == 403
    assert stella.post("/queue/views", data={"name": "None", "query": "page=3"}).status_code == 422
    lena.post("/queue/views", data={"name": "All of us", "query": query, "everybody": "true"})
    views = {view["name"]: view["seq"] for view in desk.store.views("stella")}
    assert list(views) == ["All of us", "Mine"]
    assert f'<a href="/queue?{query}">Mine</a>' in stella.get("/queue").text
    assert "Mine" not in stavros.get("/queue").text
    assert "All of us" in stavros.get("/queue").text
    assert stavros.post(f"/queue/views/{views['Mine']}/drop").status_code == 404
    assert stavros.post(f"/queue/views/{views['All of us']}/drop").status_code == 403
    stella.post(f"/queue/views/{views['Mine']}/drop")
    lena.post(f"/queue/views/{views['All of us']}/drop")
    assert desk.store.views("stella") == []


def test_a_viewer_cannot_find_out_what_is_masked(desk: Opened) -> None:
    """The queue's search looks through all values, so it is for those who see them all."""
    client = desk.client("vera")
    assert 'name="text"' not in client.get("/queue").text.split("<main")[1]
    refused = client.get("/queue?text=anna")
    assert (refused.status_code, "Under Customers" in refused.text) == (403, True)
